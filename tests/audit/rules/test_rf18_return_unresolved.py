"""RF18: money that came back and was not sent again in time."""

import pytest

from domain.vocabulary import StandardItem, StandardUnit


@pytest.fixture
def confirmed(bureau):
    """A confirmed case; returns are to be resolved in three months."""
    bureau.adopt(StandardItem.RETURN_MONTHS, 300, StandardUnit.MONTHS)
    bureau.apply()
    bureau.confirm()
    return bureau


def test_a_return_is_found_from_the_day_after_its_three_months(confirmed):
    confirmed.pay("NX1", "2024-03", 49_800, returned=True, booked_on="2024-03-10")
    assert confirmed.found("RF18", as_of="2024-06-10") == []
    (flag,) = confirmed.flags("RF18", as_of="2024-06-11")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (confirmed.case, "2024-03", "NX1", 49_800)


def test_only_the_last_of_a_chain_counts_and_has_the_month_of_the_first(confirmed):
    confirmed.pay("NX1", "2024-03", returned=True)
    confirmed.pay("NX2", "2024-04", returned=True, original="NX1")
    assert confirmed.found("RF18") == [(confirmed.case, "2024-03", "NX2")]


def test_a_chain_that_ends_well_is_right(confirmed):
    confirmed.pay("NX1", "2024-03", returned=True)
    confirmed.pay("NX2", "2024-04", returned=True, original="NX1")
    confirmed.pay("NX3", "2024-05", original="NX2")
    assert confirmed.found("RF18") == []


def test_a_reissue_that_stands_in_another_case_resolves_it(confirmed):
    confirmed.apply(confirmed.other_case, members=[confirmed.person(2)])
    confirmed.confirm(case=confirmed.other_case)
    confirmed.pay("NX1", "2024-03", returned=True)
    confirmed.pay("NX2", "2024-05", original="NX1", case=confirmed.other_case)
    assert confirmed.found("RF18") == []


def test_a_chain_through_another_case_keeps_the_month_of_its_first(confirmed):
    confirmed.apply(confirmed.other_case, members=[confirmed.person(2)])
    confirmed.confirm(case=confirmed.other_case)
    confirmed.pay("NX1", "2024-03", returned=True, case=confirmed.other_case)
    confirmed.pay("NX2", "2024-05", returned=True, original="NX1")
    assert confirmed.found("RF18") == [(confirmed.case, "2024-03", "NX2")]
    assert confirmed.found("RF18", case=confirmed.case) == [(confirmed.case, "2024-03", "NX2")]


def test_an_original_that_no_row_carries_leaves_the_month_of_the_file(confirmed):
    confirmed.pay("NX2", "2024-05", returned=True, original="NX-LOST")
    assert confirmed.found("RF18") == [(confirmed.case, "2024-05", "NX2")]


def test_an_unconfirmed_case_is_not_tested(bureau):
    bureau.adopt(StandardItem.RETURN_MONTHS, 300, StandardUnit.MONTHS)
    bureau.apply()
    bureau.pay("NX1", "2024-03", returned=True)
    assert bureau.found("RF18") == []
