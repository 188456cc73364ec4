"""`mingzhang audit dossier`: everything the log holds of a case, in one file that somebody else can check."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from audit.dossier import FieldChoice, MadeDossier, make_dossier
from audit.dossier_check import check_dossier
from audit.dossier_form import write_dossier
from cli.command import Command, Option
from cli.errors import BadOption, CommandError, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note
from cli.output_file import check_output, output_option, write_output
from cli.revealing import Revealing, Shown, disclosing_options
from cli.words import N_, _
from ledger.entry import encode_name
from ledger.errors import FormatError
from ledger.ledger import Ledger


class DossierFalse(CommandError):
    """What the ledger gives for a dossier does not hold together: evidence, and nothing to hand out."""

    exit_code = ExitCode.FINDING


@click.command(
    "dossier",
    cls=Command,
    help=N_(
        "Write a case to a file that proves itself.\n\n"
        "The file holds every entry of the case with its proof, and the proof that there are no others, as of the "
        "latest checkpoint of `mingzhang audit checkpoint --heads`. Whoever gets it needs neither this ledger nor its "
        "keys: see `mingzhang audit verify-dossier`. A case that does not exist gives a proof of that. Repayments, "
        "appeals and batches stand in streams of their own and are not in it.\n\n"
        "Names, ids and accounts stay sealed unless --with-personal-data or --disclose asks for them, with --reason: "
        "who had them disclosed, and what for, is recorded first."
    ),
    example="""
        mingzhang audit dossier SQ52012120240300017 -o SQ52012120240300017.dossier.json
        mingzhang audit dossier SQ52012120240300017 -o payee.json --disclose account --reason 法院调取
    """,
)
@click.argument("case")
@output_option(N_("The file to write; one with personal data is for its owner only."), required=True)
@click.option(
    "--with-personal-data",
    "everything",
    cls=Option,
    is_flag=True,
    help=N_("Disclose every sealed field whose key is here; nobody can take that back from whoever has the file."),
)
@click.option(
    "--disclose",
    cls=Option,
    multiple=True,
    metavar="FIELD",
    help=N_("Disclose the sealed fields of this name and no others; may be given more than once."),
)
@click.option(
    "--checkpoint",
    "size",
    cls=Option,
    type=click.IntRange(min=2),
    metavar="SIZE",
    help=N_("The size of an earlier checkpoint of --heads; the latest one unless given."),
)
@disclosing_options("everything", "disclose")
@common_options
def dossier_command(
    context: Context,
    case: str,
    output: Path,
    everything: bool,
    disclose: tuple[str, ...],
    size: int | None,
    revealing: Revealing,
) -> ExitCode:
    """Make the dossier, check it as its reader will, and only then write it."""
    check_output(output)
    choice = FieldChoice(disclose, everything=everything)
    with _ledger(context, with_keys=bool(choice)) as ledger:
        made = make_dossier(ledger, _stream(case), size, choice)
    _check_fields(made)
    data = write_dossier(made.dossier)
    _check_itself(data)
    opened = sum(len(one.disclosures) for one in made.dossier.entries)
    revealing.record(context, Shown(case=case, rows=opened))
    write_output(output, data, 0o600 if opened else 0o644)
    _tell(context, made, case, output, opened)
    return ExitCode.SOUND


# Private


@contextmanager
def _ledger(context: Context, *, with_keys: bool) -> Iterator[Ledger]:
    with context.open_store() as store:
        if not with_keys:
            yield Ledger(store, None)
            return
        with context.open_keys(store) as keys:
            yield Ledger(store, keys)


def _stream(case: str) -> str:
    try:
        return encode_name("case", case)
    except FormatError as error:
        raise BadOption(_("This cannot be the number of a case"), where="CASE", found=error.reason) from None


def _check_fields(made: MadeDossier) -> None:
    """Refuse a field that no entry has, unless it may stand in one that could not be opened."""
    if made.undisclosed and not made.closed:
        raise BadOption(
            _("No entry of this case has such a sealed field"),
            where="--disclose",
            found=", ".join(made.undisclosed),
            mend=_("docs/events.md names the sealed fields of each event"),
        )


def _check_itself(data: bytes) -> None:
    broken = [one for one in check_dossier(data, None).checks if one.state == "BROKEN"]
    if broken:
        raise DossierFalse(
            _("The dossier would not hold; nothing was written"),
            where=broken[0].name,
            found=broken[0].detail,
            mend=_("run `mingzhang audit verify`: it names the entry that was changed"),
        )


def _tell(context: Context, made: MadeDossier, case: str, output: Path, opened: int) -> None:
    count = len(made.dossier.entries)
    if made.later:
        text = _(
            "{count} entries were recorded after the checkpoint and are not in it: run `mingzhang audit checkpoint "
            "--heads` for a later one."
        )
        print_note(text.format(count=made.later))
    if made.closed:
        text = _("The sealed parts of {count} entries could not be opened: the key was erased, or is not here.")
        print_note(text.format(count=len(made.closed)))
    if opened:
        print_note(_("The file holds personal data: it is for its owner only (0600). Say to whom you give it."))
    if context.as_json:
        print_json(
            {
                "file": str(output),
                "case": case,
                "stream": made.dossier.stream,
                "entries": count,
                "disclosed": opened,
                "closed": len(made.closed),
                "later": made.later,
                "checkpoint": {"log": made.checkpoint.origin, "size": made.checkpoint.size},
            }
        )
        return
    print_fields(
        {
            _("case"): case,
            _("entries"): f"{count:,}" if count else _("none: the file proves that there is no such case"),
            _("disclosed fields"): f"{opened:,}",
            _("checkpoint"): f"{made.checkpoint.size:,}",
            _("file"): str(output),
        }
    )
