"""RF12: steps that were not taken by the day of the decision."""

import pytest

from audit.flags.untested import NO_DATA

STORIES = {
    "everything done": ({}, set()),
    "no home visit": ({"入户调查": []}, {"调查"}),
    "visited on the day after the decision": ({"入户调查": {"调查日期": "2024-03-23"}}, {"调查"}),
    "visited on the day of the decision": ({"入户调查": {"调查日期": "2024-03-22"}}, set()),
    "never authorised": ({"申请": {"授权书日期": None}}, {"授权"}),
    "authorised on the day after the decision": ({"申请": {"授权书日期": "2024-03-23"}}, {"授权"}),
    "authorised on the day of the decision": ({"申请": {"授权书日期": "2024-03-22"}}, set()),
    "never posted": ({"公示": []}, {"公示"}),
    "posted on the day of the decision": (
        {"公示": {"公示开始日期": "2024-03-22", "公示结束日期": "2024-03-29"}},
        set(),
    ),
    "posted after the decision": ({"公示": {"公示开始日期": "2024-03-23", "公示结束日期": "2024-03-30"}}, {"公示"}),
    "nothing but a decision": (
        {"入户调查": [], "公示": [], "申请": {"授权书日期": None}},
        {"调查", "授权", "公示"},
    ),
    "refused without a visit": (
        {"入户调查": [], "审核确认": {"决定": "不予确认", "月保障金额": None, "起始月份": None, "理由": "超标"}},
        set(),
    ),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF12", {name: rows for name, (rows, _) in STORIES.items()})


@pytest.mark.parametrize("story", STORIES)
def test_a_step_that_is_missing_at_the_decision_is_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


def test_a_county_that_never_delivered_a_survey_is_told_so(told):
    found = told("RF12", {"no visit anywhere": {"入户调查": []}})
    assert found.result.flags == []
    assert found.reasons() == {}
    assert [(one.reason, one.cases) for one in found.result.not_applicable] == [(NO_DATA, None)]
