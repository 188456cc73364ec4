"""What every store promises; `make_store` runs it over each backend."""

import multiprocessing
import os
import random
import signal
import time
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.entry import NO_PREVIOUS, parse_entry
from ledger.hashing import SHA256, SM3
from ledger.store_errors import (
    AppendRefused,
    CommandIncomplete,
    CommandRepeated,
    StoreDamaged,
    StoreReadOnly,
    StreamConflict,
)
from ledger.stores import open_store
from ledger.tiles import root_from_tiles

FORK = multiprocessing.get_context("fork")


def fill(store, commands, number, streams=5):
    with store.writer() as writer:
        for count in range(number):
            writer.append(commands.made(writer, [f"case/{count % streams}"]))


def assert_sound(store):
    """Check everything that rows promise of each other, from the bytes up."""
    with store.snapshot() as log:
        leaves, heads, expected_commands = [], {}, {}
        for position, record in enumerate(log.records()):
            entry = parse_entry(record.entry)
            columns = (entry.stream, entry.seq, entry.type, entry.at, entry.by, entry.command)
            assert record[:7] == (position, *columns)
            seq, leaf = heads.get(entry.stream, (0, NO_PREVIOUS))
            assert (entry.seq, entry.prev) == (seq + 1, leaf)
            leaves.append(log.suite.leaf(record.entry))
            heads[entry.stream] = (entry.seq, leaves[-1])
            if entry.k == 1:
                expected_commands[entry.command] = (position, entry.n)
        assert log.head() == (len(leaves), merkle.root(log.suite, leaves))
        assert root_from_tiles(log.suite, len(leaves), log.tile) == log.head().root
        for head in log.heads():
            assert head.root == merkle.root(log.suite, leaves[: head.size])
        assert {one.command: (one.position, one.n) for one in log.commands()} == expected_commands
    return len(leaves)


class TestStoreContract:
    def test_new_log_is_empty(self, make_store):
        store = make_store()
        assert store.head() == (0, SHA256.empty_root)
        assert (store.origin, store.suite) == ("county.example/ledger", SHA256)
        for rows in (store.records(), store.heads(), store.tiles(), store.commands(), store.checkpoints()):
            assert list(rows) == []
        assert store.record(0) is None

    def test_entries_come_back_as_they_went_in(self, make_store, commands):
        store = make_store()
        with store.writer() as writer:
            entries = commands.made(writer, ["case/1", "batch/2024-01", "case/1"])
            assert writer.append(entries) == range(3)
        for position, (record, entry) in enumerate(zip(store.records(), entries, strict=True)):
            assert record == (
                position,
                entry.stream,
                entry.seq,
                entry.type,
                entry.at,
                entry.by,
                *entry[6:7],
                entry.entry,
                None,
            )
        assert store.record(1) == next(store.stream("batch/2024-01"))
        assert [one.seq for one in store.stream("case/1")] == [1, 2]
        assert (store.last_of("case/1"), store.last_of("case/2")) == (store.record(2), None)
        assert [one.seq for one in store.stream("case/1", 2)] == [2]
        assert [one.position for one in store.records(1, 3)] == [1, 2]
        assert [one.position for one in store.records_of_type("note.made/1")] == [0, 1, 2]
        assert list(store.records_of_type("note.lost/1")) == []
        assert list(store.stream_names("case/")) == ["case/1"]
        assert store.command(entries[0].command) == (entries[0].command, 0, 3)
        assert assert_sound(store) == 3

    def test_streams_come_one_after_the_other_by_name_and_seq_with_the_blobs_asked_for(self, make_store, commands):
        store = make_store()
        fill(store, commands, 900, streams=450)
        with store.writer() as writer:
            writer.append(commands.made(writer, ["batch/2024-01", "case/1"]))
        streams = sorted(store.stream_names("case/"))
        assert len(streams) > 400  # more than are read by one query
        expected = [row for name in streams for row in store.stream(name)]
        assert list(store.by_stream("case/", ["note.made/1"], 902)) == expected
        assert [row.blob for row in store.by_stream("case/", [], 902)] == [None] * len(expected)
        before = list(store.by_stream("case/", ["note.made/1"], 500))
        assert before == [row for row in expected if row.position < 500]
        assert list(store.by_stream("appeal/", [], 902)) == []
        with store.snapshot() as reader:
            assert list(reader.by_stream("case/", ["note.made/1"], 902)) == expected

    def test_store_keeps_its_suite(self, make_store, commands):
        store = make_store(SM3)
        fill(store, commands, 3)
        assert make_store.open().suite is SM3
        assert assert_sound(store) == 3

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.integers(0, 300), max_size=5))
    def test_any_split_into_transactions_gives_the_same_root_and_tiles(self, make_store, commands, batches):
        store, whole, made = make_store(), make_store(), []
        for batch in batches:
            with store.writer() as writer:
                for _ in range(batch):
                    command = commands.made(writer, [f"case/{len(made) % 7}"])
                    writer.append(command)
                    made += command
        with whole.writer() as writer:
            writer.append(made)
        assert store.head() == whole.head()
        assert list(store.tiles()) == list(whole.tiles())
        sizes = [sum(batches[: end + 1]) for end, batch in enumerate(batches) if batch]
        assert [head.size for head in store.heads()] == sizes
        assert assert_sound(store) == sum(batches)

    def test_transaction_larger_than_a_chunk_is_one_transaction(self, make_store, commands):
        store = make_store()
        fill(store, commands, 4_700, streams=300)
        assert [head.size for head in store.heads()] == [4_700]
        assert assert_sound(store) == 4_700

    def test_error_leaves_nothing_behind(self, make_store, commands):
        store = make_store()
        fill(store, commands, 10)
        before = [list(store.records()), list(store.tiles()), list(store.heads()), list(store.commands())]
        with pytest.raises(RuntimeError, match="on purpose"), store.writer() as writer:
            for _ in range(2_500):
                writer.append(commands.made(writer, ["case/1"]))
            raise RuntimeError("on purpose")
        assert before == [list(store.records()), list(store.tiles()), list(store.heads()), list(store.commands())]
        fill(store, commands, 10)
        assert assert_sound(store) == 20

    def test_transaction_without_entries_writes_no_head(self, make_store):
        store = make_store()
        with store.writer() as writer:
            assert writer.size == 0
        assert list(store.heads()) == []

    def test_writer_sees_its_own_entries(self, make_store, commands):
        store = make_store()
        with store.writer() as writer:
            assert writer.latest_at() is None
            made = commands.made(writer, ["case/1", "case/1"])
            writer.append(made)
            assert writer.command_position(made[0].command) == (made[0].command, 0, 2)
            assert writer.head_of("case/1") == (2, SHA256.leaf(made[1].entry))
            assert [one.entry for one in writer.stream("case/1")] == [one.entry for one in made]
            assert writer.command_position(made[0].command) == (made[0].command, 0, 2)
            assert [one.seq for one in writer.records(1, 2)] == [2]
            assert writer.latest_at() == made[0].at
            assert list(store.records()) == []
        assert assert_sound(store) == 2

    def test_body_that_is_written_is_one_transaction(self, make_store, commands):
        store = make_store()
        for number in range(4):
            streams = [f"case/{number % 2}", "batch/shared"]
            made = store.write(lambda writer, streams=streams: writer.append(commands.made(writer, streams)), 2)
            assert made == range(2 * number, 2 * number + 2)
        assert [head.size for head in store.heads()] == [2, 4, 6, 8]
        with pytest.raises(StreamConflict):
            store.write(lambda writer: writer.append([commands.made(writer, ["case/0"])[0]._replace(seq=1)]), 1)
        assert store.write(lambda writer: writer.size, 0) == 8
        assert assert_sound(store) == 8

    def test_what_was_expected_is_still_refused(self, make_store, commands):
        store = make_store()
        fill(store, commands, 3, streams=2)
        with store.writer() as writer:
            known = next(store.commands()).command
            new = commands.made(writer, ["case/9"])
            writer.expect({"case/0", "case/9", "case/8"}, {known, new[0].command})
            with pytest.raises(CommandRepeated, match="position 0"):
                writer.append(commands.made(writer, ["case/1"], known))
            writer.append(new)
            with pytest.raises(CommandRepeated, match="position 3"):
                writer.append(commands.made(writer, ["case/1"], new[0].command))
            writer.flush()
            with pytest.raises(CommandRepeated, match="position 3"):
                writer.append(commands.made(writer, ["case/1"], new[0].command))
            with pytest.raises(StreamConflict, match="seq 2"):
                writer.append([new[0]._replace(command=str(uuid.uuid4()))])
        assert assert_sound(store) == 4

    def test_same_command_twice_is_refused(self, make_store, commands):
        store = make_store()
        with store.writer() as writer:
            first = commands.made(writer, ["case/1"])
            writer.append(first)
            with pytest.raises(CommandRepeated, match="position 0"):
                writer.append(commands.made(writer, ["case/2"], first[0].command))
        with store.writer() as writer, pytest.raises(CommandRepeated, match="position 0"):
            writer.append(commands.made(writer, ["case/2"], first[0].command))
        with store.writer() as writer, pytest.raises(CommandRepeated, match="twice in one append"):
            new = commands.made(writer, ["case/3"])
            writer.append([*new, *commands.made(writer, ["case/4"], new[0].command)])
        assert assert_sound(store) == 1

    @pytest.mark.parametrize("change", ["first only", "last only", "another time", "another officer", "out of order"])
    def test_incomplete_command_is_refused(self, make_store, commands, change):
        store = make_store()
        with store.writer() as writer:
            first, last = commands.made(writer, ["case/1", "case/2"])
            entries = {
                "first only": [first],
                "last only": [last],
                "another time": [first, last._replace(at="2026-11-21T08:00:00.000001Z")],
                "another officer": [first, last._replace(by="staff/MZ0002")],
                "out of order": [last, first],
            }[change]
            with pytest.raises(CommandIncomplete):
                writer.append(entries)
        assert store.head().size == 0

    @pytest.mark.parametrize("change", [{"seq": 1}, {"seq": 3}, {"prev": NO_PREVIOUS}])
    def test_entry_that_does_not_follow_its_stream_is_refused(self, make_store, commands, change):
        store = make_store()
        fill(store, commands, 1)
        with store.writer() as writer, pytest.raises(StreamConflict, match="stream case/0"):
            writer.append([commands.made(writer, ["case/0"])[0]._replace(**change)])
        assert assert_sound(store) == 1

    def test_snapshot_and_reading_see_one_moment(self, make_store, commands):
        store = make_store()
        fill(store, commands, 3)
        with store.snapshot() as log:
            reading = store.records()
            next(reading)
            fill(store, commands, 3)
            assert (log.head().size, len(list(log.records()))) == (3, 3)
            assert len(list(reading)) == 2
        assert store.head().size == 6

    @pytest.mark.parametrize("rows", [1, 19, 20, 21, 45])
    def test_snapshot_reads_few_rows_and_many_alike(self, make_store, commands, rows):
        store = make_store()
        fill(store, commands, rows, streams=1)
        with store.snapshot() as log:
            fill(store, commands, 5, streams=1)
            assert [one.seq for one in log.stream("case/0")] == list(range(1, rows + 1))
            assert [one.seq for one in log.stream("case/0", rows)] == [rows]
            assert [one.position for one in log.records(0, rows)] == list(range(rows))
            assert [one.position for one in log.records(rows - 1, rows + 9)] == [rows - 1]
            assert log.last_of("case/0") == log.record(rows - 1)
        assert store.last_of("case/0").seq == rows + 5

    def test_checkpoint_is_kept_once(self, make_store, commands):
        store = make_store()
        fill(store, commands, 3)
        for _ in range(2):
            store.add_checkpoint(3, b"note\n")
        store.add_checkpoint(2, b"older\n")
        assert list(store.checkpoints()) == [(2, b"older\n"), (3, b"note\n")]
        with pytest.raises(AppendRefused, match="up to 3"):
            store.add_checkpoint(4, b"later\n")

    def test_reader_reads_and_does_not_write(self, make_store, commands):
        fill(make_store(), commands, 3)
        reader = make_store.open(read_only=True)
        assert assert_sound(reader) == 3
        with pytest.raises(StoreReadOnly), reader.writer():
            pass
        with pytest.raises(StoreReadOnly):
            reader.add_checkpoint(3, b"note\n")

    def test_going_on_after_a_failed_write_does_not_commit_a_part(self, make_store, commands, monkeypatch):
        store = make_store()
        with pytest.raises(StoreDamaged, match="earlier failure"), store.writer() as writer:
            monkeypatch.setattr(writer, "_put_tiles", lambda tiles: 1 / 0)
            writer.append(commands.made(writer, ["case/1"]))
            with pytest.raises(ZeroDivisionError):
                writer.flush()
        assert (store.head().size, list(store.records())) == (0, [])

    def test_eight_processes_append_without_a_fork_in_the_log(self, make_store, commands):
        make_store().close()
        processes = [FORK.Process(target=append_twenty, args=(make_store.url, commands, name)) for name in range(8)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0] * 8
        store = make_store.open()
        assert len(list(store.heads())) == 160
        assert assert_sound(store) == 240

    def test_killed_writer_leaves_nothing_half_written(self, make_store, commands):
        fill(make_store(), commands, 5)
        random.seed(1)
        sizes = set()
        for _ in range(6):
            process = FORK.Process(target=append_until_killed, args=(make_store.url, commands))
            process.start()
            time.sleep(random.uniform(0.05, 0.3))
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            store = make_store.open()
            sizes.add(assert_sound(store) % 400)
            store.close()
        assert sizes == {5}


def append_twenty(url, commands, name):
    with open_store(url) as store:
        for number in range(20):
            with store.writer() as writer:
                own = f"case/{name}"
                writer.append(commands.made(writer, [own, "batch/shared"] if number % 2 else [own]))


def append_until_killed(url, commands):
    with open_store(url) as store:
        while True:
            with store.writer() as writer:
                for number in range(400):
                    writer.append(commands.made(writer, [f"case/{number % 9}"]))
                    if number % 100 == 0:
                        writer.flush()
