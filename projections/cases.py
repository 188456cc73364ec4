"""`case list`: every case that is loaded, and where it stands in a month."""

from collections.abc import Iterator
from typing import Any

from domain.vocabulary import CaseStatus
from projections.case_folds import case_folds
from projections.database import Database
from projections.scope import Scope, View, open_view
from projections.standing import since, standing


def cases(database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per case in the order of case numbers; before any delivery named a day, every case is pending."""
    with open_view(database, scope) as view:
        return {"rows": list(_rows(view))}


# Private


def _rows(view: View) -> Iterator[dict[str, Any]]:
    for fold in case_folds(view):
        if not view.includes(fold.head.programme, fold.head.region):
            continue
        month = view.month or fold.head.applied_on[:7]
        found = standing(fold, month)
        status = found.status if view.month else CaseStatus.PENDING
        yield {
            "case": fold.case,
            "programme": fold.head.programme,
            "region": fold.head.region,
            "status": status.value,
            "since": since(fold, month, status),
            "due_fen": found.due_fen if view.month else 0,
        }
