"""`register publicity`: every posting before a decision, how many full days it hung, objections and their answers."""

from collections.abc import Iterator
from typing import Any

from domain.vocabulary import StandardItem
from projections.case_folds import CaseFold, case_folds
from projections.case_groups import Group, TableGroups
from projections.database import Database
from projections.days import days_between
from projections.registers.procedure_facts import ANSWER, CLOSED, OBJECTION, OPENED, PLACED, POSTING
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.standards_in_force import StandardsInForce

BEFORE_DECISION = "before_decision"  # 公示; what is made public after a decision (公布) no file tells


def publicity(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the postings in the order of case numbers and days; `month` is that in which a posting was opened.

    `full_days` is the closing day less the opening day, so 1 March to 8 March is 7; `limit_days` is the standard
    公示天数 on the day of the decision, or on the day asked about while nothing is decided.
    """
    with open_view(database, scope) as view:
        rows = list(_rows(view))
        totals = {
            "postings": len(rows),
            "short": sum(row["is_short"] is True for row in rows),
            "objections": sum(row["objection"] is not None for row in rows),
            "unanswered": sum(row["objection"] is not None and row["answer"] is None for row in rows),
        }
        return {"rows": rows, "totals": [totals], **view.asked}


# Private


def _rows(view: View) -> Iterator[dict[str, Any]]:
    standards, groups = StandardsInForce(view), TableGroups(view, POSTING)
    for fold in case_folds(view):
        postings = groups.take(fold.case)[POSTING.name]
        if view.includes(fold.head.programme, fold.head.region):
            for opened_on in sorted({row[3] for row in postings}):
                if view.decided(opened_on) and view.scope.month in (None, opened_on[:7]):
                    yield _row(view, fold, [row for row in postings if row[3] == opened_on], standards)


def _row(view: View, fold: CaseFold, rows: Group, standards: StandardsInForce) -> dict[str, Any]:
    said = {kind: (position, day) for _, position, kind, _, day in reversed(rows)}
    opened_on, closed_on = rows[0][3], said[CLOSED][1] if CLOSED in said else None
    full_days = days_between(opened_on, closed_on)
    day = fold.ruling.decided_on if fold.ruling else view.as_of_text
    limit_days = standards.count(StandardItem.PUBLICITY_DAYS, day, fold.head.region) if day else None
    positions = {kind: position for kind, (position, _) in said.items()}
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "kind": BEFORE_DECISION,
        "place": sealed(positions.get(PLACED), "place"),
        "opened_on": opened_on,
        "closed_on": closed_on,
        "full_days": full_days,
        "limit_days": limit_days,
        "is_short": full_days < limit_days if full_days is not None and limit_days is not None else None,
        "objection": sealed(positions.get(OBJECTION), "objection", fold.people),
        "answer": sealed(positions.get(ANSWER), "answer", fold.people),
        "position": positions.get(OPENED),
    }
