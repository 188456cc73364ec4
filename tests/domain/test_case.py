"""A case's state: what its events, folded in order, add up to."""

import datetime
from typing import Any

from domain.case import CaseState, entitlement_of
from domain.case_fold import HANDLERS, fold
from domain.case_view import LAST_MONTH, changes_between, describe
from domain.events import (
    appeal,
    application,
    change,
    decision,
    household,
    kinship,
    payment,
    recovery,
    staff,
    verification,
)
from domain.events.base import Event
from domain.events.delivery import RowCompleted
from domain.fields import Citation
from domain.masking import MASKS, mask_text
from domain.recorded import Recorded
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    Channel,
    HouseholdRelation,
    Kin,
    Programme,
    RecoveryCause,
    RepaymentManner,
    StopGround,
)
from domain.world_days import world_days
from ledger.topics import TOPICS

CASE = "case/SQ52012120240300017"
NEVER_IN_A_CASE = (
    "ledger.",
    "import.",
    "standard.",
    "staff.",
    "relative.",
    "death.",
    "credit.",
    "personal-data.",
    "temporary-aid.",
    "reserve.",
    "relation.",
    "kinship-scope.",
    "draw.",
    "sample.",
    "finding.",
    "rectification.",
    "retention.",
    "erasure.",
)
FOLDED_FROM_ELSEWHERE = ("ledger.erasure-requested/1", "ledger.erasure-effective/1")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def records(*events: Event | tuple[str, Event], command: str = "") -> list[Recorded]:
    """Return the events as entries, each a command of its own unless it comes with the name of one."""
    made = []
    for position, item in enumerate(events):
        named, event = item if isinstance(item, tuple) else (f"command-{position}", item)
        at = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
        made.append(Recorded(position, CASE, position + 1, event.TOPIC, at, "staff/MZ0001", named, event, True))
    return made


SUBMITTED = application.ApplicationSubmitted(
    programme=Programme.RURAL,
    channel=Channel.OWN,
    occurred_on=day("2024-03-04"),
    region="520121102",
    head_name="罗国强",
    head_citizen_id="520121196203153012",
)
ACCEPTED = application.ApplicationAccepted(occurred_on=day("2024-03-05"), officer="MZ0009")
JOINED = household.MemberJoined(member=1, relation=HouseholdRelation.SELF, counted=True, name="罗国强")
CONFIRMED = decision.ApplicationConfirmed(occurred_on=day("2024-03-28"), delegated=False, confirmer="MZ0002")
GRANTED = decision.EntitlementGranted(occurred_on=day("2024-03-28"), effective_from="2024-04", amount_fen=67600)
OPENED = (SUBMITTED, ACCEPTED, JOINED, CONFIRMED, GRANTED)


def settled(number: str, month: str = "2024-04", **rest: Any) -> payment.PaymentSettled:
    return payment.PaymentSettled(
        transfer=number, batch="FF1", cash_month=month, occurred_on=day(f"{month}-10"), amount_fen=67600, **rest
    )


def returned(number: str, month: str = "2024-04") -> payment.PaymentReturned:
    return payment.PaymentReturned(
        transfer=number, batch="FF1", cash_month=month, occurred_on=day(f"{month}-10"), amount_fen=67600
    )


def test_recusal_and_closing_stand_in_the_case() -> None:
    filed = staff.KinshipFiled(relation=Kin.SIBLING, occurred_on=day("2024-03-06"), staff="MZ0001")
    recused = kinship.RecusalRecorded(occurred_on=day("2024-03-07"), staff="MZ0001", reason="系其兄")
    closed = kinship.FilingClosed(occurred_on=day("2024-12-01"), staff="MZ0001", reason="已停发")
    state = fold(records(*OPENED, filed, recused, closed))
    assert [(one.staff, one.recused_on) for one in state.recusals] == [("MZ0001", day("2024-03-07"))]
    assert [(one.filed_on, one.closed_on, one.closing_reason) for one in state.filings] == [
        (day("2024-03-06"), day("2024-12-01"), "已停发")
    ]


def test_every_topic_of_a_case_is_folded() -> None:
    foreign = {event for topic, event in TOPICS.items() if topic.startswith(NEVER_IN_A_CASE)}
    elsewhere = {TOPICS[topic] for topic in FOLDED_FROM_ELSEWHERE}
    assert set(TOPICS.values()) - foreign | elsewhere == set(HANDLERS)


def test_confirmed_case_is_due_its_amount_from_its_month() -> None:
    entitlement = entitlement_of(fold(records(*OPENED)))
    assert [entitlement.due_fen(month) for month in ("2024-03", "2024-04", "2025-01")] == [0, 67600, 67600]
    assert entitlement.persons("2024-04") == 1


def test_late_part_of_a_grant_completes_it() -> None:
    late = decision.EntitlementGranted(occurred_on=day("2024-03-28"), care_grade="半护理")
    state = fold(records(*OPENED, late))
    assert state.grant is not None
    assert (state.grant.amount_fen, state.grant.care_grade, state.grant.position) == (67600, "半护理", 4)
    assert entitlement_of(state).due_fen("2024-04") == 67600


def test_late_month_of_leaving_ends_the_counting_of_a_member() -> None:
    counted = household.MemberCounted(member=1, counted_from="2024-04")
    left = household.MemberCounted(member=1, counted_until="2024-08")
    entitlement = entitlement_of(fold(records(*OPENED, counted, left)))
    assert [entitlement.persons(month) for month in ("2024-03", "2024-07", "2024-08")] == [0, 1, 0]


def test_stop_and_an_appeal_that_revokes_it() -> None:
    stopped = change.BenefitStopped(
        occurred_on=day("2024-06-20"), effective_from="2024-07", ground=StopGround.INCOME, confirmer="MZ0002"
    )
    revoked = appeal.AppealApplied(
        cites=Citation(stream="appeal/SS1", seq=2),
        number="SS1",
        occurred_on=day("2024-11-08"),
        outcome=AppealOutcome.REVOKED,
        amount_fen=70000,
        effective_from="2024-07",
    )
    before = entitlement_of(fold(records(*OPENED, stopped)))
    after = entitlement_of(fold(records(*OPENED, stopped, revoked)))
    assert (before.status_in("2024-08").value, before.due_fen("2024-08")) == ("stopped", 0)
    assert (after.status_in("2024-08").value, after.due_fen("2024-08")) == ("active", 70000)


def test_appeal_against_a_refusal_confirms_the_case() -> None:
    refused = decision.ApplicationRefused(occurred_on=day("2024-03-28"), delegated=True)
    changed = appeal.AppealApplied(
        cites=Citation(stream="appeal/SS1", seq=2),
        number="SS1",
        occurred_on=day("2024-09-01"),
        outcome=AppealOutcome.CHANGED,
        amount_fen=50000,
        effective_from="2024-05",
    )
    entitlement = entitlement_of(fold(records(SUBMITTED, ACCEPTED, refused, changed)))
    assert (entitlement.starts_from(), entitlement.due_fen("2024-06")) == ("2024-05", 50000)


def test_outcome_of_an_appeal_that_comes_in_two_parts_is_one() -> None:
    cites = Citation(stream="appeal/SS1", seq=2)
    first = appeal.AppealApplied(
        cites=cites, number="SS1", outcome=AppealOutcome.CHANGED, amount_fen=1, effective_from="2024-05"
    )
    second = appeal.AppealApplied(cites=cites, number="SS1", occurred_on=day("2024-09-01"))
    state = fold(records(*OPENED, first, second))
    assert (state.appeals["SS1"].position, state.appeals["SS1"].decided_on) == (5, day("2024-09-01"))
    assert entitlement_of(state).due_fen("2024-05") == 1


def test_details_of_a_change_go_to_the_change_of_their_row() -> None:
    dates = {"occurred_on": day("2024-06-20"), "effective_from": "2024-07"}
    state = fold(
        records(
            *OPENED,
            ("row-1", change.BenefitIncreased(**dates, amount_fen=70000)),
            ("row-2", change.HouseholdChanged(**dates, amount_fen=80000)),
            ("row-1", change.IncomeReassessed(**dates, income_fen=20000)),
            ("row-2", change.HouseholdResized(**dates, persons=3)),
            ("later", change.CareRegraded(**dates, care_grade="全护理")),
        )
    )
    assert [(c.kind, c.income_fen, c.persons, c.care_grade) for c in state.changes] == [
        ("增发", 20000, None, None),
        ("人口变化", None, 3, "全护理"),
    ]
    assert (state.income_fen("2024-06"), state.income_fen("2024-07")) == (None, 20000)


def test_reissue_is_for_the_month_of_the_transfer_it_replaces() -> None:
    state = fold(
        records(
            returned("A", "2024-04"),
            returned("B", "2024-05"),
            payment.PaymentReissued(transfer="B", original="A"),
            settled("C", "2024-06"),
            payment.PaymentReissued(transfer="C", original="B"),
            settled("D", "2024-07"),
            payment.PaymentAttributed(transfer="D", month="2024-01"),
            settled("E", "2024-08"),
            payment.PaymentReissued(transfer="E", original="nobody"),
        )
    )
    found = {number: (one.kind, state.benefit_month(one)) for number, one in state.transfers.items()}
    assert found == {
        "A": ("regular", "2024-04"),
        "B": ("reissue", "2024-04"),
        "C": ("reissue", "2024-04"),
        "D": ("arrears", "2024-01"),
        "E": ("reissue", "2024-08"),
    }
    assert (state.paid_fen("2024-04"), state.paid_fen("2024-05")) == (67600, 0)


def test_reissues_that_name_each_other_end() -> None:
    state = fold(
        records(
            returned("A"),
            payment.PaymentReissued(transfer="A", original="B"),
            returned("B", "2024-05"),
            payment.PaymentReissued(transfer="B", original="A"),
        )
    )
    assert [state.benefit_month(one) for one in state.transfers.values()] == ["2024-05", "2024-04"]


def test_recovery_is_balanced_at_every_moment() -> None:
    on = {"order": "ZJ1", "occurred_on": day("2024-07-15")}
    events: list[Event] = [
        recovery.RepaymentDemanded(
            cites=Citation(stream="recovery/ZJ1", seq=1), cause=RecoveryCause.FRAUD, refund_fen=270400, **on
        ),
        recovery.RecoveryOrdered(case="SQ1", cause=RecoveryCause.FRAUD, refund_fen=270400, **on),
        recovery.RecoveryFined(order="ZJ1", fine_fen=100000),
        recovery.RecoveryRepaid(amount_fen=50000, manner=RepaymentManner.INSTALMENT, **on),
        recovery.RecoveryRepaid(amount_fen=50000, manner=RepaymentManner.INSTALMENT, **on),
        recovery.RecoveryWaived(amount_fen=20400, **on),
        recovery.RecoveryWrittenOff(amount_fen=250000, **on),
    ]
    balances = [fold(records(*events[:count])).recoveries["ZJ1"].outstanding_fen for count in range(1, 8)]
    assert balances == [270400, 270400, 370400, 320400, 270400, 250000, 0]


def test_visit_goes_to_the_filing_of_its_staff_number() -> None:
    def filed(number: str) -> Event:
        return staff.KinshipFiled(relation=Kin.CHILD, occurred_on=day("2024-03-05"), staff=number)

    visited = staff.KinshipVisited(staff="MZ0001", occurred_on=day("2024-03-20"))
    state = fold(records(filed("MZ0001"), filed("MZ0002"), visited))
    assert [filing.visited_on for filing in state.filings] == [day("2024-03-20"), None]


def test_survey_and_publicity_gather_their_parts() -> None:
    on = day("2024-03-08")
    state = fold(
        records(
            verification.SurveyCompleted(occurred_on=on, persons=2, surveyor_1="MZ0003", income_fen=20000),
            verification.SelfCareScored(surveyed_on=on, score="110000"),
            verification.PublicityOpened(occurred_on=on),
            verification.PublicityClosed(opened_on=on, occurred_on=day("2024-03-15")),
            verification.ObjectionRaised(opened_on=on, objection="罗国强有车"),
        )
    )
    assert (state.surveys[on].score, state.surveys[on].income_fen) == ("110000", 20000)
    assert (state.publicity[on].closed_on, state.publicity[on].objection) == (day("2024-03-15"), "罗国强有车")
    assert state.income_fen("2024-04") == 20000


def test_topic_of_a_later_version_is_noted_and_changes_nothing() -> None:
    at = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
    state = fold([Recorded(0, CASE, 1, "note.made/9", at, "staff/MZ0001", "c", None, True)])
    assert (state.unknown_topics, state.events) == (["note.made/9"], 1)


# The document


def test_document_masks_persons() -> None:
    payee = application.PayeeRegistered(bank="云岭农商行", account="6299010000000000018", holder="罗国强")
    contact = application.ContactRegistered(telephone="19912342345", address="白马镇小寨村1组")
    explained = decision.DecisionExplained(occurred_on=day("2024-03-28"), reason="罗国强电话19912342345")
    text = str(describe(fold(records(*OPENED, payee, contact, explained)), "2024-04"))
    for secret in ("罗国强", "520121196203153012", "6299010000000000018", "19912342345", "小寨村"):
        assert secret not in text
    for shown in ("罗**", "520121********3012", "6299***********0018", "199****2345", "MZ0002"):
        assert shown in text
    assert "罗国强" in str(describe(fold(records(*OPENED)), "2024-04", reveal=True))


def test_document_of_an_empty_state_is_pending() -> None:
    document = describe(CaseState(), "2024-04")
    assert (document["status"], document["due_fen"], document["application"]) == ("pending", 0, None)


def test_changes_name_the_path_and_both_values() -> None:
    listed = records(*OPENED, settled("A"))
    before, after = (describe(fold(listed[:count]), LAST_MONTH) for count in (3, 5))
    changes = changes_between(before, after)
    assert changes["due_fen"] == [0, 67600]
    assert changes["status"] == ["pending", "active"]
    assert changes["grant.effective_from"] == [None, "2024-04"]
    paid = changes_between(after, describe(fold(listed), LAST_MONTH))
    assert paid["transfers.A.status"] == [None, "settled"]
    assert "month" not in {**changes, **paid}


def test_since_is_the_first_month_of_the_unbroken_time() -> None:
    dates = {"occurred_on": day("2024-06-20")}
    state = fold(
        records(
            *OPENED,
            change.BenefitSuspended(effective_from="2024-07", **dates),
            change.BenefitResumed(effective_from="2024-09", amount_fen=67600, **dates),
            change.BenefitResumed(effective_from="2024-10", amount_fen=67700, **dates),
        )
    )
    found = [(describe(state, month)["status"], describe(state, month)["since"]) for month in ("2024-08", "2024-12")]
    assert found == [("suspended", "2024-07"), ("active", "2024-09")]


def test_every_sealed_text_of_a_case_is_masked_by_name_or_read_as_free_text() -> None:
    naming = {
        field
        for event in HANDLERS
        for field in event.SEALED_FIELDS
        if any(word in field for word in ("name", "citizen", "account", "holder", "telephone", "address", "village"))
    }
    assert naming <= set(MASKS)
    assert (
        mask_text("证件520121196203153012，案号SQ52012120240300017")
        == "证件520***********3012，案号SQ52012120240300017"
    )


# Days in the world


def test_details_borrow_the_day_of_what_they_belong_to() -> None:
    listed = records(
        SUBMITTED,
        ACCEPTED,
        JOINED,
        settled("A", "2024-06"),
        payment.PaymentAttributed(transfer="A", month="2024-01"),
        payment.PaymentInstructed(batch="F", pay_month="2024-05", month="2024-05", amount_fen=1),
        verification.SurveyRemarked(surveyed_on=day("2024-03-08"), opinion="符合"),
        RowCompleted(
            source={"file": {"stream": "import/1", "seq": 1}, "row": 2}, cites=Citation(stream=CASE, seq=2), cells=None
        ),
        appeal.AppealReceived(
            cites=Citation(stream="appeal/S", seq=1),
            number="S",
            kind=AppealKind.LAWSUIT,
            occurred_on=day("2024-07-01"),
        ),
        appeal.AppealGroundsStated(number="S", grounds="不服"),
    )
    assert [str(found) for found in world_days(listed).values()] == [
        "2024-03-04",
        "2024-03-05",
        "2024-03-04",
        "2024-06-10",
        "2024-06-10",
        "2024-05-01",
        "2024-03-08",
        "2024-03-05",
        "2024-07-01",
        "2024-07-01",
    ]
