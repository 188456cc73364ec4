"""`register changes`: every change of a running case, and the exits by reason (docs/import-formats.md section 7)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from domain.change_kind import ChangeKind
from projections.case_folds import CaseFold, Change, case_folds
from projections.database import Database
from projections.scope import Scope, open_view


def changes(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the changes in the order of case numbers, and how many cases left the roll for each reason.

    An exit is a stop whose month lies in the window and in which the case is indeed not active: a stop that an
    appeal revoked is none.
    """
    with open_view(database, scope) as view:
        rows: list[dict[str, Any]] = []
        exits: Counter[str] = Counter()
        months = frozenset(view.months)
        for fold in case_folds(view):
            if view.includes(fold.head.programme, fold.head.region):
                rows += [_row(fold, change) for change in fold.changes]
                exits.update(_exits(fold, months))
        return {"rows": rows, "exits": dict(sorted(exits.items()))}


# Private


def _exits(fold: CaseFold, months: frozenset[str]) -> Iterator[str]:
    for change in fold.changes:
        month = change.effective_from
        if change.kind == ChangeKind.STOPPED and month in months and not fold.entitlement.is_active(month):
            yield change.ground or ""


def _row(fold: CaseFold, change: Change) -> dict[str, Any]:
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "kind": change.kind,
        "decided_on": change.decided_on,
        "effective_from": change.effective_from,
        "amount_fen": change.amount_fen,
        "ground": change.ground,
        "handler": change.handler,
        "confirmer": change.confirmer,
        "position": change.position,
    }
