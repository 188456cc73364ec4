"""The page of one case: what it is, the flags on it, its household, procedure and money, and everything that happened.

Personal values are masked unless they are to be revealed; a flag stands beside the entries that prove it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from audit.replay import HistoryLine, Replay
from cli.case_labels import field_label
from cli.case_rows import (
    CHANGES,
    MEMBERS,
    MONTHS,
    STEPS,
    change_row,
    month_rows,
    place_text,
    point_lines,
    sentence,
    step_rows,
    summary_fields,
    used_columns,
)
from cli.columns import Column
from cli.pages.frame import Facts, render_page
from cli.pages.provenance import Provenance
from cli.pages.tables import Table, table_of
from cli.pages.townships import township_label
from cli.words import _, ngettext
from domain.case_view import Document, describe, people_of
from ledger.entry import format_time

_KINDS: Final = {"payment": "money", "return": "money", "recovery": "recovery", "repayment": "recovery"}
_KINDS_OF_DECISIONS: Final = frozenset(
    {
        "application.confirmed/1",
        "application.refused/1",
        "application.terminated/1",
        "entitlement.granted/1",
        "benefit.increased/1",
        "benefit.decreased/1",
        "benefit.stopped/1",
        "benefit.suspended/1",
        "benefit.resumed/1",
        "grace.started/1",
        "appeal.applied/1",
    }
)


@dataclass(frozen=True)
class FlagCard:
    """A flag in words: `entries` are the positions that prove it; `disposition` says what became of it, if anything."""

    rule: str
    title: str
    sentence: str
    certainty: str
    next_step: str
    source: str
    month: str
    reference: str
    amount: str
    entries: tuple[int, ...]
    disposition: str = ""
    settled: bool = False


@dataclass(frozen=True)
class Moment:
    """One entry of a case's file as it is told: when it happened, what, who recorded it when, and its row of a file."""

    position: int
    day: str
    text: str
    by: str
    at: str
    place: str
    kind: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class CasePage:
    """What the page of a case shows, in its order."""

    case: str
    facts: Facts
    flags: Sequence[FlagCard]
    points: Sequence[str]
    tables: Sequence[Table]
    moments: Sequence[Moment]
    notes: Sequence[str]

    @property
    def flags_by_rule(self) -> list[list[FlagCard]]:
        """The flags, those of one rule together."""
        return [list(group) for _rule, group in groupby(self.flags, key=attrgetter("rule"))]

    @property
    def positions(self) -> frozenset[int]:
        """The entries that stand on this page."""
        return frozenset(one.position for one in self.moments)


def case_page(
    found: Replay, flags: Sequence[FlagCard] = (), townships: Mapping[str, str] | None = None, *, reveal: bool = False
) -> CasePage:
    """Return the page of a case as it stands at one point."""
    document = describe(found.state, found.month, reveal=reveal)
    return CasePage(
        found.case,
        case_facts(document, townships or {}),
        flags,
        list(point_lines(found)),
        case_tables(found, document),
        moments(found, flags, reveal=reveal),
        _notes(document),
    )


def render_case(page: CasePage, provenance: Provenance, back: str = "") -> str:
    """Return the page as HTML; `back` is the address of the report that it belongs to."""
    title = _("Case {case}").format(case=page.case)
    return render_page("case.html", title=title, page=page, facts=page.facts, provenance=provenance.facts(), back=back)


def case_facts(document: Document, townships: Mapping[str, str]) -> Facts:
    """Return what stands in the head of a case: programme, region, status, amount, people, account."""
    facts = dict(summary_fields(document))
    region = (document["application"] or {}).get("region")
    return {**facts, field_label("region"): township_label(region, townships)}


def case_tables(found: Replay, document: Document) -> list[Table]:
    """Return the household, the procedure, the changes and the money of the last months."""
    blocks: list[tuple[str, Sequence[Column], list[Mapping[str, Any]]]] = [
        (_("Household"), MEMBERS, document["members"]),
        (_("Procedure"), STEPS, list(step_rows(found.state, document))),
        (_("Changes of the case"), CHANGES, [change_row(change) for change in document["changes"]]),
        (_("Money of the last months"), MONTHS, list(month_rows(found))),
    ]
    return [table_of(title, used_columns(columns, rows), rows) for title, columns, rows in blocks]


def moments(found: Replay, flags: Sequence[FlagCard] = (), *, reveal: bool = False) -> list[Moment]:
    """Return what happened, in the order of the days, with the rules that each entry is evidence for.

    Entries of one day stand in the order in which the ledger learned of them; those without a day come last.
    """
    people = people_of(found.state)
    rules: defaultdict[int, set[str]] = defaultdict(set)
    for flag in flags:
        for position in flag.entries:
            rules[position].add(flag.rule)
    told = (
        _moment(line, sentence(line, people, reveal=reveal), tuple(sorted(rules.get(line.recorded.position, ()))))
        for line in found.lines
    )
    return sorted(told, key=lambda one: (not one.day, one.day, one.position))


# Private


def _moment(line: HistoryLine, text: str, rules: tuple[str, ...]) -> Moment:
    recorded = line.recorded
    day = line.occurred_on.isoformat() if line.occurred_on else getattr(recorded.event, "pay_month", "")
    return Moment(
        recorded.position,
        day,
        text.removeprefix(day).strip(),
        recorded.by,
        format_time(recorded.at)[:16].replace("T", " "),
        place_text(line.place),
        _kind(recorded.topic),
        rules,
    )


def _kind(topic: str) -> str:
    if topic in _KINDS_OF_DECISIONS:
        return "decision"
    return _KINDS.get(topic.partition(".")[0], "step")


def _notes(document: Document) -> list[str]:
    count = document["unopened"]
    if document["erased"]:
        return [_("What was sealed in this case was erased.")]
    if not count:
        return []
    text = ngettext(
        "{count} entry has a sealed part that was not opened.",
        "{count} entries have a sealed part that was not opened.",
        count,
    )
    return [text.format(count=count)]
