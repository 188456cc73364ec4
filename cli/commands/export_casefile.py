"""`mingzhang export casefile`: the archive of one case (一户一档), as page, as PDF, or as a folder with its proof."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from audit.case_records import CaseUnknown
from audit.dossier import make_dossier
from audit.dossier_form import write_dossier
from audit.errors import CouldNotCheck
from audit.replay import Replay, stories
from cli.casefile.contents import CaseFile, case_file
from cli.casefile.fonts import Font, font_of
from cli.casefile.pdf import MISSING, pdf_of
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note
from cli.pages.frame import render_page
from cli.pages.townships import township_names
from cli.pages.writing import check_parent, file_stem, is_file_name, write_file
from cli.revealing import Revealing, Shown, reveal_options
from cli.trust import log_keys
from cli.unknown_case import no_such_case
from cli.words import N_, _
from ledger.entry import encode_name
from ledger.ledger import Ledger
from ledger.note import Verifier


@click.command(
    "casefile",
    cls=Command,
    help=N_(
        "Write the archive of the case CASE.\n\n"
        "It has a cover, a catalogue of contents, the household, decisions, payments, recoveries and appeals, the "
        "history, the files that named the case with their SHA-256, and what proves all of it. A folder gets the page, "
        "the PDF and, after `mingzhang audit checkpoint --heads`, the dossier that proves itself; a name that ends in "
        ".html or .pdf gets that alone. The same log gives the same bytes. Personal data is masked unless --reveal "
        "asks for it."
    ),
    example="""
        mingzhang export casefile SQ52012120240300017 -o SQ52012120240300017 --lang zh
        mingzhang export casefile SQ52012120240300017 -o case.pdf --font simfang.ttf
    """,
)
@click.argument("case")
@click.option(
    "-o",
    "--output",
    cls=Option,
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help=N_("Where to write: a folder, or one file whose name ends in .html or .pdf."),
)
@click.option(
    "--font",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("The font of the PDF, with Chinese characters; one of this machine unless given."),
)
@reveal_options
@common_options
def export_casefile_command(
    context: Context, case: str, output: Path, font: Path | None, revealing: Revealing
) -> ExitCode:
    """Read everything, make every form, record what is revealed, and only then write."""
    check_parent(output)
    wants_page, wants_pdf = output.suffix.lower() != ".pdf", not is_file_name(output)
    chosen = font_of(font) if wants_pdf else None
    is_folder = wants_page and wants_pdf
    if is_folder and output.exists() and not output.is_dir():
        raise BadOption(_("This is no folder"), where="--output", found=str(output))
    with _opened(context) as (ledger, keys):
        found = _found(ledger, case)
        dossier = _dossier(ledger, case) if is_folder else None
        townships = township_names(ledger)
        file = case_file(ledger, found, townships, keys, has_dossier=dossier is not None, reveal=revealing.wanted)
        dated = _last_moment(ledger)
    files = _forms(file, chosen, dated, wants_page=wants_page)
    if dossier is not None:
        files[f"{file_stem(case)}.dossier.json"] = dossier
    revealing.record(context, Shown(case=case))
    written = _write(files, output, is_folder=is_folder, private=revealing.wanted)
    _tell(context, file, written)
    return ExitCode.SOUND


# Private


@contextmanager
def _opened(context: Context) -> Iterator[tuple[Ledger, Sequence[Verifier]]]:
    """Open the ledger with its keys where they are, and the keys that its checkpoints may be signed with."""
    with opened_ledger(context) as ledger:
        with ledger.store.snapshot() as reader:
            verifiers = log_keys(context, ledger.store, reader)
        yield ledger, verifiers


def _found(ledger: Ledger, case: str) -> Replay:
    try:
        return next(stories(ledger, [case]))
    except CaseUnknown as error:
        raise no_such_case(case, error.near) from None


def _dossier(ledger: Ledger, case: str) -> bytes | None:
    """Return the dossier without personal data; None while no checkpoint covers a map of stream heads."""
    try:
        return write_dossier(make_dossier(ledger, encode_name("case", case)).dossier)
    except CouldNotCheck:
        print_note(_("No dossier: run `mingzhang audit checkpoint --heads` first, then this again."))
        return None


def _last_moment(ledger: Ledger) -> datetime.datetime:
    """Return when the last entry was recorded: the one time in a PDF, which must not depend on today."""
    size = ledger.size
    return next(ledger.events(size - 1, size, open_sealed=False)).at


def _forms(file: CaseFile, font: Font | None, dated: datetime.datetime, *, wants_page: bool) -> dict[str, bytes]:
    forms: dict[str, bytes] = {}
    if wants_page:
        page = render_page("casefile.html", title=file.title, facts=file.facts, file=file)
        forms[f"{file_stem(file.case)}.html"] = page.encode("utf-8")
    if font is not None:
        forms[f"{file_stem(file.case)}.pdf"], lacking = pdf_of(file, font, dated)
        if lacking:
            text = _("The font lacks {count} of the characters: {mark} stands in their place. Choose one with --font.")
            print_note(text.format(count=lacking, mark=MISSING))
    return forms


def _write(files: dict[str, bytes], output: Path, *, is_folder: bool, private: bool) -> list[Path]:
    if not is_folder:
        write_file(output, next(iter(files.values())), private=private)
        return [output]
    output.mkdir(exist_ok=True)
    for name, data in files.items():
        write_file(output / name, data, private=private)
    return [output / name for name in files]


def _tell(context: Context, file: CaseFile, written: Sequence[Path]) -> None:
    if context.as_json:
        names = [str(path) for path in written]
        entries = len(file.history.lines)
        print_json({"case": file.case, "files": names, "entries": entries, "checkpoint": file.proof.size or None})
        return
    print_fields(
        {
            _("case"): file.case,
            _("entries"): f"{len(file.history.lines):,}",
            _("checkpoint of"): f"{file.proof.size:,}" if file.proof.size else _("none"),
            _("written to"): ", ".join(str(path) for path in written),
        }
    )
