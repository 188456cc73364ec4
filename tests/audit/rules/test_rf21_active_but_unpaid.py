"""RF21: money was due for a month and no transfer was ever made for it."""

import pytest

from domain.events import change


@pytest.fixture
def paid(bureau):
    """A case from 2024-10 of which every month up to the closing date is paid but 2024-11."""
    bureau.apply()
    bureau.confirm(starts_from="2024-10", decided_on="2024-09-20")
    bureau.pay("NX1", "2024-10")
    bureau.pay("NX3", "2024-12")
    return bureau


def test_a_month_without_any_transfer_is_found_with_what_was_due(paid):
    (flag,) = paid.flags("RF21")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (paid.case, "2024-11", None, 50_000)


def test_money_that_was_sent_and_came_back_is_no_silence(paid):
    paid.pay("NX2", "2024-11", returned=True)
    assert paid.found("RF21") == []


def test_arrears_in_a_later_file_fill_the_month(paid):
    paid.pay("NX2", "2024-12", month="2024-11")
    assert paid.found("RF21") == []


def test_a_suspended_month_is_not_due(paid):
    paid.change(change.BenefitSuspended, "2024-11", "2024-10-20")
    assert paid.found("RF21") == []


def test_months_before_the_first_and_after_the_closing_date_are_not_due(bureau):
    bureau.apply()
    bureau.confirm(starts_from="2024-12", decided_on="2024-11-20")
    bureau.pay("NX1", "2024-12")
    assert bureau.found("RF21") == []


def test_a_month_after_the_day_that_was_asked_for_is_not_due_yet(paid):
    assert paid.found("RF21", as_of="2024-10-31") == []


def test_arrears_booked_before_the_case_was_loaded_are_known(paid):
    paid.pay("NX2", "2024-11", stream="batch/FF202411-01")
    assert paid.found("RF21") == []
