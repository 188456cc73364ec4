"""What a row must hold beyond its single cells: cells needed under a condition, and rules between cells.

Source: docs/import-formats.md section 4, the cond columns and the meanings that name another column.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.formats.catalogue import STOP_GROUNDS
from domain.formats.checks import parse_check_value, parse_month_span
from domain.formats.columns import FaultCode, Value
from domain.formats.description import CLOSING_DATE, FIRST_MONTH, ITEMS, read_first_month
from domain.formats.faults import Fault, Notice, make_fault, make_notice
from domain.formats.normalise import CellFault, parse_date
from domain.formats.standards import STANDARD_UNITS, standard_hundredths, standard_name
from domain.formats.text import cell_text, compact, trimmed

NO_AMOUNT_CHANGES = ("停发", "暂停")
APPROVAL_METHODS = ("减免", "核销")
REVERSING_OUTCOMES = ("变更", "撤销")
SUPPORT_PROGRAMME = "特困供养"

_SCORE = re.compile(r"[01]{6}")


@dataclass(frozen=True, slots=True)
class RowContext:
    """One row as the rules see it: values of its sound cells, the raw cells, headers of the faulty ones.

    `programme`: 救助项目 of the case, None when the case is not known.
    """

    values: Mapping[str, Value]
    cells: Mapping[str, object]
    faulty: frozenset[str]
    programme: str | None

    def lacks(self, header: str) -> bool:
        """Whether the cell is blank; an unreadable cell has a fault of its own and is not blank."""
        return header not in self.values and header not in self.faulty

    def text(self, header: str) -> str:
        """Return what the cell showed, as a report prints it."""
        return trimmed(cell_text(self.cells.get(header)))


def unwanted_amount(kind: str, values: Mapping[str, Value]) -> str | None:
    """Return the header of an amount that this row should not hold, None when there is none.

    A stop or suspension and a refusal have no amount: section 4 says blank there, so the cell is not read.
    """
    if kind == "变更" and values.get("变更类型") in NO_AMOUNT_CHANGES and "变更后月金额" in values:
        return "变更后月金额"
    if kind == "审核确认" and values.get("决定", "确认") != "确认" and "月保障金额" in values:
        return "月保障金额"
    return None


def row_findings(kind: str, row: RowContext) -> Iterator[Fault | Notice]:
    """Yield every fault and notice of the rules of this kind of file; none for a kind without rules."""
    rule = _RULES.get(kind)
    if rule is not None:
        yield from rule(row)


# Private


def _needs(row: RowContext, header: str, when: str, when_en: str) -> Iterator[Fault]:
    if row.lacks(header):
        yield make_fault(
            header,
            FaultCode.missing_required,
            "",
            reason="missing_conditional",
            detail=when,
            detail_en=when_en,
        )


def _description(row: RowContext) -> Iterator[Fault | Notice]:
    if "项" not in row.values or "值" not in row.values:
        return
    item, text = compact(str(row.values["项"])), compact(str(row.values["值"]))
    if item == FIRST_MONTH and read_first_month(text) is None:
        yield make_fault("值", FaultCode.bad_month, text)
    if item == CLOSING_DATE and parse_date(text) is None:
        yield make_fault("值", FaultCode.bad_date, text)
    if item not in ITEMS:
        yield make_notice("项", "unknown_description", item)


def _standard(row: RowContext) -> Iterator[Fault | Notice]:
    if "数值" in row.values:
        try:
            standard_hundredths(str(row.values["数值"]))
        except CellFault as fault:
            yield make_fault("数值", fault.code, row.text("数值"), reason=fault.reason)
    if "项目" in row.values:
        name = standard_name(str(row.values["项目"]))
        units = STANDARD_UNITS.get(name)
        if units is None:
            yield make_notice("项目", "unknown_standard", name)
        elif "单位" in row.values and row.values["单位"] not in units:
            yield make_notice("单位", "unusual_unit", str(row.values["单位"]))


def _member(row: RowContext) -> Iterator[Fault | Notice]:
    if "残疾类别" in row.values:
        yield from _needs(row, "残疾等级", "填写残疾类别", "残疾类别 is filled")


def _check_result(row: RowContext) -> Iterator[Fault | Notice]:
    if "项目" in row.values and "数值" in row.values:
        text = str(row.values["数值"])
        if parse_check_value(str(row.values["项目"]), text) is None:
            yield make_notice("数值", "unusual_check_value", text)


def _survey(row: RowContext) -> Iterator[Fault | Notice]:
    score = row.values.get("自理能力评分")
    if score is not None and not _SCORE.fullmatch(str(score)):
        yield make_fault("自理能力评分", FaultCode.unknown_value, str(score), reason="bad_self_care_score")
    if row.programme == SUPPORT_PROGRAMME:
        yield from _needs(row, "自理能力评分", "救助项目为特困供养", "the programme is 特困供养")


def _publicity(row: RowContext) -> Iterator[Fault | Notice]:
    start, end = row.values.get("公示开始日期"), row.values.get("公示结束日期")
    if isinstance(start, datetime.date) and isinstance(end, datetime.date) and end < start:
        yield make_fault("公示结束日期", FaultCode.end_before_start, end.isoformat())


def _decision(row: RowContext) -> Iterator[Fault | Notice]:
    decision = row.values.get("决定")
    if decision == "确认":
        for header in ("月保障金额", "起始月份", "复核类别"):
            yield from _needs(row, header, "决定为确认", "决定 is 确认")
        if row.values.get("月保障金额") == 0:
            yield make_fault("月保障金额", FaultCode.negative_amount, row.text("月保障金额"), reason="not_positive")
        if row.programme == SUPPORT_PROGRAMME:
            yield from _needs(row, "照料等级", "特困供养且决定为确认", "决定 is 确认 and the programme is 特困供养")
    elif decision is not None:
        yield from _needs(row, "理由", "决定不是确认", "决定 is not 确认")


def _change(row: RowContext) -> Iterator[Fault | Notice]:
    change, ground = row.values.get("变更类型"), row.values.get("原因")
    if change is not None and change not in NO_AMOUNT_CHANGES:
        yield from _needs(row, "变更后月金额", f"变更类型为{change}", f"变更类型 is {change}")
    if change == "停发" and ground is not None and ground not in STOP_GROUNDS:
        yield make_fault("原因", FaultCode.unknown_value, str(ground), detail="、".join(STOP_GROUNDS))


def _order(row: RowContext) -> Iterator[Fault | Notice]:
    fine_fen = row.values.get("罚款金额")
    if isinstance(fine_fen, int) and fine_fen > 0 and row.values.get("原因") == "误发":
        yield make_notice("罚款金额", "fine_without_fraud", row.text("罚款金额"))
    months = row.values.get("涉及月份")
    if months is not None and parse_month_span(str(months)) is None:
        yield make_notice("涉及月份", "unreadable_months", str(months))


def _repayment(row: RowContext) -> Iterator[Fault | Notice]:
    method = row.values.get("方式")
    if method in APPROVAL_METHODS:
        yield from _needs(row, "批准文号", f"方式为{method}", f"方式 is {method}")


def _appeal(row: RowContext) -> Iterator[Fault | Notice]:
    outcome = row.values.get("结果")
    if "决定日期" in row.values:
        yield from _needs(row, "结果", "填写决定日期", "决定日期 is filled")
    elif outcome is not None and row.lacks("决定日期"):
        yield make_notice("决定日期", "outcome_without_date", "")
    if outcome in REVERSING_OUTCOMES:
        for header in ("变更后月金额", "起始月份"):
            yield from _needs(row, header, f"结果为{outcome}", f"结果 is {outcome}")


_RULES: Mapping[str, Callable[[RowContext], Iterator[Fault | Notice]]] = MappingProxyType(
    {
        "资料说明": _description,
        "标准": _standard,
        "家庭成员": _member,
        "核对结果": _check_result,
        "入户调查": _survey,
        "公示": _publicity,
        "审核确认": _decision,
        "变更": _change,
        "追缴": _order,
        "追缴回款": _repayment,
        "申诉": _appeal,
    }
)

CASE_KINDS_WITH_PROGRAMME = ("入户调查", "审核确认")
"""Kinds whose rules depend on the programme of the case named in column 申请编号."""
