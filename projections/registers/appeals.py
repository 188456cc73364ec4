"""`register appeals`: each appeal, its outcome, and how many ended how; undecided ones are pending."""

from collections import Counter
from typing import Any, Final

from projections.case_folds import case_heads, first_filled
from projections.database import Database
from projections.register import Register, plain
from projections.scope import Scope, View, open_view
from projections.table import Table, integers, texts

_APPEAL: Final = Table("appeal", texts("subject", "number", "case_id", "kind", "lodged_on"), ("number",))
_OUTCOME: Final = Table(
    "appeal_outcome",
    (*texts("subject", "number", "decided_on", "outcome"), *integers("amount_fen"), *texts("effective_from")),
    ("number",),
)
PENDING = "pending"
_OUTCOME_COLUMNS = ("number", "decided_on", "outcome", "amount_fen", "effective_from")


def appeals(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the appeals in the order of their numbers; `totals` counts the outcomes 维持, 变更, 撤销 and `pending`."""
    with open_view(database, scope) as view:
        asked = {head.case for head in case_heads(view) if view.includes(head.programme, head.region)}
        outcomes = {row[0]: row[1:] for row in first_filled(view.rows(_OUTCOME, *_OUTCOME_COLUMNS), key=0)}
        appealed = view.rows(_APPEAL, "number", "case_id", "kind", "lodged_on", "position")
        rows = [_row(view, row, outcomes) for row in appealed if row[1] in asked and view.decided(row[3])]
        totals = Counter(row["outcome"] for row in rows)
        return {"rows": rows, "totals": dict(sorted(totals.items()))}


# Private


def _row(view: View, row: tuple[Any, ...], outcomes: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    number, case, kind, lodged_on, position = row
    decided_on, outcome, amount_fen, effective_from = outcomes.get(number, (None, None, None, None))
    is_decided = decided_on is not None and outcome is not None and view.decided(decided_on)
    return {
        "number": number,
        "case": case,
        "kind": kind,
        "lodged_on": lodged_on,
        "decided_on": decided_on if is_decided else None,
        "outcome": outcome if is_decided else PENDING,
        "amount_fen": amount_fen if is_decided else None,
        "effective_from": effective_from if is_decided else None,
        "position": position,
    }


APPEALS: Final = Register(
    "appeals",
    (_APPEAL, _OUTCOME),
    {
        "appeal.lodged/1": plain(_APPEAL, "number", "case", "kind", "occurred_on"),
        "appeal.decided/1": plain(_OUTCOME, "number", "occurred_on", "outcome", "amount_fen", "effective_from"),
    },
)
