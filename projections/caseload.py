"""`register caseload`: who is on the roll in a month, what each household is due, and the totals per programme."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from domain.vocabulary import CaseStatus, Programme, StandardItem
from projections.case_folds import CaseFold, case_folds
from projections.case_groups import Group, TableGroups
from projections.database import Database
from projections.needs import NEED_TABLES, care_position, income_position
from projections.review_schedule import REVIEW_TABLES, Schedule, schedule
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed, sealed
from projections.standards_in_force import StandardsInForce
from projections.standing import Standing, is_pending, since, standing

_ON_THE_ROLL = frozenset({CaseStatus.ACTIVE, CaseStatus.GRACE, CaseStatus.SUSPENDED})
_COUNTS = ("active_households", "active_persons", "due_fen", "active", "in_grace", "suspended", "pending")


def caseload(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the roll of the month of the scope's day: cases active, in grace, suspended or pending, and totals.

    `pending` in the totals is accepted by the month's last day and not decided by it (section 7), whatever was
    decided later; the row of a case that a later decision made active for this month says active.
    """
    with open_view(database, scope) as view:
        totals = {programme: dict.fromkeys(_COUNTS, 0) for programme in view.programmes_asked}
        rows = list(_rows(view, view.month, totals)) if view.month else []
        return {
            "as_of": view.as_of_text,
            "known_at": view.known_at,
            "rows": rows,
            "totals": [{"programme": programme, **counts} for programme, counts in totals.items()],
            **view.asked,
        }


def count(counts: dict[str, int], found: Standing, pending: bool) -> None:
    """Add one case in one month to its programme's counts of households, persons, amount and statuses."""
    if found.is_active:
        counts["active_households"] += 1
        counts["active"] += 1
        counts["active_persons"] += found.persons
        counts["due_fen"] += found.due_fen
    counts["in_grace"] += found.status is CaseStatus.GRACE
    counts["suspended"] += found.status is CaseStatus.SUSPENDED
    counts["pending"] += pending


# Private


_STANDARDS: Final = {
    Programme.URBAN: StandardItem.URBAN,
    Programme.RURAL: StandardItem.RURAL,
    Programme.EXTREME_HARDSHIP: StandardItem.EXTREME_HARDSHIP,
}


def _rows(view: View, month: str, totals: dict[str, dict[str, int]]) -> Iterator[dict[str, Any]]:
    standards, groups = StandardsInForce(view), TableGroups(view, *NEED_TABLES, *REVIEW_TABLES)
    for fold in case_folds(view):
        facts = groups.take(fold.case)
        if not view.includes(fold.head.programme, fold.head.region):
            continue
        found = standing(fold, month)
        pending = is_pending(fold, month)
        count(totals[fold.head.programme], found, pending)
        if found.status in _ON_THE_ROLL or pending:
            status = found.status if found.status in _ON_THE_ROLL else CaseStatus.PENDING
            standard_fen = standards.hundredths(
                _STANDARDS[Programme(fold.head.programme)], f"{month}-01", fold.head.region
            )
            yield {
                **_row(fold, status, found, month),
                "head_name": Sealed(fold.head.position, "head_name"),
                "head_citizen_id": Sealed(fold.head.position, "head_citizen_id"),
                "standard_fen": standard_fen,
                "income_fen": sealed(income_position(view, fold, facts, month), "income_fen"),
                "care_grade": _care_grade(view, fold, facts, month),
                "starts_from": fold.entitlement.starts_from(),
                **_review(schedule(view, fold, facts, standards)),
            }


def _care_grade(view: View, fold: CaseFold, facts: Mapping[str, Group], month: str) -> Sealed | None:
    if fold.head.programme != Programme.EXTREME_HARDSHIP:
        return None
    return sealed(care_position(view, fold, facts, month), "care_grade")


def _review(found: Schedule) -> dict[str, Any]:
    return {"review_class": found.review_class, "reviewed_on": found.reviewed_on, "review_due_on": found.due_on}


def _row(fold: CaseFold, status: CaseStatus, found: Standing, month: str) -> dict[str, Any]:
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "status": status.value,
        "persons": found.persons,
        "due_fen": found.due_fen,
        "since": since(fold, month, status),
    }
