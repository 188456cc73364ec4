"""`register decisions`: what became of each application, and how many of each kind.

Source: docs/import-formats.md section 7.
"""

from collections.abc import Iterator
from typing import Any

from domain.entitlement import CONFIRMED, REFUSED, TERMINATED
from projections.case_folds import CaseFold, case_folds
from projections.database import Database
from projections.scope import Scope, View, open_view

PENDING = "pending"
_DECIDED = (CONFIRMED, REFUSED, TERMINATED)


def decisions(database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per application, the counts over all of them, and those decided in the months of the window."""
    with open_view(database, scope) as view:
        totals = {programme: dict.fromkeys((*_DECIDED, PENDING), 0) for programme in view.programmes_asked}
        in_window = {programme: dict.fromkeys(_DECIDED, 0) for programme in view.programmes_asked}
        months = frozenset(view.months)
        rows = []
        for row in _rows(view):
            totals[row["programme"]][row["outcome"]] += 1
            if row["decided_on"] is not None and row["decided_on"][:7] in months:
                in_window[row["programme"]][row["outcome"]] += 1
            rows.append(row)
        return {"rows": rows, "totals": totals, "in_window": in_window, **view.asked}


# Private


def _rows(view: View) -> Iterator[dict[str, Any]]:
    for fold in case_folds(view):
        if view.includes(fold.head.programme, fold.head.region):
            yield _row(fold)


def _row(fold: CaseFold) -> dict[str, Any]:
    ruling, granted = fold.ruling, fold.granted
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "outcome": ruling.outcome if ruling else PENDING,
        "accepted_on": fold.accepted_on,
        "decided_on": ruling.decided_on if ruling else None,
        "delegated": ruling.delegated if ruling else None,
        "confirmer": ruling.confirmer if ruling else None,
        "amount_fen": granted.amount_fen if granted else None,
        "starts_from": granted.effective_from if granted else None,
        "position": ruling.position if ruling else None,
    }
