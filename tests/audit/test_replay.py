"""A case told from the log itself: history, two clocks, cited streams, money kept in batches."""

import datetime
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.case_records import CaseUnknown, case_records, near_cases
from audit.replay import history, replay, standing, window
from audit.sources import Place
from domain.case import entitlement_of
from domain.events import appeal, application, change, decision, household, payment, recovery
from domain.events.base import Event
from domain.events.delivery import DeliveryDescribed, FileReceived
from domain.fields import Citation, Source
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    Channel,
    FileKind,
    HouseholdRelation,
    Programme,
    RecoveryCause,
    RepaymentManner,
    StopGround,
)
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger

ORIGIN = "county.example/ledger"
NOW = datetime.datetime(2026, 11, 21, 8, tzinfo=datetime.UTC)
CASE = "SQ52012120240300017"
STREAM = f"case/{CASE}"
SOURCE = Source(file=Citation(stream="import/000001", seq=1), sheet=2, row=7)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def transfer(number: str, month: str, case: str = CASE) -> payment.PaymentSettled:
    on = day(f"{month}-10")
    return payment.PaymentSettled(
        transfer=number, batch="FF1", cash_month=month, occurred_on=on, amount_fen=67600, case=case, holder="罗国强"
    )


STEPS: list[list[tuple[str, Event]]] = [
    [
        (
            "import/000001",
            FileReceived(file=1, kind=FileKind.APPLICATIONS, name="申请.xlsx", sha256="00", sheets=("甲乡", "乙乡")),
        )
    ],
    [("import/000001", DeliveryDescribed(first_month="2024-04", closing_date=day("2024-12-31")))],
    [
        ("batch/FF1", transfer("EARLY", "2024-04")),
        ("batch/FF1", payment.PaymentAttributed(transfer="EARLY", month="2024-03")),
    ],
    [("batch/FF1", transfer("FOREIGN", "2024-04", "SQ52012120240300099"))],
    [
        (
            STREAM,
            application.ApplicationSubmitted(
                programme=Programme.RURAL,
                channel=Channel.OWN,
                occurred_on=day("2024-03-04"),
                head_name="罗国强",
                source=SOURCE,
            ),
        ),
        (STREAM, application.ApplicationAccepted(occurred_on=day("2024-03-05"), officer="MZ0009", source=SOURCE)),
    ],
    [(STREAM, household.MemberJoined(member=1, relation=HouseholdRelation.SELF, counted=True, name="罗国强"))],
    [
        (STREAM, decision.ApplicationConfirmed(occurred_on=day("2024-03-28"), delegated=False)),
        (
            STREAM,
            decision.EntitlementGranted(occurred_on=day("2024-03-28"), effective_from="2024-04", amount_fen=67600),
        ),
    ],
    [(STREAM, transfer("A", "2024-04"))],
    [
        (
            STREAM,
            change.BenefitStopped(occurred_on=day("2024-06-20"), effective_from="2024-07", ground=StopGround.FRAUD),
        )
    ],
    [
        (
            "recovery/ZJ1",
            recovery.RecoveryOrdered(
                order="ZJ1", case=CASE, cause=RecoveryCause.FRAUD, occurred_on=day("2024-06-21"), refund_fen=67600
            ),
        ),
        (
            STREAM,
            recovery.RepaymentDemanded(
                cites=Citation(stream="recovery/ZJ1", seq=1),
                order="ZJ1",
                cause=RecoveryCause.FRAUD,
                occurred_on=day("2024-06-21"),
                refund_fen=67600,
            ),
        ),
    ],
    [
        (
            "recovery/ZJ1",
            recovery.RecoveryRepaid(
                order="ZJ1", occurred_on=day("2024-08-01"), amount_fen=600, manner=RepaymentManner.INSTALMENT
            ),
        )
    ],
    [
        (
            "appeal/SS1",
            appeal.AppealLodged(number="SS1", case=CASE, kind=AppealKind.LAWSUIT, occurred_on=day("2024-09-20")),
        ),
        (
            STREAM,
            appeal.AppealReceived(
                cites=Citation(stream="appeal/SS1", seq=1),
                number="SS1",
                kind=AppealKind.LAWSUIT,
                occurred_on=day("2024-09-20"),
            ),
        ),
        (
            STREAM,
            appeal.AppealApplied(
                cites=Citation(stream="appeal/SS1", seq=1),
                number="SS1",
                occurred_on=day("2024-11-08"),
                outcome=AppealOutcome.REVOKED,
                amount_fen=67600,
                effective_from="2024-07",
            ),
        ),
    ],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("replay")
    url = f"sqlite:///{made}/county.db"
    with KeyStore.create(made / "keys", ORIGIN, SHA256) as keys, Ledger.create(url, ORIGIN, SHA256, keys) as ledger:
        for step in STEPS:
            drafts = tuple(Draft(stream, event) for stream, event in step)
            with ledger.recording(lambda: NOW) as recording:
                recording.record(Command(str(uuid.uuid4()), "staff/MZ0001", drafts))
    return made


@pytest.fixture(scope="module")
def ledger(folder: Path) -> Iterator[Ledger]:
    url = f"sqlite:///{folder}/county.db"
    with KeyStore.open(folder / "keys", ORIGIN, SHA256) as keys, Ledger.open(url, keys, read_only=True) as opened:
        yield opened


@pytest.fixture
def closed(folder: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{folder}/county.db", None, read_only=True) as opened:
        yield opened


def test_history_has_the_cited_streams_and_the_money_of_batches_in_order(ledger: Ledger) -> None:
    found = [(line.recorded.stream, line.recorded.topic) for line in history(ledger, CASE)]
    expected = [
        (stream, event.TOPIC)
        for step in STEPS
        for stream, event in step
        if not stream.startswith("import/") and getattr(event, "transfer", None) != "FOREIGN"
    ]
    assert found == expected
    positions = [line.recorded.position for line in history(ledger, CASE)]
    assert positions == sorted(positions)


def test_history_tells_where_an_entry_came_from(ledger: Ledger, closed: Ledger) -> None:
    opened, shut = (
        next(line.place for line in history(one, CASE) if line.recorded.topic == "application.accepted/1")
        for one in (ledger, closed)
    )
    assert opened == Place("申请.xlsx", "乙乡", 7)
    assert shut == Place("import/000001#1", "2", 7)


def test_history_tells_what_each_entry_changed(ledger: Ledger) -> None:
    changes = {line.recorded.topic: line.changes for line in history(ledger, CASE)}
    assert changes["entitlement.granted/1"]["due_fen"] == [0, 67600]
    assert changes["benefit.stopped/1"]["status"] == ["active", "stopped"]
    assert changes["appeal.applied/1"]["status"] == ["stopped", "active"]
    assert changes["recovery.repaid/1"]["recoveries.ZJ1.outstanding_fen"] == [67600, 67000]
    assert "罗国强" not in str(changes)


def test_money_that_named_the_case_before_it_was_loaded_counts(ledger: Ledger) -> None:
    state = standing(ledger, CASE).state
    assert set(state.transfers) == {"EARLY", "A"}
    assert (state.paid_fen("2024-03"), state.paid_fen("2024-04")) == (67600, 67600)


@pytest.mark.parametrize(
    ("as_of", "status", "due_fen"),
    [
        ("2024-03-27", "pending", 0),
        ("2024-04-30", "active", 67600),
        ("2024-07-31", "stopped", 0),
        ("2024-11-07", "stopped", 0),
        ("2024-11-08", "active", 67600),
    ],
)
def test_replay_shows_the_case_as_it_stood_on_the_day(ledger: Ledger, as_of: str, status: str, due_fen: int) -> None:
    found = replay(ledger, CASE, as_of=day(as_of))
    entitlement = entitlement_of(found.state)
    assert (found.month, entitlement.status_in(found.month).value) == (as_of[:7], status)
    assert entitlement.due_fen(found.month) == due_fen
    assert all(line.occurred_on is None or line.occurred_on <= day(as_of) for line in found.lines)
    assert found.left_out + len(found.lines) == len(history(ledger, CASE))


def test_standing_selects_the_month_and_hides_no_decision(ledger: Ledger) -> None:
    found = standing(ledger, CASE, as_of=day("2024-07-31"))
    assert (found.month, entitlement_of(found.state).status_in("2024-07").value) == ("2024-07", "active")


def test_replay_at_a_position_knows_the_entries_before_it(ledger: Ledger) -> None:
    granted = next(line for line in history(ledger, CASE) if line.recorded.topic == "entitlement.granted/1")
    before = replay(ledger, CASE, known_at=granted.recorded.position)
    after = replay(ledger, CASE, known_at=granted.recorded.position + 1)
    assert (before.state.grant, after.state.grant is None) == (None, False)
    assert replay(ledger, CASE, known_at=0).lines == ()


def test_without_a_day_the_month_is_that_of_the_closing_date_known(ledger: Ledger) -> None:
    assert window(ledger) == ("2024-04", day("2024-12-31"))
    assert window(ledger, known_at=1) == (None, None)
    assert (replay(ledger, CASE).as_of, replay(ledger, CASE).left_out) == (day("2024-12-31"), 0)


def test_without_keys_the_course_is_told_and_persons_are_not(closed: Ledger) -> None:
    found = replay(closed, CASE)
    assert entitlement_of(found.state).due_fen("2024-12") == 67600
    assert found.state.unopened == 4
    assert found.state.members[1].name is None


def test_unknown_case_is_refused_with_near_numbers(ledger: Ledger) -> None:
    with pytest.raises(CaseUnknown) as refused:
        case_records(ledger, "SQ52012120240300018")
    assert refused.value.near == (CASE,)
    assert CASE in str(refused.value)
    assert near_cases(ledger, "0300017") == (CASE,)
    with pytest.raises(CaseUnknown):
        case_records(ledger, "")


def test_number_with_money_only_has_a_history(ledger: Ledger) -> None:
    assert [line.recorded.topic for line in history(ledger, "SQ52012120240300099")] == ["payment.settled/1"]
