"""RF04, RF05, RF06: cars, homes, shops and firms, and how long the case went on after the answer."""

import pytest


def answered(item, value, day="2024-06-06", person="{head}", more=()):
    answers = [{"项目": item, "数值": value, "反馈日期": day, "身份证号": person}, *more]
    return {"核对结果": answers}


def stopped(month):
    """Stopped from a month, decided in the one before; the car was answered on 6 June."""
    return answered("车辆", "小型轿车") | {"变更": {"生效月份": month}}


UNCOUNTED = {"家庭成员": [{}, {"身份证号": "{wife}", "与户主关系": "子女", "是否计入": "否"}]}
REFUSED = {"审核确认": {"决定": "不予确认", "月保障金额": None, "起始月份": None, "理由": "有车辆"}}
SOLD = {"项目": "房产", "数值": "1", "反馈日期": "2024-06-20", "身份证号": "{head}"}
WIFES = {"项目": "房产", "数值": "1", "反馈日期": "2024-03-08", "身份证号": "{wife}"}

CARS = {
    "a car, and the case goes on": (answered("车辆", "小型普通客车"), {None}),
    "a car known when the case was decided": (answered("车辆", "轻型货车", "2024-03-08"), {None}),
    "no car": (answered("车辆", "无"), set()),
    "a motor wheelchair": (answered("车辆", "残疾人机动轮椅车"), set()),
    "a car for the disabled": (answered("车辆", "残疾人专用汽车"), set()),
    "the car of somebody who does not count": (answered("车辆", "小型轿车", person="{wife}") | UNCOUNTED, set()),
    "a refusal": (answered("车辆", "小型轿车", "2024-03-08") | REFUSED, set()),
    "stopped from the next month": (stopped("2024-07"), set()),
    "stopped from the second month": (stopped("2024-08"), set()),
    "stopped only from the third month": (stopped("2024-09"), {None}),
    "answered two months before the closing month": (answered("车辆", "小型轿车", "2024-10-31"), {None}),
    "answered in the month before the closing month": (answered("车辆", "小型轿车", "2024-11-01"), set()),
}

HOMES = {
    "two homes of one person": (answered("房产", "2"), {None}),
    "a home each": (answered("房产", "1", more=[WIFES]), {None}),
    "one home": (answered("房产", "1"), set()),
    "two homes, one of them sold by the latest answer": (answered("房产", "2", more=[SOLD]), set()),
    "two homes of somebody who does not count": (answered("房产", "2", person="{wife}") | UNCOUNTED, set()),
    "a home beside that of somebody who does not count": (answered("房产", "1", more=[WIFES]) | UNCOUNTED, set()),
    "a shop": (answered("商铺", "1"), {None}),
    "no shop": (answered("商铺", "0"), set()),
    "the second home is answered too late": (answered("房产", "1", "2024-11-20", more=[WIFES]), set()),
}

FIRMS = {
    "a trader who is in business": (answered("经营主体", "个体经营者-青禾-百货店-存续"), {None}),
    "a legal representative": (answered("经营主体", "法定代表人-青禾农机有限公司-存续"), {None}),
    "a member of a co-operative": (answered("经营主体", "合作社成员-青禾种养合作社-存续"), set()),
    "a trader who deregistered": (answered("经营主体", "个体经营者-青禾小吃店-注销"), set()),
    "no firm": (answered("经营主体", "无"), set()),
}

ALL = {"RF04": CARS, "RF05": HOMES, "RF06": FIRMS}


@pytest.fixture(scope="module")
def found(told):
    return {rule: told(rule, {name: rows for name, (rows, _) in stories.items()}) for rule, stories in ALL.items()}


@pytest.mark.parametrize(("rule", "story"), [(rule, story) for rule, stories in ALL.items() for story in stories])
def test_property_after_which_the_case_went_on_is_flagged(found, rule, story):
    assert found[rule].references(story) == ALL[rule][story][1]


def test_money_at_stake_is_what_was_due_for_the_first_month_that_was_too_much(found):
    (flag,) = found["RF04"].flags("a car, and the case goes on")
    assert flag.amount_fen == 28_000
    assert (flag.facts["month"], flag.facts["vehicle"]) == ("2024-08", "小型普通客车")


def test_payments_that_follow_leave_a_flag_as_it_was(told):
    slip = {"流水号": "NX2", "所属月份": "2024-09", "收款账号": "6299010000000000018", "收款户名": "罗国强"}
    stories = {"a car": answered("车辆", "小型轿车")}
    before = told("RF04", stories).flags("a car")
    paid = {"a car": stories["a car"] | {"银行回单": [slip]}}
    after = told("RF04", paid, closing="2025-03-31").flags("a car")
    assert [(flag.amount_fen, flag.facts) for flag in before] == [(flag.amount_fen, flag.facts) for flag in after]
