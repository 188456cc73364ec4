"""RF08: deposits, tested only where the county adopted a limit."""

import pytest

from audit.flags.untested import NOT_ADOPTED

LIMIT = {"项目": "存款限额月数", "地区代码": "520121", "数值": "24", "单位": "月", "文号": "云民发〔2020〕5号"}


def deposits(*answers):
    return {
        "核对结果": [{"项目": "存款余额", "反馈日期": day, "身份证号": who, "数值": yuan} for who, day, yuan in answers]
    }


STORIES = {  # two people at 370 yuan, 24 months: 17,760 yuan
    "over the limit together": (deposits(("{head}", "2024-06-05", "9000"), ("{wife}", "2024-06-06", "9000")), {None}),
    "at the limit": (deposits(("{head}", "2024-06-05", "8880"), ("{wife}", "2024-06-06", "8880")), set()),
    "more by an earlier answer": (
        deposits(("{head}", "2024-05-05", "30000"), ("{head}", "2024-06-06", "100")),
        set(),
    ),
    "answered too late to act": (deposits(("{head}", "2024-11-05", "90000")), set()),
}


@pytest.fixture(scope="module")
def rows():
    return {name: rows for name, (rows, _) in STORIES.items()}


@pytest.fixture(scope="module")
def found(told, rows):
    return told("RF08", rows, {"标准": [LIMIT | {"生效日期": "2020-01-01"}]})


@pytest.mark.parametrize("story", STORIES)
def test_deposits_over_the_limit_of_the_county_are_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


def test_a_county_without_a_limit_is_told_that_nothing_was_tested(told, rows):
    found = told("RF08", rows)
    assert found.result.flags == []
    assert found.reasons() == {}
    (told_so,) = found.result.not_applicable
    assert (told_so.reason, told_so.facts, told_so.cases) == (NOT_ADOPTED, {"items": "存款限额月数"}, len(rows))
