"""Appending at one go in PostgreSQL: the same as with the lock, whoever else writes, and nothing left when it fails."""

import threading
import uuid

import pytest

from ledger import merkle
from ledger.entry import parse_entry
from ledger.hashing import SHA256
from ledger.postgres import PostgresStore
from ledger.store_errors import CommandRepeated, DatabaseFailed, StreamConflict
from ledger.tiles import root_from_tiles


def append_one(store, commands, streams=("case/1",), command=None):
    """Append one command with an entry for each stream; return the positions and how often it was tried."""
    tries = []

    def body(writer):
        tries.append(writer)
        return writer.append(commands.made(writer, streams, command))

    return store.write(body, len(streams)), len(tries)


def assert_sound(store):
    leaves = [SHA256.leaf(record.entry) for record in store.records()]
    prevs = {}
    for position, record in enumerate(store.records()):
        entry = parse_entry(record.entry)
        assert (record.position, entry.prev) == (position, prevs.get(entry.stream, bytes(32)))
        prevs[entry.stream] = leaves[position]
    assert store.head() == (len(leaves), merkle.root(SHA256, leaves))
    assert root_from_tiles(SHA256, len(leaves), store.tile) == store.head().root
    assert [head.root for head in store.heads()] == [merkle.root(SHA256, leaves[: h.size]) for h in store.heads()]
    return len(leaves)


@pytest.fixture
def store(make_postgres, commands):
    """A store that knows its tip, and that nobody else writes."""
    store = make_postgres()
    for _ in range(3):
        append_one(store, commands)
    return store


@pytest.fixture
def raw(store, superuser):
    return superuser(store.address.url)


def test_small_commands_need_no_transaction_of_their_own(store, commands, monkeypatch):
    monkeypatch.setattr(PostgresStore, "writer", lambda self: pytest.fail("took the lock first"))
    assert append_one(store, commands) == (range(3, 4), 1)
    assert append_one(store, commands, ["case/1", "case/2", "case/1"]) == (range(4, 7), 1)
    assert append_one(store, commands, ["case/9"]) == (range(7, 8), 1)
    assert assert_sound(store) == 8


def test_tiles_fill_up_as_they_do_with_the_lock(store, commands):
    for number in range(130):
        append_one(store, commands, [f"case/{number % 7}"] * 5)
    assert assert_sound(store) == 653


def test_two_stores_that_take_turns_append_without_a_fork(store, make_postgres, commands):
    other = make_postgres.open()
    for number in range(8):
        positions, _ = append_one(other if number % 2 else store, commands, ["case/1", "case/2"])
        assert positions.start == 3 + 2 * number
    assert assert_sound(store) == 19


def test_moved_tip_is_seen_before_anything_is_inserted(store, make_postgres, commands):
    append_one(make_postgres.open(), commands, ["case/2"])
    assert append_one(store, commands) == (range(4, 5), 2)
    assert assert_sound(store) == 5


def test_stream_that_moved_on_is_read_again(store, make_postgres, commands):
    append_one(make_postgres.open(), commands, ["case/1"])
    assert append_one(store, commands, ["case/1"]) == (range(4, 5), 2)
    assert [record.seq for record in store.stream("case/1")] == [1, 2, 3, 4, 5]


def test_what_is_refused_without_the_lock_is_asked_again_with_it(store, commands):
    class NotYetError(Exception):
        pass

    tries = []

    def body(writer):
        tries.append(writer)
        if len(tries) == 1:
            raise NotYetError
        return writer.append(commands.made(writer, ["case/1"]))

    assert store.write(body, 1) == range(3, 4)
    assert assert_sound(store) == 4


def test_tip_that_moves_while_the_lock_is_awaited_is_seen(store, make_postgres, commands, raw):
    done = []
    with make_postgres.open().writer() as other:
        other.append(commands.made(other, ["case/1"]))
        thread = threading.Thread(target=lambda: done.append(append_one(store, commands)))
        thread.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while raw.execute(waiting).fetchone()[0] == 0:
            pass
    thread.join(30)
    assert done == [(range(4, 5), 2)]
    assert assert_sound(store) == 5


def test_command_recorded_before_is_refused_and_leaves_nothing(store, commands):
    command = str(uuid.uuid4())
    append_one(store, commands, ["case/1"], command)
    with pytest.raises(CommandRepeated, match="position 3"):
        append_one(store, commands, ["case/2"], command)
    assert append_one(store, commands, ["case/2"])[0] == range(4, 5)
    assert assert_sound(store) == 5


def test_entry_that_does_not_follow_is_refused_and_leaves_nothing(store, commands):
    with pytest.raises(StreamConflict):
        store.write(lambda writer: writer.append([commands.made(writer, ["case/1"])[0]._replace(seq=9)]), 1)
    assert append_one(store, commands)[0] == range(3, 4)
    assert assert_sound(store) == 4


def test_error_in_the_last_part_of_the_statement_undoes_the_first(store, commands, raw):
    raw.execute("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'")
    raw.execute("CREATE TRIGGER broken AFTER INSERT ON mingzhang.heads EXECUTE FUNCTION broken()")
    with pytest.raises(DatabaseFailed):
        append_one(store, commands)
    assert assert_sound(store) == 3
    raw.execute("DROP TRIGGER broken ON mingzhang.heads")
    assert append_one(store, commands)[0] == range(3, 4)
    assert assert_sound(store) == 4


def test_lost_connection_leaves_nothing_and_the_store_goes_on(store, commands, raw):
    def body(writer):
        writer.append(commands.made(writer, ["case/1"]))
        raw.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    with pytest.raises(DatabaseFailed, match="nothing is recorded twice"):
        store.write(body, 1)
    assert assert_sound(store) == 3
    assert append_one(store, commands)[0] == range(3, 4)


def test_other_log_of_the_same_size_is_not_gone_on_from(store, commands, raw):
    """As after a restore behind the store's back: the size is the known one, the root is not."""
    raw.execute("ALTER TABLE mingzhang.heads DISABLE TRIGGER ALL")
    raw.execute("UPDATE mingzhang.heads SET root = sha256('other') WHERE size = 3")
    assert append_one(store, commands) == (range(3, 4), 2)


def test_what_needs_the_whole_log_is_read_with_the_lock(store, commands):
    tries = []

    def body(writer):
        tries.append(writer)
        made = commands.made(writer, ["case/1"])
        writer.append(made)
        return [record.entry for record in writer.records(3, 4)] == [made[0].entry]

    assert store.write(body, 1)
    assert len(tries) == 2
    assert assert_sound(store) == 4


def test_threads_of_one_store_append_without_a_fork(store, commands):
    def append_ten(name):
        for _ in range(10):
            append_one(store, commands, [f"case/{name}", "batch/shared"])

    threads = [threading.Thread(target=append_ten, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert assert_sound(store) == 163
