"""The tables of a ledger through the recorder interface of `eventsourcing`, in both databases."""

import pytest
from eventsourcing.persistence import DataError, IntegrityError, StoredEvent

from ledger.postgres import PostgresStore
from ledger.postgres_recorder import PostgresLedgerRecorder
from ledger.sqlite_recorder import SQLiteLedgerRecorder


def recorder_of(store):
    return PostgresLedgerRecorder(store) if isinstance(store, PostgresStore) else SQLiteLedgerRecorder(store)


@pytest.fixture
def store(make_store, commands):
    store = make_store()
    with store.writer() as writer:
        for number in range(300):
            writer.append(commands.made(writer, [f"case/{number % 4}"]))
    return store


def stored(entry):
    return StoredEvent(entry.stream, entry.seq, entry.type, entry.entry)


def prepared_events(store, commands, *streams):
    with store.writer() as writer:
        return [stored(one) for one in commands.made(writer, streams)]


def test_library_reads_the_same_entries(store):
    recorder = recorder_of(store)
    records = list(store.stream("case/1"))
    events = recorder.select_events("case/1")
    assert [(e.originator_version, e.topic, e.state) for e in events] == [(r.seq, r.type, r.entry) for r in records]
    assert [e.originator_version for e in recorder.select_events("case/1", gt=2, lte=5)] == [3, 4, 5]
    assert [e.originator_version for e in recorder.select_events("case/1", desc=True, limit=2)] == [75, 74]
    assert recorder.max_notification_id() == 300
    assert [one.id for one in recorder.select_notifications(299, 10)] == [299, 300]
    assert [one.id for one in recorder.select_notifications(298, 1, inclusive_of_start=False)] == [299]
    assert [one.id for one in recorder.select_notifications(None, 10, stop=2, topics=["note.made/1"])] == [1, 2]
    assert recorder.select_notifications(1, 10, topics=["note.lost/1"]) == []
    assert recorder.select_notifications(300, 1)[0].state == store.record(299).entry


def test_library_appends_through_the_chain_and_the_tree(make_store, commands):
    by_library, by_writer = make_store(), make_store()
    assert recorder_of(by_library).max_notification_id() is None
    for streams in (["case/1"], ["case/1", "case/2"], ["batch/1"] * 3):
        with by_writer.writer() as writer:
            made = commands.made(writer, streams)
            first = writer.append(made).start + 1
        ids = recorder_of(by_library).insert_events([stored(one) for one in made])
        assert ids == list(range(first, first + len(made)))
    assert list(by_library.records()) == list(by_writer.records())
    assert by_library.head() == by_writer.head()
    assert list(by_library.tiles()) == list(by_writer.tiles())


def test_second_writer_of_a_place_gets_the_integrity_error_of_the_library(store, commands):
    recorder = recorder_of(store)
    first = prepared_events(store, commands, "case/1")
    second = prepared_events(store, commands, "case/1")
    assert recorder.insert_events(first) == [301]
    for late in (second, first):
        with pytest.raises(IntegrityError):
            recorder.insert_events(late)
    assert store.head().size == 301


def test_library_refuses_bytes_that_are_not_the_entry(store, commands):
    recorder = recorder_of(store)
    (event,) = prepared_events(store, commands, "case/1")
    for wrong in (
        StoredEvent("case/2", event.originator_version, event.topic, event.state),
        StoredEvent("case/1", 1, event.topic, event.state),
        StoredEvent("case/1", event.originator_version, event.topic, event.state + b" "),
        StoredEvent("case/1", event.originator_version, event.topic, event.state.replace(b"log county", b"log other")),
    ):
        with pytest.raises(DataError):
            recorder.insert_events([wrong])
    with pytest.raises(DataError, match="blob"):
        recorder.insert_events([event], blobs=[b"blob"])
    assert store.head().size == 300
