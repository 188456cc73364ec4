"""One cell to one value: every accepted form, every refusal, and the odd things spreadsheets hold."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.formats.columns import CellType, Column, FaultCode
from domain.formats.normalise import CellFault, normalise, parse_hundredths, parse_month
from domain.formats.text import cell_text, compact

CLOSING = datetime.date(2024, 12, 31)
DAY = datetime.date(2024, 3, 5)


def column(kind: CellType, **more: Any) -> Column:
    return Column("栏", (), kind, False, **more)


def fault_of(raw: object, target: Column) -> tuple[FaultCode, str]:
    with pytest.raises(CellFault) as caught:
        normalise(raw, target, latest=CLOSING)
    return caught.value.code, caught.value.value_text


@pytest.mark.parametrize(
    "raw",
    [
        "2024-03-05",
        "2024-3-5",
        "2024/3/5",
        "2024/03/05",
        "2024年3月5日",
        "2024年03月05日",
        "20240305",
        "2024.03.05",
        "2024.3.5",
        "　２０２４－０３－０５ ",
        "2024 年 3 月 5 日",
        "２０２４／３／５",
        20240305.0,
        20240305,
        DAY,
        datetime.datetime(2024, 3, 5),
        datetime.datetime(2024, 3, 5, 17, 30),
    ],
)
def test_every_accepted_date_form_is_the_same_day(raw: object) -> None:
    assert normalise(raw, column(CellType.DATE)) == DAY


def test_a_date_cell_with_a_time_is_a_plain_day() -> None:
    assert type(normalise(datetime.datetime(2024, 3, 5, 17), column(CellType.DATE))) is datetime.date


@pytest.mark.parametrize(
    "raw",
    [
        "2024-02-30",
        "2024年2月31日",
        "20240532",
        "2024-13-05",
        "2024-03/05",
        "24-03-05",
        "2024-03",
        "2024-03-05 00:00:00",
        "2024年3月5",
        "0000-01-01",
        "45356",
        45356.0,
        "三月五日",
        "٢٠٢٤-٠٣-٠٥",
        True,
        datetime.time(3, 4),
        datetime.timedelta(days=2),
        float("nan"),
        "#N/A",
        "无",
        "-",
    ],
)
def test_what_names_no_day_is_a_bad_date(raw: object) -> None:
    assert fault_of(raw, column(CellType.DATE))[0] is FaultCode.bad_date


@pytest.mark.parametrize(
    "raw",
    [
        "2024-03",
        "2024-3",
        "2024年3月",
        "2024年03月",
        "202403",
        "2024/3",
        "２０２４年３月",
        " 2024-03\t",
        202403.0,
        datetime.date(2024, 3, 1),
        datetime.datetime(2024, 3, 1),
    ],
)
def test_every_accepted_month_form_is_the_same_month(raw: object) -> None:
    assert normalise(raw, column(CellType.MONTH)) == "2024-03"


@pytest.mark.parametrize(
    "raw",
    ["2024-13", "2024-00", "202413", "2024.03", "2024-03-01", "3月", "2024", DAY, 2024.03, "0000-01", "次月"],
)
def test_what_names_no_month_is_a_bad_month(raw: object) -> None:
    assert fault_of(raw, column(CellType.MONTH))[0] is FaultCode.bad_month


@pytest.mark.parametrize(
    ("raw", "fen"),
    [
        ("825", 82500),
        ("825.00", 82500),
        ("825.5", 82550),
        ("825元", 82500),
        ("1,080.00", 108000),
        ("1，080．00", 108000),
        ("¥825", 82500),
        ("￥825", 82500),
        ("￥1,080.00元", 108000),
        ("８２５", 82500),
        (" 8 25\u3000", 82500),
        ("0", 0),
        ("-0.00", 0),
        ("0825", 82500),
        (825, 82500),
        (825.0, 82500),
        (0.29, 29),
        (2341.5, 234150),
        (1234567.89, 123456789),
        (0.1 + 0.2, 30),
        (1.000001, 100),
        (-0.000001, 0),
    ],
)
def test_every_accepted_amount_form_is_fen(raw: object, fen: int) -> None:
    assert normalise(raw, column(CellType.AMOUNT)) == fen


@pytest.mark.parametrize(
    "raw",
    [
        "叁佰元",
        "825.001",
        "825.000",
        "825.",
        ".5",
        "1,08",
        "1,0800",
        ",825",
        "8,25.00",
        "825元整",
        "+825",
        "(300)",
        "--3",
        "-¥-3",
        "1e3",
        "9" * 20,
        12.345,
        1.0001,
        float("nan"),
        float("inf"),
        1e30,
        True,
        DAY,
        "#N/A",
        "-",
        "无",
        "元",
    ],
)
def test_what_is_no_amount_is_not_a_number(raw: object) -> None:
    assert fault_of(raw, column(CellType.AMOUNT))[0] is FaultCode.not_a_number


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("-300.00", "-300.00"),
        ("－300", "-300"),
        ("−300", "−300"),
        ("-¥300", "-¥300"),
        ("¥-300元", "¥-300元"),
        ("-1,080.00", "-1,080.00"),
        (-200.0, "-200"),
        (-0.01, "-0.01"),
    ],
)
def test_an_amount_below_zero_is_negative(raw: object, shown: str) -> None:
    assert fault_of(raw, column(CellType.AMOUNT)) == (FaultCode.negative_amount, shown)


def test_zero_is_refused_only_where_the_column_wants_more() -> None:
    assert normalise("0", column(CellType.AMOUNT)) == 0
    assert fault_of("0.00", column(CellType.AMOUNT, positive=True)) == (FaultCode.negative_amount, "0.00")


@pytest.mark.parametrize(("raw", "number"), [("3", 3), (3.0, 3), (3, 3), ("３", 3), (" 03 ", 3)])
def test_whole_numbers_are_read(raw: object, number: int) -> None:
    assert normalise(raw, column(CellType.INT)) == number


@pytest.mark.parametrize("raw", ["2.0", 2.5, "二", "2人", True, DAY, float("inf"), "1,000", "9" * 17])
def test_what_is_no_whole_number_is_not_a_number(raw: object) -> None:
    assert fault_of(raw, column(CellType.INT))[0] is FaultCode.not_a_number


def test_a_number_below_zero_is_negative_and_one_outside_a_range_unknown() -> None:
    grade = column(CellType.INT, lowest=1, highest=4)
    assert fault_of("-2", column(CellType.INT)) == (FaultCode.negative_amount, "-2")
    assert [fault_of(raw, grade)[0] for raw in (0.0, "5", "-1")] == [FaultCode.unknown_value] * 3
    assert [normalise(raw, grade) for raw in ("1", 4.0)] == [1, 4]


@pytest.mark.parametrize("raw", [" 6299 0100 0000 0000 018", "６２９９０１０００００００００００１８"])
def test_an_account_is_19_digits(raw: str) -> None:
    assert normalise(raw, column(CellType.ACCOUNT)) == "6299010000000000018"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("6.29901E+18", "6.29901E+18"),
        (6.29901e18, "6.29901E+18"),
        (6299010000000000018, "6.29901E+18"),
        (629901000000000.0, "629901000000000"),
        ("629901000000000001", "629901000000000001"),
        ("629901000000000001X", "629901000000000001X"),
    ],
)
def test_what_is_not_19_digits_is_a_bad_account(raw: object, shown: str) -> None:
    assert fault_of(raw, column(CellType.ACCOUNT)) == (FaultCode.bad_account, shown)


def test_lost_digits_of_an_account_have_words_of_their_own() -> None:
    with pytest.raises(CellFault) as caught:
        normalise("6.29901e+18", column(CellType.ACCOUNT))
    assert caught.value.reason == "account_digits_lost"


def test_an_id_is_upper_cased_and_checked() -> None:
    assert normalise("　52012119550318895x\t", column(CellType.ID), latest=CLOSING) == "52012119550318895X"
    assert fault_of(5.20121e17, column(CellType.ID)) == (FaultCode.bad_id, "5.20121E+17")
    assert fault_of("520121201205148950", column(CellType.ID))[0] is FaultCode.bad_check_digit


def test_an_enum_takes_listed_values_and_synonyms_only() -> None:
    programme = column(CellType.ENUM, values=("农村低保",), synonyms={"农低": "农村低保"})
    assert [normalise(raw, programme) for raw in ("农村低保", "农 低", "农村\u3000低保")] == ["农村低保"] * 3
    assert fault_of("农低宝", programme) == (FaultCode.unknown_value, "农低宝")
    assert fault_of(True, programme) == (FaultCode.unknown_value, "TRUE")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (12.0, "12"),
        (520121101202.0, "520121101202"),
        (110111.0, "110111"),
        (0.5, "0.5"),
        (1e-7, "0.0000001"),
        (6.29901e18, "6.29901E+18"),
        (6e18, "6E+18"),
        (True, "TRUE"),
        (DAY, "2024-03-05"),
        (datetime.datetime(2024, 3, 5, 13, 2), "2024-03-0513:02:00"),
        (datetime.time(3, 4), "03:04:00"),
        (" MZ００12\t", "MZ0012"),
        ("MZ\u200b0012\ufeff", "MZ0012"),
    ],
)
def test_any_cell_in_a_code_column_becomes_its_text(raw: object, text: str) -> None:
    assert normalise(raw, column(CellType.CODE)) == text


def test_free_text_is_trimmed_at_its_ends_only() -> None:
    assert normalise("\u3000青石镇 大坝村３组\n", column(CellType.TEXT)) == "青石镇 大坝村3组"
    assert normalise(DAY, column(CellType.TEXT)) == "2024-03-05"
    assert normalise(19900012345.0, column(CellType.TEXT)) == "19900012345"


@pytest.mark.parametrize("raw", [None, "", " ", "\u3000\t\n", "\u200b", "\u00a0"])
@pytest.mark.parametrize("kind", list(CellType))
def test_nothing_left_is_blank_in_every_type(raw: object, kind: CellType) -> None:
    assert normalise(raw, column(kind)) is None


@pytest.mark.parametrize("kind", list(CellType))
def test_bytes_that_did_not_decode_are_refused_in_every_type(kind: CellType) -> None:
    assert fault_of("大\ufffd村", column(kind))[0] is FaultCode.unknown_value


@given(st.integers(min_value=0, max_value=10**12))
def test_fen_survive_text_and_number_cells(fen: int) -> None:
    text = f"{fen // 100}.{fen % 100:02d}"
    assert normalise(text, column(CellType.AMOUNT)) == fen
    assert normalise(float(text), column(CellType.AMOUNT)) == fen
    assert parse_hundredths(f"{fen // 100:,}.{fen % 100:02d}") == fen


@given(st.dates())
def test_each_written_form_of_a_day_reads_back(day: datetime.date) -> None:
    year = f"{day.year:04d}"
    for text in (f"{year}/{day.month}/{day.day}", f"{year}年{day.month}月{day.day}日", day.isoformat()):
        assert normalise(text, column(CellType.DATE)) == day
    assert parse_month(day.isoformat()[:7]) == day.isoformat()[:7]


@given(
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes(), st.times()),
    st.sampled_from(list(CellType)),
)
def test_any_cell_gives_a_value_or_a_cell_fault(raw: object, kind: CellType) -> None:
    try:
        value = normalise(raw, column(kind), latest=CLOSING)
    except CellFault as fault:
        assert fault.value_text
        return
    assert (value is None) == (not compact(cell_text(raw)))
