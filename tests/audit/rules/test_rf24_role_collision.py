"""RF24: who surveys and confirms, and who confirms kin; MZ0004 confirms on 2024-03-22."""

import pytest


def staff(number):
    return {
        **{"工号": number, "姓名": "周敏", "身份证号": "{officer}", "单位": "青石镇", "岗位": "审核确认"},
        **{"地区代码": "520121", "任职日期": "2019-05-06"},
    }


def declared(story, relation="兄弟姐妹", number="MZ0004"):
    head = "{head of " + story + "}"
    return {"工号": number, "亲属姓名": "罗国强", "亲属身份证号": head, "关系": relation, "申报日期": "2023-12-20"}


SECOND = {"调查日期": "2024-03-25", "调查人工号1": "MZ0004"}
STORIES = {
    "two other surveyors": ({}, set()),
    "the first surveyor": ({"入户调查": {"调查人工号1": "MZ0004"}}, {"MZ0004"}),
    "the second surveyor": ({"入户调查": {"调查人工号2": "MZ0004"}}, {"MZ0004"}),
    "on the day of the decision": ({"入户调查": {"调查日期": "2024-03-22", "调查人工号2": "MZ0004"}}, {"MZ0004"}),
    "only after the decision": ({"入户调查": [{}, SECOND]}, set()),
    "the same person under another number": ({"入户调查": {"调查人工号1": "MZ0005"}}, set()),
    "a brother": ({}, {"MZ0004"}),
    "a brother, filed": ({"近亲属备案": {"工号": "MZ0004", "县级入户日期": "2024-03-20"}}, {"MZ0004"}),
    "a nephew": ({}, set()),
    "a brother of somebody else": ({}, set()),
    "a name where the number belongs": (
        {"入户调查": {"调查人工号1": "周敏"}, "审核确认": {"确认人工号": "周敏"}},
        {"周*"},
    ),
}


@pytest.fixture(scope="module")
def found(told):
    kin = [declared("a brother"), declared("a brother, filed"), declared("a nephew", "侄甥")]
    kin.append(declared("a brother of somebody else", number="MZ0005"))
    besides = {"工作人员": [staff("MZ0004"), staff("MZ0005")], "近亲属申报": kin}
    return told("RF24", {name: rows for name, (rows, _) in STORIES.items()}, besides)


@pytest.mark.parametrize("story", STORIES)
def test_two_roles_in_one_hand_are_flagged(found, story):
    assert found.references(story) == STORIES[story][1]
