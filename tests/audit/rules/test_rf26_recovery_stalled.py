"""RF26: money that is still to come back while nothing moves."""

import pytest

from domain.vocabulary import StandardItem, StandardUnit


@pytest.fixture
def ordered(bureau):
    """A confirmed case: 2704 yuan and a fine of as much are ordered back on 2024-06-12; 90 days are the limit."""
    bureau.adopt(StandardItem.RECOVERY_STALL_DAYS, 9_000, StandardUnit.DAYS)
    bureau.apply()
    bureau.confirm()
    bureau.order(270_400, "2024-06-12", fine_fen=270_400)
    return bureau


def test_an_order_is_found_on_day_91_with_what_is_outstanding(ordered):
    assert ordered.found("RF26", as_of="2024-09-10") == []
    (flag,) = ordered.flags("RF26", as_of="2024-09-11")
    assert (flag.case, flag.month, flag.reference) == (ordered.case, None, "ZJ2024001")
    assert (flag.amount_fen, flag.facts["days"]) == (540_800, 91)


def test_an_instalment_begins_the_days_anew(ordered):
    ordered.repay(50_000, "2024-07-15")
    assert ordered.found("RF26", as_of="2024-10-13") == []
    (flag,) = ordered.flags("RF26", as_of="2024-10-14")
    assert flag.amount_fen == 490_800


def test_what_came_back_whole_is_settled(ordered):
    ordered.repay(540_800, "2024-07-15")
    assert ordered.found("RF26") == []


def test_a_repaid_refund_leaves_the_fine(ordered):
    ordered.repay(270_400, "2024-07-15")
    assert [flag.amount_fen for flag in ordered.flags("RF26")] == [270_400]


def test_an_unconfirmed_case_is_not_tested(bureau):
    bureau.adopt(StandardItem.RECOVERY_STALL_DAYS, 9_000, StandardUnit.DAYS)
    bureau.apply()
    bureau.order(100, "2024-06-12")
    assert bureau.found("RF26") == []
