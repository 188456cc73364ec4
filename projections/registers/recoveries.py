"""`register recoveries`: what was ordered back, and where each order stands (docs/import-formats.md section 7).

At every moment ordered = repaid + waived + written off + outstanding.
"""

from collections import defaultdict
from typing import Any, Final

from projections.case_folds import case_heads
from projections.database import Database
from projections.register import Register, constant, plain
from projections.scope import Scope, View, open_view
from projections.table import Table, integers, texts

_ORDER: Final = Table(
    "recovery_order",
    (
        *texts("subject", "order_number", "case_id", "cause", "decided_on"),
        *integers("refund_fen"),
    ),
    ("order_number",),
)
_FINE: Final = Table("recovery_fine", (*texts("subject", "order_number"), *integers("fine_fen")))
_LINE: Final = Table(
    "recovery_line", (*texts("subject", "kind", "order_number", "occurred_on"), *integers("amount_fen"))
)
_KINDS = ("repaid", "waived", "written_off")


def recoveries(database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per order, in the order of their numbers; all amounts in fen."""
    with open_view(database, scope) as view:
        asked = {head.case for head in case_heads(view) if view.includes(head.programme, head.region)}
        fines = dict(view.rows(_FINE, "order_number", "fine_fen"))
        sums = _sums(view)
        orders = view.rows(_ORDER, "order_number", "case_id", "cause", "decided_on", "refund_fen")
        rows = [
            _row(row, fines.get(row[0], 0), sums[row[0]]) for row in orders if row[1] in asked and view.decided(row[3])
        ]
        return {"rows": rows}


# Private


def _sums(view: View) -> defaultdict[str, dict[str, int]]:
    sums: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_KINDS, 0))
    for number, kind, occurred_on, amount_fen in view.rows(_LINE, "order_number", "kind", "occurred_on", "amount_fen"):
        if view.decided(occurred_on):
            sums[number][kind] += amount_fen
    return sums


def _row(order: tuple[Any, ...], fine_fen: int, sums: dict[str, int]) -> dict[str, Any]:
    number, case, cause, decided_on, refund_fen = order
    ordered_fen = refund_fen + fine_fen
    return {
        "order": number,
        "case": case,
        "cause": cause,
        "decided": decided_on,
        "refund_fen": refund_fen,
        "fine_fen": fine_fen,
        "ordered_fen": ordered_fen,
        **{f"{kind}_fen": sums[kind] for kind in _KINDS},
        "outstanding_fen": ordered_fen - sum(sums.values()),
    }


_LINE_FIELDS = ("order", "occurred_on", "amount_fen")

RECOVERIES: Final = Register(
    "recoveries",
    (_ORDER, _FINE, _LINE),
    {
        "recovery.ordered/1": plain(_ORDER, "order", "case", "cause", "occurred_on", "refund_fen"),
        "recovery.fined/1": plain(_FINE, "order", "fine_fen"),
        "recovery.repaid/1": constant(_LINE, *_LINE_FIELDS, value="repaid"),
        "recovery.waived/1": constant(_LINE, *_LINE_FIELDS, value="waived"),
        "recovery.written-off/1": constant(_LINE, *_LINE_FIELDS, value="written_off"),
    },
)
