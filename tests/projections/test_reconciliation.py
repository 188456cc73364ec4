"""Every case-month with money due or sent has exactly one class, by the first line of section 7 that fits."""

from collections.abc import Callable
from typing import Any

import pytest

from projections.payments import payments
from projections.reconciliation import reconcile
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase

CASE = "SQ52012120240100001"
OTHER = "SQ52012120240100002"
Follow = Callable[[], SQLiteDatabase]


@pytest.fixture
def tale(story: Any) -> Any:
    """One confirmed case, due 500 yuan from 2024-02, in a window of three months."""
    story.window("2024-01", "2024-03-31")
    story.apply(CASE)
    story.confirm(CASE)
    return story


def test_paid_as_due_is_matched_and_an_unpaid_month_is_not(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02")
    assert _classes(followed()) == {"2024-02": "matched", "2024-03": "due_not_paid"}


def test_another_amount_is_a_mismatch(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02", 49_900)
    assert _classes(followed())["2024-02"] == "amount_mismatch"


def test_two_regular_transfers_are_a_duplicate_and_a_reissue_is_not(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02")
    tale.pay(CASE, "T2", "2024-02")
    tale.pay(CASE, "T3", "2024-03", returned=True)
    tale.pay(CASE, "T4", "2024-03", original="T3")
    assert _classes(followed()) == {"2024-02": "duplicate", "2024-03": "matched"}


def test_a_chain_of_reissues_counts_in_the_month_of_the_first_transfer(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02", returned=True)
    tale.pay(CASE, "T2", "2024-03", returned=True, original="T1")
    tale.pay(CASE, "T3", "2024-03", original="T2")
    assert _classes(followed()) == {"2024-02": "matched", "2024-03": "due_not_paid"}


def test_transfers_that_all_came_back_are_unresolved(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02", returned=True)
    assert _classes(followed())["2024-02"] == "returned_unresolved"


def test_a_reissue_of_an_unknown_original_counts_in_its_own_month_with_a_warning(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T2", "2024-03", original="T1")
    found = reconcile(followed(), Scope())
    assert found["rows"][1]["class"] == "matched"
    assert found["warnings"] == [{"code": "unknown_original", "transfer": "T2", "original": "T1"}]


def test_reissues_that_name_each_other_end_in_their_own_months(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02", original="T2")
    tale.pay(CASE, "T2", "2024-03", original="T1")
    found = reconcile(followed(), Scope())
    assert sum(row["paid_fen"] for row in found["rows"]) == 100_000


@pytest.mark.parametrize("month", ["2024-01", "2023-12", "2024-04"])
def test_money_before_the_first_month_or_outside_the_window_is_not_due(tale: Any, followed: Follow, month: str) -> None:
    tale.pay(CASE, "T1", "2024-02", month=month)
    assert _classes(followed())[month] == "paid_not_due"


def test_money_to_an_unconfirmed_case_is_not_due(tale: Any, followed: Follow) -> None:
    tale.apply(OTHER)
    tale.pay(OTHER, "T1", "2024-02")
    rows = reconcile(followed(), Scope())["rows"]
    assert [row["class"] for row in rows if row["case"] == OTHER] == ["paid_not_due"]


def test_money_after_a_stop_is_not_due_and_nothing_due_and_nothing_paid_has_no_class(
    tale: Any, followed: Follow
) -> None:
    tale.stop(CASE, "2024-01-25", "2024-02")
    tale.pay(CASE, "T1", "2024-02")
    tale.pay(CASE, "T2", "2024-03", returned=True)
    assert _classes(followed()) == {"2024-02": "paid_not_due"}


def test_money_naming_no_case_and_an_unknown_case_is_one_row_per_transfer(tale: Any, followed: Follow) -> None:
    tale.pay(None, "T1", "2024-02", loaded=False)
    tale.pay(OTHER, "T2", "2024-02", loaded=False)
    tale.pay(OTHER, "T3", "2024-02", loaded=False, returned=True)
    database = followed()
    assert reconcile(database, Scope())["classes"]["unknown_case"] == {"count": 3, "due_fen": 0, "paid_fen": 100_000}
    unknown = payments(database, Scope(month="2024-02"))["totals"][-1]
    assert (unknown["programme"], unknown["paid_count"], unknown["paid_households"]) == ("未知", 2, 1)
    assert reconcile(database, Scope(region="520121"))["classes"]["unknown_case"]["count"] == 0


def test_money_of_a_case_loaded_later_belongs_to_it_from_then_on(tale: Any, followed: Follow) -> None:
    tale.pay(OTHER, "T1", "2024-02", loaded=False)
    before = tale.size
    tale.apply(OTHER)
    tale.confirm(OTHER)
    database = followed()
    assert _classes(database, OTHER)["2024-02"] == "matched"
    assert _classes(database, OTHER, Scope(known_at=before)) == {"2024-02": "unknown_case"}


def test_a_day_within_the_window_leaves_out_the_months_after_it(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-02")
    tale.pay(CASE, "T2", "2024-03")
    scope = Scope(as_of=tale.told[0][1].closing_date.replace(month=2, day=15))
    assert _classes(followed(), scope=scope) == {"2024-02": "matched"}


# Private


def _classes(database: SQLiteDatabase, case: str = CASE, scope: Scope | None = None) -> dict[str, str]:
    rows = [row for row in reconcile(database, scope or Scope())["rows"] if row["case"] == case]
    assert len({row["month"] for row in rows}) == len(rows)
    return {row["month"]: row["class"] for row in rows}
