"""Every step of keeping the registers fails, before or after it is done: each entry counts exactly once."""

import datetime
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from domain.events.application import ApplicationSubmitted
from domain.vocabulary import Channel, Programme
from ledger.errors import LedgerError
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from projections import batch as following
from projections.database import Database
from projections.databases import open_database
from projections.errors import ProjectionError
from projections.follower import Follower
from projections.sqlite import SQLiteDatabase
from projections.tracking import TRACKING

ORIGIN = "county.example/ledger"
CASES = 12


def submitted(day: int) -> Any:
    return ApplicationSubmitted(
        programme=Programme.RURAL,
        channel=Channel.OWN,
        occurred_on=datetime.date(2024, 3, day),
        region="520121101",
        head_name="罗国强",
    )


def record(ledger: Ledger, name: str) -> None:
    assert ledger.keys is not None
    with ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
        for number in range(1, CASES + 1):
            draft = Draft(f"case/{name}{number}", submitted(number))
            recording.record(Command(ledger.keys.command_id(name, str(number)), "staff/MZ0001", (draft,)))


def contents(database: Database, *, staged: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table; equal only when nothing is lost and nothing doubled."""
    names = sorted(name for name in database.tables() if name.startswith("register_") and name != TRACKING)
    chosen = [name for name in names if staged or not name.startswith("register_next_")]
    return {name: sorted(database.rows(f"SELECT * FROM {name}"), key=repr) for name in chosen}


def private_contents(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    database = SQLiteDatabase.private()
    Follower(ledger, database).catch_up()
    found = contents(database)
    database.close()
    return found


@pytest.fixture
def ledger(place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(following, "BATCH_ENTRIES", 5)  # several batches
    keys = KeyStore.create(tmp_path / "keys", ORIGIN, SHA256)
    made = Ledger.create(place.new_url(), ORIGIN, SHA256, keys)
    record(made, "A")
    yield made
    made.close()
    keys.close()


@pytest.fixture
def registers(place: Any, ledger: Ledger) -> Iterator["Registers"]:
    made = Registers(str(getattr(ledger.store, "address", "")) or f"sqlite:///{ledger.store.path}")
    yield made
    made.database.close()


class Registers:
    """The registers beside a ledger, which can be closed and opened again, as a new process would."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.database = open_database(url)

    def reopen(self) -> None:
        self.database.close()
        self.database = open_database(self._url)


STEPS = {
    "sqlite": {
        "lock": "BEGIN IMMEDIATE",
        "batch": "INSERT INTO register_(?!tracking)",
        "tracking row removed": f"DELETE FROM {TRACKING}",
        "tracking row": f"INSERT INTO {TRACKING}",
        "commit": "COMMIT",
    },
    "postgres": {
        "question": f"FROM {TRACKING}",
        "begin": "^BEGIN",
        "lock": "pg_advisory_xact_lock",
        "batch": "^COPY register_",
        "batch's data": "CopyData 1 of COPY register_",
        "batch's end": "CopyDone of COPY register_",
        "tracking row removed": f"DELETE FROM {TRACKING}",
        "tracking row": f"INSERT INTO {TRACKING}",
        "commit": r"\bCOMMIT\b",
    },
}
REBUILD_STEPS = {
    "sqlite": {
        "staged table": "CREATE TABLE register_next_",
        "staged batch": "INSERT INTO register_next_",
        "tracking row": f"INSERT INTO {TRACKING}",
        "old table dropped": "DROP TABLE register_",
        "renamed": "ALTER TABLE register_next_",
        "index": "CREATE INDEX",
        "lock": "BEGIN IMMEDIATE",
        "commit": "COMMIT",
    },
    "postgres": {
        "staged table": "CREATE TABLE register_next_",
        "staged batch": "COPY register_next_",
        "tracking row": f"INSERT INTO {TRACKING}",
        "old table dropped": "DROP TABLE register_",
        "renamed": "ALTER TABLE register_next_",
        "index": "CREATE INDEX",
        "lock": "pg_advisory_xact_lock",
        "commit": r"\bCOMMIT\b",
    },
}
WAYS = {"sqlite": ["before", "after"], "postgres": ["before", "after", "killed"]}


def cases(steps: dict[str, dict[str, str]]) -> list[Any]:
    """Return every step in every way; PostgreSQL's go on in a new process after a lost answer only, to save time."""
    return [
        pytest.param(place, pattern, when, reload, id=f"{place}-{step}-{when}-{process} process")
        for place in steps
        for (step, pattern), when, (reload, process) in product(
            steps[place].items(), WAYS[place], [(True, "new"), (False, "same")]
        )
        if place == "sqlite" or reload == (when == "after")
    ]


@pytest.mark.parametrize(("place", "step", "when", "reload"), cases(STEPS), indirect=["place"])
def test_a_batch_whose_step_fails_is_followed_exactly_once(place, ledger, registers, step, when, reload):
    Follower(ledger, registers.database).catch_up()
    record(ledger, "B")
    with place.armed(step, when), pytest.raises((ProjectionError, LedgerError)):
        Follower(ledger, registers.database).catch_up()
    if reload:
        registers.reopen()
    assert Follower(ledger, registers.database).catch_up() == 2 * CASES
    assert contents(registers.database) == private_contents(ledger)


@pytest.mark.parametrize(("place", "step", "when", "reload"), cases(REBUILD_STEPS), indirect=["place"])
def test_a_rebuild_whose_step_fails_leaves_the_old_registers_whole(place, ledger, registers, step, when, reload):
    Follower(ledger, registers.database).catch_up()
    whole = private_contents(ledger)
    with place.armed(step, when), pytest.raises((ProjectionError, LedgerError)):
        Follower(ledger, registers.database).rebuild()
    if reload:
        registers.reopen()
    assert contents(registers.database, staged=False) == whole
    assert Follower(ledger, registers.database).rebuild() == CASES
    assert contents(registers.database) == whole


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
@pytest.mark.parametrize("when", ["before", "after", "killed"])
@pytest.mark.parametrize("number", [1, 2, 5, 6])
def test_a_rebuild_whose_nth_commit_fails_leaves_registers_that_answer(place, ledger, registers, number, when):
    """The commits: staged tables dropped, made, filled in three batches, and put in the place of the live ones."""
    Follower(ledger, registers.database).catch_up()
    whole = private_contents(ledger)
    with place.armed(r"\bCOMMIT\b", when, number), pytest.raises((ProjectionError, LedgerError)):
        Follower(ledger, registers.database).rebuild()
    assert contents(registers.database, staged=False) == whole
    assert Follower(ledger, registers.database).catch_up() == CASES
    assert contents(registers.database, staged=False) == whole
    assert Follower(ledger, registers.database).rebuild() == CASES
    assert contents(registers.database) == whole
