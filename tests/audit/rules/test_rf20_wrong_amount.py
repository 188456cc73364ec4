"""RF20: what was paid is not what law and standards come to, computed anew and exactly."""

import pytest

from domain.events import change
from domain.vocabulary import Programme, StandardItem, StandardUnit

PERCENT = StandardUnit.PERCENT


@pytest.fixture
def rural(bureau):
    """The standards of a rural county of 2024: 365 yuan, from 2024-07-01 400; 40 %, 30 % and flat 50 yuan."""
    bureau.adopt(StandardItem.RURAL, 36_500)
    bureau.adopt(StandardItem.RURAL, 40_000, effective_on="2024-07-01")
    bureau.adopt(StandardItem.RURAL_SEVERE, 4_000, PERCENT)
    bureau.adopt(StandardItem.RURAL_ELDERLY, 3_000, PERCENT)
    bureau.adopt(StandardItem.RURAL_ORDINARY, 5_000)
    return bureau


@pytest.fixture
def household(rural):
    """Two people with 200 yuan, the second severely disabled: 365 x 2 - 200 + 146 = 676."""
    rural.apply(members=[rural.person(1, "19800101")])
    rural.join(2, rural.person(2, "19800101"), disability=("肢体", 2))
    rural.survey(20_000)
    rural.confirm(67_600)
    return rural


def test_the_right_amount_is_silent_and_another_is_found_with_the_difference(household):
    household.pay("NX1", "2024-02", 67_600)
    household.pay("NX2", "2024-03", 62_600)
    (flag,) = household.flags("RF20")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (household.case, "2024-03", None, 5_000)
    assert flag.facts["recomputed"] == "676.00"


def test_a_new_standard_changes_the_month_in_which_it_is_in_force(household):
    household.pay("NX1", "2024-06", 67_600)
    household.pay("NX2", "2024-07", 67_600)  # 400 x 2 - 200 + 160 = 760
    assert household.found("RF20") == [(household.case, "2024-07", None)]


def test_a_standard_of_the_second_of_a_month_waits_for_the_next(household):
    household.adopt(StandardItem.RURAL, 50_000, effective_on="2024-03-02")
    household.pay("NX1", "2024-03", 67_600)
    assert household.found("RF20") == []


def test_two_payments_add_up(household):
    household.pay("NX1", "2024-02", 60_000)
    household.pay("NX2", "2024-03", 7_600, month="2024-02")
    assert household.found("RF20") == []


def test_a_month_of_grace_has_no_right_amount(household):
    household.change(change.GraceStarted, "2024-03", "2024-02-20", amount_fen=100)
    household.pay("NX1", "2024-03", 100)
    assert household.found("RF20") == []


def test_an_amount_set_by_an_appeal_is_not_recomputed(household):
    household.appeal("2024-03", 90_000, "2024-05-01")
    household.pay("NX1", "2024-03", 90_000)
    assert household.found("RF20") == []


def test_after_a_later_change_the_appeal_no_longer_shields(household):
    household.appeal("2024-03", 90_000, "2024-05-01")
    household.change(change.BenefitDecreased, "2024-04", "2024-05-20", amount_fen=80_000)
    household.pay("NX1", "2024-04", 80_000)
    assert household.found("RF20") == [(household.case, "2024-04", None)]


def test_a_month_in_which_the_case_is_not_active_is_not_tested(household):
    household.stop("2024-03", "2024-02-20")
    household.pay("NX1", "2024-03", 1)
    assert household.found("RF20") == []


def test_without_a_survey_before_the_decision_nothing_is_computed(rural):
    rural.apply()
    rural.survey(0, "2024-01-21")
    rural.confirm(1)
    rural.pay("NX1", "2024-02", 1)
    assert rural.found("RF20") == []


def test_a_reassessed_income_counts_from_its_month(household):
    household.change(change.BenefitDecreased, "2024-04", "2024-03-20", amount_fen=57_600, income_fen=30_000)
    household.pay("NX1", "2024-03", 67_600)
    household.pay("NX2", "2024-04", 57_600)
    household.pay("NX3", "2024-05", 67_600)
    assert household.found("RF20") == [(household.case, "2024-05", None)]


@pytest.mark.parametrize(
    ("born", "disability", "supplement_fen"),
    [
        ("19800101", ("肢体", 1), 14_600),
        ("19800101", ("智力", 3), 14_600),
        ("19800101", ("精神", 3), 14_600),
        ("19800101", ("肢体", 3), 5_000),
        ("19800101", ("精神", 4), 5_000),
        ("19640201", ("肢体", 3), 10_950),  # 60 on the first day of the month
        ("19640202", ("肢体", 3), 5_000),  # a day too young
        ("19500101", ("肢体", 2), 14_600),
        ("19500101", None, 0),
    ],
)
def test_each_person_has_the_highest_supplement_that_applies(rural, born, disability, supplement_fen):
    rural.apply(members=[rural.person(1, born)])
    rural.join(1, rural.person(1, born), disability=disability)
    rural.survey(0)
    rural.confirm()
    rural.pay("NX1", "2024-02", 36_500 + supplement_fen)
    assert rural.found("RF20") == []
    rural.pay("NX2", "2024-03", 1, month="2024-02")
    assert rural.found("RF20") == [(rural.case, "2024-02", None)]


def test_half_a_fen_is_never_rounded_away(rural):
    rural.adopt(StandardItem.RURAL_SEVERE, 33, PERCENT, effective_on="2024-01-01")  # 0.33 % of 365 yuan: 120.45 fen
    rural.apply()
    rural.join(1, rural.person(1), disability=("肢体", 1))
    rural.survey(0)
    rural.confirm()
    rural.pay("NX1", "2024-02", 36_620)
    (flag,) = rural.flags("RF20")
    assert (flag.facts["recomputed"], flag.amount_fen) == ("366.2045", 1)


def test_income_above_the_line_leaves_the_supplements(rural):
    rural.apply()
    rural.join(1, rural.person(1, "19800101"), disability=("肢体", 1))
    rural.survey(90_000)
    rural.confirm()
    rural.pay("NX1", "2024-02", 14_600)
    assert rural.found("RF20") == []


def test_extreme_hardship_is_the_basic_amount_and_a_share_of_the_minimum_wage(bureau):
    bureau.adopt(StandardItem.EXTREME_HARDSHIP, 108_000)
    bureau.adopt(StandardItem.MINIMUM_WAGE, 180_000)
    for item, share in ((StandardItem.CARE_SELF, 2_000), (StandardItem.CARE_HALF, 6_000)):
        bureau.adopt(item, share, PERCENT)
    bureau.apply(programme=Programme.EXTREME_HARDSHIP)
    bureau.survey(0)
    bureau.confirm(144_000, care_grade="全自理")
    bureau.change(change.BenefitIncreased, "2024-04", "2024-03-20", amount_fen=216_000, care_grade="半护理")
    bureau.pay("NX1", "2024-03", 144_000)
    bureau.pay("NX2", "2024-04", 216_000)
    assert bureau.found("RF20") == []
    bureau.pay("NX3", "2024-05", 144_000)
    assert bureau.found("RF20") == [(bureau.case, "2024-05", None)]


def test_months_without_a_standard_are_told_and_the_others_tested(household):
    early = household.other_case
    household.apply(early, members=[household.person(3)])
    household.survey(0, "2018-12-08", early)
    household.confirm(1, "2019-02", early, decided_on="2018-12-20")
    household.pay("NX1", "2019-03", 1, early)
    household.pay("NX2", "2024-02", 1, early)
    search = household.search("RF20")
    assert [(flag.case, flag.month) for flag in search.flags] == [(early, "2024-02")]
    assert [(one.cases, one.facts["item"], one.facts["day"]) for one in search.untested] == [
        (1, "农村低保", "2019-03-01")
    ]


def test_the_narrowest_region_that_has_a_standard_of_its_own_counts(rural):
    rural.adopt(StandardItem.RURAL, 30_000, region="520121101")
    for number, case, region in ((1, rural.case, "520121101"), (2, rural.other_case, "520121102")):
        rural.apply(case, members=[rural.person(number, "19800101")], region=region)
        rural.survey(0, case=case)
        rural.confirm(case=case)
        rural.pay(f"NX{number}", "2024-02", 30_000, case)
    assert rural.found("RF20") == [(rural.other_case, "2024-02", None)]
