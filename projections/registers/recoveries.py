"""`register recoveries`: what was ordered back, and where each order stands (docs/import-formats.md section 7).

At every moment ordered = repaid + waived + written off + outstanding.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from domain.months import months_between
from domain.vocabulary import RepaymentManner, StandardItem
from projections.case_folds import case_heads
from projections.database import Database
from projections.register import Register, constant, plain
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.standards_in_force import StandardsInForce
from projections.table import Table, integers, texts

_ORDER: Final = Table(
    "recovery_order",
    (
        *texts("subject", "order_number", "case_id", "cause", "decided_on"),
        *integers("refund_fen"),
        *texts("first_month", "last_month"),
    ),
    ("order_number",),
)
_FINE: Final = Table("recovery_fine", (*texts("subject", "order_number"), *integers("fine_fen")))
_LINE: Final = Table(
    "recovery_line",
    (*texts("subject", "kind", "order_number", "occurred_on"), *integers("amount_fen"), *texts("manner")),
)
_APPROVAL: Final = Table("recovery_approval", texts("subject", "order_number", "document"))
_KINDS = ("repaid", "waived", "written_off")
_ORDER_COLUMNS = (
    "order_number",
    "case_id",
    "cause",
    "decided_on",
    "refund_fen",
    "first_month",
    "last_month",
    "position",
)


class RecoveryStatus(StrEnum):
    """Where an order stands: nothing outstanding, something, or something and nothing moved for too long."""

    CLEARED = "cleared"
    RUNNING = "running"
    STALLED = "stalled"


def recoveries(database: Database, scope: Scope) -> dict[str, Any]:
    """Return one row per order, in the order of their numbers; all amounts in fen.

    `days_idle` counts from the later of the order and its last line to the day asked about, while anything is
    outstanding; an order is stalled when they are more than the standard 追缴停滞天数 of that day.
    """
    with open_view(database, scope) as view:
        regions = {head.case: head.region for head in case_heads(view) if view.includes(head.programme, head.region)}
        fines = dict(view.rows(_FINE, "order_number", "fine_fen"))
        accounts, standards = _accounts(view), StandardsInForce(view)
        rows = []
        for row in view.rows(_ORDER, *_ORDER_COLUMNS):
            if row[1] in regions and view.decided(row[3]):
                account = accounts.get(row[0], _Account())
                limit_days = _limit_days(view, standards, regions[row[1]])
                rows.append(_row(view, row, fines.get(row[0], 0), account, limit_days))
        return {"rows": rows, **view.asked}


@dataclass(frozen=True, slots=True)
class OrderedBack:
    """An order of one case, and what came back of it."""

    number: str
    decided_on: str
    repaid_fen: int


def orders_by_case(view: View, cases: Collection[str]) -> Mapping[str, list[OrderedBack]]:
    """Return the orders of these cases, in the order of their numbers."""
    accounts, found = _accounts(view), dict[str, list[OrderedBack]]()
    for number, case, decided_on in view.rows(_ORDER, "order_number", "case_id", "decided_on"):
        if case in cases and view.decided(decided_on):
            repaid_fen = accounts[number].sums["repaid"] if number in accounts else 0
            found.setdefault(case, []).append(OrderedBack(number, decided_on, repaid_fen))
    return found


# Private


@dataclass(slots=True)
class _Account:
    """The lines of one order, added up."""

    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    instalments: int = 0
    instalments_fen: int = 0
    last_moved_on: str | None = None
    documents: list[str] = field(default_factory=list)


def _accounts(view: View) -> Mapping[str, _Account]:
    accounts: dict[str, _Account] = {}
    columns = ("order_number", "kind", "occurred_on", "amount_fen", "manner")
    for number, kind, occurred_on, amount_fen, manner in view.rows(_LINE, *columns):
        if view.decided(occurred_on):
            account = accounts.setdefault(number, _Account())
            account.sums[kind] += amount_fen
            account.last_moved_on = max(account.last_moved_on or "", occurred_on)
            if manner == RepaymentManner.INSTALMENT:
                account.instalments += 1
                account.instalments_fen += amount_fen
    for number, document in view.rows(_APPROVAL, "order_number", "document", where="document IS NOT NULL"):
        if number in accounts and document not in accounts[number].documents:
            accounts[number].documents.append(document)
    return accounts


def _limit_days(view: View, standards: StandardsInForce, region: str | None) -> int | None:
    day = view.as_of_text
    return standards.count(StandardItem.RECOVERY_STALL_DAYS, day, region) if day else None


def _row(
    view: View, order: tuple[Any, ...], fine_fen: int, account: _Account, limit_days: int | None
) -> dict[str, Any]:
    number, case, cause, decided_on, refund_fen, first_month, last_month, position = order
    ordered_fen = refund_fen + fine_fen
    outstanding_fen = ordered_fen - sum(account.sums.values())
    days_idle = _days_idle(view, account.last_moved_on, decided_on) if outstanding_fen > 0 else None
    return {
        "order": number,
        "case": case,
        "cause": cause,
        "decided": decided_on,
        "refund_fen": refund_fen,
        "fine_fen": fine_fen,
        "ordered_fen": ordered_fen,
        **{f"{kind}_fen": account.sums[kind] for kind in _KINDS},
        "outstanding_fen": outstanding_fen,
        "months_from": first_month if first_month else sealed(position, "months_text"),
        "months_until": last_month,
        "months_count": len(list(months_between(first_month, last_month))) if first_month and last_month else None,
        "instalments": account.instalments,
        "instalments_fen": account.instalments_fen,
        "documents": account.documents,
        "last_moved_on": account.last_moved_on,
        "days_idle": days_idle,
        "limit_days": limit_days,
        "status": _status(outstanding_fen, days_idle, limit_days),
        "position": position,
    }


def _days_idle(view: View, last_moved_on: str | None, decided_on: str) -> int | None:
    if view.as_of is None:
        return None
    since = datetime.date.fromisoformat(max(last_moved_on or "", decided_on))
    return max((view.as_of - since).days, 0)


def _status(outstanding_fen: int, days_idle: int | None, limit_days: int | None) -> str:
    if outstanding_fen <= 0:
        return RecoveryStatus.CLEARED.value
    is_stalled = days_idle is not None and limit_days is not None and days_idle > limit_days
    return (RecoveryStatus.STALLED if is_stalled else RecoveryStatus.RUNNING).value


_ORDER_FIELDS = ("order", "case", "cause", "occurred_on", "refund_fen", "first_month", "last_month")
_LINE_FIELDS = ("order", "occurred_on", "amount_fen", "manner")

RECOVERIES: Final = Register(
    "recoveries",
    (_ORDER, _FINE, _LINE, _APPROVAL),
    {
        "recovery.ordered/1": plain(_ORDER, *_ORDER_FIELDS),
        "recovery.fined/1": plain(_FINE, "order", "fine_fen"),
        "recovery.repaid/1": constant(_LINE, *_LINE_FIELDS, value="repaid"),
        "recovery.waived/1": constant(_LINE, *_LINE_FIELDS, value="waived"),
        "recovery.written-off/1": constant(_LINE, *_LINE_FIELDS, value="written_off"),
        "recovery.approved/1": plain(_APPROVAL, "order", "document"),
    },
)
