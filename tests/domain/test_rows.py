"""Whole rows: required and conditional cells, rules between cells, and what a rejected row still tells."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from domain.formats.catalogue import FORMATS
from domain.formats.columns import FaultCode
from domain.formats.rows import CheckedRow, Place, check_row, find_case_number
from domain.identity import check_character

CASE = "SQ52012120240300017"
CLOSING = datetime.date(2024, 12, 31)
PLACE = Place("file.xlsx", "表", 4, 1)
PERSON = "52012119620315301" + check_character("52012119620315301")
ACCOUNT = "6299010000000000018"

GOOD: Mapping[str, Mapping[str, object]] = {
    "资料说明": {"项": "资料截止日期", "值": "2024-12-31"},
    "标准": {
        "项目": "农村低保",
        "地区代码": "520121",
        "数值": 365.0,
        "单位": "元/人/月",
        "生效日期": "2024-07-01",
        "文号": "云府办发〔2024〕21号",
    },
    "家庭成员": {
        "申请编号": CASE,
        "姓名": "罗国强",
        "身份证号": PERSON,
        "与户主关系": "本人",
        "申报月收入": 350.0,
        "是否计入": "是",
    },
    "核对结果": {
        "申请编号": CASE,
        "身份证号": PERSON,
        "数据来源": "公安交管",
        "查询日期": "2024-03-06",
        "反馈日期": "2024-03-08",
        "项目": "车辆",
        "数值": "无",
    },
    "入户调查": {
        "申请编号": CASE,
        "调查日期": "2024-03-07",
        "调查人工号1": "MZ0010",
        "调查人工号2": "MZ0011",
        "家庭人口": 2.0,
        "核定月收入": "200",
    },
    "公示": {"申请编号": CASE, "公示开始日期": "2024-03-11", "公示结束日期": "2024-03-18"},
    "审核确认": {
        "申请编号": CASE,
        "决定": "确认",
        "决定日期": "2024-03-22",
        "月保障金额": "676",
        "起始月份": "2024-04",
        "决定机关": "云岭县民政局",
        "确认人工号": "MZ0004",
        "复核类别": "B",
    },
    "变更": {
        "申请编号": CASE,
        "变更类型": "减发",
        "决定日期": "2024-08-16",
        "生效月份": "2024-09",
        "变更后月金额": "540",
        "原因": "收入增加",
        "经办人工号": "MZ0010",
        "确认人工号": "MZ0004",
    },
    "银行回单": {
        "流水号": "NX1",
        "交易日期": "2024-04-10",
        "批次号": "FF202404-01",
        "申请编号(附言)": f"低保金 {CASE}",
        "收款账号": ACCOUNT,
        "收款户名": "罗国强",
        "金额": "676.00",
        "状态": "交易成功",
    },
    "追缴": {
        "追缴编号": "ZJ1",
        "申请编号": CASE,
        "原因": "骗取",
        "决定日期": "2024-06-12",
        "涉及月份": "2024-02至2024-05",
        "应追缴金额": "2704.00",
    },
    "追缴回款": {"追缴编号": "ZJ1", "回款日期": "2024-07-15", "金额": "500", "方式": "分期"},
    "申诉": {"申诉编号": "SS1", "申请编号": CASE, "类型": "复议", "提出日期": "2024-09-20"},
}


def checked(kind: str, programme: str | None = None, **cells: object) -> CheckedRow:
    row = {**GOOD[kind], **cells}
    return check_row(FORMATS[kind], PLACE, row, closing_date=CLOSING, programme_of=lambda case: programme)


def faults(row: CheckedRow) -> list[tuple[str, str, str]]:
    return [(fault.column, fault.code.value, fault.value) for fault in row.faults]


def notices(row: CheckedRow) -> list[str]:
    return [notice.code for notice in row.warnings]


@pytest.mark.parametrize("kind", list(GOOD))
def test_a_good_row_has_no_fault(kind: str) -> None:
    row = checked(kind)
    assert row.faults == ()
    assert set(row.values) == set(GOOD[kind])


@pytest.mark.parametrize("kind", list(FORMATS))
def test_an_empty_row_lacks_every_required_cell(kind: str) -> None:
    row = check_row(FORMATS[kind], PLACE, {}, closing_date=None)
    expected = [(header, "missing_required", "") for header in FORMATS[kind].required_headers]
    assert faults(row) == expected


def test_values_are_normalised_and_blank_cells_left_out() -> None:
    row = checked("银行回单", 退票原因=" ", 原流水号=None)
    assert row.values["金额"] == 67600
    assert row.values["状态"] == "成功"
    assert row.values["交易日期"] == datetime.date(2024, 4, 10)
    assert "退票原因" not in row.values and "原流水号" not in row.values


def test_each_fault_of_a_row_is_told_and_the_sound_cells_still_name_the_case() -> None:
    row = checked("变更", 决定日期="2024-02-30", 生效月份="2024-13", 变更后月金额="-120", 原因="")
    assert faults(row) == [
        ("决定日期", "bad_date", "2024-02-30"),
        ("生效月份", "bad_month", "2024-13"),
        ("变更后月金额", "negative_amount", "-120"),
        ("原因", "missing_required", ""),
    ]
    assert row.values["申请编号"] == CASE
    assert all(fault.reason and fault.remedy and fault.reason_en and fault.remedy_en for fault in row.faults)


CONDITIONAL: list[tuple[str, str | None, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("家庭成员", None, {"残疾类别": "肢体"}, [("残疾等级", "missing_required", "")]),
    ("家庭成员", None, {"残疾类别": "肢体", "残疾等级": 5.0}, [("残疾等级", "unknown_value", "5")]),
    ("家庭成员", None, {"残疾类别": "肢体", "残疾等级": "二"}, [("残疾等级", "not_a_number", "二")]),
    ("家庭成员", None, {"残疾类别": "骨科"}, [("残疾类别", "unknown_value", "骨科")]),
    ("家庭成员", None, {"残疾等级": 2.0}, []),
    ("入户调查", "特困供养", {}, [("自理能力评分", "missing_required", "")]),
    ("入户调查", "特困供养", {"自理能力评分": 110111.0}, []),
    ("入户调查", "农村低保", {"自理能力评分": "11011"}, [("自理能力评分", "unknown_value", "11011")]),
    ("入户调查", None, {"自理能力评分": "110112"}, [("自理能力评分", "unknown_value", "110112")]),
    ("公示", None, {"公示结束日期": "20240310"}, [("公示结束日期", "end_before_start", "2024-03-10")]),
    ("公示", None, {"公示结束日期": "2024-03-11"}, []),
    ("审核确认", None, {"月保障金额": ""}, [("月保障金额", "missing_required", "")]),
    ("审核确认", None, {"月保障金额": "0"}, [("月保障金额", "negative_amount", "0")]),
    ("审核确认", None, {"月保障金额": "若干"}, [("月保障金额", "not_a_number", "若干")]),
    ("审核确认", None, {"起始月份": None, "复核类别": None}, [
        ("起始月份", "missing_required", ""), ("复核类别", "missing_required", "")]),
    ("审核确认", "特困供养", {}, [("照料等级", "missing_required", "")]),
    ("审核确认", "特困供养", {"照料等级": "半护理"}, []),
    ("审核确认", None, {"决定": "终止"}, [("理由", "missing_required", "")]),
    ("审核确认", None, {"决定": "同意", "月保障金额": ""}, [("决定", "unknown_value", "同意")]),
    ("变更", None, {"变更后月金额": None}, [("变更后月金额", "missing_required", "")]),
    ("变更", None, {"变更类型": "恢复", "变更后月金额": ""}, [("变更后月金额", "missing_required", "")]),
    ("变更", None, {"变更类型": "暂停", "变更后月金额": "", "原因": "随便"}, []),
    ("变更", None, {"变更类型": "停发", "变更后月金额": "", "原因": "死亡"}, []),
    ("变更", None, {"变更类型": "停发", "变更后月金额": "", "原因": "其他"}, [("原因", "unknown_value", "其他")]),
    ("变更", None, {"变更类型": "停发", "变更后月金额": "-3", "原因": "死亡"}, [
        ("变更后月金额", "negative_amount", "-3")]),
    ("追缴", None, {"应追缴金额": "0"}, [("应追缴金额", "negative_amount", "0")]),
    ("追缴回款", None, {"方式": "减免"}, [("批准文号", "missing_required", "")]),
    ("追缴回款", None, {"方式": "核销", "批准文号": "云民发1号"}, []),
    ("申诉", None, {"决定日期": "2024-11-08"}, [("结果", "missing_required", "")]),
    ("申诉", None, {"决定日期": "2024-11-08", "结果": "维持"}, []),
    ("申诉", None, {"决定日期": "2024-11-08", "结果": "撤销"}, [
        ("变更后月金额", "missing_required", ""), ("起始月份", "missing_required", "")]),
    ("标准", None, {"数值": "另行通知"}, [("数值", "not_a_number", "另行通知")]),
    ("标准", None, {"数值": 1.005}, [("数值", "not_a_number", "1.005")]),
    ("标准", None, {"单位": "元"}, [("单位", "unknown_value", "元")]),
    ("资料说明", None, {"值": "2024-02-30"}, [("值", "bad_date", "2024-02-30")]),
    ("资料说明", None, {"项": "资料起始月份", "值": "一月"}, [("值", "bad_month", "一月")]),
    ("银行回单", None, {"收款账号": 6.29901e18}, [("收款账号", "bad_account", "6.29901E+18")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "programme", "cells", "expected"), CONDITIONAL)
def test_what_a_row_needs_depends_on_its_other_cells(
    kind: str, programme: str | None, cells: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert faults(checked(kind, programme, **cells)) == expected


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("变更", {"变更类型": "停发", "原因": "死亡"}),
        ("变更", {"变更类型": "暂停"}),
        ("审核确认", {"决定": "不予确认", "理由": "收入超标"}),
    ],
)
def test_an_amount_where_none_belongs_is_ignored(kind: str, cells: dict[str, Any]) -> None:
    row = checked(kind, **cells)
    assert row.faults == ()
    assert notices(row) == ["amount_ignored"]
    assert not {"变更后月金额", "月保障金额"} & set(row.values)


@pytest.mark.parametrize(
    ("kind", "cells", "notice"),
    [
        ("银行回单", {"收款账号": "6299010000000000019"}, "luhn"),
        ("追缴", {"原因": "误发", "罚款金额": "100"}, "fine_without_fraud"),
        ("追缴", {"涉及月份": "春季"}, "unreadable_months"),
        ("申诉", {"结果": "维持"}, "outcome_without_date"),
        ("核对结果", {"项目": "房产", "数值": "两套"}, "unusual_check_value"),
        ("标准", {"项目": "高龄津贴"}, "unknown_standard"),
        ("标准", {"单位": "%"}, "unusual_unit"),
        ("资料说明", {"项": "填报人", "值": "甲"}, "unknown_description"),
    ],
)
def test_what_is_only_odd_loads_with_a_warning(kind: str, cells: dict[str, Any], notice: str) -> None:
    row = checked(kind, **cells)
    assert row.faults == ()
    assert notices(row) == [notice]


@pytest.mark.parametrize(
    ("item", "unit", "is_sound"),
    [
        ("临时救助乡镇限额", "元", True),
        ("临时救助年度次数", "次", True),
        ("农村低保", "元", False),
        ("公示天数", "次", False),
        ("高龄津贴", "元", False),
    ],
)
def test_a_unit_of_few_standards_is_refused_for_the_others(item: str, unit: str, is_sound: bool) -> None:
    row = checked("标准", 项目=item, 单位=unit)
    found = [(fault.column, fault.code) for fault in row.faults]
    assert found == ([] if is_sound else [("单位", FaultCode.unknown_value)])


def test_a_fine_with_fraud_and_a_sound_account_raise_no_warning() -> None:
    assert checked("追缴", 罚款金额="2704").warnings == ()
    assert checked("银行回单").warnings == ()


def test_a_birth_after_the_closing_date_is_a_bad_id() -> None:
    born = "52012120250101001"
    row = checked("家庭成员", 身份证号=born + check_character(born))
    assert [fault.code for fault in row.faults] == [FaultCode.bad_id]


@pytest.mark.parametrize(
    ("remark", "case"),
    [
        (CASE, CASE),
        (f"城乡低保金{CASE}四月", CASE),
        (f"{CASE}202404", CASE),
        ("SQ５２０１２１２０２４０３００ ０１７", CASE),
        ("SQ5201212024030001", None),
        ("低保金", None),
        ("", None),
        ("sq52012120240300017", None),
    ],
)
def test_a_case_number_is_found_wherever_it_stands_in_a_remark(remark: str, case: str | None) -> None:
    assert find_case_number(remark) == case
