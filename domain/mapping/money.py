"""发放计划, 银行回单, 追缴, 追缴回款: rows about money sent, money back from the bank, and money to get back."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from domain.events import payment, recovery
from domain.events.base import Event
from domain.fields import Citation
from domain.formats.catalogue import REMARK_HEADER, RETURNED, SUCCEEDED
from domain.formats.checks import parse_month_span
from domain.mapping.household import case_stream
from domain.mapping.rule import CaseNote, EventRule, RowContext, RowMapping, StreamId
from domain.vocabulary import FileKind, RepaymentManner

# Private


def _money_stream(context: RowContext) -> StreamId:
    """Money of a loaded case stands in the case's file; money naming any other case is kept under its batch."""
    if context.case is not None and context.case_known:
        return ("case", context.case)
    return ("batch", str(context.values["批次号"]))


def _case(context: RowContext) -> Mapping[str, Any]:
    return {"case": context.case}


def _slip(context: RowContext) -> Mapping[str, Any]:
    return {"case": context.case, "cash_month": context.month}


def _order_stream(context: RowContext) -> StreamId:
    return ("recovery", str(context.values["追缴编号"]))


def _months(context: RowContext) -> Mapping[str, Any]:
    """Read `2024-02至2024-05` or one month; the text itself is kept sealed whatever it says."""
    span = parse_month_span(str(context.values["涉及月份"]))
    return {"first_month": span[0], "last_month": span[1]} if span else {}


def _recovery_notes(context: RowContext, events: Sequence[Event]) -> list[CaseNote]:
    ordered = events[0] if events else None
    if not isinstance(ordered, recovery.RecoveryOrdered):
        return []
    return [CaseNote(case_stream(context), 0, partial(_demanded, ordered))]


def _demanded(event: recovery.RecoveryOrdered, cites: Citation) -> Event:
    return recovery.RepaymentDemanded(
        cites=cites,
        order=event.order,
        cause=event.cause,
        occurred_on=event.occurred_on,
        refund_fen=event.refund_fen,
        source=event.source,
    )


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
    "remark": REMARK_HEADER,
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
        EventRule(payment.PaymentSettled, _SLIP, given={"状态": (SUCCEEDED,)}, derived=_slip),
        EventRule(payment.PaymentReturned, _SLIP, given={"状态": (RETURNED,)}, derived=_slip),
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
    notes=_recovery_notes,
)

_PAID_BACK = (RepaymentManner.ONCE.value, RepaymentManner.INSTALMENT.value)
_REPAYMENT = {**_ORDER, "occurred_on": "回款日期", "amount_fen": "金额"}

REPAYMENTS = RowMapping(
    FileKind.REPAYMENTS,
    _order_stream,
    (
        EventRule(
            recovery.RecoveryRepaid,
            {**_REPAYMENT, "manner": "方式"},
            given={"方式": _PAID_BACK},
        ),
        EventRule(recovery.RecoveryWaived, _REPAYMENT, given={"方式": (RepaymentManner.WAIVED.value,)}),
        EventRule(recovery.RecoveryWrittenOff, _REPAYMENT, given={"方式": (RepaymentManner.WRITTEN_OFF.value,)}),
        EventRule(
            recovery.RecoveryApproved,
            {**_ORDER, "approves_on": "回款日期", "manner": "方式", "document": "批准文号"},
            placing=frozenset({"order", "approves_on", "manner"}),
            optional=True,
        ),
    ),
)
