"""What a row must hold beyond its single cells: cells needed under a condition, and rules between cells.

Source: docs/import-formats.md section 4, the cond columns and the meanings that name another column.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain.change_kind import WITHOUT_AMOUNT, ChangeKind
from domain.entitlement import REVERSING_OUTCOMES
from domain.formats.catalogue import CONFIRMED
from domain.formats.checks import parse_check_value, parse_month_span
from domain.formats.columns import FaultCode, Value
from domain.formats.description import CLOSING_DATE, FIRST_MONTH, ITEMS, read_first_month
from domain.formats.faults import Fault, Notice, make_fault, make_notice
from domain.formats.normalise import CellFault, parse_date
from domain.formats.standards import OWN_UNITS, STANDARD_UNITS, standard_hundredths, standard_item
from domain.formats.text import cell_text, compact, trimmed
from domain.vocabulary import FileKind, Programme, RecoveryCause, RepaymentManner, StandardUnit, StopGround

KINDS_JUDGED_BY_PROGRAMME = frozenset({FileKind.SURVEYS, FileKind.DECISIONS})
"""Kinds whose rules depend on the programme of the case named in column 申请编号."""

_MANNERS_TO_APPROVE = frozenset({RepaymentManner.WAIVED, RepaymentManner.WRITTEN_OFF})
_STOP_GROUNDS = tuple(ground.value for ground in StopGround)
_SCORE = re.compile(r"[01]{6}")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row as it was read: values of its sound cells, the raw cells, headers of the faulty ones.

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
    if kind == FileKind.CHANGES and values.get("变更类型") in WITHOUT_AMOUNT and "变更后月金额" in values:
        return "变更后月金额"
    if kind == FileKind.DECISIONS and values.get("决定", CONFIRMED) != CONFIRMED and "月保障金额" in values:
        return "月保障金额"
    return None


def row_findings(kind: str, row: ReadRow) -> Iterator[Fault | Notice]:
    """Yield every fault and notice of the rules of this kind of file; none for a kind without rules."""
    rule = _RULES.get(kind)
    if rule is not None:
        yield from rule(row)


# Private


def _needs(row: ReadRow, header: str, when: str, when_en: str) -> Iterator[Fault]:
    if row.lacks(header):
        yield make_fault(
            header,
            FaultCode.missing_required,
            "",
            reason="missing_conditional",
            detail=when,
            detail_en=when_en,
        )


def _description(row: ReadRow) -> Iterator[Fault | Notice]:
    if "项" not in row.values or "值" not in row.values:
        return
    item, text = compact(str(row.values["项"])), compact(str(row.values["值"]))
    if item == FIRST_MONTH and read_first_month(text) is None:
        yield make_fault("值", FaultCode.bad_month, text)
    if item == CLOSING_DATE and parse_date(text) is None:
        yield make_fault("值", FaultCode.bad_date, text)
    if item not in ITEMS:
        yield make_notice("项", "unknown_description", item)


def _standard(row: ReadRow) -> Iterator[Fault | Notice]:
    if "数值" in row.values:
        try:
            standard_hundredths(str(row.values["数值"]))
        except CellFault as fault:
            yield make_fault("数值", fault.code, row.text("数值"), reason=fault.reason)
    if "项目" in row.values:
        item = standard_item(str(row.values["项目"]))
        units, unit = STANDARD_UNITS[item] if item else (), row.values.get("单位")
        if unit in OWN_UNITS and unit not in units:
            expected = "、".join(units or (one for one in StandardUnit if one not in OWN_UNITS))
            yield make_fault("单位", FaultCode.unknown_value, str(unit), detail=expected)
        elif item is None:
            yield make_notice("项目", "unknown_standard", compact(str(row.values["项目"])))
        elif unit is not None and unit not in units:
            yield make_notice("单位", "unusual_unit", str(unit))


def _member(row: ReadRow) -> Iterator[Fault | Notice]:
    if "残疾类别" in row.values:
        yield from _needs(row, "残疾等级", "填写残疾类别", "残疾类别 is filled")


def _check_result(row: ReadRow) -> Iterator[Fault | Notice]:
    if "项目" in row.values and "数值" in row.values:
        text = str(row.values["数值"])
        if parse_check_value(str(row.values["项目"]), text) is None:
            yield make_notice("数值", "unusual_check_value", text)


def _survey(row: ReadRow) -> Iterator[Fault | Notice]:
    score = row.values.get("自理能力评分")
    if score is not None and not _SCORE.fullmatch(str(score)):
        yield make_fault("自理能力评分", FaultCode.unknown_value, str(score), reason="bad_self_care_score")
    if row.programme == Programme.EXTREME_HARDSHIP:
        yield from _needs(row, "自理能力评分", "救助项目为特困供养", "the programme is 特困供养")


def _publicity(row: ReadRow) -> Iterator[Fault | Notice]:
    start, end = row.values.get("公示开始日期"), row.values.get("公示结束日期")
    if isinstance(start, datetime.date) and isinstance(end, datetime.date) and end < start:
        yield make_fault("公示结束日期", FaultCode.end_before_start, end.isoformat())


def _decision(row: ReadRow) -> Iterator[Fault | Notice]:
    decision = row.values.get("决定")
    if decision == CONFIRMED:
        for header in ("月保障金额", "起始月份", "复核类别"):
            yield from _needs(row, header, "决定为确认", "决定 is 确认")
        if row.values.get("月保障金额") == 0:
            yield make_fault("月保障金额", FaultCode.negative_amount, row.text("月保障金额"), reason="not_positive")
        if row.programme == Programme.EXTREME_HARDSHIP:
            yield from _needs(row, "照料等级", "特困供养且决定为确认", "决定 is 确认 and the programme is 特困供养")
    elif decision is not None:
        yield from _needs(row, "理由", "决定不是确认", "决定 is not 确认")


def _change(row: ReadRow) -> Iterator[Fault | Notice]:
    change, ground = row.values.get("变更类型"), row.values.get("原因")
    if change is not None and change not in WITHOUT_AMOUNT:
        yield from _needs(row, "变更后月金额", f"变更类型为{change}", f"变更类型 is {change}")
    if change == ChangeKind.STOPPED and ground is not None and ground not in _STOP_GROUNDS:
        yield make_fault("原因", FaultCode.unknown_value, str(ground), detail="、".join(_STOP_GROUNDS))


def _order(row: ReadRow) -> Iterator[Fault | Notice]:
    fine_fen = row.values.get("罚款金额")
    if isinstance(fine_fen, int) and fine_fen > 0 and row.values.get("原因") == RecoveryCause.ERROR:
        yield make_notice("罚款金额", "fine_without_fraud", row.text("罚款金额"))
    months = row.values.get("涉及月份")
    if months is not None and parse_month_span(str(months)) is None:
        yield make_notice("涉及月份", "unreadable_months", str(months))


def _repayment(row: ReadRow) -> Iterator[Fault | Notice]:
    manner = row.values.get("方式")
    if manner in _MANNERS_TO_APPROVE:
        yield from _needs(row, "批准文号", f"方式为{manner}", f"方式 is {manner}")


def _appeal(row: ReadRow) -> Iterator[Fault | Notice]:
    outcome = row.values.get("结果")
    if "决定日期" in row.values:
        yield from _needs(row, "结果", "填写决定日期", "决定日期 is filled")
    elif outcome is not None and row.lacks("决定日期"):
        yield make_notice("决定日期", "outcome_without_date", "")
    if outcome in REVERSING_OUTCOMES:
        for header in ("变更后月金额", "起始月份"):
            yield from _needs(row, header, f"结果为{outcome}", f"结果 is {outcome}")


_RULES: Mapping[str, Callable[[ReadRow], Iterator[Fault | Notice]]] = MappingProxyType(
    {
        FileKind.DESCRIPTION: _description,
        FileKind.STANDARDS: _standard,
        FileKind.MEMBERS: _member,
        FileKind.CHECKS: _check_result,
        FileKind.SURVEYS: _survey,
        FileKind.PUBLICITY: _publicity,
        FileKind.DECISIONS: _decision,
        FileKind.CHANGES: _change,
        FileKind.RECOVERIES: _order,
        FileKind.REPAYMENTS: _repayment,
        FileKind.APPEALS: _appeal,
    }
)
