"""The SQLite store: its guards against other programs, its file, and the recorder of `eventsourcing`."""

import multiprocessing
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from ledger.hashing import SHA256
from ledger.sqlite_schema import statements
from ledger.store_errors import (
    AlreadyInitialised,
    DatabaseBusy,
    DatabaseFailed,
    NotALedger,
    StoreDamaged,
    UnsupportedSchema,
)
from ledger.stores import create_store, open_store

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def store(make_sqlite, commands):
    store = make_sqlite()
    with store.writer() as writer:
        for number in range(300):
            writer.append(commands.made(writer, [f"case/{number % 4}"]))
    store.add_checkpoint(300, b"note\n")
    return store


@pytest.fixture
def raw(store):
    """The database as any other program opens it, without our settings."""
    connection = sqlite3.connect(store.path, isolation_level=None)
    yield connection
    connection.close()


ROW = "'{stream}', {seq}, 'note.made/1', 'at', 'by', 'command', x'00'"
REFUSED = [
    "UPDATE log SET value = 'other.example/ledger' WHERE key = 'origin'",
    "UPDATE entries SET entry = x'00' WHERE position = 7",
    "UPDATE entries SET \"by\" = 'staff/other' WHERE position = 7",
    "UPDATE OR REPLACE entries SET position = 8 WHERE position = 7",
    "UPDATE commands SET n = 2 WHERE position = 7",
    "UPDATE heads SET root = zeroblob(32)",
    "UPDATE checkpoints SET note = x'00'",
    "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND idx = 0",
    "UPDATE tiles SET hashes = zeroblob(length(hashes) + 32) WHERE level = 0 AND idx = 1",
    "UPDATE tiles SET hashes = substr(hashes, 1, 32) WHERE level = 0 AND idx = 1",
    "UPDATE tiles SET hashes = hashes WHERE level = 0 AND idx = 1",
    "UPDATE tiles SET idx = 9 WHERE level = 0 AND idx = 1",
    *[f"DELETE FROM {table}" for table in ("log", "entries", "commands", "heads", "tiles", "checkpoints")],
    "DELETE FROM entries WHERE position = 299",
    "REPLACE INTO log VALUES ('origin', 'other.example/ledger')",
    f"REPLACE INTO entries VALUES (7, {ROW.format(stream='case/3', seq=2)})",
    f"REPLACE INTO entries VALUES (300, {ROW.format(stream='case/3', seq=2)})",
    f"INSERT INTO entries VALUES (301, {ROW.format(stream='case/9', seq=1)})",
    f"INSERT INTO entries VALUES (NULL, {ROW.format(stream='case/9', seq=1)})",
    f"INSERT INTO entries VALUES (300, {ROW.format(stream='case/9', seq=2)})",
    "INSERT INTO blobs VALUES (300, x'00')",
    "REPLACE INTO commands SELECT * FROM commands WHERE position = 7",
    "REPLACE INTO commands SELECT 300, 1, command FROM commands WHERE position = 7",
    "REPLACE INTO heads VALUES (300, zeroblob(32))",
    "INSERT INTO heads VALUES (299, zeroblob(32))",
    "INSERT INTO heads VALUES (301, zeroblob(32))",
    "REPLACE INTO tiles VALUES (0, 0, zeroblob(32))",
    "REPLACE INTO checkpoints VALUES (300, CAST('note\n' AS BLOB))",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_database_itself_refuses_to_change_history(raw, statement):
    before = list(raw.iterdump())
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only"):
        raw.execute(statement)
    assert list(raw.iterdump()) == before


def test_blobs_are_guarded_too(raw, store):
    raw.execute("INSERT INTO blobs VALUES (5, x'0102')")
    for statement in (
        "UPDATE blobs SET blob = x'00'",
        "DELETE FROM blobs",
        "REPLACE INTO blobs VALUES (5, x'00')",
        "INSERT INTO blobs VALUES (4, x'00')",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="blobs: append-only"):
            raw.execute(statement)
    assert store.record(5).blob == b"\x01\x02"
    assert list(store.blob_positions()) == [5]


def test_every_table_has_three_guards():
    tables = [one.split()[2] for one in statements() if one.startswith("CREATE TABLE")]
    guards = [one.split()[2] for one in statements() if one.startswith("CREATE TRIGGER")]
    assert sorted(guards) == sorted(f"{table}_{verb}" for table in tables for verb in ("insert", "update", "delete"))


def test_commit_waits_for_the_disk(store):
    with store.datastore.transaction(commit=False) as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2  # FULL


def test_lock_held_by_another_program_is_reported(store, raw, monkeypatch):
    monkeypatch.setattr("ledger.sqlite_connection.BUSY_TIMEOUT_SECONDS", 0)
    raw.execute("BEGIN IMMEDIATE")
    with open_store(f"sqlite:///{store.path}") as other, pytest.raises(DatabaseBusy), other.writer():
        pass


@pytest.mark.parametrize("statement", ["DELETE FROM heads", "DELETE FROM tiles WHERE level = 0 AND idx = 1"])
def test_nothing_is_appended_to_a_log_that_contradicts_itself(store, raw, statement):
    raw.execute("DROP TRIGGER heads_delete")
    raw.execute("DROP TRIGGER tiles_delete")
    raw.execute(statement)
    with pytest.raises(StoreDamaged, match="audit verify"), store.writer():
        pass


def test_reading_given_up_may_outlive_its_store_but_not_go_on(store):
    given_up, going_on = store.records(), store.records()
    assert (next(given_up).position, next(going_on).position) == (0, 0)
    store.close()
    del given_up
    with pytest.raises(DatabaseFailed, match="closed"):
        list(going_on)
    with pytest.raises(DatabaseFailed, match="closed"):
        store.head()


# The file


def test_files_that_are_no_ledger_are_told_apart(tmp_path):
    with pytest.raises(NotALedger, match="no such file"):
        open_store(f"sqlite:///{tmp_path}/missing.db")
    assert not (tmp_path / "missing.db").exists()
    with pytest.raises(NotALedger, match="a folder"):
        open_store(f"sqlite:///{tmp_path}")
    (tmp_path / "text.db").write_text("not a database, whatever it is called\n")
    with pytest.raises(NotALedger, match="another kind"):
        open_store(f"sqlite:///{tmp_path}/text.db", read_only=True)
    (tmp_path / "empty.db").touch()
    with pytest.raises(NotALedger, match="an empty file"):
        open_store(f"sqlite:///{tmp_path}/empty.db")
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + bytes(200))
    with pytest.raises(NotALedger, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/torn.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE log (line)")
    other.close()
    with pytest.raises(NotALedger, match="something else"):
        open_store(f"sqlite:///{tmp_path}/other.db", read_only=True)


@pytest.mark.parametrize(("key", "value"), [("schema", "2"), ("suite", "mingzhang/v2")])
def test_ledger_of_a_later_version_is_named(store, raw, key, value):
    raw.execute("DROP TRIGGER log_update")
    raw.execute("UPDATE log SET value = ? WHERE key = ?", (value, key))
    with pytest.raises(UnsupportedSchema, match=value):
        open_store(f"sqlite:///{store.path}")


def test_ledger_is_never_made_over_anything(store, tmp_path):
    before = store.head()
    (tmp_path / "text.db").write_text("text")
    for path in (store.path, tmp_path / "text.db", tmp_path):
        with pytest.raises(AlreadyInitialised):
            create_store(f"sqlite:///{path}", "county.example/ledger", SHA256)
    assert (store.head(), (tmp_path / "text.db").read_text()) == (before, "text")
    with pytest.raises(DatabaseFailed, match="no such folder"):
        create_store(f"sqlite:///{tmp_path}/none/ledger.db", "county.example/ledger", SHA256)
    (tmp_path / "blank.db").touch()
    assert create_store(f"sqlite:///{tmp_path}/blank.db", "county.example/ledger", SHA256).head().size == 0


def test_path_with_unusual_letters_is_opened(tmp_path):
    folder = tmp_path / "开阳县 100%?#"
    folder.mkdir()
    create_store(f"sqlite:///{folder}/明账.db", "county.example/ledger", SHA256).close()
    assert open_store(f"sqlite:///{folder}/明账.db", read_only=True).head().size == 0


def test_copy_in_a_folder_that_cannot_be_written_is_read(store):
    store.close()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(store.path, f"{folder}/ledger.db"))
        copy.chmod(0o444)
        copy.parent.chmod(0o555)
        process = FORK.Process(target=read_as_an_ordinary_user, args=(f"sqlite:///{copy}",))
        process.start()
        process.join(30)
        copy.parent.chmod(0o755)
    assert process.exitcode == 0


def read_as_an_ordinary_user(url):
    if os.geteuid() == 0:  # who may write everything
        os.setgid(65534)
        os.setuid(65534)
    with open_store(url, read_only=True) as reader:
        assert len(list(reader.records())) == reader.head().size == 300
