"""Answers of 核对结果, values of 标准, the months of an order, and what a delivery says about itself."""

import datetime

import pytest

from domain.formats.checks import parse_check_value, parse_month_span
from domain.formats.columns import FaultCode
from domain.formats.description import Description, read_description
from domain.formats.normalise import CellFault
from domain.formats.standards import STANDARD_UNITS, standard_hundredths, standard_item
from domain.vocabulary import CheckItem, StandardItem


@pytest.mark.parametrize(
    ("item", "text", "hit"),
    [
        ("车辆", "无", False),
        ("车辆", "小型轿车", True),
        ("车辆", "残疾人机动轮椅车", False),
        ("车辆", "残疾人 专用汽车", False),
        ("商铺", "0", False),
        ("商铺", "无", False),
        ("商铺", "１", True),
        ("商铺", "2间", True),
        ("房产", "3", False),
        ("经营主体", "无", False),
        ("经营主体", "法定代表人-云岭宏达商贸有限公司-存续", True),
        ("经营主体", "个体经营者-老张-小卖部-存续", True),
        ("经营主体", "法定代表人－某公司－注销", False),
        ("经营主体", "合作社成员-青石种植专业合作社-存续", False),
        ("月工资", "2,350.00", False),
        ("存款余额", "5561.53", False),
        ("羁押服刑", "2024-02-01至2024-08-31", False),
    ],
)
def test_an_answer_tells_whether_it_is_a_hit(item: str, text: str, hit: bool) -> None:
    value = parse_check_value(item, text)
    assert value is not None
    assert value.hit is hit


def test_an_answer_carries_what_its_item_measures() -> None:
    homes = parse_check_value("房产", "2套")
    wage = parse_check_value("月工资", "2350.5")
    custody = parse_check_value("羁押服刑", "2024/2/1 至 2024年8月31日")
    business = parse_check_value("经营主体", "个体经营者-老张-小卖部-存续")
    assert homes is not None and homes.count == 2
    assert wage is not None and wage.amount_fen == 235050
    assert custody is not None
    assert (custody.first_day, custody.last_day) == (datetime.date(2024, 2, 1), datetime.date(2024, 8, 31))
    assert business is not None
    assert (business.kind, business.name, business.status) == ("个体经营者", "老张-小卖部", "存续")


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("房产", "两套"),
        ("商铺", "-1"),
        ("月工资", "面议"),
        ("月工资", "-3"),
        ("经营主体", "法定代表人"),
        ("经营主体", "法定代表人-存续"),
        ("羁押服刑", "2024-02"),
        ("羁押服刑", "2024-08-31至2024-02-01"),
        ("羁押服刑", "2024-02-01至今"),
        ("星座", "狮子"),
        ("车辆", " "),
    ],
)
def test_an_answer_that_does_not_fit_its_item_is_none(item: str, text: str) -> None:
    assert parse_check_value(item, text) is None


def test_every_item_has_a_parser() -> None:
    samples = {"羁押服刑": "2024-02-01至2024-02-02"}
    assert all(parse_check_value(item, samples.get(item, "无")) for item in CheckItem)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2024-02至2024-05", ("2024-02", "2024-05")),
        ("2024年2月 至 2024年5月", ("2024-02", "2024-05")),
        ("2024-02", ("2024-02", "2024-02")),
        ("202402~202405", ("2024-02", "2024-05")),
        ("2024-05至2024-02", None),
        ("二月", None),
    ],
)
def test_months_of_an_order_are_first_and_last(text: str, months: tuple[str, str] | None) -> None:
    assert parse_month_span(text) == months


@pytest.mark.parametrize(
    ("text", "hundredths"), [("365", 36500), ("1,080.00", 108000), ("40%", 4000), ("７", 700), ("37.5", 3750)]
)
def test_a_standard_is_read_in_hundredths(text: str, hundredths: int) -> None:
    assert standard_hundredths(text) == hundredths


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("另行通知", FaultCode.not_a_number),
        ("1.005", FaultCode.not_a_number),
        ("-1", FaultCode.negative_amount),
    ],
)
def test_a_standard_that_is_no_number_is_refused(text: str, code: FaultCode) -> None:
    with pytest.raises(CellFault) as caught:
        standard_hundredths(text)
    assert caught.value.code is code


def test_every_standard_has_its_units_and_is_known_by_name_white_space_aside() -> None:
    assert set(STANDARD_UNITS) == set(StandardItem)
    assert standard_item("特困照料－全 自理") is StandardItem.CARE_SELF
    assert standard_item("特困照料") is None


def test_a_description_is_read_in_any_date_form() -> None:
    rows = [
        {"项": "县名称", "值": "云岭县"},
        {"项": "地区代码", "值": "520121"},
        {"项": "资料起始月份", "值": "2024年1月"},
        {"项": "资料截止日期", "值": "2024/12/31"},
    ]
    expected = Description("云岭县", "520121", "2024-01", datetime.date(2024, 12, 31))
    assert read_description(rows) == expected


def test_the_first_month_may_be_the_text_of_a_date_cell() -> None:
    assert read_description([{"项": "资料起始月份", "值": "2024-01-01"}]).first_month == "2024-01"


def test_what_a_description_does_not_say_is_none() -> None:
    assert read_description([{"项": "资料截止日期", "值": "年底"}, {"项": "备注"}]) == Description()
