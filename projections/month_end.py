"""The caseload at the end of each month of the window: active, in grace, suspended, pending (section 7)."""

from typing import Any

from projections.case_folds import case_folds
from projections.caseload import count
from projections.database import Database
from projections.scope import Scope, open_view
from projections.standing import is_pending, standings

_NAMES = ("active", "in_grace", "suspended", "pending")


def caseload_month_end(database: Database, scope: Scope) -> list[dict[str, Any]]:
    """Return per month of the window and programme how many cases stand where."""
    with open_view(database, scope) as view:
        names = (*_NAMES, "active_households", "active_persons", "due_fen")
        counts = {
            (month, programme): dict.fromkeys(names, 0) for month in view.months for programme in view.programmes_asked
        }
        for fold in case_folds(view):
            if view.includes(fold.head.programme, fold.head.region):
                for month, found in standings(fold, view.months):
                    count(counts[month, fold.head.programme], found, is_pending(fold, month))
        return [
            {"month": month, "programme": programme, **{name: sums[name] for name in _NAMES}}
            for (month, programme), sums in counts.items()
        ]
