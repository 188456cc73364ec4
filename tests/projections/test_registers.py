"""What the registers count as an exit, a pending case, an appeal, a death, a decision of later days."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from domain.events.appeal import AppealApplied, AppealDecided, AppealLodged
from domain.events.household import DishonestyNoted, MemberCounted, MemberDied
from domain.events.person import DeathRecorded
from domain.events.recovery import RecoveryFined, RecoveryOrdered, RecoveryRepaid, RecoveryWaived
from domain.fields import Citation
from domain.vocabulary import AppealKind, AppealOutcome, Programme, RecoveryCause, RepaymentManner, StopGround
from projections.caseload import caseload
from projections.cases import cases
from projections.changes import changes
from projections.decisions import decisions
from projections.errors import RegionTooFine
from projections.registers.appeals import appeals
from projections.registers.credit import credit
from projections.registers.deaths import deaths
from projections.registers.recoveries import recoveries
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase

CASE = "SQ52012120240100001"
OTHER = "SQ52012120240100002"
Follow = Callable[[], SQLiteDatabase]


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _appeal(story: Any, number: str = "SS1", **outcome: Any) -> None:
    lodged = AppealLodged(number=number, case=CASE, kind=AppealKind.PETITION, occurred_on=_day("2024-04-01"))
    story.tell(f"appeal/{number}", lodged)
    if outcome:
        story.tell(f"appeal/{number}", AppealDecided(number=number, **outcome))
        cites = Citation(seq=2, stream=f"appeal/{number}")
        story.tell(f"case/{CASE}", AppealApplied(cites=cites, number=number, **outcome))


@pytest.fixture
def tale(story: Any) -> Any:
    """One confirmed case of two people, due 500 yuan from 2024-02, in a window that closes in 2024-06."""
    story.window("2024-01", "2024-06-30")
    story.apply(CASE, members=("head", "son"))
    story.confirm(CASE)
    return story


def test_a_stop_in_the_window_is_an_exit_by_its_reason(tale: Any, followed: Follow) -> None:
    tale.stop(CASE, "2024-03-20", "2024-04", StopGround.DEATH)
    assert changes(followed(), Scope())["exits"] == {"死亡": 1}
    (row,) = changes(followed(), Scope())["rows"]
    assert (row["kind"], row["effective_from"], row["ground"]) == ("停发", "2024-04", "死亡")


def test_a_stop_that_an_appeal_revoked_is_no_exit_and_the_case_is_active_again(tale: Any, followed: Follow) -> None:
    tale.stop(CASE, "2024-03-20", "2024-04")
    _appeal(
        tale,
        occurred_on=_day("2024-05-10"),
        outcome=AppealOutcome.REVOKED,
        amount_fen=45_000,
        effective_from="2024-04",
    )
    database = followed()
    assert changes(database, Scope())["exits"] == {}
    (row,) = caseload(database, Scope(as_of=_day("2024-04-30")))["rows"]
    assert (row["status"], row["due_fen"], row["since"]) == ("active", 45_000, "2024-02")
    assert appeals(database, Scope())["totals"] == {"撤销": 1}


def test_what_the_bureau_decided_later_can_be_left_out(tale: Any, followed: Follow) -> None:
    tale.stop(CASE, "2024-03-20", "2024-04")
    scope = Scope(as_of=_day("2024-05-31"), decided_by=_day("2024-03-19"))
    (row,) = caseload(followed(), scope)["rows"]
    assert row["status"] == "active"
    assert caseload(followed(), Scope(as_of=_day("2024-05-31")))["rows"] == []
    earlier = Scope(decided_by=_day("2024-01-19"))
    assert decisions(followed(), earlier)["totals"]["农村低保"]["pending"] == 1


def test_an_appeal_told_in_two_deliveries_is_one_fact(tale: Any, followed: Follow) -> None:
    _appeal(tale, outcome=AppealOutcome.CHANGED, amount_fen=45_000, effective_from="2024-04")
    assert appeals(followed(), Scope())["totals"] == {"pending": 1}
    cites = Citation(seq=3, stream="appeal/SS1")
    tale.tell("appeal/SS1", AppealDecided(number="SS1", occurred_on=_day("2024-05-10")))
    tale.tell(f"case/{CASE}", AppealApplied(cites=cites, number="SS1", occurred_on=_day("2024-05-10")))
    database = followed()
    assert appeals(database, Scope())["totals"] == {"变更": 1}
    assert cases(database, Scope())["rows"][0]["due_fen"] == 45_000


def test_members_count_only_within_their_months(tale: Any, followed: Follow) -> None:
    tale.tell(f"case/{CASE}", MemberCounted(member=2, counted_from="2024-03"))
    tale.tell(f"case/{CASE}", MemberCounted(member=2, counted_until="2024-05"))
    database = followed()
    persons = [caseload(database, Scope(as_of=_day(f"2024-0{m}-01")))["rows"][0]["persons"] for m in range(2, 7)]
    assert persons == [1, 2, 2, 1, 1]


def test_a_case_is_pending_at_the_end_of_the_month_before_its_decision(story: Any, followed: Follow) -> None:
    story.window("2024-01", "2024-06-30")
    story.apply(CASE, accepted_on="2024-01-31", programme=Programme.URBAN)
    story.confirm(CASE, decided_on="2024-02-20", starts_from="2024-03")
    database = followed()
    (row,) = caseload(database, Scope(as_of=_day("2024-01-15")))["rows"]
    assert (row["status"], row["due_fen"], row["since"]) == ("pending", 0, "2024-01")
    totals = {row["programme"]: row for row in caseload(database, Scope(as_of=_day("2024-01-15")))["totals"]}
    assert totals["城市低保"]["pending"] == 1
    assert totals["特困供养"]["active"] == 0
    assert caseload(database, Scope(as_of=_day("2024-02-29")))["rows"] == []
    (listed,) = cases(database, Scope(as_of=_day("2024-02-29")))["rows"]
    assert listed["status"] == "not_started"


def test_programme_and_region_narrow_every_row_and_total(tale: Any, followed: Follow) -> None:
    tale.apply(OTHER, region="520121102", programme=Programme.URBAN)
    tale.confirm(OTHER)
    database = followed()
    assert [row["case"] for row in cases(database, Scope(region="520121102"))["rows"]] == [OTHER]
    found = caseload(database, Scope(programme="农村低保"))
    assert [row["case"] for row in found["rows"]] == [CASE]
    assert [row["programme"] for row in found["totals"]] == ["农村低保"]


def test_a_village_is_refused_because_it_is_sealed(tale: Any, followed: Follow) -> None:
    with pytest.raises(RegionTooFine, match="township 520121101"):
        caseload(followed(), Scope(region="520121101202"))


def test_a_recovery_balances_and_its_case_decides_its_region(tale: Any, followed: Follow) -> None:
    ordered = RecoveryOrdered(
        order="ZJ1", case=CASE, cause=RecoveryCause.FRAUD, occurred_on=_day("2024-05-01"), refund_fen=100_000
    )
    tale.tell("recovery/ZJ1", ordered, RecoveryFined(order="ZJ1", fine_fen=50_000))
    repaid = RecoveryRepaid(
        order="ZJ1", occurred_on=_day("2024-05-20"), amount_fen=30_000, manner=RepaymentManner.INSTALMENT
    )
    tale.tell("recovery/ZJ1", repaid, RecoveryWaived(order="ZJ1", occurred_on=_day("2024-06-20"), amount_fen=20_000))
    database = followed()
    (row,) = recoveries(database, Scope())["rows"]
    assert (row["ordered_fen"], row["outstanding_fen"], row["repaid_fen"]) == (150_000, 100_000, 30_000)
    (early,) = recoveries(database, Scope(decided_by=_day("2024-05-31")))["rows"]
    assert early["outstanding_fen"] == 120_000
    assert recoveries(database, Scope(region="520121999"))["rows"] == []


def test_a_death_shows_what_was_paid_for_later_months_and_who_is_in_no_case(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-03")
    tale.pay(CASE, "T2", "2024-04")
    tale.pay(CASE, "T3", "2024-05", returned=True)
    died = _day("2024-03-05")
    tale.tell(f"case/{CASE}", MemberDied(member=1, occurred_on=died, received_on=_day("2024-03-09")))
    for number, person in enumerate(("head", "stranger")):
        tale.tell(f"person/{number}", DeathRecorded(citizen_id=person, died_on=died, received_on=died))
    found = deaths(followed(), Scope())
    assert found["in_no_case"] == 1
    (row,) = found["rows"]
    assert (row["member"], row["paid_months_after"], row["paid_fen_after"]) == (1, 1, 50_000)


def test_a_credit_entry_is_shown_in_the_case_it_names(tale: Any, followed: Follow) -> None:
    noted = DishonestyNoted(
        occurred_on=_day("2024-06-20"), begins_on=_day("2024-06-20"), ends_on=_day("2026-06-19"), member=1
    )
    tale.tell(f"case/{CASE}", noted)
    (row,) = credit(followed(), Scope())["rows"]
    assert (row["case"], row["member"], row["ends_on"]) == (CASE, 1, "2026-06-19")


def test_no_table_holds_a_name_an_account_or_a_citizen_id(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-03")
    database = followed()
    held = [
        value
        for name in database.tables()
        if name.startswith("register_")
        for row in database.rows(f"SELECT * FROM {name}")
        for value in row
    ]
    assert CASE in held
    assert not {"罗国强", "6299010000000000018", "head", "son"} & {value for value in held if isinstance(value, str)}
