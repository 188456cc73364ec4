"""The columns of the registers, computed by hand for small stories: clocks, intervals, amounts before and after."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from domain.events.appeal import AppealApplied, AppealDecided, AppealGroundsStated, AppealLodged
from domain.events.application import ApplicationAccepted, AuthorizationSigned, TruthPledged
from domain.events.change import (
    BenefitDecreased,
    BenefitResumed,
    BenefitSuspended,
    CareRegraded,
    IncomeReassessed,
    ReviewCompleted,
)
from domain.events.decision import DeadlineExtended
from domain.events.entrustment import EntrustmentFiled, PassbookEntrusted
from domain.events.household import DishonestyNoted, MemberDied
from domain.events.payment import ReturnExplained
from domain.events.person import DeathRecorded
from domain.events.recovery import RecoveryApproved, RecoveryOrdered, RecoveryRepaid, RecoveryWaived
from domain.events.standard import StandardAdopted
from domain.events.temporary_aid import ReserveFunded, TemporaryAidDocumented, TemporaryAidGranted
from domain.events.verification import (
    ObjectionRaised,
    PublicityClosed,
    PublicityOpened,
    PublicityPlaced,
    SurveyCompleted,
    VerificationReturned,
)
from domain.fields import Citation
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    CheckItem,
    Programme,
    RecoveryCause,
    RepaymentManner,
    ReviewConclusion,
    StandardItem,
    StandardUnit,
    TemporaryAidKind,
)
from projections.caseload import caseload
from projections.changes import changes
from projections.payments import payments
from projections.publicity import publicity
from projections.registers.appeals import appeals
from projections.registers.credit import credit
from projections.registers.deaths import deaths
from projections.registers.entrustments import entrustments
from projections.registers.intake import intake
from projections.registers.recoveries import recoveries
from projections.registers.standards import standards
from projections.registers.temporary_aid import temporary_aid
from projections.registers.verifications import verifications
from projections.reviews import reviews
from projections.scope import Scope
from projections.sealed import Sealed
from projections.sqlite import SQLiteDatabase

CASE = "SQ52012120240100001"
OTHER = "SQ52012120240100002"
Follow = Callable[[], SQLiteDatabase]


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _adopt(
    story: Any, item: StandardItem, value: int, effective_on: str = "2019-01-01", region: str = "520121"
) -> None:
    adopted = StandardAdopted(
        item=item,
        value_hundredths=value * 100,
        unit=StandardUnit.DAYS,
        effective_on=_day(effective_on),
        region=region,
        document="云府办发〔2024〕21号",
    )
    story.tell("standard/520121", adopted)


def _only(answer: dict[str, Any]) -> dict[str, Any]:
    (row,) = answer["rows"]
    found: dict[str, Any] = row
    return found


def _at(story: Any, topic: str) -> int:
    """Return the position of the last entry of a topic."""
    return max(position for position, (_, event) in enumerate(story.told) if topic == event.TOPIC)


@pytest.fixture
def tale(story: Any) -> Any:
    """One confirmed case of two people, due 500 yuan from 2024-02, in a window that closes in 2024-06."""
    story.window("2024-01", "2024-06-30")
    story.apply(CASE, members=("head", "son"))
    story.confirm(CASE)
    return story


def test_a_clock_counts_make_up_days_and_leaves_out_the_spring_festival(story: Any, followed: Follow) -> None:
    """8, 9, 18 (a Sunday worked), 19 and 20 February 2024 are working days; 10 to 17 are a holiday."""
    story.window("2024-01", "2024-02-20")
    _adopt(story, StandardItem.TOTAL_DAYS, 4)
    story.apply(CASE, accepted_on="2024-02-07")
    row = _only(intake(followed(), Scope()))
    assert (row["clock"], row["used_days"], row["limit_days"], row["days_over"]) == ("to_decision", 5, 4, 1)
    assert (row["outcome"], row["head_name"]) == ("pending", Sealed(2, "head_name"))


def test_a_year_that_the_calendar_does_not_know_is_not_guessed(story: Any, followed: Follow) -> None:
    story.window("2024-01", "2098-02-20")
    _adopt(story, StandardItem.TOTAL_DAYS, 4)
    story.apply(CASE, accepted_on="2098-01-07")
    row = _only(intake(followed(), Scope()))
    assert (row["clock"], row["used_days"], row["limit_days"], row["days_over"]) == ("to_decision", None, 4, None)


def test_the_clock_stops_with_the_decision_and_a_township_or_an_extension_changes_its_limit(
    story: Any, followed: Follow
) -> None:
    story.window("2024-01", "2024-06-30")
    for item, days in (
        (StandardItem.TOTAL_DAYS, 30),
        (StandardItem.DELEGATED_DAYS, 20),
        (StandardItem.EXTENDED_DAYS, 45),
    ):
        _adopt(story, item, days)
    story.apply(CASE, accepted_on="2024-01-03")
    story.refuse(CASE, decided_on="2024-01-05")
    story.apply(OTHER, accepted_on="2024-01-03")
    story.tell(f"case/{OTHER}", DeadlineExtended(occurred_on=_day("2024-01-04")))
    story.refuse(OTHER, decided_on="2024-01-08")
    first, second = intake(followed(), Scope())["rows"]
    assert (first["used_days"], first["limit_days"]) == (2, 20)
    assert (second["used_days"], second["limit_days"]) == (3, 45)
    assert [row["case"] for row in intake(followed(), Scope(month="2024-02"))["rows"]] == []


def test_a_paper_signed_after_the_decision_is_lacking(tale: Any, followed: Follow) -> None:
    tale.tell(f"case/{CASE}", AuthorizationSigned(occurred_on=_day("2024-01-20")))
    tale.tell(f"case/{CASE}", TruthPledged(occurred_on=_day("2024-01-21")))
    answer = intake(followed(), Scope())
    assert _only(answer)["papers_lacking"] == ["pledge"]
    assert answer["totals"] == [{"applications": 1, "pending": 0, "papers_lacking": 1, "over_limit": 0}]


def test_extreme_hardship_has_a_clock_to_the_visit_and_another_after_the_posting(story: Any, followed: Follow) -> None:
    story.window("2024-01", "2024-01-12")
    _adopt(story, StandardItem.HARDSHIP_SURVEY_DAYS, 15)
    _adopt(story, StandardItem.HARDSHIP_DECISION_DAYS, 1)
    story.apply(CASE, accepted_on="2024-01-02", programme=Programme.EXTREME_HARDSHIP)
    row = _only(intake(followed(), Scope()))
    assert (row["clock"], row["used_days"]) == ("to_visit", 8)
    story.tell(f"case/{CASE}", SurveyCompleted(occurred_on=_day("2024-01-04"), persons=1))
    assert _only(intake(followed(), Scope()))["used_days"] == 2
    opened_on = _day("2024-01-04")
    story.tell(f"case/{CASE}", PublicityOpened(occurred_on=opened_on))
    story.tell(f"case/{CASE}", PublicityClosed(opened_on=opened_on, occurred_on=_day("2024-01-10")))
    row = _only(intake(followed(), Scope()))
    assert (row["clock"], row["used_days"], row["days_over"]) == ("after_posting", 2, 1)


def test_an_officer_who_is_no_number_stays_sealed(story: Any, followed: Follow) -> None:
    story.apply(CASE)
    story.tell(f"case/{OTHER}", ApplicationAccepted(occurred_on=_day("2024-01-03"), officer="MZ0009"))
    row = _only(intake(followed(), Scope()))
    assert row["officer"] == Sealed(1, "officer_text")


def test_seven_days_from_the_first_to_the_eighth_are_full_and_six_are_too_short(tale: Any, followed: Follow) -> None:
    _adopt(tale, StandardItem.PUBLICITY_DAYS, 7)
    for first, last in (("2024-03-01", "2024-03-08"), ("2024-04-01", "2024-04-07")):
        tale.tell(f"case/{CASE}", PublicityOpened(occurred_on=_day(first)))
        tale.tell(f"case/{CASE}", PublicityClosed(opened_on=_day(first), occurred_on=_day(last)))
    tale.tell(f"case/{CASE}", PublicityPlaced(opened_on=_day("2024-03-01"), place="大坝村公示栏"))
    tale.tell(f"case/{CASE}", ObjectionRaised(opened_on=_day("2024-04-01"), objection="罗国强有车"))
    answer = publicity(followed(), Scope())
    assert [(row["full_days"], row["is_short"]) for row in answer["rows"]] == [(7, False), (6, True)]
    assert answer["rows"][0]["place"] == Sealed(_at(tale, "publicity.placed/1"), "place")
    assert answer["totals"] == [{"postings": 2, "short": 1, "objections": 1, "unanswered": 1}]
    raised = answer["rows"][1]["objection"]
    assert raised == Sealed(_at(tale, "objection.raised/1"), "objection", (1, 3, 4))
    assert [row["opened_on"] for row in publicity(followed(), Scope(month="2024-04"))["rows"]] == ["2024-04-01"]


def test_a_review_is_due_so_many_months_after_the_later_of_decision_and_last_review(
    tale: Any, followed: Follow
) -> None:
    """Decided on 20 January, class B, six months: due on 20 July; reviewed on 31 March: due on 30 September."""
    _adopt(tale, StandardItem.REVIEW_MONTHS_B, 6)
    assert _only(reviews(followed(), Scope()))["due_on"] == "2024-07-20"
    late = reviews(followed(), Scope(as_of=_day("2024-07-23")))
    assert (_only(late)["days_overdue"], late["totals"][0]["overdue"]) == (3, 1)
    reviewed = ReviewCompleted(occurred_on=_day("2024-03-31"), conclusion=ReviewConclusion.KEPT, reviewer="MZ0010")
    tale.tell(f"case/{CASE}", reviewed)
    row = _only(reviews(followed(), Scope(as_of=_day("2024-10-01"))))
    assert (row["reviewed_on"], row["conclusion"], row["reviewer"]) == ("2024-03-31", "维持", "MZ0010")
    assert (row["due_on"], row["days_overdue"]) == ("2024-09-30", 1)
    before = _only(reviews(followed(), Scope(as_of=_day("2024-03-30"))))
    assert (before["reviewed_on"], before["due_on"]) == (None, "2024-07-20")


def test_without_an_interval_in_force_nothing_is_due_and_the_totals_say_so(tale: Any, followed: Follow) -> None:
    answer = reviews(followed(), Scope())
    assert _only(answer)["due_on"] is None
    assert answer["totals"] == [{"review_class": "B", "cases": 1, "overdue": 0, "without_interval": 1}]


def test_the_roll_names_the_entries_of_income_and_grade_in_force_and_the_standard_of_the_month(
    tale: Any, followed: Follow
) -> None:
    _adopt(tale, StandardItem.RURAL, 365)
    _adopt(tale, StandardItem.RURAL, 385, "2024-05-02")
    tale.tell(f"case/{CASE}", SurveyCompleted(occurred_on=_day("2024-01-10"), persons=2))
    survey = _at(tale, "survey.completed/1")
    tale.tell(f"case/{CASE}", SurveyCompleted(occurred_on=_day("2024-02-10"), persons=2))  # after the decision
    decided_on = _day("2024-04-20")
    tale.tell(f"case/{CASE}", IncomeReassessed(occurred_on=decided_on, effective_from="2024-05", income_fen=100))
    changed = _at(tale, "income.reassessed/1")
    found = {
        month: _only(caseload(followed(), Scope(as_of=_day(f"{month}-28"))))
        for month in ("2024-04", "2024-05", "2024-06")
    }
    assert [row["standard_fen"] for row in found.values()] == [36_500, 36_500, 38_500]
    assert found["2024-04"]["income_fen"] == Sealed(survey, "income_fen")
    assert found["2024-05"]["income_fen"] == Sealed(changed, "income_fen")
    assert found["2024-05"]["head_citizen_id"] == Sealed(1, "head_citizen_id")
    assert (found["2024-05"]["starts_from"], found["2024-05"]["care_grade"]) == ("2024-02", None)


def test_the_care_grade_is_that_of_the_grant_until_it_is_changed(story: Any, followed: Follow) -> None:
    story.window("2024-01", "2024-06-30")
    story.apply(CASE, programme=Programme.EXTREME_HARDSHIP)
    story.confirm(CASE)
    granted = _at(story, "entitlement.granted/1")
    story.tell(f"case/{CASE}", CareRegraded(occurred_on=_day("2024-04-20"), effective_from="2024-05"))
    early, late = (_only(caseload(followed(), Scope(as_of=_day(day)))) for day in ("2024-04-30", "2024-05-31"))
    assert early["care_grade"] == Sealed(granted, "care_grade")
    assert late["care_grade"] == Sealed(_at(story, "care.regraded/1"), "care_grade")


def test_a_change_shows_what_was_due_before_it_and_after(tale: Any, followed: Follow) -> None:
    """500 yuan, reduced to 400 from April, suspended from May, resumed with 450 from June, stopped from July."""
    stream = f"case/{CASE}"
    tale.tell(stream, BenefitDecreased(occurred_on=_day("2024-03-20"), effective_from="2024-04", amount_fen=40_000))
    tale.tell(stream, BenefitSuspended(occurred_on=_day("2024-04-20"), effective_from="2024-05"))
    tale.tell(stream, BenefitResumed(occurred_on=_day("2024-05-20"), effective_from="2024-06", amount_fen=45_000))
    tale.stop(CASE, "2024-06-20", "2024-07")
    rows = changes(followed(), Scope())["rows"]
    amounts = [(row["kind"], row["old_amount_fen"], row["new_amount_fen"]) for row in rows]
    assert amounts == [("减发", 50_000, 40_000), ("暂停", 40_000, 0), ("恢复", 0, 45_000), ("停发", 45_000, 0)]
    assert [isinstance(row["reason"], Sealed) for row in rows] == [True, True, True, False]
    (stopped,) = changes(followed(), Scope(kind="停发"))["rows"]
    assert stopped["new_amount_fen"] == 0
    (in_may,) = changes(followed(), Scope(month="2024-05"))["rows"]
    assert in_may["kind"] == "暂停"


def test_new_entries_are_listed_only_when_they_are_asked_for(tale: Any, followed: Follow) -> None:
    assert changes(followed(), Scope())["rows"] == []
    row = _only(changes(followed(), Scope(kind="granted")))
    assert (row["kind"], row["effective_from"], row["old_amount_fen"], row["new_amount_fen"], row["confirmer"]) == (
        *("granted", "2024-02", 0, 50_000),
        "MZ0004",
    )
    assert changes(followed(), Scope(kind="granted", month="2024-03"))["rows"] == []


def test_a_returned_transfer_names_its_reissue_and_the_reissue_names_it(tale: Any, followed: Follow) -> None:
    tale.pay(CASE, "T1", "2024-03", returned=True)
    tale.tell(f"case/{CASE}", ReturnExplained(transfer="T1", reason="账户不存在"))
    tale.pay(CASE, "T2", "2024-04", original="T1")
    returned = _only(payments(followed(), Scope(month="2024-03")))
    paid = _only(payments(followed(), Scope(month="2024-04")))
    moved = _at(tale, "payment.returned/1")
    assert (returned["original"], returned["reissued_by"]) == (None, "T2")
    assert (paid["original"], paid["reissued_by"], paid["return_reason"]) == ("T1", None, None)
    assert returned["return_reason"] == Sealed(_at(tale, "return.explained/1"), "reason", (moved,))
    assert (returned["holder"], returned["account"]) == (Sealed(moved, "holder"), Sealed(moved, "account"))
    assert _only(payments(followed(), Scope(month="2024-03", known_at=moved + 1)))["reissued_by"] is None


def _order(story: Any, *lines: Any) -> None:
    ordered = RecoveryOrdered(
        order="ZJ1",
        case=CASE,
        cause=RecoveryCause.FRAUD,
        occurred_on=_day("2024-03-01"),
        refund_fen=100_000,
        first_month="2023-11",
        last_month="2024-02",
    )
    story.tell("recovery/ZJ1", ordered, *lines)


@pytest.mark.parametrize(("day", "status", "idle"), [("2024-05-30", "running", 90), ("2024-05-31", "stalled", 91)])
def test_a_recovery_stalls_after_more_days_than_the_standard_allows(
    tale: Any, followed: Follow, day: str, status: str, idle: int
) -> None:
    _adopt(tale, StandardItem.RECOVERY_STALL_DAYS, 90)
    _order(tale)
    row = _only(recoveries(followed(), Scope(as_of=_day(day))))
    assert (row["days_idle"], row["status"], row["limit_days"]) == (idle, status, 90)
    assert (row["months_count"], row["months_from"], row["months_until"]) == (4, "2023-11", "2024-02")


def test_a_recovery_counts_its_instalments_and_is_cleared_by_a_waiver(tale: Any, followed: Follow) -> None:
    paid = [
        RecoveryRepaid(order="ZJ1", occurred_on=_day(day), amount_fen=30_000, manner=RepaymentManner.INSTALMENT)
        for day in ("2024-04-01", "2024-05-01")
    ]
    _order(tale, *paid)
    row = _only(recoveries(followed(), Scope()))
    assert (row["instalments"], row["instalments_fen"], row["outstanding_fen"]) == (2, 60_000, 40_000)
    assert (row["last_moved_on"], row["days_idle"]) == ("2024-05-01", 60)
    waived = RecoveryWaived(order="ZJ1", occurred_on=_day("2024-06-01"), amount_fen=40_000)
    approved = RecoveryApproved(
        order="ZJ1", approves_on=_day("2024-06-01"), manner=RepaymentManner.WAIVED, document="云民发〔2024〕3号"
    )
    tale.tell("recovery/ZJ1", waived, approved)
    row = _only(recoveries(followed(), Scope()))
    assert (row["status"], row["days_idle"], row["documents"]) == ("cleared", None, ["云民发〔2024〕3号"])
    parts = row["repaid_fen"] + row["waived_fen"] + row["written_off_fen"] + row["outstanding_fen"]
    assert row["ordered_fen"] == parts == 100_000


@pytest.mark.parametrize(
    ("day", "status"),
    [("2024-06-19", "to_come"), ("2024-06-20", "standing"), ("2026-06-19", "standing"), ("2026-06-20", "expired")],
)
def test_both_ends_of_a_credit_entry_belong_to_it(tale: Any, followed: Follow, day: str, status: str) -> None:
    span = {"begins_on": _day("2024-06-20"), "ends_on": _day("2026-06-19")}
    tale.tell(f"case/{CASE}", DishonestyNoted(occurred_on=_day("2024-06-20"), member=2, fact="瞒报", **span))
    row = _only(credit(followed(), Scope(as_of=_day(day))))
    noted = _at(tale, "dishonesty.noted/1")
    assert (row["status"], row["person_name"]) == (status, Sealed(4, "name"))
    assert row["citizen_id"] == Sealed(noted, "subject_citizen_id")
    assert row["fact"] == Sealed(noted, "fact", (1, 3, 4))


def _lodge(story: Any, kind: AppealKind, number: str = "SS1") -> None:
    story.tell(f"appeal/{number}", AppealLodged(number=number, case=CASE, kind=kind, occurred_on=_day("2024-03-31")))


@pytest.mark.parametrize(
    ("kind", "due_on", "days_overdue"),
    [
        (AppealKind.RECONSIDERATION, "2024-05-30", 31),
        (AppealKind.PETITION, "2024-05-30", 31),
        (AppealKind.LAWSUIT, "2024-09-30", 0),
    ],
)
def test_an_appeal_is_due_by_the_law_of_its_kind(
    tale: Any, followed: Follow, kind: AppealKind, due_on: str, days_overdue: int
) -> None:
    _lodge(tale, kind)
    row = _only(appeals(followed(), Scope()))
    assert (row["due_on"], row["days_overdue"], row["recalculated"]) == (due_on, days_overdue, None)


def test_an_appeal_that_changed_something_says_whether_the_case_was_recalculated(tale: Any, followed: Follow) -> None:
    _lodge(tale, AppealKind.RECONSIDERATION)
    tale.tell("appeal/SS1", AppealGroundsStated(number="SS1", grounds="对减发决定不服"))
    outcome = {"occurred_on": _day("2024-06-01"), "outcome": AppealOutcome.CHANGED, "amount_fen": 45_000}
    tale.tell("appeal/SS1", AppealDecided(number="SS1", effective_from="2024-04", **outcome))
    row = _only(appeals(followed(), Scope()))
    assert (row["recalculated"], row["days_overdue"]) == (False, 2)
    assert row["grounds"] == Sealed(_at(tale, "appeal.grounds-stated/1"), "grounds", (1, 3, 4))
    cites = Citation(seq=3, stream="appeal/SS1")
    tale.tell(f"case/{CASE}", AppealApplied(cites=cites, number="SS1", effective_from="2024-04", **outcome))
    assert _only(appeals(followed(), Scope()))["recalculated"] is True


def test_an_answer_returned_later_than_the_day_of_decision_is_left_out(tale: Any, followed: Follow) -> None:
    for returned_on in ("2024-01-10", "2024-03-10"):
        tale.tell(
            f"case/{CASE}",
            VerificationReturned(
                member=2,
                item=CheckItem.VEHICLE,
                queried_on=_day("2024-01-05"),
                occurred_on=_day(returned_on),
                result="无",
            ),
        )
    tale.tell(f"case/{CASE}", AuthorizationSigned(occurred_on=_day("2024-01-04")))
    row = _only(verifications(followed(), Scope(decided_by=_day("2024-03-09"))))
    assert (row["returned_on"], row["authorized_on"], row["citizen_id"]) == (
        *("2024-01-10", "2024-01-04"),
        Sealed(4, "citizen_id"),
    )
    assert row["finding"] == Sealed(row["position"], "finding")


def test_a_death_names_who_reported_it_and_what_was_recovered_since(tale: Any, followed: Follow) -> None:
    died, received = _day("2024-03-05"), _day("2024-03-20")
    tale.tell("person/1", DeathRecorded(citizen_id="son", died_on=died, received_on=received, reported_by="殡葬"))
    reported = _at(tale, "death.recorded/1")
    tale.tell(f"case/{CASE}", MemberDied(member=2, occurred_on=died, received_on=received))
    repaid = RecoveryRepaid(order="ZJ1", occurred_on=_day("2024-05-01"), amount_fen=30_000, manner=RepaymentManner.ONCE)
    _order(tale, repaid)  # ordered on 1 March, before the death
    assert _only(deaths(followed(), Scope()))["orders"] == []
    later = RecoveryOrdered(
        order="ZJ2", case=CASE, cause=RecoveryCause.ERROR, occurred_on=_day("2024-04-01"), refund_fen=50_000
    )
    tale.tell("recovery/ZJ2", later, repaid.model_copy(update={"order": "ZJ2"}))
    row = _only(deaths(followed(), Scope()))
    assert (row["orders"], row["recovered_fen"]) == (["ZJ2"], 30_000)
    assert (row["person_name"], row["reported_by"]) == (Sealed(4, "name"), Sealed(reported, "reported_by"))
    assert deaths(followed(), Scope(decided_by=_day("2024-03-19")))["rows"] == []
    assert deaths(followed(), Scope(month="2024-04"))["rows"] == []


def test_a_standard_ends_on_the_day_that_the_next_one_begins(tale: Any, followed: Follow) -> None:
    _adopt(tale, StandardItem.RURAL, 365)
    _adopt(tale, StandardItem.RURAL, 385, "2024-05-02")
    _adopt(tale, StandardItem.URBAN, 675)
    database = followed()
    spans = [
        (row["effective_on"], row["superseded_on"], row["in_force"])
        for row in standards(database, Scope(programme="农村低保", as_of=_day("2024-05-01")))["rows"]
    ]
    assert spans == [("2019-01-01", "2024-05-02", True), ("2024-05-02", None, False)]
    on_the_day = standards(database, Scope(programme="农村低保", as_of=_day("2024-05-02")))["rows"]
    assert [row["in_force"] for row in on_the_day] == [False, True]
    assert len(standards(database, Scope(region="520121101"))["rows"]) == 3
    assert standards(database, Scope(region="520122"))["rows"] == []


def test_every_answer_repeats_what_was_asked(tale: Any, followed: Follow) -> None:
    scope = Scope(programme="农村低保", region="520121", decided_by=_day("2024-05-01"))
    wanted = {
        **{"as_of": "2024-06-30", "known_at": len(tale.told), "region": "520121", "programme": "农村低保"},
        **{"kind": None, "decided_by": "2024-05-01"},
    }
    for query in (
        appeals,
        caseload,
        changes,
        credit,
        deaths,
        intake,
        payments,
        publicity,
        recoveries,
        reviews,
        standards,
    ):
        answer = query(followed(), scope)
        assert {key: answer[key] for key in wanted} == wanted, query.__name__


def test_an_entrusted_passbook_is_what_was_known_of_it(tale: Any, followed: Follow) -> None:
    agreed_on = _day("2024-03-01")
    tale.tell(f"case/{CASE}", PassbookEntrusted(occurred_on=agreed_on, keeper_text="张德贵"))
    made = _at(tale, "passbook.entrusted/1")
    tale.tell(f"case/{CASE}", EntrustmentFiled(agreed_on=agreed_on, occurred_on=_day("2024-03-11")))
    before, after = (
        _only(entrustments(followed(), Scope(known_at=known_at))) for known_at in (made + 1, len(tale.told))
    )
    assert (before["status"], before["days_unfiled"], before["keeper"]) == (
        *("unfiled", 121),
        Sealed(made, "keeper_text"),
    )
    assert (after["status"], after["filed_on"], after["days_unfiled"]) == ("filed", "2024-03-11", 10)
    assert entrustments(followed(), Scope(programme="城市低保"))["rows"] == []


def test_a_reserve_fund_is_what_it_had_received_less_what_was_paid_by_the_day(story: Any, followed: Follow) -> None:
    story.window("2024-01", "2024-06-30")
    for day, amount_fen in (("2024-01-02", 100_000), ("2024-05-02", 50_000)):
        story.tell("reserve/520121101", ReserveFunded(region="520121101", occurred_on=_day(day), amount_fen=amount_fen))
    for number, day in (("LS2", "2024-05-03"), ("LS1", "2024-03-01")):
        granted = TemporaryAidGranted(
            number=number,
            kind=TemporaryAidKind.URGENT,
            region="520121101",
            occurred_on=_day(day),
            amount_fen=80_000,
            advance=True,
            reserve=True,
        )
        story.tell(f"temporary-aid/{number}", granted)
    story.tell("temporary-aid/LS1", TemporaryAidDocumented(number="LS1", occurred_on=_day("2024-03-15")))
    answer = temporary_aid(followed(), Scope())
    found = [(row["number"], row["balance_fen"], row["days_undocumented"]) for row in answer["rows"]]
    assert found == [("LS1", 20_000, 14), ("LS2", -10_000, 58)]
    assert answer["reserves"][0]["balance_fen"] == -10_000
    early = temporary_aid(followed(), Scope(known_at=_at(story, "temporary-aid.documented/1")))
    assert early["rows"][0]["documented_on"] is None
    assert temporary_aid(followed(), Scope(region="520121102"))["reserves"] == []
