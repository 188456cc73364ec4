"""RF07: wages above what was declared, and whether the survey counted them."""

import pytest


def earned(value, item="月工资", day="2024-03-08", person="{head}"):
    return {"核对结果": [{"项目": item, "数值": value, "反馈日期": day, "身份证号": person}]}


def counted(income):
    return {"入户调查": {"核定月收入": income}}


UNCOUNTED = {"家庭成员": [{}, {"身份证号": "{wife}", "与户主关系": "子女", "是否计入": "否", "申报月收入": "0"}]}

STORIES = {  # the head declared 350, the wife 100
    "a wage that was not counted": (earned("1200") | counted("450"), {None}),
    "a wage that was counted to the fen": (earned("1200") | counted("1300"), set()),
    "a wage counted one fen short": (earned("1200") | counted("1299.99"), {None}),
    "a wage as declared": (earned("350.00") | counted("450"), set()),
    "less than declared": (earned("300") | counted("100"), set()),
    "a housing-fund base": (earned("2400", "公积金基数") | counted("450"), {None}),
    "answered on the day of the decision": (earned("1200", day="2024-03-22"), {None}),
    "answered after the decision": (earned("1200", day="2024-03-23"), set()),
    "the wage of somebody who does not count": (earned("3000", person="{wife}") | UNCOUNTED, set()),
    "no survey by the decision": (earned("1200") | {"入户调查": {"调查日期": "2024-04-07"}}, set()),
    "a second survey counted it": (
        earned("1200") | {"入户调查": [{}, {"调查日期": "2024-03-20", "核定月收入": "1300"}]},
        set(),
    ),
    "starts after the closing date": (
        earned("1200", day="2024-12-05") | {"审核确认": {"决定日期": "2024-12-20", "起始月份": "2025-01"}},
        set(),
    ),
    "refused": (
        earned("1200") | {"审核确认": {"决定": "不予确认", "月保障金额": None, "起始月份": None, "理由": "收入"}},
        set(),
    ),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF07", {name: rows for name, (rows, _) in STORIES.items()})


@pytest.mark.parametrize("story", STORIES)
def test_income_that_was_neither_declared_nor_counted_is_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


def test_money_at_stake_is_what_a_month_was_counted_short(found):
    (flag,) = found.flags("a wage that was not counted")
    assert flag.amount_fen == 85_000
