"""`register reviews`: every running case with its last periodic review, and the day by which the next one is due."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from projections.case_folds import CaseFold, case_folds
from projections.case_groups import TableGroups
from projections.database import Database
from projections.review_schedule import REVIEW_TABLES, Schedule, schedule
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.standards_in_force import StandardsInForce

_COUNTS = ("cases", "overdue", "without_interval")


def reviews(database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per case that is on the roll in the month of the day asked about, the most overdue first.

    `totals` counts them by review class; reviews after the day asked about are not looked at.
    """
    with open_view(database, scope) as view:
        rows = sorted(_rows(view), key=lambda row: (-(row["days_overdue"] or 0), row["due_on"] or "", row["case"]))
        totals: dict[str, Counter[str]] = {}
        for row in rows:
            counts = totals.setdefault(row["review_class"] or "", Counter(dict.fromkeys(_COUNTS, 0)))
            counts["cases"] += 1
            counts["overdue"] += bool(row["days_overdue"])
            counts["without_interval"] += row["due_on"] is None
        listed = [{"review_class": name, **counts} for name, counts in sorted(totals.items())]
        return {"rows": rows, "totals": listed, **view.asked}


# Private


def _rows(view: View) -> Iterator[dict[str, Any]]:
    standards, groups = StandardsInForce(view), TableGroups(view, *REVIEW_TABLES)
    for fold in case_folds(view):
        facts = groups.take(fold.case)
        is_asked = view.includes(fold.head.programme, fold.head.region)
        if view.month and is_asked and fold.entitlement.is_active(view.month):
            yield _row(fold, schedule(view, fold, facts, standards))


def _row(fold: CaseFold, found: Schedule) -> dict[str, Any]:
    last = found.last
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "head_name": sealed(fold.head.position, "head_name"),
        "review_class": found.review_class,
        "interval_months": found.interval_months,
        "decided_on": fold.ruling.decided_on if fold.ruling else None,
        "reviewed_on": found.reviewed_on,
        "conclusion": last.conclusion if last else None,
        "reviewer": last and (last.reviewer or sealed(last.position, "reviewer_text")),
        "due_on": found.due_on,
        "days_overdue": found.days_overdue,
        "position": last.position if last else None,
    }
