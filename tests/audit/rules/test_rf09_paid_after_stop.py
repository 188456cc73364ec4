"""RF09: money for a month in which the case was stopped."""

import pytest

from domain.events import change


@pytest.fixture
def stopped(bureau):
    """A case from 2024-02, stopped from 2024-05."""
    bureau.apply()
    bureau.confirm()
    bureau.stop("2024-05", "2024-04-20")
    return bureau


def test_a_month_paid_after_the_stop_is_found_with_payment_and_decision(stopped):
    paid = stopped.pay("NX1", "2024-05", 49_800)
    (flag,) = stopped.flags("RF09")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (stopped.case, "2024-05", None, 49_800)
    assert flag.entries == (paid - 1, paid)  # the stop was recorded just before


def test_a_reissue_of_a_month_before_the_stop_is_right(stopped):
    stopped.pay("NX1", "2024-04", returned=True)
    stopped.pay("NX2", "2024-06", original="NX1")
    assert stopped.found("RF09") == []


def test_a_reissue_that_says_a_month_itself_goes_by_that_month(stopped):
    stopped.pay("NX1", "2024-04", returned=True)
    stopped.pay("NX2", "2024-06", original="NX1", month="2024-05")
    assert stopped.found("RF09") == [(stopped.case, "2024-05", None)]


def test_arrears_for_a_month_before_the_stop_are_right(stopped):
    stopped.pay("NX1", "2024-06", month="2024-04")
    assert stopped.found("RF09") == []


def test_an_appeal_that_revokes_the_stop_makes_the_months_right(stopped):
    stopped.pay("NX1", "2024-05")
    stopped.appeal("2024-05", 50_000, "2024-08-01")
    assert stopped.found("RF09") == []


def test_a_month_after_resumption_is_right(stopped):
    stopped.change(change.BenefitResumed, "2024-07", "2024-06-20", amount_fen=50_000)
    stopped.pay("NX1", "2024-07")
    assert stopped.found("RF09") == []


@pytest.mark.parametrize(("kind", "said"), [(change.BenefitSuspended, {}), (change.GraceStarted, {"amount_fen": 1})])
def test_suspension_and_grace_are_no_stop(bureau, kind, said):
    bureau.apply()
    bureau.confirm()
    bureau.change(kind, "2024-05", "2024-04-20", **said)
    bureau.pay("NX1", "2024-05")
    assert bureau.found("RF09") == []


def test_returned_money_is_no_payment(stopped):
    stopped.pay("NX1", "2024-05", returned=True)
    assert stopped.found("RF09") == []


def test_a_month_outside_the_window_is_not_looked_at(stopped):
    stopped.pay("NX1", "2025-01")
    assert stopped.found("RF09") == []
