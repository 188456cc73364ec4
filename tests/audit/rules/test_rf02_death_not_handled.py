"""RF02: a death in a counted household that nobody acted upon in three months."""

import pytest

from domain.events import change
from domain.vocabulary import StandardItem, StandardUnit, StopGround


@pytest.fixture
def bereaved(bureau):
    """An active case of two in which the second died on 2024-03-31; three months later is 2024-06-30."""
    bureau.adopt(StandardItem.DEATH_MONTHS, 300, StandardUnit.MONTHS)
    bureau.apply(members=[bureau.person(1), bureau.person(2)])
    bureau.confirm()
    bureau.die(2, "2024-03-31")
    return bureau


def found(bureau, **scope):
    return bureau.found("RF02", **scope)


def test_a_death_with_no_decision_is_found_masked_with_what_was_paid_since(bereaved):
    bereaved.pay("NX1", "2024-03")
    bereaved.pay("NX2", "2024-04", 300)
    (flag,) = bereaved.flags("RF02")
    masked = bereaved.person(2)[:6] + "********" + bereaved.person(2)[-4:]
    assert (flag.case, flag.month, flag.shown_reference, flag.amount_fen) == (bereaved.case, None, masked, 300)
    assert flag.reference == bereaved.person(2)


def test_the_last_day_of_the_three_months_is_still_in_time(bereaved):
    assert found(bereaved, as_of="2024-06-30") == []
    assert len(found(bereaved, as_of="2024-07-01")) == 1


@pytest.mark.parametrize("decided_on", ["2024-03-31", "2024-06-30"])
def test_a_decision_on_either_border_day_handles_it(bereaved, decided_on):
    bereaved.change(change.HouseholdChanged, "2024-07", decided_on, amount_fen=30_000)
    assert found(bereaved) == []


@pytest.mark.parametrize("decided_on", ["2024-03-30", "2024-07-01"])
def test_a_decision_a_day_outside_does_not(bereaved, decided_on):
    bereaved.change(change.HouseholdChanged, "2024-07", decided_on, amount_fen=30_000)
    assert len(found(bereaved)) == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (change.BenefitStopped, {"ground": StopGround.DEATH}),
        (change.BenefitDecreased, {"amount_fen": 100}),
        (change.BenefitSuspended, {}),
        (change.GraceStarted, {"amount_fen": 100}),
    ],
)
def test_each_kind_that_handles_a_death(bereaved, kind, said):
    bereaved.change(kind, "2024-05", "2024-04-15", **said)
    assert found(bereaved) == []


@pytest.mark.parametrize("kind", [change.BenefitIncreased, change.BenefitResumed])
def test_more_money_is_no_handling_of_a_death(bereaved, kind):
    bereaved.change(kind, "2024-05", "2024-04-15", amount_fen=60_000)
    assert len(found(bereaved)) == 1


def test_a_member_who_no_longer_counted_is_no_matter(bereaved):
    bereaved.join(2, bereaved.person(2), counted_until="2024-03")
    assert found(bereaved) == []


def test_a_case_that_was_stopped_by_then_is_no_matter(bereaved):
    bereaved.stop("2024-03", "2024-02-20")
    assert found(bereaved) == []


def test_without_the_limit_nothing_is_guessed(bureau):
    bureau.apply()
    bureau.confirm()
    bureau.die(1, "2024-03-31")
    search = bureau.search("RF02")
    assert search.flags == []
    assert [(one.rule, one.cases, one.facts["item"]) for one in search.untested] == [("RF02", 1, "死亡处理期限")]
