"""Cases in the order of their numbers, each folded from the shared facts.

The tables are streamed side by side in that order; nothing is ever queried for a single case.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from domain.entitlement import Entitlement, MemberSpan
from projections.case_groups import Group, Groups, TableGroups
from projections.registers.case_facts import (
    ACCEPTANCE,
    APPEAL_EFFECT,
    APPLICATION,
    CHANGE,
    DECISION,
    GRANTED,
    MEMBER,
    MEMBER_COUNT,
)
from projections.scope import View


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What an application says of its case in the open, and the position of the entry that holds the rest."""

    case: str
    programme: str
    region: str | None
    applied_on: str
    position: int


@dataclass(frozen=True, slots=True)
class Change:
    """One row of 变更 with its place in the log, or what a confirmation granted."""

    position: int
    kind: str
    decided_on: str
    effective_from: str | None
    amount_fen: int | None
    ground: str | None
    handler: str | None
    confirmer: str | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision on the application: `outcome` is confirmed, refused or terminated."""

    position: int
    outcome: str
    decided_on: str
    delegated: bool
    confirmer: str | None


@dataclass(slots=True)
class CaseFold:
    """A case: what it is, what was decided, and what it is entitled to month by month.

    `joined_at` are the positions of the entries by which its members joined, by their numbers.
    """

    head: CaseHead
    accepted_on: str | None = None
    ruling: Ruling | None = None
    granted: Change | None = None
    changes: list[Change] = field(default_factory=list)
    persons: list[tuple[int, bytes | None]] = field(default_factory=list)
    joined_at: dict[int, int] = field(default_factory=dict)
    entitlement: Entitlement = field(default_factory=Entitlement)

    @property
    def case(self) -> str:
        """The case number."""
        return self.head.case

    @property
    def people(self) -> tuple[int, ...]:
        """The positions of the entries that name the people of the case."""
        return (self.head.position, *self.joined_at.values())


class _Numbered(Protocol):
    @property
    def case(self) -> str: ...


C = TypeVar("C", bound=_Numbered)


def case_heads(view: View) -> Iterator[CaseHead]:
    """Yield every case known, in the order of case numbers."""
    columns = ("case_id", "programme", "region", "applied_on", "position")
    for _, rows in groupby(view.rows(APPLICATION, *columns), key=itemgetter(0)):
        yield CaseHead(*next(rows))


def case_folds(view: View) -> Iterator[CaseFold]:
    """Yield every case known, folded, in the order of case numbers; later decisions are left out as the scope asks."""
    heads = case_heads(view)
    facts = TableGroups(view, ACCEPTANCE, DECISION, CHANGE, APPEAL_EFFECT, MEMBER, MEMBER_COUNT)
    for head in heads:
        fold = CaseFold(head)
        _fold(view, fold, facts.take(head.case))
        yield fold


def with_rows(cases: Iterator[C], rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[C | None, str, Group]]:
    """Join cases with rows that begin with a case number, both in its order: every case, and every number without one.

    Yields (case, number, rows); the case is None where no application of that number is known.
    """
    groups = Groups(iter(rows))
    for case in cases:
        while (number := groups.next_number) is not None and number < case.case:
            yield None, number, groups.take(number)
        yield case, case.case, groups.take(case.case)
    while (number := groups.next_number) is not None:
        yield None, number, groups.take(number)


def first_filled(rows: Iterable[tuple[Any, ...]], key: int) -> list[tuple[Any, ...]]:
    """Merge rows of one key: the first stands, later ones fill only what it left blank."""
    merged: dict[Any, tuple[Any, ...]] = {}
    for row in rows:
        known = merged.get(row[key])
        merged[row[key]] = (
            row
            if known is None
            else tuple(old if old is not None else new for old, new in zip(known, row, strict=True))
        )
    return list(merged.values())


# Private

_KIND = 1  # the place of the kind in a row of changes: a confirmation grants once, a later delivery fills its blanks


def _fold(view: View, fold: CaseFold, facts: Mapping[str, Group]) -> None:
    fold.accepted_on = next((row[2] for row in facts[ACCEPTANCE.name]), None)
    for row in facts[DECISION.name]:
        ruling = Ruling(row[1], row[2], row[3], bool(row[4]), row[5])
        if view.decided(ruling.decided_on):
            fold.ruling = ruling
    granted = [row[1:] for row in facts[CHANGE.name] if row[2] == GRANTED and view.decided(row[3])]
    fold.granted = next((Change(*row) for row in first_filled(granted, _KIND)), None)
    changes = (Change(*row[1:]) for row in facts[CHANGE.name] if row[2] != GRANTED)
    fold.changes = [change for change in changes if view.decided(change.decided_on)]
    _fold_decision(fold.entitlement, fold.ruling, fold.granted)
    for change in fold.changes:
        if change.effective_from is not None:
            fold.entitlement.add_change(
                change.kind, change.effective_from, change.decided_on, change.position, change.amount_fen
            )
    _fold_appeals(view, fold.entitlement, facts[APPEAL_EFFECT.name])
    _fold_members(fold, facts[MEMBER.name], facts[MEMBER_COUNT.name])


def _fold_decision(entitlement: Entitlement, ruling: Ruling | None, granted: Change | None) -> None:
    if ruling is None:
        return
    entitlement.decide(ruling.outcome, ruling.decided_on, granted.effective_from if granted else None)
    if granted:
        entitlement.add_grant(granted.effective_from, granted.decided_on, granted.position, granted.amount_fen)


def _fold_appeals(view: View, entitlement: Entitlement, rows: Group) -> None:
    """An appeal whose cells came in several deliveries is one fact, in the place of its first entry."""
    for _, position, _, decided_on, outcome, amount_fen, effective_from in first_filled(rows, key=2):
        if view.decided(decided_on):
            entitlement.add_appeal(outcome, effective_from, decided_on, position, amount_fen)


def _fold_members(fold: CaseFold, joined: Group, counted: Group) -> None:
    members = fold.entitlement.members
    for _, position, member, is_counted, person, _ in joined:
        if member not in members:
            members[member] = MemberSpan(bool(is_counted))
            fold.joined_at[member] = position
            fold.persons.append((member, person))
    for _, _, member, counted_from, counted_until in counted:
        span = members.get(member)
        if span is not None:
            span.counted_from = span.counted_from or counted_from
            span.counted_until = span.counted_until or counted_until
