"""The PostgreSQL store: its guards against other programs, many writers, cut connections, and what is no ledger."""

import multiprocessing
import os
import re
import signal
import threading
import time

import psycopg
import pytest

from ledger.hashing import SHA256
from ledger.store_errors import (
    AlreadyInitialised,
    DatabaseBusy,
    DatabaseFailed,
    NotALedger,
    StoreDamaged,
    StoreError,
    UnsupportedSchema,
)
from ledger.stores import create_store, open_store

FORK = multiprocessing.get_context("fork")
ORIGIN = "county.example/ledger"


@pytest.fixture
def store(make_postgres, commands):
    store = make_postgres()
    with store.writer() as writer:
        for number in range(300):
            writer.append(commands.made(writer, [f"case/{number % 4}"]))
    store.add_checkpoint(300, b"note\n")
    return store


@pytest.fixture
def raw(store, superuser):
    """The database as any other program opens it, as the superuser."""
    return superuser(store.address.url)


TABLES = ("log", "entries", "heads", "tiles", "checkpoints")
COLUMN = {"log": "value", "entries": "blob", "heads": "root", "tiles": "hashes", "checkpoints": "note"}
ENTRY = "INSERT INTO mingzhang.entries (position, stream, seq, type, at, by, command, entry)"
ROW = "'note.made/1', 'at', 'by', 'command', '\\x00'"
ZEROS = "decode(repeat('00', 32), 'hex')"
REFUSED = [
    *[f"DELETE FROM mingzhang.{table}" for table in TABLES],
    *[f"TRUNCATE mingzhang.{table}" for table in TABLES],
    *[f"UPDATE mingzhang.{table} SET {column} = {column}" for table, column in COLUMN.items()],
    "DELETE FROM mingzhang.entries WHERE position = 299",
    "DELETE FROM mingzhang.entries WHERE position = 1000",
    "SET session_replication_role = replica; DELETE FROM mingzhang.entries",
    "WITH gone AS (DELETE FROM mingzhang.entries RETURNING *) SELECT count(*) FROM gone",
    "INSERT INTO mingzhang.log VALUES ('origin', 'o') ON CONFLICT (key) DO UPDATE SET value = 'other.example/ledger'",
    f"{ENTRY} VALUES (301, 'case/9', 1, {ROW})",
    f"{ENTRY} VALUES (300, 'case/9', 2, {ROW})",
    f"{ENTRY} VALUES (300, 'case/9', 1, {ROW}), (302, 'case/8', 1, {ROW})",
    f"{ENTRY} VALUES (300, 'case/9', 1, {ROW}), (301, 'case/9', 3, {ROW})",
    f"INSERT INTO mingzhang.heads VALUES (299, {ZEROS})",
    f"INSERT INTO mingzhang.heads VALUES (301, {ZEROS})",
    f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 1, 45, {ZEROS})",
    f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 2, 1, {ZEROS})",
]  # fmt: skip
TAKEN = [
    "INSERT INTO mingzhang.log VALUES ('origin', 'other.example/ledger')",
    f"{ENTRY} VALUES (7, 'case/9', 1, {ROW})",
    f"{ENTRY} VALUES (300, 'case/3', 2, {ROW})",
    f"{ENTRY} VALUES (NULL, 'case/9', 1, {ROW})",
    f"INSERT INTO mingzhang.heads VALUES (300, {ZEROS})",
    f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 0, 0, {ZEROS})",
    f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 0, 256, {ZEROS})",
    "INSERT INTO mingzhang.checkpoints VALUES (300, 'note\n')",
]


def rows_of(raw):
    return {table: raw.execute(f"SELECT * FROM mingzhang.{table} ORDER BY 1, 2").fetchall() for table in TABLES}


def test_database_itself_refuses_to_change_history(raw):
    before = rows_of(raw)
    for statement in REFUSED:
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
            raw.execute(statement)
    for statement in TAKEN:
        with pytest.raises(psycopg.errors.IntegrityError):
            raw.execute(statement)
    assert rows_of(raw) == before


def test_sound_database_has_no_faults(store):
    with store.inspection() as inspection:
        assert list(inspection.faults()) == []


TAMPERING = {
    "trigger entries_change": "ALTER TABLE mingzhang.entries DISABLE TRIGGER entries_change",
    "trigger heads_truncate": "DROP TRIGGER heads_truncate ON mingzhang.heads",
    "trigger tiles_change": "ALTER TABLE mingzhang.tiles ENABLE TRIGGER tiles_change",
    "trigger further": "CREATE TRIGGER further BEFORE INSERT ON mingzhang.entries EXECUTE FUNCTION mingzhang.refuse()",
    "function refuse": "CREATE OR REPLACE FUNCTION mingzhang.refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RETURN NULL; END'",
    "function tip": "DROP FUNCTION mingzhang.tip",
    "constraint entries_stream_seq_key": "ALTER TABLE mingzhang.entries DROP CONSTRAINT entries_stream_seq_key",
    "constraint heads_root_check": "ALTER TABLE mingzhang.heads DROP CONSTRAINT heads_root_check",
    "index entries_by_command": "DROP INDEX mingzhang.entries_by_command",
    "column entries.at": "DROP VIEW mingzhang.opened_entries;"
    " ALTER TABLE mingzhang.entries ALTER at TYPE timestamptz USING at::timestamptz",
    "column entries.stream": "ALTER TABLE mingzhang.entries ALTER stream DROP NOT NULL",
    "column log.more": "ALTER TABLE mingzhang.log ADD more text",
    "rule hidden": "CREATE RULE hidden AS ON INSERT TO mingzhang.heads DO INSTEAD NOTHING",
    "table checkpoints": "DROP TABLE mingzhang.checkpoints",
    "policy part": "CREATE POLICY part ON mingzhang.entries USING (position < 100)",
}


@pytest.mark.parametrize("name", TAMPERING)
def test_changed_guards_are_named(store, raw, name):
    raw.execute(TAMPERING[name])
    with store.inspection() as inspection:
        assert name in [fault.object for fault in inspection.faults()]


def test_part_of_a_tile_out_of_place_is_named(store, raw):
    """Joined in the order of their starts the parts still look right; the next append would not."""
    raw.execute("ALTER TABLE mingzhang.tiles DISABLE TRIGGER ALL")
    last = "(SELECT max(idx) FROM mingzhang.tiles WHERE level = 0)"
    raw.execute(f"UPDATE mingzhang.tiles SET start = start + 100 WHERE level = 0 AND idx = {last}")
    raw.execute("ALTER TABLE mingzhang.tiles ENABLE ALWAYS TRIGGER tiles_change")
    with store.inspection() as inspection:
        assert "table tiles, part of 0/1" in [fault.object for fault in inspection.faults()]


def test_superuser_without_guards_changes_what_is_stored(store, raw):
    """So that verification has something to find: the guards stop slips, not the owner."""
    raw.execute("ALTER TABLE mingzhang.entries DISABLE TRIGGER ALL")
    raw.execute("UPDATE mingzhang.entries SET entry = '\\x00' WHERE position = 7")
    assert store.record(7).entry == b"\x00"


@pytest.mark.parametrize("table", ["heads", "entries", "tiles"])
def test_nothing_is_appended_to_a_log_that_contradicts_itself(store, raw, make_postgres, commands, table):
    raw.execute(f"ALTER TABLE mingzhang.{table} DISABLE TRIGGER ALL")
    where = {"heads": "true", "entries": "position = 299", "tiles": "level = 0 AND idx = 1"}[table]
    raw.execute(f"DELETE FROM mingzhang.{table} WHERE {where}")
    raw.execute(f"ALTER TABLE mingzhang.{table} ENABLE TRIGGER ALL")
    with pytest.raises(StoreDamaged, match="audit verify"), make_postgres.open().writer():
        pass
    with pytest.raises(StoreError), store.writer() as writer:  # which knows what it wrote last
        writer.append(commands.made(writer, ["case/9"]))


def test_commit_waits_for_the_disk(store):
    with store.datastore.get_connection() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == {"synchronous_commit": "on"}


def test_lock_held_by_another_program_is_reported(store, raw, monkeypatch):
    monkeypatch.setattr("ledger.postgres_connection.LOCK_TIMEOUT_SECONDS", 0.2)
    raw.execute("BEGIN; SELECT mingzhang.tip('mingzhang append')")
    with open_store(f"{store.address.url}") as other, pytest.raises(DatabaseBusy), other.writer():
        pass
    raw.execute("ROLLBACK")


# Many writers


def test_sixteen_processes_append_without_a_fork_in_the_log(make_postgres, commands):
    make_postgres().close()
    processes = [FORK.Process(target=append_twenty, args=(make_postgres.url, commands, name)) for name in range(16)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(100)
    assert [process.exitcode for process in processes] == [0] * 16
    assert_dense_and_in_commit_order(make_postgres.open(), 16 * 30)


def test_sixteen_threads_of_one_store_append_without_a_fork_in_the_log(make_postgres, commands):
    store = make_postgres()
    threads = [threading.Thread(target=append_with, args=(store, commands, name)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert_dense_and_in_commit_order(store, 16 * 30)


def append_twenty(url, commands, name):
    with open_store(url) as store:
        append_with(store, commands, name)


def append_with(store, commands, name):
    for number in range(20):
        with store.writer() as writer:
            own = f"case/{name}"
            writer.append(commands.made(writer, [own, "batch/shared"] if number % 2 else [own]))


def assert_dense_and_in_commit_order(store, size):
    records = list(store.records())
    assert [one.position for one in records] == list(range(size))
    assert [one.seq for one in records if one.stream == "batch/shared"] == list(range(1, 161))
    assert len(list(store.heads())) == 320
    tree = SHA256.empty_root
    with store.writer() as writer:  # whose tree is restored from the tiles
        tree = writer.finish().root
    assert (store.head().size, store.head().root) == (size, tree)


# Faults


def test_connection_cut_in_a_transaction_leaves_nothing(store, raw, commands):
    with pytest.raises(DatabaseFailed, match="nothing is recorded twice"), store.writer() as writer:
        for number in range(50):
            writer.append(commands.made(writer, [f"case/{number}"]))
        writer.flush()
        cut(raw)
    assert store.head().size == 300
    with store.writer() as writer:
        writer.append(commands.made(writer, ["case/1"]))
    assert store.head().size == 301


def test_error_that_was_swallowed_does_not_pass_for_a_commit(store, commands):
    with pytest.raises(StoreError), store.writer() as writer:
        writer.append(commands.made(writer, ["case/1"]))
        with pytest.raises(psycopg.Error):
            writer._one("SELECT 1 / 0")
    assert store.head().size == 300


def test_killed_client_leaves_nothing_and_holds_no_lock(store, commands):
    store.close()
    url = store.address.url
    process = FORK.Process(target=hold_the_lock, args=(url, commands))
    process.start()
    time.sleep(1)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with open_store(url) as again:
        with again.writer() as writer:
            writer.append(commands.made(writer, ["case/1"]))
        assert again.head().size == 301


def hold_the_lock(url, commands):
    with open_store(url) as store, store.writer() as writer:
        for number in range(3_000):
            writer.append(commands.made(writer, [f"case/{number}"]))
        time.sleep(60)


def cut(raw):
    raw.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


# What is no ledger


def test_databases_that_are_no_ledger_are_told_apart(new_postgres, superuser):
    url = new_postgres()
    with pytest.raises(NotALedger, match="without one"):
        open_store(url)
    with pytest.raises(NotALedger, match="does not exist"):
        open_store(re.sub(r"/[^/?]+\?", "/missing?", url))
    with pytest.raises(DatabaseFailed, match="a server that answers"):
        open_store("postgresql://nobody@/ledger?host=/nowhere")


def test_ledger_is_never_made_over_anything(store):
    before = store.head()
    with pytest.raises(AlreadyInitialised):
        create_store(store.address.url, ORIGIN, SHA256)
    assert store.head() == before


@pytest.mark.parametrize(("key", "value"), [("schema", "4"), ("suite", "mingzhang/v2")])
def test_ledger_of_a_later_version_is_named(store, raw, key, value):
    raw.execute("ALTER TABLE mingzhang.log DISABLE TRIGGER ALL")
    raw.execute("UPDATE mingzhang.log SET value = %s WHERE key = %s", (value, key))
    with pytest.raises(UnsupportedSchema, match=value):
        open_store(store.address.url)


def test_database_that_keeps_text_in_another_encoding_is_refused(new_postgres, superuser):
    url = new_postgres()
    superuser(url).execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with pytest.raises(DatabaseFailed, match="UTF8"):
        create_store(re.sub(r"/[^/?]+\?", "/latin?", url), ORIGIN, SHA256)
