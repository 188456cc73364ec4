"""RF03: one person who counts in two cases that are active at the same time."""

import pytest


@pytest.fixture
def family(bureau):
    """Parents' case from 2023-05 with person 3 in it, and a second one of person 3 from 2024-02."""
    bureau.apply(members=[bureau.person(1), bureau.person(3)], account="6299010000000000018")
    bureau.confirm(starts_from="2023-05", decided_on="2023-04-20")
    bureau.apply(bureau.other_case, members=[bureau.person(2), bureau.person(3)], account="6299010000000000026")
    bureau.confirm(starts_from="2024-02", case=bureau.other_case)
    return bureau


def test_the_later_case_is_named_with_the_first_shared_month_and_the_other_case(family):
    family.pay("NX1", "2024-02", 100, case=family.other_case)
    family.pay("NX2", "2024-02", 900)
    (flag,) = family.flags("RF03")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (
        family.other_case,
        "2024-02",
        family.case,
        100,
    )


def test_who_left_the_first_case_in_time_is_not_double(family):
    family.join(2, family.person(3), counted_until="2024-02")
    assert family.found("RF03") == []


def test_who_is_listed_but_not_counted_is_not_double(bureau):
    bureau.apply(members=[bureau.person(1)])
    bureau.join(2, bureau.person(3), counted=False)
    bureau.confirm()
    bureau.apply(bureau.other_case, members=[bureau.person(3)])
    bureau.confirm(case=bureau.other_case)
    assert bureau.found("RF03") == []


def test_a_case_that_stopped_before_the_other_began_is_not_double(family):
    family.stop("2024-02", "2024-01-25")
    assert family.found("RF03") == []


def test_a_month_of_overlap_is_enough(family):
    family.stop("2024-03", "2024-02-25")
    assert family.found("RF03") == [(family.other_case, "2024-02", family.case)]


def test_a_refused_case_is_not_double(bureau):
    bureau.apply()
    bureau.confirm()
    bureau.apply(bureau.other_case)
    bureau.refuse(bureau.other_case)
    assert bureau.found("RF03") == []


def test_months_before_the_window_are_not_looked_at(bureau):
    bureau.apply()
    bureau.confirm(starts_from="2023-03", decided_on="2023-02-20")
    bureau.stop("2023-12", "2023-11-20")
    bureau.apply(bureau.other_case)
    bureau.confirm(starts_from="2023-05", decided_on="2023-04-20", case=bureau.other_case)
    assert bureau.found("RF03") == []


def test_two_shared_people_are_one_flag_of_the_first_month_of_any(bureau):
    bureau.apply(members=[bureau.person(1), bureau.person(2)])
    bureau.confirm(starts_from="2024-02")
    bureau.apply(bureau.other_case, members=[bureau.person(2), bureau.person(1)])
    bureau.join(2, bureau.person(1), bureau.other_case, counted_from="2024-06")
    bureau.confirm(starts_from="2024-02", case=bureau.other_case)
    assert bureau.found("RF03") == [(bureau.other_case, "2024-02", bureau.case)]


def test_of_two_cases_that_began_together_the_larger_number_is_the_later(bureau):
    for case in (bureau.other_case, bureau.case):
        bureau.apply(case)
        bureau.confirm(case=case)
    assert bureau.found("RF03") == [(bureau.other_case, "2024-02", bureau.case)]
