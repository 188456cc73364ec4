"""Every step of keeping the registers fails, before or after it is done: each entry counts exactly once."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.events.application import ApplicationSubmitted
from domain.vocabulary import Channel, Programme
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from projections import batch as following
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


def contents(database: SQLiteDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every live table; equal only when nothing is lost and nothing doubled."""
    names = sorted(name for name in database.tables() if name.startswith("register_") and name != TRACKING)
    return {name: list(database.rows(f"SELECT * FROM {name} ORDER BY position, rowid")) for name in names}


@pytest.fixture
def ledger(faults: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(following, "BATCH_ENTRIES", 5)  # several batches
    keys = KeyStore.create(tmp_path / "keys", ORIGIN, SHA256)
    made = Ledger.create(f"sqlite:///{tmp_path / 'ledger.db'}", ORIGIN, SHA256, keys)
    record(made, "A")
    yield made
    made.close()
    keys.close()


def private_contents(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    database = SQLiteDatabase.private()
    Follower(ledger, database).catch_up()
    found = contents(database)
    database.close()
    return found


STEPS = {
    "lock": "BEGIN IMMEDIATE",
    "batch": "INSERT INTO register_(?!tracking)",
    "tracking row removed": f"DELETE FROM {TRACKING}",
    "tracking row": f"INSERT INTO {TRACKING}",
    "commit": "COMMIT",
}
REBUILD_STEPS = {
    "staged table": "CREATE TABLE register_next_",
    "staged batch": "INSERT INTO register_next_",
    "tracking row": f"INSERT INTO {TRACKING}",
    "old table dropped": "DROP TABLE register_",
    "renamed": "ALTER TABLE register_next_",
    "index": "CREATE INDEX",
    "lock": "BEGIN IMMEDIATE",
    "commit": "COMMIT",
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("reload", [True, False], ids=["a new process", "the same process"])
@pytest.mark.parametrize("step", STEPS)
def test_a_batch_whose_step_fails_is_followed_exactly_once(ledger, faults, tmp_path, step, when, reload):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    database = open_database(url)
    Follower(ledger, database).catch_up()
    record(ledger, "B")
    with faults.armed(STEPS[step], when), pytest.raises(ProjectionError):
        Follower(ledger, database).catch_up()
    if reload:
        database.close()
        database = open_database(url)
    assert Follower(ledger, database).catch_up() == 2 * CASES
    assert contents(database) == private_contents(ledger)
    database.close()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("reload", [True, False], ids=["a new process", "the same process"])
@pytest.mark.parametrize("step", REBUILD_STEPS)
def test_a_rebuild_whose_step_fails_leaves_the_old_registers_whole(ledger, faults, tmp_path, step, when, reload):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    database = open_database(url)
    Follower(ledger, database).catch_up()
    whole = private_contents(ledger)
    with faults.armed(REBUILD_STEPS[step], when), pytest.raises(ProjectionError):
        Follower(ledger, database).rebuild()
    if reload:
        database.close()
        database = open_database(url)
    live = {name: rows for name, rows in contents(database).items() if not name.startswith("register_next_")}
    assert live == whole
    assert Follower(ledger, database).rebuild() == CASES
    assert contents(database) == whole
    database.close()
