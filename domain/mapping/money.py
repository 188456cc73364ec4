"""发放计划, 银行回单, 追缴, 追缴回款: rows about money sent, money back from the bank, and money to get back."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain.events import payment, recovery
from domain.events.base import Event
from domain.mapping.household import case_stream
from domain.mapping.rule import EventRule, Notice, RowContext, RowMapping, StreamId
from domain.vocabulary import FileKind

_MONTH_IN_TEXT = re.compile(r"([0-9]{4})[-/.年]?(0[1-9]|1[0-2]|[1-9](?![0-9]))月?")


def _money_stream(context: RowContext) -> StreamId:
    """Money of a loaded case stands in the case's file; money naming any other case is kept under its batch."""
    if context.case is not None and context.case_known:
        return ("case", context.case)
    return ("batch", str(context.values["批次号"]))


def _case(context: RowContext) -> Mapping[str, Any]:
    return {"case": context.case}


def _slip(context: RowContext) -> Mapping[str, Any]:
    return {"case": context.case, "cash_month": context.month}


PLANS = RowMapping(
    FileKind.PLANS,
    _money_stream,
    (
        EventRule(
            payment.PaymentInstructed,
            {
                "batch": "批次号",
                "pay_month": "发放月份",
                "amount_fen": "金额",
                "account": "银行账号",
                "holder": "账户户名",
                "month": "所属月份",
            },
            derived=_case,
        ),
    ),
)

_SLIP = {
    "transfer": "流水号",
    "occurred_on": "交易日期",
    "batch": "批次号",
    "remark": "申请编号(附言)",
    "account": "收款账号",
    "holder": "收款户名",
    "amount_fen": "金额",
}
_TRANSFER = {"transfer": "流水号"}
_TRANSFER_PLACING = frozenset(_TRANSFER)

BANK_SLIPS = RowMapping(
    FileKind.BANK_SLIPS,
    _money_stream,
    (
        EventRule(payment.PaymentSettled, _SLIP, given={"状态": ("成功",)}, derived=_slip),
        EventRule(payment.PaymentReturned, _SLIP, given={"状态": ("退票",)}, derived=_slip),
        EventRule(
            payment.PaymentReissued, {**_TRANSFER, "original": "原流水号"}, placing=_TRANSFER_PLACING, optional=True
        ),
        EventRule(
            payment.PaymentAttributed, {**_TRANSFER, "month": "所属月份"}, placing=_TRANSFER_PLACING, optional=True
        ),
        EventRule(
            payment.ReturnExplained, {**_TRANSFER, "reason": "退票原因"}, placing=_TRANSFER_PLACING, optional=True
        ),
    ),
)


def _order_stream(context: RowContext) -> StreamId:
    return ("recovery", str(context.values["追缴编号"]))


def _months(context: RowContext) -> Mapping[str, Any]:
    """Read `2024-02至2024-05` or one month; the text itself is kept sealed whatever it says."""
    months = [f"{y}-{int(m):02d}" for y, m in _MONTH_IN_TEXT.findall(str(context.values["涉及月份"]))]
    return {"first_month": months[0], "last_month": months[-1]} if months else {}


def _recovery_notices(context: RowContext, events: Sequence[Event]) -> list[Notice]:
    first = events[0] if events else None
    if not isinstance(first, recovery.RecoveryOrdered):
        return []
    return [
        Notice(
            case_stream(context),
            0,
            lambda cites: recovery.RepaymentDemanded(
                cites=cites,
                order=first.order,
                cause=first.cause,
                occurred_on=first.occurred_on,
                refund_fen=first.refund_fen,
                source=first.source,
            ),
        )
    ]


_ORDER = {"order": "追缴编号"}
_ORDER_PLACING = frozenset(_ORDER)

RECOVERIES = RowMapping(
    FileKind.RECOVERIES,
    _order_stream,
    (
        EventRule(
            recovery.RecoveryOrdered,
            {
                **_ORDER,
                "case": "申请编号",
                "cause": "原因",
                "occurred_on": "决定日期",
                "refund_fen": "应追缴金额",
                "months_text": "涉及月份",
            },
            derived=_months,
        ),
        EventRule(recovery.RecoveryFined, {**_ORDER, "fine_fen": "罚款金额"}, placing=_ORDER_PLACING, optional=True),
    ),
    notices=_recovery_notices,
)

_REPAYMENT = {**_ORDER, "occurred_on": "回款日期", "amount_fen": "金额"}

REPAYMENTS = RowMapping(
    FileKind.REPAYMENTS,
    _order_stream,
    (
        EventRule(recovery.RecoveryRepaid, {**_REPAYMENT, "manner": "方式"}, given={"方式": ("一次", "分期")}),
        EventRule(recovery.RecoveryWaived, _REPAYMENT, given={"方式": ("减免",)}),
        EventRule(recovery.RecoveryWrittenOff, _REPAYMENT, given={"方式": ("核销",)}),
        EventRule(
            recovery.RecoveryApproved,
            {**_ORDER, "approves_on": "回款日期", "manner": "方式", "document": "批准文号"},
            placing=frozenset({"order", "approves_on", "manner"}),
            optional=True,
        ),
    ),
)
