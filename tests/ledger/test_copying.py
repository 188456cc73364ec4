"""Copying a log: every row of every table, from either store into the other, its guards awake again afterwards."""

import errno
import sqlite3
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.copying import copy_log
from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256, SM3
from ledger.postgres_new_log import holds_ledger, postgres_new_log
from ledger.sqlite_copy import put_in_new_place, written_beside
from ledger.store import Reader
from ledger.store_errors import AlreadyInitialised, DatabaseBusy, StoreDamaged, StoreError
from ledger.stores import open_store
from ledger.urls import PostgresAddress, SQLiteAddress, parse_url
from ledger.writer import prepared

ROWS = ("records", "commands", "blob_positions", "heads", "tiles", "checkpoints")


def contents(log: Reader) -> dict[str, object]:
    return {"log": (log.origin, log.suite), "head": log.head(), **{name: list(getattr(log, name)()) for name in ROWS}}


def copied(log: Reader, url: str, **options: Any) -> None:
    """Copy a log to a new place of either store."""
    address = parse_url(url)
    if isinstance(address, PostgresAddress):
        with postgres_new_log(address, log.origin, log.suite) as target:
            copy_log(log, target, **options)
        return
    with written_beside(log, address.path, **options) as copy:
        put_in_new_place(copy, address.path)


def filled(store: Any, commands: Any, transactions: int = 40, per_transaction: int = 9) -> Any:
    """Record commands of one entry and of several, a transaction at a time: parts of tiles, and several tiles."""
    for number in range(transactions):
        with store.writer() as writer:
            for case in range(per_transaction):
                writer.append(commands.made(writer, [f"case/{case}"] * (1 + number % 2)))
    store.add_checkpoint(9, b"one note\n")
    store.add_checkpoint(store.head().size, b"a note\n")
    store.add_checkpoint(store.head().size, b"another note over the same entries\n")
    return store


@pytest.fixture
def new_url(tmp_path: Path, new_postgres: Any) -> Any:
    numbers = iter(range(1_000))
    return lambda kind: new_postgres() if kind == "postgres" else f"sqlite:///{tmp_path}/copy-{next(numbers)}.db"


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_copy_has_every_row_of_every_table_and_goes_on(make_store, commands, new_url, target):
    source = filled(make_store(), commands)
    url = new_url(target)
    with source.snapshot() as log:
        copied(log, url)
    with open_store(url) as copy:
        assert contents(copy) == contents(source)
        with copy.inspection() as inspection:
            assert list(inspection.faults()) == []
        with copy.writer() as writer:
            writer.append(commands.made(writer, ["case/0", "case/new"]))
        assert copy.head().size == source.head().size + 2


@pytest.mark.parametrize("suite", [SHA256, SM3])
def test_empty_log_and_log_of_another_suite_are_copied(make_store, new_url, target, suite):
    source = make_store(suite)
    url = new_url(target)
    copied(source, url)
    with open_store(url) as copy:
        assert contents(copy) == contents(source)


def test_progress_ends_with_all_entries(make_store, commands, new_url, target):
    source = filled(make_store(), commands, transactions=3, per_transaction=400)
    told: list[tuple[int, int]] = []
    copied(source, new_url(target), on_progress=lambda done, total: told.append((done, total)))
    size = source.head().size
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) == 1 + size // 1_000


def test_snapshot_is_copied_as_it_was_however_much_is_recorded_meanwhile(make_store, commands, new_url, target):
    source = filled(make_store(), commands, transactions=10)
    url, before = new_url(target), contents(source)

    def record(done: int, total: int) -> None:
        with source.writer() as writer:
            writer.append(commands.made(writer, ["case/late"]))

    with source.snapshot() as log:
        copied(log, url, on_progress=record)
    assert source.head().size == before["head"].size + 1
    with open_store(url) as copy:
        assert contents(copy) == before


def test_rows_are_copied_a_few_at_a_time(make_store, new_url, target):
    source, prev, at = make_store(), NO_PREVIOUS, "2026-11-21T08:00:00.000000Z"
    with source.writer() as writer:
        for seq in range(1, 401):
            entry = Entry(
                *(SHA256.name, source.origin, "case/1", seq, "note.made/1", prev, at, "staff/MZ0001"),
                *(f"00000000-0000-4000-8000-{seq:012d}", 1, 1, None, {"text": "字" * 20_000}),
            )
            data = encode_entry(entry)
            prev = SHA256.leaf(data)
            writer.append([prepared(SHA256, source.origin, entry, data, None)])
    url = new_url(target)
    with source.snapshot() as log:
        tracemalloc.start()
        copied(log, url)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 8_000_000 < 400 * 60_000


def test_copy_that_fails_leaves_nothing(make_sqlite, commands, new_url, tmp_path):
    source = filled(make_sqlite(), commands, transactions=2)
    before = sorted(tmp_path.iterdir())

    def fail(done: int, total: int) -> None:
        raise StoreDamaged(where="here", expected="no fault", found="one", mend="none")

    for kind in ("sqlite", "postgres"):
        url = new_url(kind)
        with pytest.raises(StoreDamaged):
            copied(source, url, on_progress=fail)
        with pytest.raises(StoreError):
            open_store(url)
    assert sorted(tmp_path.iterdir()) == before


def test_nobody_sees_a_new_log_before_it_is_committed_but_it_can_be_inspected(make_sqlite, commands, new_postgres):
    source, url = filled(make_sqlite(), commands), new_postgres()
    address = parse_url(url)
    with postgres_new_log(address, source.origin, source.suite) as target:
        copy_log(source, target)
        assert not holds_ledger(address)
        with target.inspection() as inspection:
            assert contents(inspection) == contents(source)
            assert list(inspection.faults()) == []
            both = zip(inspection.records(), inspection.commands(), strict=False)  # two readings at once
            assert sum(1 for _ in both) == len(list(source.commands()))
    assert holds_ledger(address)


def test_new_log_is_made_over_nothing_and_a_kept_one_gives_way_to_nobody_who_is_busy(make_postgres, superuser):
    store = make_postgres()
    address = store.address
    store.close()
    with pytest.raises(AlreadyInitialised), postgres_new_log(address, "county.example/ledger", SHA256):
        pass
    using = superuser(address.url)
    with pytest.raises(DatabaseBusy), postgres_new_log(address, "county.example/ledger", SHA256, kept="kept"):
        pass
    using.close()
    with postgres_new_log(address, "county.example/ledger", SHA256, kept="kept"):
        pass
    raw = superuser(address.url)
    schemas = {row[0] for row in raw.execute("SELECT nspname FROM pg_namespace").fetchall()}
    assert schemas >= {"kept", "mingzhang", "mingzhang_registers"}


def test_file_of_a_copy_is_for_its_owner_alone_and_has_no_other_beside_it(make_store, commands, tmp_path):
    source = filled(make_store(), commands, transactions=2)
    (tmp_path / "archive").mkdir()
    url = f"sqlite:///{tmp_path}/archive/copy.db"
    copied(source, url)
    address = parse_url(url)
    assert isinstance(address, SQLiteAddress)
    assert [path.name for path in (tmp_path / "archive").iterdir()] == ["copy.db"]
    assert stat.S_IMODE(address.path.stat().st_mode) == 0o600


def test_copy_gets_its_name_once_on_a_disk_that_knows_no_links(make_sqlite, commands, tmp_path, monkeypatch):
    def refuse(*_names: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    source = filled(make_sqlite(), commands, transactions=2)
    url = f"sqlite:///{tmp_path}/copy.db"
    copied(source, url)
    with open_store(url, read_only=True) as copy:
        before = contents(copy)
        assert before == contents(source)
    with pytest.raises(AlreadyInitialised):
        copied(make_sqlite(), url)
    with open_store(url, read_only=True) as copy:
        assert contents(copy) == before


BREAKS = {
    "a doubled place in a stream": (
        "ALTER TABLE mingzhang.entries DROP CONSTRAINT entries_stream_seq_key",
        "UPDATE mingzhang.entries SET seq = 1 WHERE position = 20",
    ),
    "a root of a byte": (
        "ALTER TABLE mingzhang.heads DROP CONSTRAINT heads_root_check",
        "UPDATE mingzhang.heads SET root = '\\x00' WHERE size = 9",
    ),
    "a command twice": (
        "DROP INDEX mingzhang.entries_by_command",
        "UPDATE mingzhang.entries SET command = (SELECT command FROM mingzhang.entries WHERE position = 1)"
        " WHERE position = 3",
    ),
}


@pytest.mark.parametrize("statements", BREAKS.values(), ids=BREAKS)
def test_rows_that_no_ledger_can_hold_are_told_apart_from_a_failed_disk(
    make_postgres, commands, tmp_path, superuser, statements
):
    source = filled(make_postgres(), commands, transactions=4)
    raw = superuser(source.address.url)
    raw.execute("SET session_replication_role = replica")
    for table in ("entries", "heads"):
        raw.execute(f"ALTER TABLE mingzhang.{table} DISABLE TRIGGER USER")
    for statement in statements:
        raw.execute(statement)
    with pytest.raises(StoreDamaged, match="rows that a ledger can hold"):
        copied(source, f"sqlite:///{tmp_path}/copy.db")
    assert list(tmp_path.iterdir()) == []


def test_command_without_its_entry_is_not_left_out_silently(make_sqlite, commands, new_url, superuser):
    source = filled(make_sqlite(), commands, transactions=2)
    path = source.path
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER commands_insert")
    connection.execute("INSERT INTO commands (position, n, command) VALUES (5000, 1, 'of no entry')")
    connection.commit()
    connection.close()
    url = new_url("postgres")
    with pytest.raises(StoreDamaged, match="of no entry"):
        copied(source, url)
    with psycopg.connect(url) as raw:
        assert raw.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'mingzhang'").fetchone() is None
