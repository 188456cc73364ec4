"""Every step of storing fails, before or after it is done: nothing acknowledged is lost, nothing is doubled."""

import datetime
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.verification import Verification, verify
from domain.events.application import ApplicationAccepted, ApplicationSubmitted
from domain.vocabulary import Channel, Programme
from ledger.checkpoint import Checkpoint
from ledger.errors import LedgerError
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.signer_state import read_state, sign_checkpoint
from ledger.store_errors import CommandRepeated, DatabaseFailed
from ledger.tiles import root_from_tiles

ORIGIN = "county.example/ledger"
DAY = datetime.date(2024, 3, 4)
FIRST = 300  # entries before the fault: more than a tile, so that a full one and a partial one both stand

STEPS = {
    "lock": "BEGIN IMMEDIATE",
    "entries": "INSERT INTO entries",
    "blobs": "INSERT INTO blobs",
    "commands": "INSERT INTO commands",
    "new tile": "INSERT INTO tiles",
    "grown tile": "UPDATE tiles",
    "head": "INSERT INTO heads",
    "commit": r"commit\(\)",
    "sealing keys": "INSERT INTO sealing_key",
    "sealing keys' commit": "COMMIT",
}


class Desk:
    """A ledger with its keys, which can be closed and opened again, as a new process would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url = f"sqlite:///{home / 'ledger.db'}"
        KeyStore.create(home / "keys", ORIGIN, SHA256).close()
        Ledger.create(self.url, ORIGIN, SHA256, None).close()
        self._open()

    def reopen(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self.ledger.close()
        self.keys.close()

    def send(self, command: Command) -> None:
        """Record a command as a careful client does: once, whatever became of the first attempt."""
        with self.ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
            if recording.find(command.id) is None:
                recording.record(command)

    def checked(self) -> Verification:
        found = verify(self.ledger.store, keys=self.keys)
        assert found.sound, found.findings[:3]
        assert found.size == self.ledger.size
        assert all(one.opened for one in self.ledger.events())
        return found

    def sign(self) -> bytes:
        store = self.ledger.store
        head = store.head()
        asked = Checkpoint(ORIGIN, head.size, head.root)
        note = sign_checkpoint(self.keys, asked, lambda size: root_from_tiles(SHA256, size, store.tile))
        store.add_checkpoint(head.size, note)
        return note

    def _open(self) -> None:
        self.keys = KeyStore.open(self.home / "keys", ORIGIN, SHA256)
        self.ledger = Ledger.open(self.url, self.keys)


def command(case: str, count: int = 2) -> Command:
    submitted = ApplicationSubmitted(
        programme=Programme.RURAL, channel=Channel.OWN, occurred_on=DAY, region="520121101", head_name="罗国强"
    )
    drafts = [Draft(f"case/{case}", submitted)]
    drafts += [Draft(f"case/{case}", ApplicationAccepted(occurred_on=DAY)) for _ in range(count - 1)]
    return Command(str(uuid.uuid4()), "staff/MZ0001", tuple(drafts))


@pytest.fixture
def desk(faults: Any, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.send(command("FIRST", FIRST))
    yield made
    made.close()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("reload", [True, False], ids=["a new process", "the same process"])
def test_a_command_whose_step_fails_is_recorded_once_when_it_is_sent_again(desk, faults, step, when, reload):
    count = 2 if step != "new tile" else 250  # the second tile of level 0 begins at entry 512
    wanted = command("SECOND", count)
    with faults.armed(STEPS[step], when), pytest.raises((LedgerError, OSError)):
        desk.send(wanted)
    if reload:
        desk.reopen()
    persisted = (step, when) == ("commit", "after")
    assert desk.ledger.size == FIRST + (count if persisted else 0)
    desk.checked()
    desk.send(wanted)
    desk.send(wanted)
    found = desk.ledger.find(wanted.id)
    assert found is not None and [one.position for one in found] == list(range(FIRST, FIRST + count))
    assert desk.checked().size == FIRST + count


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lock_of_the_key_ring_that_fails_is_not_held_on(desk, faults, when):
    desk.keys.key_for("case/SECOND")
    with faults.armed("BEGIN IMMEDIATE", when), pytest.raises(LedgerError):
        desk.keys.flush()
    other = sqlite3.connect(desk.home / "keys" / "sealing.db", timeout=0.1, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.close()
    desk.send(command("SECOND"))
    assert desk.checked().size == FIRST + 2


def test_a_command_sent_again_without_asking_is_refused_after_a_commit_that_was_reported_failed(desk, faults):
    wanted = command("SECOND")
    with faults.armed("INSERT INTO heads", "before"), pytest.raises(LedgerError):
        desk.send(wanted)
    with faults.armed(r"commit\(\)", "after"), pytest.raises(DatabaseFailed):
        desk.send(wanted)
    with (
        pytest.raises(CommandRepeated),
        desk.ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording,
    ):
        recording.record(wanted)
    assert desk.checked().size == FIRST + 2


def test_a_full_disk_at_the_commit_leaves_no_lock_behind(desk, faults):
    wanted = command("SECOND")
    with faults.armed(r"commit\(\)", "before", sqlite3.SQLITE_FULL), pytest.raises(DatabaseFailed, match="full"):
        desk.send(wanted)
    other = sqlite3.connect(desk.home / "ledger.db", timeout=0.1, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.close()
    desk.send(wanted)
    assert desk.checked().size == FIRST + 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "step", ["os.fsync", "os.replace", "BEGIN IMMEDIATE", "INSERT INTO checkpoints", r"commit\(\)"]
)
def test_a_checkpoint_whose_step_fails_is_signed_and_kept_once_when_it_is_asked_again(desk, faults, step, when):
    first = desk.sign()
    desk.send(command("SECOND"))
    with faults.armed(step, when), pytest.raises((LedgerError, OSError)):
        desk.sign()
    desk.reopen()
    desk.checked()
    state = read_state(desk.home / "keys", ORIGIN)
    assert state is not None and state.size in (FIRST, FIRST + 2)
    again = desk.sign()
    assert desk.sign() == again
    kept = list(desk.ledger.store.checkpoints())
    assert [(one.size, one.note) for one in kept] == [(FIRST, first), (FIRST + 2, again)]
    assert desk.checked().anchor.size == FIRST + 2
    left = [path.name for path in (desk.home / "keys").iterdir() if path.name.startswith(".")]
    assert left == []
