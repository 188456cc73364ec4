"""`mingzhang audit report`: everything a bureau head, an auditor or an inspector asks for, as pages for a browser."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from audit.flags.rule import Rule
from audit.flags.search import Scope as SearchScope
from audit.result import Verification
from audit.verification import verify
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.flag_search import chosen_rules, rule_options, searched
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note, progress, progress_of
from cli.pages.provenance import provenance_of
from cli.pages.townships import township_names
from cli.pages.writing import check_folder, check_parent, is_file_name, write_page, written_folder
from cli.questions import Question, registers
from cli.report.flags import loud_flags
from cli.report.integrity import signed_sizes
from cli.report.numbers import numbers
from cli.report.report import INDEX, Report, broken_page, one_page, write_folder
from cli.selection import known_at_option, region_option
from cli.words import N_, _
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from projections.database import Database
from projections.errors import ProjectionError
from projections.scope import Scope, open_view


@click.command(
    "report",
    cls=Command,
    help=N_(
        "Write a supervision report for a browser.\n\n"
        "The report verifies the log, shows who is on the roll, the money by month, exits, processing times and what "
        "is overdue, the relatives of staff, and every red flag with a page for its case. A folder gets index.html and "
        "one page per flagged case; a name that ends in .html gets everything in one file. Pages need no network and "
        "no script, print on A4, and show personal data masked. An older report in the folder is replaced as a whole; "
        "a folder with anything else in it is left alone.\n\n"
        "Exit codes: 0 sound and no flag, 1 a finding or a flag, 3 something could not be checked."
    ),
    example="""
        mingzhang audit report --html report --lang zh
        mingzhang audit report --html 520121101.html --region 520121101 --as-of 2024-12-31
    """,
)
@click.option(
    "--html",
    cls=Option,
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help=N_("Where to write: a folder, or one file whose name ends in .html."),
)
@rule_options
@known_at_option
@region_option
@click.option(
    "--verify/--no-verify",
    "verifying",
    cls=Option,
    default=True,
    show_default=True,
    help=N_("Verify the whole log first, as `mingzhang audit verify` does."),
)
@common_options
def report_command(
    context: Context,
    html: Path,
    as_of: str | None,
    known_at: str | None,
    region: str | None,
    folder: Path | None,
    verifying: bool,
) -> ExitCode:
    """Ask, search, verify, and only then write."""
    check_parent(html)
    if not is_file_name(html):
        check_folder(html)
    elif html.is_dir():
        raise BadOption(
            _("This is a folder"), where="--html", found=str(html), mend=_("name a file, or leave out .html")
        )
    question = Question(as_of, known_at, region, programme=None, month=None, decided_by=None)
    rules = chosen_rules(folder, ())
    try:
        with registers(context) as (ledger, database):
            report = _report(ledger, database, question, rules, verifying=verifying)
            pages = _write(report, html)
    except (LedgerError, ProjectionError):
        if verifying and _told_broken(context, html):
            return ExitCode.FINDING
        raise
    _tell(context, report, html, pages)
    return _verdict(report)


# Private


def _report(
    ledger: Ledger, database: Database, question: Question, rules: Mapping[str, Rule], *, verifying: bool
) -> Report:
    scope = _fixed(database, question.scope(ledger))
    asked = SearchScope(scope.as_of if question.as_of else None, scope.known_at, scope.region)
    found = searched(ledger, rules, asked)
    return Report(
        ledger,
        provenance_of(ledger, scope.as_of, scope.known_at, datetime.datetime.now(datetime.UTC)),
        scope.region,
        numbers(ledger, database, scope),
        found,
        rules,
        _verified(ledger) if verifying else None,
        signed_sizes(ledger.store),
        township_names(ledger, scope.known_at),
    )


def _told_broken(context: Context, html: Path) -> bool:
    """Write what is wrong with a log out of which no numbers can be read; False when nothing is wrong with it."""
    with opened_ledger(context) as ledger:
        verification = _verified(ledger)
        provenance = provenance_of(ledger, None, None, datetime.datetime.now(datetime.UTC))
        signed = signed_sizes(ledger.store)
    if verification.sound:
        return False
    text = broken_page(verification, signed, provenance)
    if is_file_name(html):
        write_page(html, text)
    else:
        with written_folder(html) as folder:
            (folder / INDEX).write_text(text, encoding="utf-8")
    print_note(_("The log is broken, and not all of it can be read: the report holds what the verification found."))
    if context.as_json:
        print_json({"html": str(html), "pages": 1, "sound": False})
    else:
        print_fields({_("integrity"): _("BROKEN"), _("written to"): str(html)})
    return True


def _fixed(database: Database, scope: Scope) -> Scope:
    """Return the scope with its day and position fixed, so that every part of the report sees the same entries."""
    with open_view(database, scope) as view:
        return replace(scope, as_of=view.as_of, known_at=view.known_at)


def _verified(ledger: Ledger) -> Verification:
    with progress_of(_("Entries verified"), ledger.size) as report:
        return verify(ledger.store, keys=ledger.keys, on_progress=report)


def _write(report: Report, html: Path) -> int:
    with progress(_("Cases written"), len(report.cards)) as advance:
        if is_file_name(html):
            write_page(html, one_page(report, advance))
            return 1
        with written_folder(html) as folder:
            return write_folder(report, folder, advance)


def _tell(context: Context, report: Report, html: Path, pages: int) -> None:
    sound = None if report.verification is None else report.verification.sound
    as_of = report.provenance.as_of
    if context.as_json:
        print_json(
            {
                "html": str(html),
                "pages": pages,
                "as_of": as_of.isoformat() if as_of else None,
                "known_at": report.provenance.known_at,
                "sound": sound,
                "flags": len(loud_flags(report.search)),
                "flagged_cases": len(report.cards),
                "untested": len(report.search.untested),
            }
        )
        return
    states = {None: _("not verified"), True: _("sound"), False: _("BROKEN")}
    print_fields(
        {
            _("integrity"): states[sound],
            _("red flags"): f"{len(loud_flags(report.search)):,}",
            _("flagged cases"): f"{len(report.cards):,}",
            _("pages"): f"{pages:,}",
            _("written to"): str(html),
        }
    )


def _verdict(report: Report) -> ExitCode:
    verification, found = report.verification, report.search
    if loud_flags(found) or (verification is not None and not verification.sound):
        return ExitCode.FINDING
    if found.untested or (verification is not None and verification.unchecked):
        return ExitCode.UNCHECKED
    return ExitCode.SOUND
