"""Rows become events and events their cells again, for every kind of file and whichever cells are filled."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fields import Citation, Source
from domain.formats.catalogue import FORMATS
from domain.formats.columns import CellType, Column
from domain.mapping.rule import RowContext, RowMapping, cell_texts, columns_of, completing_events, events_of, text_of
from domain.mapping.table import MAPPINGS
from domain.vocabulary import FileKind

SOURCE = Source(file=Citation(seq=2, stream="import/000001"), row=7, sheet=1)
MONTHS = st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)).map(lambda day: day.strftime("%Y-%m"))
TEXTS = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=12)
# Held by the stream or the member's number, so not among the cells of the events themselves.
ELSEWHERE = {
    FileKind.STAFF: {"工号"},
    FileKind.RELATIVES: {"工号"},
    FileKind.CHECKS: {"申请编号", "身份证号"},
    FileKind.FILINGS: {"申请编号"},
    FileKind.APPLICATIONS: {"申请编号"},
    FileKind.MEMBERS: {"申请编号"},
    FileKind.SURVEYS: {"申请编号"},
    FileKind.PUBLICITY: {"申请编号"},
    FileKind.DECISIONS: {"申请编号"},
    FileKind.CHANGES: {"申请编号"},
    FileKind.REVIEWS: {"申请编号"},
    FileKind.PLANS: {"申请编号"},  # found again in `case`, which is no cell
}
STOP_GROUNDS = ("死亡", "收入超标", "财产超标", "迁出", "转特困", "渐退期满", "主动放弃", "骗取")


def cells_of(column: Column) -> st.SearchStrategy[Any]:
    """Return what a checked cell of this column may hold."""
    if column.type is CellType.ENUM:
        return st.sampled_from(column.values)
    if column.type is CellType.DATE:
        return st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31))
    if column.type is CellType.MONTH:
        return MONTHS
    if column.type in (CellType.AMOUNT, CellType.INT):
        return st.integers(column.lowest, column.highest or 2**53 - 1)
    if column.type is CellType.ID:
        return st.just("520121196203153012")
    return TEXTS


@st.composite
def rows(draw: st.DrawFn, kind: FileKind) -> dict[str, Any]:
    """Draw a row that passes the checks of its kind: required cells filled, optional ones or not."""
    values: dict[str, Any] = {}
    for column in FORMATS[kind].columns:
        if column.required or draw(st.booleans()):
            values[column.header] = draw(cells_of(column))
    if kind is FileKind.CHANGES and values["变更类型"] in ("停发", "暂停"):
        values.pop("变更后月金额", None)
    elif kind is FileKind.CHANGES:
        values["变更后月金额"] = draw(st.integers(0, 10**9))
    if kind is FileKind.CHANGES and values["变更类型"] == "停发":
        values["原因"] = draw(st.sampled_from(STOP_GROUNDS))
    if kind is FileKind.STANDARDS:
        values["数值"] = draw(st.integers(0, 10**6))  # prepared: in hundredths
    if kind is FileKind.DECISIONS and values["决定"] != "确认":
        values.pop("月保障金额", None)
    return values


def context_of(kind: FileKind, values: Mapping[str, Any]) -> RowContext:
    case = str(values["申请编号"]) if "申请编号" in values else None
    return RowContext(kind, values, SOURCE, month="2024-04", member=3, case=case, person="0" * 32)


def texts_of(kind: FileKind, values: Mapping[str, Any]) -> dict[str, str]:
    elsewhere = ELSEWHERE.get(kind, set())
    return {column: text_of(value) for column, value in values.items() if column not in elsewhere}


@pytest.mark.parametrize("kind", MAPPINGS)
@given(data=st.data())
def test_the_cells_of_a_row_come_back_from_its_events(kind: FileKind, data: st.DataObject) -> None:
    mapping: RowMapping = MAPPINGS[kind]
    values = data.draw(rows(kind))
    context = context_of(kind, values)
    events = events_of(mapping, context)
    assert columns_of(mapping, events) == texts_of(kind, values)
    assert cell_texts(mapping, context) == texts_of(kind, values)
    stored = [type(event).read(event.open_part(), event.sealed_part()) for event in events]
    assert stored == events
    assert all(getattr(event, "source") == SOURCE for event in events)  # noqa: B009


@pytest.mark.parametrize("kind", MAPPINGS)
@given(data=st.data())
def test_what_a_completion_fills_comes_back_from_its_events(kind: FileKind, data: st.DataObject) -> None:
    """Events of the row with blanks, and then of what filled them, hold together the cells of the whole row."""
    mapping = MAPPINGS[kind]
    values = data.draw(rows(kind))
    optional = [c.header for c in FORMATS[kind].columns if not c.required and c.header in values]
    if kind is FileKind.CHANGES:
        optional = [column for column in optional if column != "变更后月金额"]
    blank = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    before = {column: value for column, value in values.items() if column not in blank}
    first = events_of(mapping, context_of(kind, before))
    kept = columns_of(mapping, first)
    cited = Citation(seq=3, stream="case/SQ1")
    later = completing_events(mapping, context_of(kind, values), set(blank), cited, kept) if blank else []
    assert bool(later) == bool(blank)
    assert {**kept, **columns_of(mapping, later)} == texts_of(kind, values)


def test_every_kind_of_file_but_the_description_has_a_mapping() -> None:
    assert set(MAPPINGS) == set(FileKind) - {FileKind.DESCRIPTION}


@pytest.mark.parametrize("kind", MAPPINGS)
def test_every_column_is_carried_by_some_rule(kind: FileKind) -> None:
    mapping = MAPPINGS[kind]
    carried = {column for rule in mapping.rules for column in (*rule.fields.values(), *rule.given)}
    missing = {column.header for column in FORMATS[kind].columns} - carried
    assert missing == ELSEWHERE.get(kind, set())


@pytest.mark.parametrize("number", ["MZ0012", "民政-007"])
def test_a_staff_number_is_open_when_it_looks_like_one_and_sealed_otherwise(number: str) -> None:
    values = {"申请编号": "SQ1", "复核日期": datetime.date(2024, 8, 14), "结论": "减发", "复核人工号": number}
    (event,) = events_of(MAPPINGS[FileKind.REVIEWS], context_of(FileKind.REVIEWS, values))
    assert ("reviewer" in event.open_part()) == (number == "MZ0012")
    assert ("reviewer_text" in event.sealed_part()) == (number != "MZ0012")


def test_money_of_a_case_that_is_not_loaded_goes_to_its_batch() -> None:
    values = {"申请编号": "SQ1", "批次号": "FF1"}
    context = context_of(FileKind.PLANS, values)
    assert MAPPINGS[FileKind.PLANS].stream(context) == ("case", "SQ1")
    unknown = RowContext(FileKind.PLANS, values, SOURCE, case="SQ1", case_known=False)
    assert MAPPINGS[FileKind.PLANS].stream(unknown) == ("batch", "FF1")


@pytest.mark.parametrize("text", ["2024-02、2024-04", "2024年2月至5月", "2024-05至2024-02"])
def test_months_of_an_order_that_cannot_be_read_are_not_guessed(text: str) -> None:
    """What the report calls unreadable stands in the log as the sealed text alone."""
    day = datetime.date(2024, 8, 14)
    values = {
        "追缴编号": "ZJ1",
        "申请编号": "SQ1",
        "原因": "误发",
        "决定日期": day,
        "应追缴金额": 100,
        "涉及月份": text,
    }
    (event,) = events_of(MAPPINGS[FileKind.RECOVERIES], context_of(FileKind.RECOVERIES, values))
    assert not {"first_month", "last_month"} & event.open_part().keys()
    assert event.sealed_part() == {"months_text": text}


def test_a_standard_is_the_listed_one_whatever_white_space_its_name_holds() -> None:
    mapping = MAPPINGS[FileKind.STANDARDS]
    day = datetime.date(2024, 1, 1)
    row = {
        "项目": "特困 供养",
        "地区代码": "520121",
        "数值": "1,080",
        "单位": "元/人/月",
        "生效日期": day,
        "文号": "青民发〔2024〕5号",
    }
    context = context_of(FileKind.STANDARDS, mapping.prepare(row))
    (event,) = events_of(mapping, context)
    assert mapping.stream(context) == ("standard", "extreme-hardship")
    assert event.open_part()["item"] == "特困供养"
