"""A case on paper: the sheet that `case show` prints, and the lines of `case history` and `case replay`."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit.replay import HistoryLine, Replay
from cli.case_labels import path_label, path_value
from cli.case_rows import (
    CHANGES,
    HISTORY,
    MEMBERS,
    MONTHS,
    STEPS,
    change_row,
    history_row,
    month_rows,
    point_lines,
    sentence,
    step_rows,
    summary_fields,
    used_columns,
)
from cli.columns import Column
from cli.output import print_fields, print_line, print_note, print_table
from cli.words import _
from domain.case_view import Document, people_of


def print_sheet(found: Replay, document: Document) -> None:
    """Print a case as a sheet: what it is, its household, decision, changes, money of a year, and open points."""
    print_line(_heading(found))
    print_fields(dict(summary_fields(document)))
    _print_block(_("Household"), MEMBERS, document["members"])
    _print_block(_("Procedure"), STEPS, list(step_rows(found.state, document)))
    if document["changes"]:
        _print_block(_("Changes of the case"), CHANGES, [change_row(change) for change in document["changes"]])
    _print_block(_("Money of the last months"), MONTHS, list(month_rows(found)))
    print_line()
    print_line(_("Open points"))
    points = [f"  {text}" for text in point_lines(found)]
    for line in points or ["  " + _("none")]:
        print_line(line)
    _note_sealed(document)


def print_history(case: str, lines: Iterable[HistoryLine], people: frozenset[str], *, reveal: bool = False) -> None:
    """Print what happened in a case, one line per entry."""
    rows = [history_row(line, people, reveal=reveal) for line in lines]
    print_table(HISTORY, rows, _("Case {case}").format(case=case))


def print_replay(found: Replay, document: Document, *, reveal: bool = False) -> None:
    """Print a case as it stood at one point, and below it what each entry had changed until then."""
    print_line(_heading(found))
    print_fields(dict(summary_fields(document)))
    _print_block(_("Household"), MEMBERS, document["members"])
    print_line()
    print_line(_("What each entry changed"))
    people = people_of(found.state)
    for line in found.lines:
        print_line(f"{line.recorded.position:>8}  {sentence(line, people, reveal=reveal)}")
        for path, (before, after) in line.changes.items():
            if before is None and "." in path:
                continue  # what an entry adds stands in its sentence; here is what it did to what was there
            old, new = path_value(path, before), path_value(path, after)
            print_line(f"{'':>10}{path_label(path)}  {new if before is None else f'{old} → {new}'}")
    if found.left_out:
        print_note(
            _("{count} entries happened after {day} and are left out.").format(count=found.left_out, day=found.as_of)
        )
    _note_sealed(document)


# Private


def _heading(found: Replay) -> str:
    title = _("Case {case}").format(case=found.case)
    day = found.as_of.isoformat() if found.as_of else "—"
    point = _("as of {day}, known at {position}").format(day=day, position=found.known_at)
    return f"{title} — {point}"


def _print_block(title: str, columns: tuple[Column, ...], rows: list[Mapping[str, Any]]) -> None:
    print_line()
    print_table(used_columns(columns, rows), rows, title)


def _note_sealed(document: Document) -> None:
    if document["erased"]:
        print_note(_("What was sealed in this case was erased."))
    elif document["unopened"]:
        print_note(_("{count} entries have a sealed part that was not opened.").format(count=document["unopened"]))
