"""`mingzhang case`: which cases there are, and one of them shown, told in order, or replayed."""

import datetime
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from audit.case_records import CaseUnknown
from audit.replay import HistoryLine, Replay, history, replay, standing, stories
from cli.case_rows import sentence
from cli.case_sheet import print_history, print_replay, print_sheet
from cli.columns import columns_named
from cli.command import Command, LazyGroup, Option, Place
from cli.errors import ExitCode
from cli.moments import day_of, size_known_at
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_table
from cli.pages.case_page import case_page, render_case
from cli.pages.provenance import provenance_of
from cli.pages.townships import township_names
from cli.pages.writing import check_parent, write_page
from cli.questions import Question, registers
from cli.revealing import Revealing, Shown, reveal_options
from cli.selection import known_at_option, month_as_of_option, programme_option, region_option
from cli.unknown_case import no_such_case
from cli.words import N_, _
from domain.case_fold import fold
from domain.case_view import describe, people_of
from domain.vocabulary import CaseStatus
from ledger.entry import format_time
from ledger.ledger import Ledger
from projections.cases import cases

_MODULE = "cli.commands.case"
PLACES = {
    "list": Place(_MODULE, "list_command", N_("List cases and where they stand.")),
    "show": Place(_MODULE, "show_command", N_("Show one case as a sheet.")),
    "history": Place(_MODULE, "history_command", N_("Tell what happened in a case, entry by entry.")),
    "erase": Place("cli.commands.case_erase", "erase_command", N_("Erase what is sealed of a case.")),
    "retention": Place(
        "cli.commands.case_retention",
        "retention_command",
        N_("Say how long case files are kept, or adopt it."),
    ),
    "replay": Place(_MODULE, "replay_command", N_("Show a case as it stood on a day or at a position.")),
}
_COLUMNS = columns_named("case", "programme", "region", "status", "since", "due_fen")


@click.group("case", cls=LazyGroup, places=PLACES, help=N_("List cases; show, tell and replay one."))
def case_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "list",
    cls=Command,
    help=N_("List cases and where they stand.\n\nStatus and amount are those of one month."),
    example="""
        mingzhang case list --region 520121102 --status active
        mingzhang case list --as-of 2024-06-30 --known-at 1200 --json
    """,
)
@month_as_of_option
@known_at_option
@region_option
@programme_option
@click.option(
    "--status", cls=Option, type=click.Choice([str(one) for one in CaseStatus]), help=N_("Only cases of this status.")
)
@common_options
def list_command(
    context: Context,
    as_of: str | None,
    known_at: str | None,
    region: str | None,
    programme: str | None,
    status: str | None,
) -> ExitCode:
    """Print the cases of a scope."""
    question = Question(as_of, known_at, region, programme, month=None, decided_by=None)
    with registers(context) as (ledger, database):
        rows = cases(database, question.scope(ledger))["rows"]
    rows = [row for row in rows if status is None or row["status"] == status]
    if context.as_json:
        print_json({"rows": rows})
    else:
        print_table(_COLUMNS, rows, _("Cases: {count}").format(count=len(rows)))
    return ExitCode.SOUND


@click.command(
    "show",
    cls=Command,
    help=N_(
        "Show the case CASE as a sheet.\n\n"
        "Everything recorded counts; --as-of selects the month that status and amount are for and hides no decision."
    ),
    example="mingzhang case show SQ52012120240300017 --as-of 2024-06-30",
)
@click.argument("case")
@month_as_of_option
@known_at_option
@reveal_options
@common_options
def show_command(
    context: Context, case: str, as_of: str | None, known_at: str | None, revealing: Revealing
) -> ExitCode:
    """Print one case."""
    with opened_ledger(context) as ledger, _known_case(case):
        found = standing(ledger, case, day_of(as_of, "--as-of"), _position(ledger, known_at))
    return _print_state(context, found, print_sheet, revealing)


@click.command(
    "history",
    cls=Command,
    help=N_(
        "Tell what happened in the case CASE, entry by entry.\n\n"
        "Repayments and appeals stand in streams of their own; their entries are told too, marked with the stream. "
        "With --html the case is written as one page that needs no network: what it is, and everything that happened."
    ),
    example="""
        mingzhang case history SQ52012120240300017
        mingzhang case history SQ52012120240300017 --html SQ52012120240300017.html --lang zh
    """,
)
@click.argument("case")
@click.option(
    "--html",
    cls=Option,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("Write the case as a page to this file, instead of printing it."),
)
@reveal_options
@common_options
def history_command(context: Context, case: str, html: Path | None, revealing: Revealing) -> ExitCode:
    """Print the entries of one case, or write its page."""
    if html is not None:
        return _write_history(context, case, html, revealing)
    with opened_ledger(context) as ledger, _known_case(case):
        lines = history(ledger, case, reveal=revealing.wanted)
    people = people_of(fold(line.recorded for line in lines))
    revealing.record(context, Shown(case=case))
    if context.as_json:
        print_json({"case": case, "entries": [_entry(line, people, reveal=revealing.wanted) for line in lines]})
    else:
        print_history(case, lines, people, reveal=revealing.wanted)
    return ExitCode.SOUND


@click.command(
    "replay",
    cls=Command,
    help=N_(
        "Show the case CASE as it stood on a day or at a position, and what each entry had changed until then.\n\n"
        "With --as-of, what happened after that day is left out, decisions included."
    ),
    example="""
        mingzhang case replay SQ52012120240300017 --as-of 2024-06-30
        mingzhang case replay SQ52012120240300017 --known-at 1200 --json
    """,
)
@click.argument("case")
@month_as_of_option
@known_at_option
@reveal_options
@common_options
def replay_command(
    context: Context, case: str, as_of: str | None, known_at: str | None, revealing: Revealing
) -> ExitCode:
    """Print one case at one point."""
    with opened_ledger(context) as ledger, _known_case(case):
        found = replay(ledger, case, day_of(as_of, "--as-of"), _position(ledger, known_at), reveal=revealing.wanted)
    return _print_state(context, found, functools.partial(print_replay, reveal=revealing.wanted), revealing)


# Private


@contextmanager
def _known_case(case: str) -> Iterator[None]:
    try:
        yield
    except CaseUnknown as error:
        raise no_such_case(case, error.near) from None


def _write_history(context: Context, case: str, target: Path, revealing: Revealing) -> ExitCode:
    check_parent(target)
    with opened_ledger(context) as ledger, _known_case(case):
        found = next(stories(ledger, [case]))
        provenance = provenance_of(ledger, found.as_of, None, datetime.datetime.now(datetime.UTC))
        page = case_page(found, townships=township_names(ledger), reveal=revealing.wanted)
    revealing.record(context, Shown(case=case))
    write_page(target, render_case(page, provenance), private=revealing.wanted)
    if context.as_json:
        print_json({"case": case, "file": str(target), "entries": len(page.moments)})
    else:
        print_fields({_("case"): case, _("entries"): f"{len(page.moments):,}", _("file"): str(target)})
    return ExitCode.SOUND


def _print_state(context: Context, found: Replay, print_text: Any, revealing: Revealing) -> ExitCode:
    document = describe(found.state, found.month, reveal=revealing.wanted)
    revealing.record(context, Shown(case=found.case))
    if context.as_json:
        as_of = found.as_of.isoformat() if found.as_of else None
        print_json({"case": found.case, "as_of": as_of, "known_at": found.known_at, "state": document})
    else:
        print_text(found, document)
    return ExitCode.SOUND


def _entry(line: HistoryLine, people: frozenset[str], *, reveal: bool) -> dict[str, Any]:
    recorded, place = line.recorded, line.place
    return {
        "position": recorded.position,
        "stream": recorded.stream,
        "seq": recorded.seq,
        "type": recorded.topic,
        "at": format_time(recorded.at),
        "by": recorded.by,
        "occurred_on": line.occurred_on.isoformat() if line.occurred_on else None,
        "summary": sentence(line, people, reveal=reveal),
        "source": {"file": place.file, "sheet": place.sheet, "row": place.row} if place else None,
        "changes": line.changes,
    }


def _position(ledger: Ledger, text: str | None) -> int | None:
    return None if text is None else size_known_at(ledger.store, text)
