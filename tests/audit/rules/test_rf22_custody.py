"""RF22: members in custody for whole months in which they counted."""

import pytest


def held(span, person="{wife}", **more):
    return {"核对结果": [{"项目": "羁押服刑", "数值": span, "反馈日期": "2024-10-20", "身份证号": person}], **more}


def wife(**cells):
    return {"家庭成员": [{}, {"身份证号": "{wife}", "与户主关系": "配偶", **cells}]}


CHANGES = [
    {"变更类型": "暂停", "决定日期": "2024-04-20", "生效月份": "2024-05", "原因": "外出"},
    {"变更类型": "恢复", "决定日期": "2024-05-20", "生效月份": "2024-06", "变更后月金额": "280", "原因": "返回"},
]

STORIES = {
    "a whole month": (held("2024-05-01至2024-05-31"), True),
    "a month but for its last day": (held("2024-05-01至2024-05-30"), False),
    "a month but for its first day": (held("2024-05-02至2024-06-29"), False),
    "parts of two months about a whole one": (held("2024-04-20至2024-06-03"), True),
    "somebody who does not count": (held("2024-04-01至2024-12-31") | wife(是否计入="否"), False),
    "counted out when it began": (held("2024-05-01至2024-12-31") | wife(计出月="2024-05"), False),
    "counted out a month late": (held("2024-05-01至2024-12-31") | wife(计出月="2024-06"), True),
    "counted only when it was over": (held("2024-04-01至2024-05-31") | wife(计入起月="2024-06"), False),
    "suspended in that month": (held("2024-05-01至2024-05-31", 变更=CHANGES), False),
    "before the case began": (held("2024-01-01至2024-03-31"), False),
    "never": (held("无"), False),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF22", {name: rows for name, (rows, _) in STORIES.items()})


@pytest.mark.parametrize("story", STORIES)
def test_who_counts_in_a_whole_month_of_custody_is_flagged_and_masked(found, story):
    flags = found.flags(story)
    assert len(flags) == STORIES[story][1]
    for flag in flags:
        assert flag.person
        assert flag.shown_reference == flag.facts["person"]
        assert flag.shown_reference.startswith("520121********") and len(flag.shown_reference) == 18


def test_a_flag_tells_the_months_that_were_wrong(found):
    (flag,) = found.flags("parts of two months about a whole one")
    assert (flag.facts["first_month"], flag.facts["months"]) == ("2024-05", 1)
    assert (flag.facts["from_day"], flag.facts["to_day"]) == ("2024-04-20", "2024-06-03")
