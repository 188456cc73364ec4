"""Registers that several processes make are those that one makes, and a process that is killed changes nothing."""

import datetime
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain.events.application import ApplicationAccepted, ApplicationSubmitted
from domain.events.household import MemberJoined
from domain.vocabulary import Channel, HouseholdRelation, Programme
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.place import LedgerPlace
from projections import batch as batch_module
from projections.database import Database
from projections.databases import open_database
from projections.errors import WorkerLost
from projections.follower import Follower
from projections.register import Register
from projections.registry import REGISTERS
from projections.tracking import TRACKING
from projections.workers import Workers

ORIGIN = "county.example/ledger"
CASES = 25  # 75 entries, in batches of seven


class County(NamedTuple):
    """A ledger with keys, its registers, and where other processes find it."""

    ledger: Ledger
    database: Database
    place: LedgerPlace

    def follower(self, jobs: int = 1, place: LedgerPlace | None = None) -> Follower:
        workers = Workers(jobs, (place or self.place).opened) if jobs > 1 else None
        return Follower(self.ledger, self.database, workers=workers)

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every live table, in the order in which the table holds them."""
        names = sorted(name for name in self.database.tables() if name.startswith("register_") and name != TRACKING)
        return {name: list(self.database.rows(f"SELECT * FROM {name}")) for name in names}


@pytest.fixture(params=["sqlite", "postgres"])
def county(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setattr(batch_module, "BATCH_ENTRIES", 7)
    url = f"sqlite:///{tmp_path}/ledger.db" if request.param == "sqlite" else request.getfixturevalue("new_postgres")()
    with (
        KeyStore.create(tmp_path / "keys", ORIGIN, SHA256) as keys,
        Ledger.create(url, ORIGIN, SHA256, keys) as ledger,
    ):
        record(ledger, "A")
        database = open_database(url)
        yield County(ledger, database, LedgerPlace(url, keys.place))
        database.close()


def record(ledger: Ledger, name: str) -> None:
    assert ledger.keys is not None
    day = datetime.date(2024, 3, 1)
    with ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
        for number in range(CASES):
            submitted = ApplicationSubmitted(
                programme=Programme.RURAL, channel=Channel.OWN, occurred_on=day, region="520121101", head_name="罗国强"
            )
            joined = MemberJoined(
                member=1, relation=HouseholdRelation.SELF, counted=True, name="罗国强", citizen_id=f"p{number}"
            )
            drafts = tuple(
                Draft(f"case/{name}{number}", event)
                for event in (submitted, ApplicationAccepted(occurred_on=day), joined)
            )
            recording.record(Command(ledger.keys.command_id(name, str(number)), "staff/MZ0001", drafts))


def killing(done_at: int) -> Callable[[int, int], None]:
    """Return a listener that kills every helping process once so many entries are followed."""

    def listen(done: int, size: int) -> None:
        if done == done_at:
            for process in multiprocessing.active_children():
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)

    return listen


def test_two_processes_make_what_one_makes(county: County) -> None:
    county.follower().rebuild()
    alone = county.contents()
    seen: list[int] = []
    assert county.follower(jobs=2).rebuild(lambda done, size: seen.append(done)) == county.ledger.size
    assert county.contents() == alone
    assert len(alone["register_member"]) == CASES
    assert all(person is not None for *_, person in alone["register_member"])  # opened in the other processes
    assert seen == sorted(seen) and seen[-1] == county.ledger.size


def test_a_killed_process_is_told_and_the_registers_stay_as_they_were(county: County) -> None:
    county.follower().rebuild()
    before = county.contents()
    with pytest.raises(WorkerLost, match="--jobs"):
        county.follower(jobs=2).rebuild(killing(7))
    live = {name: rows for name, rows in county.contents().items() if not name.startswith("register_next_")}
    assert live == before
    assert county.follower().status().current
    county.follower(jobs=2).rebuild()
    assert county.contents() == before


def test_entries_that_a_process_could_not_map_are_mapped_by_the_asking_one(county: County, tmp_path: Path) -> None:
    county.follower().rebuild()
    alone = county.contents()
    nowhere = LedgerPlace(f"sqlite:///{tmp_path}/nowhere.db", None)
    county.follower(jobs=2, place=nowhere).rebuild()
    assert county.contents() == alone


def test_entries_that_come_meanwhile_are_followed_once(county: County) -> None:
    def append(done: int, size: int) -> None:
        if done == 14 and county.ledger.size == 3 * CASES:
            record(county.ledger, "B")

    assert county.follower(jobs=2).rebuild(append) == 6 * CASES
    together = county.contents()
    county.follower().rebuild()
    assert county.contents() == together
    assert len(together["register_application"]) == 2 * CASES


def test_another_process_that_was_faster_doubles_nothing(county: County) -> None:
    def overtake(done: int, size: int) -> None:
        if done == 14:
            county.follower().catch_up()

    county.follower(jobs=2).rebuild(overtake)
    together = county.contents()
    county.follower().rebuild()
    assert county.contents() == together


def test_registers_that_other_processes_cannot_know_are_refused(county: County) -> None:
    own = Register("own", (), {})
    with pytest.raises(ValueError, match=r"projections\.registry"):
        Follower(county.ledger, county.database, (*REGISTERS, own), Workers(2, county.place.opened))
