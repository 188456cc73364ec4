"""Recordings that take the lock at their end: what they see, when they lose, many at once; in each store."""

import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import time
import uuid
from collections import Counter
from contextlib import closing, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.verification import verify
from domain.events.ledger import ClockCorrected, ErasureRequested, LedgerOpened
from domain.events.payment import PaymentInstructed
from domain.fields import OpenCitation
from ledger import late_writer, spool
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.store_errors import CommandRepeated, DatabaseFailed, RaceLost, StoreDamaged, StoreReadOnly
from ledger.stores import open_store

ORIGIN = "county.example/ledger"
NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
OPEN = PaymentInstructed(batch="2024-01", pay_month="2024-01", month="2024-01", amount_fen=82500)
SEALED = OPEN.model_copy(update={"account": "6217000000000000001", "holder": "张三"})
FORK = multiprocessing.get_context("fork")


@pytest.fixture(scope="module")
def keys_path(tmp_path_factory):
    return tmp_path_factory.mktemp("county") / "keys"


@pytest.fixture(scope="module")
def keys(keys_path):
    with KeyStore.create(keys_path, ORIGIN, SHA256) as store:
        yield store


@pytest.fixture
def ledger(make_store, keys):
    """A ledger with two entries of one case."""
    made = Ledger(make_store(), keys)
    record(made, "case/1", SEALED)
    record(made, "case/1", OPEN)
    return made


@pytest.fixture
def officer(ledger, make_store):
    """Somebody else at the same ledger."""
    return Ledger(make_store.open(), ledger.keys)


def command(*drafts, command_id=None):
    return Command(command_id or str(uuid.uuid4()), "staff/MZ0001", tuple(Draft(*draft) for draft in drafts))


def record(ledger, stream, event=OPEN, *, now=NOW, command_id=None):
    with ledger.recording(lambda: now) as recording:
        return recording.record(command((stream, event), command_id=command_id))[0]


def late(ledger, now=NOW):
    return ledger.recording(lambda: now, late=True)


def placed(ledger):
    return [(one.position, one.stream, one.seq) for one in ledger.events()]


def assert_sound(ledger):
    found = verify(ledger.store, keys=ledger.keys)
    assert found.sound, found.findings[:3]
    assert found.size == ledger.size


# What a late recording sees


def test_own_entries_are_seen_before_the_commit_and_by_nobody_else(ledger, officer):
    with late(ledger) as recording:
        made = command(("case/2", SEALED), ("case/1", SEALED), ("case/2", OPEN))
        recorded = recording.record(made)
        assert recording.find(made.id) == recorded
        assert recording.size == 5
        assert [one.position for one in recorded] == [2, 3, 4]
        assert [one.seq for one in recording.stream("case/1")] == [1, 2, 3]
        assert list(recording.stream("case/2")) == [recorded[0], recorded[2]]
        assert [recording.head_of(name).seq for name in ("case/1", "case/2")] == [3, 2]
        assert recording.head_of("case/3") is None
        assert recording.find(str(uuid.uuid4())) is None
        with pytest.raises(CommandRepeated, match="position 2"):
            recording.record(command(("case/9", OPEN), command_id=made.id))
        assert (officer.size, officer.find(made.id)) == (2, None)
    assert officer.find(made.id) == recorded
    assert list(officer.events())[2:] == list(recorded)
    assert_sound(ledger)


def test_what_was_there_before_is_found_and_repeated_only_once(ledger):
    first = next(ledger.events())
    with late(ledger) as recording:
        assert recording.find(first.command) == (first,)
        assert list(recording.earlier_events_of_type(OPEN.TOPIC)) == list(ledger.events())
        recording.record(command(("case/2", OPEN)))
        assert len(list(recording.earlier_events_of_type(OPEN.TOPIC))) == 2
        assert list(recording.earlier_stream_names("case/")) == ["case/1"]
        with pytest.raises(CommandRepeated, match="position 0"):
            recording.record(command(("case/9", OPEN), command_id=first.command))
    assert ledger.size == 3


def test_many_entries_leave_in_several_chunks_as_one_transaction(ledger, monkeypatch):
    monkeypatch.setattr(late_writer, "APPEND_ROWS", 10)
    monkeypatch.setattr(spool, "COMMANDS_MAX", 20)
    heads = len(list(ledger.store.heads()))
    with late(ledger) as recording:
        for number in range(45):
            made = command(*((f"case/{number % 7}", OPEN) for _ in range(1 + number % 3)))
            assert recording.find(made.id) is None
            assert recording.find(recording.record(made)[0].command)[0].command == made.id
            with pytest.raises(CommandRepeated, match=f"position {recording.size - len(made.drafts)}"):
                recording.record(made)
    assert len(list(ledger.store.heads())) == heads + 1
    assert ledger.size == 2 + 90
    assert_sound(ledger)


def test_exception_leaves_nothing(ledger):
    before = ledger.head()
    with pytest.raises(ZeroDivisionError), late(ledger) as recording:
        recording.record(command(("case/2", SEALED)))
        raise ZeroDivisionError
    assert (ledger.head(), list(ledger.store.stream_names())) == (before, ["case/1"])
    record(ledger, "case/2", SEALED)
    assert_sound(ledger)


def test_recording_of_nothing_takes_no_lock_and_writes_no_head(ledger, officer):
    before = ledger.head()
    with ledger.recording(lambda: NOW), late(officer) as recording:
        assert recording.size == 2
    assert (ledger.head(), len(list(ledger.store.heads()))) == (before, 2)


def test_reader_is_refused_before_the_work(ledger, make_store):
    reader = Ledger(make_store.open(read_only=True), None)
    with pytest.raises(StoreReadOnly), late(reader):
        raise AssertionError


def test_damaged_log_is_refused_before_the_work(make_sqlite):
    ledger = Ledger(make_sqlite(), None)
    record(ledger, "case/1")
    record(ledger, "case/1")
    with closing(sqlite3.connect(ledger.store.path, isolation_level=None)) as raw:
        raw.executescript("DROP TRIGGER heads_delete; DELETE FROM heads WHERE size = 2")
    with pytest.raises(StoreDamaged, match="audit verify"), late(ledger):
        raise AssertionError


# Races


def test_entries_of_others_in_other_streams_shift_the_positions(ledger, officer):
    with late(ledger) as recording:
        recorded = recording.record(command(("case/2", SEALED), ("case/1", OPEN)))
        record(officer, "case/3")
        record(officer, "case/4", SEALED)
        assert recording.find(recorded[0].command) == recorded
    assert [one.position for one in recorded] == [2, 3]
    assert placed(ledger)[2:] == [(2, "case/3", 1), (3, "case/4", 1), (4, "case/2", 1), (5, "case/1", 3)]
    assert [one.position for one in ledger.find(recorded[0].command)] == [4, 5]
    assert_sound(ledger)


ADDITIONS = {
    "stream of its own": (lambda recording: None, "case/2", OPEN),
    "stream that it extended": (lambda recording: recording.record(command(("case/1", OPEN))), "case/1", OPEN),
    "stream that was absent": (lambda recording: recording.head_of("case/9"), "case/9", OPEN),
    "stream that was read": (lambda recording: list(recording.stream("case/1")), "case/1", OPEN),
    "topic that was read": (
        lambda r: list(r.earlier_events_of_type(LedgerOpened.TOPIC)),
        "ledger/main",
        LedgerOpened(),
    ),
    "names that were read": (lambda recording: list(recording.earlier_stream_names("import/")), "import/1", OPEN),
    "correction of the clock": (
        lambda recording: None,
        "ledger/main",
        ClockCorrected(cites=OpenCitation(stream="case/1", seq=2)),
    ),
    "erasure of a key": (lambda recording: None, "ledger/main", ErasureRequested(kid="0" * 32)),
}


@pytest.mark.parametrize("name", ADDITIONS)
def test_race_is_lost_by_whoever_relied_on_what_changed(ledger, officer, name):
    read, stream, event = ADDITIONS[name]
    with pytest.raises(RaceLost, match=r"entry 2, .* recorded by staff/MZ0001"), late(ledger) as recording:
        recording.record(command(("case/2", SEALED)))
        read(recording)
        record(officer, stream, event)
    assert placed(ledger)[2:] == [(2, stream, 3 if stream == "case/1" else 1)]
    with late(ledger) as recording:  # which is over once it begins anew
        recording.record(command(("case/2", SEALED)))
    assert_sound(ledger)


def test_race_for_a_command_id_is_lost_by_the_later(ledger, officer):
    same = str(uuid.uuid4())
    with pytest.raises(RaceLost, match=f"command {same}"), late(ledger) as recording:
        recording.record(command(("case/2", OPEN), command_id=same))
        record(officer, "case/3", command_id=same)
    looked_for = str(uuid.uuid4())
    with pytest.raises(RaceLost, match=f"command {looked_for}"), late(ledger) as recording:
        assert recording.find(looked_for) is None
        recording.record(command(("case/2", OPEN)))
        record(officer, "case/3", command_id=looked_for)
    assert ledger.size == 4
    assert_sound(ledger)


def test_what_was_there_may_grow(ledger, officer):
    """That a case is there, and what its entries say, stays so whatever is added to it."""
    first = next(ledger.events())
    with late(ledger) as recording:
        assert recording.head_of("case/1").seq == 2
        assert recording.find(first.command) == (first,)
        recording.record(command(("case/2", OPEN)))
        record(officer, "case/1")
    assert placed(ledger)[2:] == [(2, "case/1", 3), (3, "case/2", 1)]


@pytest.mark.parametrize("other", ["case/20", "case/39", "case/41"])
def test_names_that_memory_does_not_hold_are_not_forgotten(ledger, officer, monkeypatch, other):
    monkeypatch.setattr(late_writer, "CACHED_NAMES_MAX", 5)
    monkeypatch.setattr(spool, "NAMES_MAX", 5)
    with pytest.raises(RaceLost, match=other), late(ledger) as recording:
        for number in range(10, 40):
            assert recording.head_of(f"case/{number}") is None
        for number in range(40, 50):
            recording.record(command((f"case/{number}", OPEN)))
        assert recording.head_of("case/41").seq == 1
        record(officer, other)
    assert placed(ledger)[2:] == [(2, other, 1)]


@pytest.mark.parametrize("seconds", [0, 300, 301, 4_000])
def test_entries_that_waited_longer_than_the_clock_allows_are_dated_anew(ledger, officer, seconds):
    """And chained anew, in each stream; those that are late enough stay as they are."""
    clock = [NOW, NOW, NOW + timedelta(hours=2)]
    with ledger.recording(lambda: clock.pop(0), late=True) as recording:
        recording.record(command(("case/2", SEALED), ("case/1", SEALED), ("case/2", OPEN)))
        recording.record(command(("case/1", OPEN), ("case/2", OPEN)))
        recording.record(command(("case/2", SEALED)))
        theirs = NOW + timedelta(seconds=seconds)
        record(officer, "case/3", now=theirs)
    ours = NOW if seconds <= 300 else theirs
    assert [one.at for one in ledger.events()][2:] == [theirs, *[ours] * 5, NOW + timedelta(hours=2)]
    assert [one.seq for one in ledger.stream("case/2")] == [1, 2, 3, 4]
    assert all(one.opened for one in ledger.events())
    assert_sound(ledger)


def test_correction_and_a_clock_far_ahead_are_not_dated_anew(ledger, officer):
    with pytest.raises(RaceLost, match="time 2026-11-21T08:05:01"), late(ledger) as recording:
        recording.record(command(("ledger/main", ClockCorrected(cites=OpenCitation(stream="case/1", seq=2)))))
        record(officer, "case/3", now=NOW + timedelta(seconds=301))
    with pytest.raises(RaceLost, match="time 2026-12-01T08:00:00"), late(ledger) as recording:
        recording.record(command(("case/2", OPEN)))
        record(officer, "case/3", now=NOW + timedelta(days=10))
    assert ledger.size == 4
    assert_sound(ledger)


@pytest.mark.parametrize(
    ("stream", "seconds", "lost"), [("case/3", 0, None), ("case/2", 0, "stream case/2"), ("case/3", 301, "time 2026")]
)
def test_what_others_record_while_the_lock_is_waited_for_is_looked_at_too(
    ledger, officer, monkeypatch, stream, seconds, lost
):
    writer = ledger.store.writer

    def taken_after_them():
        record(officer, stream, now=NOW + timedelta(seconds=seconds))
        return writer()

    monkeypatch.setattr(ledger.store, "writer", taken_after_them)
    with pytest.raises(RaceLost, match=lost) if lost else nullcontext(), late(ledger) as recording:
        recording.record(command(("case/2", SEALED)))
    assert placed(ledger)[2:] == [(2, stream, 1), *([] if lost else [(3, "case/2", 1)])]
    assert_sound(ledger)


# Keys


def test_work_that_loses_is_done_anew_and_seals_anew(ledger, officer):
    blobs = []

    def work(recording):
        recorded = recording.record(command(("case/2", SEALED)))[0]
        blobs.append(recording._writer.records(recorded.position, recorded.position + 1)[0].blob)
        if len(blobs) <= 2:
            record(officer, "case/2")
        return recorded.seq

    assert ledger.record(lambda: NOW, work) == 3
    assert len({blob[:12] for blob in blobs}) == 3
    assert len({blob[12:] for blob in blobs}) == 3
    assert ledger.store.record(4).blob == blobs[2]
    assert_sound(ledger)


def test_work_that_wins_is_done_once(ledger):
    runs = []
    ledger.record(lambda: NOW, lambda recording: runs.append(recording.record(command(("case/2", OPEN)))))
    assert (len(runs), ledger.size) == (1, 3)


def test_new_key_is_durable_before_the_lock_is_taken(ledger, keys_path, monkeypatch):
    def writer():
        with KeyStore.open(keys_path, ORIGIN, SHA256) as others:
            assert others.keys_of("case/new")
        raise ZeroDivisionError

    monkeypatch.setattr(ledger.store, "writer", writer)
    with pytest.raises(ZeroDivisionError), late(ledger) as recording:
        recording.record(command(("case/new", SEALED)))
    assert ledger.size == 2


def test_key_whose_erasure_came_in_between_seals_nothing_more(ledger, officer, keys_path):
    used = ledger.keys.key_for("case/1").kid
    attempts = []

    def work(recording):
        recording.record(command(("case/1", SEALED)))
        attempts.append(ledger.keys.key_for("case/1").kid)
        if len(attempts) == 1:
            with KeyStore.open(keys_path, ORIGIN, SHA256) as elsewhere:
                elsewhere.retire(used)
            record(officer, "ledger/main", ErasureRequested(kid=used))

    ledger.record(lambda: NOW, work)
    assert attempts[0] == used != attempts[1]
    assert_sound(ledger)


# The spool


def test_large_recording_goes_through_a_file_without_a_name(make_store, commands, monkeypatch):
    store = make_store()
    monkeypatch.setattr(late_writer, "APPEND_ROWS", 50)
    blobs = [os.urandom(150_000) for _ in range(200)]
    with late_writer.late_writer(store) as writer:
        for number, blob in enumerate(blobs):
            writer.append([commands.made(writer, [f"case/{number % 9}"])[0]._replace(blob=blob)])
        assert [mode for _, mode in spool_files()] == [0o600]
        assert all(name.endswith(" (deleted)") for name, _ in spool_files())
        assert [row.blob for row in writer.records(10, 12)] == blobs[10:12]
        assert [row.position for row in writer.stream("case/3")][:2] == [3, 12]
    assert spool_files() == []
    assert [row.blob for row in store.records()] == blobs


def test_no_room_for_the_file_is_said_and_nothing_is_recorded(make_store, commands):
    make_store().close()
    process = FORK.Process(target=record_without_room, args=(make_store.url, commands))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert make_store.open().head().size == 0


def record_without_room(url, commands):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails, as it does on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    failure = pytest.raises(DatabaseFailed, match="SQLITE_TMPDIR")
    with open_store(url) as store, failure, late_writer.late_writer(store) as writer:
        for _ in range(300):
            with suppress(DatabaseFailed):  # a caller that goes on must not get a part recorded
                writer.append([commands.made(writer, ["case/1"])[0]._replace(blob=os.urandom(150_000))])


def test_small_recording_needs_no_file(ledger):
    with late(ledger) as recording:
        recording.record(command(("case/2", SEALED)))
        assert spool_files() == []


def spool_files():
    """Return name and mode of each temporary database that this process has open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            name, mode = str(descriptor.readlink()), descriptor.stat().st_mode & 0o777
        except FileNotFoundError:
            continue  # the one by which the folder itself was read
        if "etilqs_" in name:
            found.append((name, mode))
    return found


# Many at once


def test_many_processes_lose_nothing_and_record_nothing_twice(make_store, keys, keys_path):
    """Late recordings, single commands and the same commands again, over shared streams."""
    make_store().close()
    number = 16 if make_store.url.startswith("postgresql") else 8
    acknowledged = FORK.Queue()
    processes = [
        FORK.Process(target=record_a_lot, args=(make_store.url, keys_path, name, acknowledged))
        for name in range(number)
    ]
    for process in processes:
        process.start()
    told = Counter(one for _ in processes for one in acknowledged.get(timeout=60))
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * number
    ledger = Ledger(make_store.open(), keys)
    recorded = Counter(one.command for one in ledger.events() if one.seq)
    assert recorded.keys() == told.keys()
    assert {one: count for one, count in told.items() if count > 1} == dict.fromkeys(map(shared_id, range(3)), number)
    entries = Counter(row.command for row in ledger.store.commands())
    assert set(entries.values()) == {1}
    assert [one.position for one in ledger.events()] == list(range(ledger.size))
    assert_sound(ledger)


def test_killed_late_recording_leaves_nothing_half_written(make_store, keys, keys_path):
    made = make_store()
    made.close()
    random.seed(3)
    for _ in range(4):
        process = FORK.Process(target=record_until_killed, args=(make_store.url, keys_path))
        process.start()
        time.sleep(random.uniform(0.1, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        ledger = Ledger(make_store.open(), keys)
        assert ledger.size % 300 == 0
        assert_sound(ledger)
        ledger.close()
    with Ledger(make_store.open(), keys) as ledger:
        with ledger.recording(clock) as recording:  # what was killed recorded at the time that it is
            recording.record(command(("case/after", SEALED)))
        assert_sound(ledger)


def shared_id(number):
    return str(uuid.UUID(int=number))


def record_a_lot(url, keys_path, name, acknowledged):
    """Record, late and not, in streams of one's own and of all; tell the ids of what was acknowledged."""
    told = []
    with KeyStore.open(keys_path, ORIGIN, SHA256) as keys, Ledger(open_store(url), keys) as ledger:
        for number in range(9):
            wanted = command((f"case/{name}", SEALED), (f"case/shared-{number % 2}", OPEN))
            if number % 3 == 0:
                wanted = command(("case/shared-1", OPEN), command_id=shared_id(number // 3))
            if number % 3 == 1:
                with ledger.recording(clock) as recording:
                    recording.record(wanted)
            else:
                ledger.record(clock, lambda recording, one=wanted: recording.find(one.id) or recording.record(one))
            told.append(wanted.id)
    acknowledged.put(told)


def record_until_killed(url, keys_path):
    with KeyStore.open(keys_path, ORIGIN, SHA256) as keys, Ledger(open_store(url), keys) as ledger:
        while True:
            with ledger.recording(clock, late=True) as recording:
                for number in range(150):
                    recording.record(command((f"case/{number % 9}", SEALED), (f"case/{number % 5}", OPEN)))


def clock():
    return datetime.now(UTC)
