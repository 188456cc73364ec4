"""What a register says at an early position is what a fold of just those entries says."""

import datetime
import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.intake.loader import load_delivery
from domain.events.base import Event
from domain.recorded import Recorded
from ledger.hashing import suite_named
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from projections.caseload import caseload
from projections.cases import cases
from projections.changes import changes
from projections.decisions import decisions
from projections.filings import filings
from projections.follower import Follower
from projections.imports import imports
from projections.month_end import caseload_month_end
from projections.payments import payments
from projections.publicity import publicity
from projections.reconciliation import reconcile
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
from projections.sqlite import SQLiteDatabase

COUNTY = Path(__file__).parents[2].parent / "shared" / "county"
ORIGIN = "county.example/ledger"
AS_OF = datetime.date(2024, 9, 30)
SAMPLES = 9

QUERIES: tuple[Callable[[SQLiteDatabase, Scope], Any], ...] = (
    appeals,
    caseload,
    caseload_month_end,
    cases,
    changes,
    credit,
    deaths,
    decisions,
    entrustments,
    filings,
    imports,
    intake,
    payments,
    publicity,
    reconcile,
    recoveries,
    reviews,
    standards,
    temporary_aid,
    verifications,
)

pytestmark = pytest.mark.skipif(not COUNTY.exists(), reason="the shared county is not here")


class Prefix:
    """The first entries of a ledger, as a ledger that ends there."""

    def __init__(self, ledger: Ledger, size: int) -> None:
        self.ledger, self.size, self.keys = ledger, size, ledger.keys

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Recorded]:
        return self.ledger.selected(topics, opened, start, stop)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("known-at")
    suite = suite_named("mingzhang/v1")
    with (
        KeyStore.create(folder / "keys", ORIGIN, suite) as keys,
        Ledger.create(f"sqlite:///{folder / 'county.db'}", ORIGIN, suite, keys) as made,
    ):
        clock = datetime.datetime(2025, 1, 6, 9, tzinfo=datetime.UTC)
        load_delivery(made, keys, [COUNTY], by="system/import", clock=lambda: clock, progress=lambda name, count: None)
        yield made


@pytest.fixture(scope="module")
def database(ledger: Ledger) -> Iterator[SQLiteDatabase]:
    registers = SQLiteDatabase.private()
    Follower(ledger, registers).catch_up()
    yield registers
    registers.close()


@pytest.mark.parametrize("tenth", range(1, SAMPLES))
def test_every_register_at_a_position_equals_registers_made_of_the_entries_before_it(
    ledger: Ledger, database: SQLiteDatabase, tenth: int
) -> None:
    position = ledger.size * tenth // SAMPLES
    fresh = SQLiteDatabase.private()
    Follower(Prefix(ledger, position), fresh).catch_up()
    for query in QUERIES:
        early = query(database, Scope(known_at=position))
        assert json.dumps(early) == json.dumps(query(fresh, Scope())), query.__name__


@pytest.mark.parametrize("tenth", range(1, SAMPLES + 1))
def test_roll_and_money_at_a_position_equal_a_plain_fold(
    ledger: Ledger, database: SQLiteDatabase, plain_cases: Callable[[int], "dict[str, PlainCase]"], tenth: int
) -> None:
    position = ledger.size * tenth // SAMPLES
    folded = plain_cases(position)
    found = caseload(database, Scope(as_of=AS_OF, known_at=position))
    month = f"{AS_OF:%Y-%m}"
    active = {number: case for number, case in folded.items() if case.status(month) in ("active", "grace")}
    assert {row["case"] for row in found["rows"] if row["status"] in ("active", "grace")} == set(active)
    assert sum(row["due_fen"] for row in found["totals"]) == sum(case.amount_fen(month) for case in active.values())
    assert sum(row["active_persons"] for row in found["totals"]) == sum(case.people(month) for case in active.values())
    classes = reconcile(database, Scope(known_at=position))["classes"]
    known = sum(found["paid_fen"] for name, found in classes.items() if name != "unknown_case")
    assert known == sum(case.paid_fen for case in folded.values() if case.programme)
    assert classes["unknown_case"]["paid_fen"] == sum(c.paid_fen for c in folded.values() if not c.programme)


class PlainCase:
    """A case folded the plain way: steps (month, day, rank, position, value); the last one not after a month wins."""

    def __init__(self) -> None:
        self.programme = ""
        self.starts_from: str | None = None
        self.outcome = ""
        self.paid_fen = 0
        self.statuses: list[tuple[str, str, int, int, str]] = []
        self.amounts: list[tuple[str, str, int, int, int]] = []
        self.counted: dict[int, list[str | None]] = {}

    def status(self, month: str) -> str:
        starts = self.starts_from
        if self.outcome == "refused":
            starts = min((step[0] for step in self.statuses if step[2] == 2), default=None)
        if starts is None or month < starts or self.outcome not in ("confirmed", "refused"):
            return "none"
        steps = sorted(step for step in self.statuses if step[0] <= month)
        return steps[-1][4] if steps else "active"

    def amount_fen(self, month: str) -> int:
        steps = sorted(step for step in self.amounts if step[0] <= month)
        return steps[-1][4] if steps else 0

    def people(self, month: str) -> int:
        return sum((start or "") <= month and (end is None or end > month) for start, end in self.counted.values())


STATUS_OF = {
    "benefit.stopped/1": "stopped",
    "benefit.suspended/1": "suspended",
    "benefit.resumed/1": "active",
    "grace.started/1": "grace",
}
OUTCOME_OF = {
    "application.confirmed/1": "confirmed",
    "application.refused/1": "refused",
    "application.terminated/1": "terminated",
}


@pytest.fixture(scope="module")
def plain_cases(ledger: Ledger) -> Callable[[int], dict[str, PlainCase]]:
    """Return what folds the first entries of the log by hand, reading each of them."""
    told = list(ledger.events(open_sealed=False))

    def fold(position: int) -> dict[str, PlainCase]:
        cases: dict[str, PlainCase] = {}
        for recorded in told[:position]:
            kind, _, name = recorded.stream.partition("/")
            event: Any = recorded.event
            if kind == "case" or (kind == "batch" and getattr(event, "case", None)):
                case = cases.setdefault(name if kind == "case" else event.case, PlainCase())
                _apply(case, recorded, event)
        return cases

    return fold


# Private


def _apply(case: PlainCase, recorded: Recorded, event: Any) -> None:
    topic = recorded.topic
    if topic == "application.submitted/1":
        case.programme = event.programme
    elif topic == "payment.settled/1":
        case.paid_fen += event.amount_fen
    elif topic == "member.joined/1" and event.counted:
        case.counted[event.member] = [None, None]
    elif topic == "member.counted/1" and event.member in case.counted:
        case.counted[event.member] = [event.counted_from, event.counted_until]
    elif topic in OUTCOME_OF:
        case.outcome = OUTCOME_OF[topic]
    elif topic == "entitlement.granted/1":
        case.starts_from = event.effective_from
        _step(case, recorded, event, 0)
    elif topic == "appeal.applied/1" and event.outcome in ("变更", "撤销"):
        _step(case, recorded, event, 2, "active")
    elif topic in STATUS_OF or topic in ("benefit.increased/1", "benefit.decreased/1", "household.changed/1"):
        _step(case, recorded, event, 1, STATUS_OF.get(topic))


def _step(case: PlainCase, recorded: Recorded, event: Event | Any, rank: int, status: str | None = None) -> None:
    place = (event.effective_from, event.occurred_on.isoformat(), rank, recorded.position)
    if status is not None:
        case.statuses.append((*place, status))
    amount_fen = getattr(event, "amount_fen", None)
    if amount_fen is not None:
        case.amounts.append((*place, amount_fen))
