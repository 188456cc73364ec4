"""A small sealed ledger with two checkpoints, made once, and copies of its file to be attacked."""

import datetime
import shutil
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.result import Verification
from audit.verification import verify
from domain.events.base import Event
from domain.events.ledger import KeyAnnounced, LedgerOpened
from domain.events.payment import PaymentSettled
from domain.events.person import DeathRecorded
from ledger.checkpoint import Checkpoint
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.note import Verifier
from ledger.signer_state import STATE_NAME, sign_checkpoint
from ledger.sqlite import SQLiteStore

ORIGIN = "county.example/ledger"
START = datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
SIZE = 61
CHECKPOINTS = (25, 49)


@dataclass(frozen=True)
class Made:
    """A sound ledger on disk: its file, its key folder, the notes over it, the positions that begin a command."""

    path: Path
    keys: Path
    notes: dict[int, bytes]
    vkey: str

    def open_keys(self) -> KeyStore:
        return KeyStore.open(self.keys, ORIGIN, SHA256)


class Copy:
    """A copy of the file for somebody who owns it: guards are taken away for each act and put back after it."""

    def __init__(self, made: Made, path: Path) -> None:
        self.made = made
        self.path = path

    def run(self, *statements: str | tuple[str, tuple[object, ...]]) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            guards = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            database.execute("BEGIN")
            for name, _ in guards:
                database.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                query, parameters = (statement, ()) if isinstance(statement, str) else statement
                database.execute(query, parameters)
            for _, text in guards:
                database.execute(text)
            database.execute("COMMIT")

    def rows(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(query, parameters).fetchall()

    def verify(
        self, *, keys: bool = True, state: bool = False, vkey: str | None = None, since: bytes | None = None
    ) -> Verification:
        """Verify the copy, by the express way and the slow one alone, which must agree in every word.

        `state` says whether the signer's memory is beside the keys.
        """
        with closing(SQLiteStore.open(self.path, read_only=True)) as store:
            opened = None
            if keys:
                folder = self.path.with_name("keys")
                if not folder.exists():
                    shutil.copytree(self.made.keys, folder)
                if not state:
                    (folder / STATE_NAME).unlink(missing_ok=True)
                opened = KeyStore.open(folder, ORIGIN, SHA256)
            try:
                verifier = Verifier.parse(vkey) if vkey else None
                result = verify(store, keys=opened, log_verifier=verifier, since=since)
                slow = verify(store, keys=opened, log_verifier=verifier, since=since, express=False)
                assert result == slow
                return result
            finally:
                if opened:
                    opened.close()


def fill(ledger: Ledger) -> None:
    """Record commands of one to four entries in several streams, some of them sealed."""
    number = 0
    first: list[tuple[str, Event]] = [
        ("ledger/main", LedgerOpened()),
        (
            "ledger/main",
            KeyAnnounced(purpose="log-signing", vkey=ledger.keys.verifier_key() if ledger.keys else ""),
        ),
    ]
    batches = [first]
    while sum(map(len, batches)) < SIZE:
        number += 1
        room = SIZE - sum(map(len, batches))
        batches.append([_event(number, at) for at in range(min(1 + number % 4, room))])
    for day, batch in enumerate(batches):
        drafts = tuple(Draft(stream, event) for stream, event in batch)
        with ledger.recording(lambda day=day: START + day * DAY) as recording:
            recording.record(Command(str(uuid.uuid4()), "staff/MZ0001", drafts))


def _event(number: int, at: int) -> tuple[str, Event]:
    if (number + at) % 5 == 0:
        return f"person/p{number % 3}", DeathRecorded(citizen_id=f"5201211962031530{number:02}", reported_by="测试甲")
    event = PaymentSettled(
        transfer=f"T{number}-{at}",
        batch="B1",
        cash_month="2026-03",
        occurred_on=datetime.date(2026, 3, 10),
        amount_fen=82_500 + number,
        holder="测试乙" if number % 2 else None,
    )
    return f"case/c{(number + at) % 4}", event


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The sound ledger; nobody writes to it."""
    folder = tmp_path_factory.mktemp("sound")
    path, key_folder = folder / "ledger.db", folder / "keys"
    notes = {}
    with KeyStore.create(key_folder, ORIGIN, SHA256) as keys:
        with Ledger.create(f"sqlite:///{path}", ORIGIN, SHA256, keys) as ledger:
            fill(ledger)
            heads = {head.size: head.root for head in ledger.store.heads()}
            sizes = [min(size for size in heads if size >= wanted) for wanted in CHECKPOINTS]
            for size in sizes:
                notes[size] = sign_checkpoint(keys, Checkpoint(ORIGIN, size, heads[size]), heads.__getitem__)
                ledger.store.add_checkpoint(size, notes[size])
            assert ledger.size == SIZE
        vkey = keys.verifier_key()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    return Made(path, key_folder, notes, vkey)


@pytest.fixture
def copies(made: Made, tmp_path: Path) -> Callable[[], Copy]:
    """Makes copies of the sound ledger's file."""
    numbers = iter(range(1_000_000))

    def copy() -> Copy:
        path = tmp_path / f"copy-{next(numbers)}.db"
        shutil.copyfile(made.path, path)
        return Copy(made, path)

    return copy


@pytest.fixture
def copy(copies: Callable[[], Copy]) -> Copy:
    """One copy."""
    return copies()
