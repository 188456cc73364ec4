"""The twenty file formats, their messages, and the header rule."""

import itertools

import pytest

from domain.formats.catalogue import FORMATS
from domain.formats.columns import CellType, FaultCode, FileFormat
from domain.formats.faults import NOTICES, REASONS, make_fault, make_notice
from domain.formats.headers import best_match, match_header
from domain.formats.text import compact

KINDS = [
    "资料说明",
    "标准",
    "工作人员",
    "近亲属申报",
    "近亲属备案",
    "申请",
    "家庭成员",
    "核对结果",
    "入户调查",
    "公示",
    "审核确认",
    "变更",
    "复核",
    "死亡信息",
    "发放计划",
    "银行回单",
    "追缴",
    "追缴回款",
    "申诉",
    "信用",
]
formats = pytest.mark.parametrize("fmt", list(FORMATS.values()), ids=list(FORMATS))


def test_all_twenty_kinds_are_there_in_the_order_of_the_page() -> None:
    assert list(FORMATS) == KINDS
    assert all(kind == fmt.kind for kind, fmt in FORMATS.items())


@formats
def test_no_header_or_alias_names_two_columns_of_a_file(fmt: FileFormat) -> None:
    headers = list(itertools.chain.from_iterable((c.header, *c.also) for c in fmt.columns))
    assert len({compact(header) for header in headers}) == len(headers)


@formats
def test_every_key_column_is_a_required_column(fmt: FileFormat) -> None:
    assert fmt.key
    assert set(fmt.key) <= set(fmt.required_headers)


@formats
def test_value_lists_stand_on_enum_columns_and_hold_every_synonym(fmt: FileFormat) -> None:
    for column in fmt.columns:
        assert bool(column.values) == (column.type is CellType.ENUM)
        assert set(column.synonyms.values()) <= set(column.values)
        assert all(compact(value) == value for value in (*column.values, *column.synonyms))


@formats
def test_a_header_row_of_aliases_in_any_order_is_recognised(fmt: FileFormat) -> None:
    row = ["序号", *reversed([(column.also or (column.header,))[-1] for column in fmt.columns])]
    match = match_header(fmt, row)
    assert match.found
    assert set(match.positions) == {column.header for column in fmt.columns}
    assert [match.positions[column.header] for column in fmt.columns] == list(range(len(fmt.columns), 0, -1))


def test_white_space_and_full_width_signs_in_a_header_do_not_matter() -> None:
    row = ["流水号", "交 易日期", "批次号\n", "申请编号（附言）", "收款账号", "收款户名", "金额　", "状态"]
    assert match_header(FORMATS["银行回单"], row).positions["申请编号(附言)"] == 3


def test_own_header_goes_before_an_alias_and_the_first_of_two_before_the_second() -> None:
    row = ["流水号", "账号", "交易日期", "批次号", "摘要", "附言", "收款账号", "收款户名", "金额", "状态", "金额"]
    positions = match_header(FORMATS["银行回单"], row).positions
    assert (positions["收款账号"], positions["申请编号(附言)"], positions["金额"]) == (6, 5, 8)


def test_a_row_that_lacks_a_required_column_is_no_header_and_names_it() -> None:
    match = match_header(FORMATS["死亡信息"], ["身份证号", "死亡日期", "来源"])
    assert not match.found
    assert match.missing == ("接收日期",)


def test_optional_columns_may_be_absent() -> None:
    fmt = FORMATS["审核确认"]
    assert match_header(fmt, list(fmt.required_headers)).found


def test_the_best_row_tells_what_is_missing() -> None:
    rows = [["云岭县死亡信息"], ["身份证号", "死亡日期"], ["520121", "2024-01-01"]]
    assert best_match(FORMATS["死亡信息"], rows).missing == ("来源", "接收日期")


@pytest.mark.parametrize("code", list(FaultCode))
def test_every_code_has_reason_and_remedy_in_both_languages(code: FaultCode) -> None:
    fault = make_fault("栏", code, "值", detail="甲", detail_en="A")
    texts = (fault.reason, fault.remedy, fault.reason_en, fault.remedy_en)
    assert all(texts)
    assert not any("{" in text for text in texts)


def test_every_message_is_complete_and_holds_no_other_gap_than_detail() -> None:
    for message in REASONS.values():
        texts = (message.reason, message.remedy, message.reason_en, message.remedy_en)
        assert all(text and "{" not in text.replace("{detail}", "") for text in texts)
    assert all(make_notice("栏", code, "").reason_en for code in NOTICES)


def test_an_unknown_column_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match="死亡信息"):
        FORMATS["死亡信息"].column("金额")
