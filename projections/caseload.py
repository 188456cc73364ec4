"""`register caseload`: who is on the roll in a month, what each household is due, and the totals per programme."""

from collections.abc import Iterator
from typing import Any

from domain.vocabulary import CaseStatus
from projections.case_folds import CaseFold, case_folds
from projections.database import Database
from projections.scope import Scope, View, open_view
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


def _rows(view: View, month: str, totals: dict[str, dict[str, int]]) -> Iterator[dict[str, Any]]:
    for fold in case_folds(view):
        if not view.includes(fold.head.programme, fold.head.region):
            continue
        found = standing(fold, month)
        pending = is_pending(fold, month)
        count(totals[fold.head.programme], found, pending)
        if found.status in _ON_THE_ROLL:
            yield _row(fold, found.status, found, month)
        elif pending:
            yield _row(fold, CaseStatus.PENDING, found, month)


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
