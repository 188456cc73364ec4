"""RF01: money for a month in which nobody it was for was alive."""

import pytest


@pytest.fixture
def dead(bureau):
    """A case of one whose only member died on 2024-02-20."""
    bureau.apply()
    bureau.confirm()
    bureau.die(1, "2024-02-20")
    return bureau


def test_a_month_paid_after_the_only_member_died_is_found_with_its_proof(dead):
    paid = dead.pay("NX1", "2024-03", 49_800)
    (flag,) = dead.flags("RF01")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (dead.case, "2024-03", None, 49_800)
    assert paid in flag.entries
    assert len(flag.entries) == 3  # the payment, the member, the death
    assert flag.facts["died_on"] == "2024-02-20"


def test_the_month_of_death_itself_is_paid_rightly(dead):
    dead.pay("NX1", "2024-02")
    assert dead.found("RF01") == []


def test_a_late_reissue_of_the_month_of_death_is_right(dead):
    dead.pay("NX1", "2024-02", returned=True)
    dead.pay("NX2", "2024-04", original="NX1")
    assert dead.found("RF01") == []


def test_a_reissue_of_a_month_after_the_death_is_found_under_that_month(dead):
    dead.pay("NX1", "2024-03", returned=True)
    dead.pay("NX2", "2024-05", original="NX1")
    assert dead.found("RF01") == [(dead.case, "2024-03", None)]


def test_returned_money_harms_nobody(dead):
    dead.pay("NX1", "2024-03", returned=True)
    assert dead.found("RF01") == []


def test_a_second_member_who_lives_and_counts_silences_it(dead):
    dead.join(2, dead.person(2))
    dead.pay("NX1", "2024-03")
    assert dead.found("RF01") == []


def test_a_living_member_who_no_longer_counts_does_not_silence_it(dead):
    dead.join(2, dead.person(2), counted_until="2024-03")
    dead.pay("NX1", "2024-03")
    assert dead.found("RF01") == [(dead.case, "2024-03", None)]


def test_taking_the_dead_out_of_the_count_does_not_silence_it(dead):
    dead.join(1, dead.person(1), counted_until="2024-03")
    dead.pay("NX1", "2024-03")
    assert dead.found("RF01") == [(dead.case, "2024-03", None)]


def test_a_member_who_never_counted_is_nobody_money_was_for(dead):
    dead.join(2, dead.person(2), counted=False)
    dead.pay("NX1", "2024-03")
    assert dead.found("RF01") == [(dead.case, "2024-03", None)]


def test_a_month_in_which_nobody_counted_yet_is_not_judged(dead):
    dead.join(1, dead.person(1), counted_from="2024-05")
    dead.pay("NX1", "2024-03")
    assert dead.found("RF01") == []


def test_an_unconfirmed_case_that_was_paid_is_looked_at(bureau):
    bureau.apply()
    bureau.die(1, "2024-02-20")
    bureau.pay("NX1", "2024-03")
    assert bureau.found("RF01") == [(bureau.case, "2024-03", None)]


def test_two_payments_of_a_month_are_one_flag_with_both_amounts(dead):
    dead.pay("NX1", "2024-03", 100)
    dead.pay("NX2", "2024-04", 200, month="2024-03")
    (flag,) = dead.flags("RF01")
    assert flag.amount_fen == 300
