"""What the kinship graph says of one case: whose relative is filed, and whose is not, declared or implied.

RF10 itself (`unfiled`) is found by `projections.filings` from the declarations alone, as section 8 of
docs/import-formats.md defines it. Everything here is beside it and never beyond the scope in force.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.kin_graph import Fact, Relative
from domain.kinship import Certainty, KinshipScope, certainty_of, chinese_name, readings, scope_of
from domain.kinship_scope import scope_in_force
from domain.months import month_of
from projections.case_folds import CaseFold
from projections.kin_view import KinView, Listed

WIDER, DISCOVERED, IMPLIED = "wider_unfiled", "discovered_unfiled", "implied_unfiled"
ALTERNATIVES = " / "  # between the names of the relations that fit the facts

_CERTAINTIES = tuple(Certainty)
_STATUSES = (WIDER, DISCOVERED, IMPLIED)


class Candidate(NamedTuple):
    """A member of a case who is a relative of a staff member, within some scope."""

    staff: str
    listed: Listed
    relative: Relative
    certainty: Certainty
    status: str

    @property
    def relation(self) -> str:
        """What the member is to the staff member, the nearest of several readings first."""
        return ALTERNATIVES.join(chinese_name(path) for path in readings(self.relative.kinship))

    @property
    def scope(self) -> KinshipScope | None:
        """The smallest scope that holds the nearest reading."""
        return scope_of(readings(self.relative.kinship)[0])

    @property
    def entries(self) -> tuple[int, ...]:
        """The entries that show it: those of the chain, and the one that lists the member."""
        return tuple(sorted({*self.relative.entries, self.listed.member.position}))


@dataclass(frozen=True, slots=True)
class CaseKin:
    """The relatives of staff in one confirmed case within the scope in force, the best of each staff member first."""

    fold: CaseFold
    decided_on: str
    accepted_on: str
    candidates: tuple[Candidate, ...]

    def missing(self, kin: KinView, passed_over: Iterable[str]) -> Iterator[Candidate]:
        """Yield one relative for each staff member in a tested post whose relative should have been filed.

        `passed_over` are those with a filing, early or late, and those whom RF10 names.
        """
        done = set(passed_over)
        for candidate in self.candidates:
            if candidate.staff not in done and kin.service(candidate.staff, self.accepted_on, self.decided_on):
                done.add(candidate.staff)
                yield candidate

    def of(self, staff: str) -> Candidate | None:
        """Return the best candidate of one staff member."""
        return next((candidate for candidate in self.candidates if candidate.staff == staff), None)


def case_kin(fold: CaseFold, kin: KinView) -> CaseKin | None:
    """Return the relatives of staff in a case; None when it was not confirmed, or nobody in it matters."""
    starts_from = fold.entitlement.starts_from()
    if fold.case not in kin.cases or fold.ruling is None or starts_from is None:
        return None
    accepted_on = fold.accepted_on or fold.head.applied_on
    decided_on = fold.ruling.decided_on
    scope = scope_in_force(kin.rules, fold.head.region, date.fromisoformat(decided_on))
    last_month = max(starts_from, _month(decided_on))
    found = (
        candidate
        for candidate in relatives_in(fold.case, kin, scope)
        if candidate.status == WIDER or _was_there(fold, candidate.listed.number, accepted_on, last_month)
    )
    return CaseKin(fold, decided_on, accepted_on, tuple(found))


def relatives_in(case: str, kin: KinView, scope: KinshipScope) -> list[Candidate]:
    """Return the members of a case who are relatives of staff as far as a scope reaches, the best of each first."""
    found = (candidate for one in kin.cases.get(case, ()) for candidate in _candidates(kin, one, scope))
    return sorted(found, key=_order)


# Private


def _candidates(kin: KinView, listed: Listed, scope: KinshipScope) -> Iterator[Candidate]:
    for staff, relative in kin.relatives.get(listed.member.person, ()):
        certainty = certainty_of(relative.kinship, scope)
        if certainty is not None:
            yield Candidate(staff, listed, relative, certainty, _status(kin, staff, relative))


def _status(kin: KinView, staff: str, relative: Relative) -> str:
    """Return how the relation became known; what the officer declared is wider than RF10 if RF10 does not name it."""
    link = relative.chain[-1]
    if len(relative.chain) == 1 and link.fact is Fact.DECLARED and kin.graph.is_declared(staff, relative.person):
        return WIDER
    return DISCOVERED if len(relative.chain) == 1 and link.fact is Fact.DISCOVERED else IMPLIED


def _was_there(fold: CaseFold, number: int, accepted_on: str, last_month: str) -> bool:
    """Tell whether a member was of the household while the application was dealt with: not one who came later."""
    span = fold.entitlement.members.get(number)
    if span is None:
        return True
    left_before = span.counted_until is not None and span.counted_until <= _month(accepted_on)
    return not left_before and (span.counted_from is None or span.counted_from <= last_month)


def _month(day: str) -> str:
    return month_of(date.fromisoformat(day))


def _order(candidate: Candidate) -> tuple[str, int, int, int, int]:
    path = readings(candidate.relative.kinship)[0]
    return (
        candidate.staff,
        _STATUSES.index(candidate.status),
        _CERTAINTIES.index(candidate.certainty),
        len(path),
        candidate.listed.number,
    )
