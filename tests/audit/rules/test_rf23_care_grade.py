"""RF23: care grades and the score of six abilities, and the time a reassessment has."""

import pytest

from audit.rules.rf23_care_grade import grade_of


def scored(*surveys, grade="半护理", changes=()):
    rows = {
        "申请": {"救助项目": "特困供养"},
        "家庭成员": [{"申报月收入": "0"}],
        "入户调查": [{"调查日期": day, "自理能力评分": score} for day, score in surveys],
        "审核确认": {"照料等级": grade},
    }
    return rows | {"变更": list(changes)} if changes else rows


def regraded(month, grade, kind="增发"):
    return {
        **{"变更类型": kind, "决定日期": "2024-05-25", "生效月份": month, "变更后月金额": "2160"},
        **{"变更后照料等级": grade, "原因": "自理能力变化"},
    }


FIRST, WORSE, BACK = ("2024-03-07", "110111"), ("2024-05-10", "100001"), ("2024-06-12", "110011")
FULL = "全护理"

STORIES = {
    "as scored": (scored(FIRST), set()),
    "decided otherwise than scored": (scored(("2024-03-07", "111111")), {None}),
    "scored worse and never regraded": (scored(FIRST, WORSE), {None}),
    "regraded from the next month": (scored(FIRST, WORSE, changes=[regraded("2024-06", FULL)]), set()),
    "regraded in the month of the survey": (scored(FIRST, WORSE, changes=[regraded("2024-05", FULL)]), set()),
    "regraded from the second month": (scored(FIRST, WORSE, changes=[regraded("2024-07", FULL)]), set()),
    "regraded from the third month": (scored(FIRST, WORSE, changes=[regraded("2024-08", FULL)]), {None}),
    "scored back in the month after": (scored(FIRST, WORSE, BACK), set()),
    "scored back too late": (scored(FIRST, WORSE, ("2024-08-12", "110011")), {None}),
    "scored worse in the month before the closing month": (scored(FIRST, ("2024-11-20", "000000")), set()),
    "scored worse two months before": (scored(FIRST, ("2024-10-20", "000000")), {None}),
    "no care is given in rural dibao": ({}, set()),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF23", {name: rows for name, (rows, _) in STORIES.items()})


@pytest.mark.parametrize("story", STORIES)
def test_a_grade_that_no_score_of_its_time_gives_is_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


@pytest.mark.parametrize(
    ("score", "grade"),
    [("111111", "全自理"), ("011111", "半护理"), ("000111", "半护理"), ("000011", "全护理"), ("000000", "全护理")],
)
def test_failed_abilities_give_the_grade(score, grade):
    assert grade_of(score) == grade
