"""The ledger: events in, the same events out; what is sealed stays closed without its key."""

import sqlite3
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from domain.events.ledger import ClockCorrected, LedgerOpened
from domain.events.payment import PaymentInstructed
from domain.fields import OpenCitation
from ledger.chain import ChainChecker, corrected_entries
from ledger.entry import NO_PREVIOUS, parse_entry
from ledger.errors import FormatError
from ledger.hashing import SHA256, SM3
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, KeysForeign, Ledger
from ledger.opening import EntryUnreadable, KeyGone
from ledger.sealing import SealError
from ledger.store_errors import AppendRefused, ClockAhead, CommandIncomplete, CommandRepeated
from ledger.topics import TOPICS

ORIGIN = "county.example/ledger"
NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
OPEN = PaymentInstructed(batch="2024-01", pay_month="2024-01", month="2024-01", amount_fen=82500)
SEALED = OPEN.model_copy(update={"account": "6217000000000000001", "holder": "张三"})


@pytest.fixture(scope="module")
def keys_path(tmp_path_factory):
    return tmp_path_factory.mktemp("county") / "keys"


@pytest.fixture(scope="module")
def keys(keys_path):
    with KeyStore.create(keys_path, ORIGIN, SHA256) as store:
        yield store


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def ledger(url, keys):
    with Ledger.create(url, ORIGIN, SHA256, keys) as made:
        yield made


def command(*drafts, by="staff/MZ0001", command_id=None):
    return Command(command_id or str(uuid.uuid4()), by, tuple(Draft(stream, event) for stream, event in drafts))


def record(ledger, *drafts, now=NOW, **options):
    with ledger.recording(lambda: now) as recording:
        return recording.record(command(*drafts, **options))


def test_command_by_itself_is_recorded_as_in_a_recording(ledger):
    first = ledger.record_command(command(("case/1", OPEN), ("case/1", SEALED)), lambda: NOW)
    again = command(("case/1", OPEN))
    assert [one.position for one in first] == [0, 1]
    assert ledger.record_command(again, lambda: NOW)[0].seq == 3
    with pytest.raises(CommandRepeated, match="position 2"):
        ledger.record_command(again, lambda: NOW)
    assert list(ledger.events()) == [*first, *ledger.find(again.id)]


def test_many_commands_are_recorded_in_turn(ledger):
    many = [command((f"case/{number % 2}", OPEN), ("batch/1", SEALED)) for number in range(5)]
    with ledger.recording(lambda: NOW) as recording:
        recorded = recording.record_all(many)
    assert [one.position for entries in recorded for one in entries] == list(range(10))
    assert [one for entries in recorded for one in entries] == list(ledger.events())
    with pytest.raises(CommandRepeated, match="position 4"), ledger.recording(lambda: NOW) as recording:
        recording.record_all([command(("case/1", OPEN)), many[2]])
    assert ledger.size == 10


def test_events_come_back_as_they_were_recorded(ledger):
    recorded = record(ledger, ("case/1", OPEN), ("case/2", SEALED), ("case/1", SEALED))
    assert list(ledger.events()) == list(recorded)
    assert list(ledger.stream("case/1")) == [recorded[0], recorded[2]]
    assert list(ledger.events_of_type("payment.instructed/1")) == list(recorded)
    assert (ledger.event(1), ledger.event(3)) == (recorded[1], None)
    assert ledger.find(recorded[0].command) == recorded
    assert ledger.find(str(uuid.uuid4())) is None
    first = recorded[0]
    assert (first.position, first.stream, first.seq, first.topic) == (0, "case/1", 1, "payment.instructed/1")
    assert (first.at, first.by, first.event, first.opened) == (NOW, "staff/MZ0001", OPEN, True)
    assert (ledger.size, ledger.head().size, ledger.origin, ledger.suite) == (3, 3, ORIGIN, SHA256)


def test_entries_of_a_command_are_chained_and_numbered(ledger):
    record(ledger, ("case/1", OPEN), ("case/2", SEALED), ("case/1", SEALED))
    first, second, third = (parse_entry(row.entry) for row in ledger.store.records())
    assert [(one.k, one.n, one.at, one.by) for one in (first, second, third)] == [
        (k, 3, "2026-11-21T08:00:00.123456Z", "staff/MZ0001") for k in (1, 2, 3)
    ]
    assert (first.prev, second.prev) == (NO_PREVIOUS, NO_PREVIOUS)
    assert third.prev == SHA256.leaf(ledger.store.record(0).entry)
    assert first.seal is None
    assert second.seal.kid != third.seal.kid


def test_personal_data_is_not_in_the_database(ledger, url):
    record(ledger, ("case/1", SEALED))
    ledger.close()
    path = url.removeprefix("sqlite:///")
    with open(path, "rb") as file:  # noqa: PTH123
        stored = file.read()
    assert b"payment.instructed/1" in stored
    assert "张三".encode() not in stored
    assert b"6217000000000000001" not in stored


def test_without_keys_only_the_open_part_is_read(ledger, url):
    record(ledger, ("case/1", SEALED), ("case/2", OPEN))
    with Ledger.open(url, None, read_only=True) as closed:
        sealed, plain = closed.events()
        assert (sealed.event, sealed.opened) == (OPEN, False)
        assert (plain.event, plain.opened) == (OPEN, True)
        with pytest.raises(KeyGone, match="entry 0"):
            closed.open_strictly(closed.store.record(0))
    assert [one.opened for one in ledger.events(open_sealed=False)] == [False, True]
    assert list(ledger.selected(TOPICS, TOPICS, 0, 2)) == list(ledger.events())
    assert list(ledger.selected(TOPICS, (), 0, 2)) == list(ledger.events(open_sealed=False))
    (only,) = ledger.selected({next(ledger.events()).topic}, (), 0, 1)
    assert only.position == 0 and not list(ledger.selected(TOPICS, (), 2, 9))


def test_sealing_without_keys_is_refused(ledger, url):
    with Ledger.open(url, None) as closed:
        record(closed, ("case/2", OPEN))
        with pytest.raises(AppendRefused, match="--keys"):
            record(closed, ("case/1", SEALED))
    assert ledger.size == 1


def test_sealed_part_is_opened_strictly(ledger):
    record(ledger, ("case/1", SEALED), ("case/1", OPEN))
    members, salt = ledger.open_strictly(ledger.store.record(0))
    assert members == {"account": "6217000000000000001", "holder": "张三"}
    assert len(salt) == 32
    with pytest.raises(EntryUnreadable, match="found none"):
        ledger.open_strictly(ledger.store.record(1))


def test_damaged_blob_leaves_the_open_part(ledger, url):
    record(ledger, ("case/1", SEALED))
    row = ledger.store.record(0)
    damaged = row._replace(blob=row.blob[:-1] + bytes([row.blob[-1] ^ 1]))
    assert (ledger._opener.recorded(damaged).event, ledger._opener.recorded(damaged).opened) == (OPEN, False)
    with pytest.raises(SealError):
        ledger.open_strictly(damaged)
    raw = sqlite3.connect(url.removeprefix("sqlite:///"))
    raw.executescript("DROP TRIGGER blobs_delete; DELETE FROM blobs;")
    raw.close()
    assert [one.opened for one in ledger.events()] == [False]


def test_damaged_entry_is_named_and_not_quoted(ledger):
    record(ledger, ("case/1", OPEN))
    row = ledger.store.record(0)
    for wrong in (row.entry[:-1], row.entry.replace(b"82500", b'"82500"'), row.entry.replace(b'"batch"', b'"batches"')):
        with pytest.raises(EntryUnreadable, match="entry 0") as refused:
            ledger._opener.recorded(row._replace(entry=wrong))
        assert "82500" not in str(refused.value)


def test_topic_of_a_later_version_is_read_without_its_event(ledger, commands):
    with ledger.store.writer() as writer:
        writer.append(commands.made(writer, ["note/1"], topic="note.made/9"))
    (only,) = ledger.events()
    assert (only.topic, only.event, only.opened) == ("note.made/9", None, True)


def test_same_command_is_recorded_once(ledger):
    with ledger.recording(lambda: NOW) as recording:
        first = command(("case/1", SEALED), ("case/2", OPEN))
        assert recording.find(first.id) is None
        recorded = recording.record(first)
        assert recording.find(first.id) == recorded
        with pytest.raises(CommandRepeated):
            recording.record(first)
    with ledger.recording(lambda: NOW) as recording:
        assert recording.find(first.id) == recorded
        with pytest.raises(CommandRepeated):
            recording.record(first)
    assert ledger.size == 2


def test_recording_sees_its_own_entries(ledger):
    with ledger.recording(lambda: NOW) as recording:
        assert recording.head_of("case/1") is None
        (first,) = recording.record(command(("case/1", SEALED)))
        assert list(recording.stream("case/1")) == [first]
        assert recording.head_of("case/1").seq == recording.size == 1
        assert ledger.size == 0


def test_refused_command_leaves_nothing_of_itself(ledger):
    too_long = SEALED.model_copy(update={"account": "6" * 1_048_576})
    with ledger.recording(lambda: NOW) as recording:
        recording.record(command(("case/1", OPEN)))
        for drafts in ([("case/1", OPEN), ("not a name", OPEN)], [("case/1", OPEN), ("case/1", too_long)]):
            with pytest.raises(FormatError):
                recording.record(command(*drafts))
        with pytest.raises(CommandIncomplete):
            recording.record(command())
        recording.record(command(("case/1", OPEN)))
    assert [(one.stream, one.seq) for one in ledger.events()] == [("case/1", 1), ("case/1", 2)]


def test_entry_over_the_limit_is_refused_by_its_size(ledger):
    with pytest.raises(FormatError, match="65535"):
        record(ledger, ("case/1", OPEN.model_copy(update={"case": "x" * 65_400})))
    assert ledger.size == 0


def test_exception_rolls_everything_back(ledger):
    with pytest.raises(ZeroDivisionError), ledger.recording(lambda: NOW) as recording:
        recording.record(command(("case/1", SEALED)))
        raise ZeroDivisionError
    assert (ledger.size, list(ledger.events())) == (0, [])


def test_keys_are_durable_before_the_entries(ledger, keys, monkeypatch):
    def fail():
        assert ledger.size == 0
        raise OSError("disk full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk full"):
        patch.setattr(keys, "flush", fail)
        record(ledger, ("case/new", SEALED))
    assert ledger.size == 0
    record(ledger, ("case/new", SEALED))
    kid = parse_entry(ledger.store.record(0).entry).seal.kid
    with KeyStore.open(keys.directory, ORIGIN, SHA256) as again:
        assert again.key_by_id(kid) is not None


# Time


def test_time_never_goes_back(ledger):
    times = [NOW, NOW - timedelta(seconds=5), NOW + timedelta(seconds=5)]
    clock = iter(times)
    with ledger.recording(lambda: next(clock)) as recording:
        for _ in times[:2]:
            recording.record(command(("case/1", OPEN)))
    record(ledger, ("case/1", OPEN), now=NOW - timedelta(hours=3))
    record(ledger, ("case/1", OPEN), now=times[2])
    assert [one.at for one in ledger.events()] == [NOW, NOW, NOW, times[2]]


def test_clock_a_day_behind_the_log_is_refused_until_it_is_corrected(ledger):
    record(ledger, ("ledger/main", LedgerOpened()), now=NOW)
    wrong = NOW + timedelta(days=400)
    record(ledger, ("case/1", OPEN), now=wrong)
    with pytest.raises(ClockAhead, match="2026-11-21"):
        record(ledger, ("case/1", OPEN), now=NOW)
    correction = ClockCorrected(cites=OpenCitation(stream="case/1", seq=1))
    record(ledger, ("ledger/main", correction), now=NOW)
    record(ledger, ("case/1", OPEN), now=NOW - timedelta(seconds=1))
    assert [one.at for one in ledger.events()] == [NOW, wrong, NOW, NOW]


def test_clock_exactly_a_day_behind_is_accepted(ledger):
    record(ledger, ("case/1", OPEN), now=NOW)
    record(ledger, ("case/1", OPEN), now=NOW - timedelta(days=1))
    with pytest.raises(ClockAhead):
        record(ledger, ("case/1", OPEN), now=NOW - timedelta(days=1, microseconds=1))
    assert [one.at for one in ledger.events()] == [NOW, NOW]


def correction(*cited):
    """A command that corrects each (stream, seq)."""
    events = [ClockCorrected(cites=OpenCitation(stream=stream, seq=seq)) for stream, seq in cited]
    return command(*(("ledger/main", event) for event in events))


def time_findings(ledger):
    rows = [row.entry for row in ledger.store.records()]
    checker = ChainChecker(SHA256, ORIGIN, corrected_entries(rows))
    return [one.kind for position, data in enumerate(rows) for one in checker.check(position, data)]


def test_correction_is_dated_300_seconds_behind_what_nothing_corrects(ledger):
    """Two entries are ahead, one is corrected: the correction itself must not be a fault of the log."""
    record(ledger, ("case/1", OPEN), now=NOW + timedelta(hours=2))
    record(ledger, ("case/2", OPEN), now=NOW + timedelta(hours=3))
    with ledger.recording(lambda: NOW) as recording:
        recording.record(correction(("case/2", 1)))
    assert ledger.event(2).at == NOW + timedelta(hours=2, seconds=-300)
    assert time_findings(ledger) == []


def test_corrections_of_all_that_is_ahead_take_the_clock(ledger):
    """In one command, or after an earlier correction that is corrected along with the rest."""
    record(ledger, ("case/1", OPEN), now=NOW + timedelta(hours=2))
    record(ledger, ("case/2", OPEN), now=NOW + timedelta(hours=3))
    with ledger.recording(lambda: NOW) as recording:
        recording.record(correction(("case/2", 1)))
        recording.record(correction(("case/1", 1), ("ledger/main", 1)))
        recording.record(command(("case/3", OPEN)))
    assert [one.at for one in ledger.events()][3:] == [NOW] * 3
    assert time_findings(ledger) == []


def test_correction_that_leaves_another_entry_a_day_ahead_is_refused(ledger):
    record(ledger, ("case/1", OPEN), now=NOW + timedelta(days=400))
    record(ledger, ("case/2", OPEN), now=NOW + timedelta(days=401))
    with ledger.recording(lambda: NOW) as recording:
        with pytest.raises(ClockAhead, match=r"(?s)case/1 1 of 2027-12-26.*one and the same command"):
            recording.record(correction(("case/2", 1)))
        recording.record(correction(("case/2", 1), ("case/1", 1)))
    assert [one.at for one in ledger.events()][2:] == [NOW] * 2
    assert time_findings(ledger) == []


# Keys of another ledger


def test_keys_of_another_ledger_are_refused(keys, tmp_path):
    for number, (origin, suite) in enumerate([("other.example/ledger", SHA256), (ORIGIN, SM3)]):
        url = f"sqlite:///{tmp_path}/other-{number}.db"
        Ledger.create(url, origin, suite, None).close()
        with pytest.raises(KeysForeign, match="key folder"):
            Ledger.open(url, keys)


def test_origin_that_no_entry_can_carry_is_refused(tmp_path):
    with pytest.raises(FormatError):
        Ledger.create(f"sqlite:///{tmp_path}/ledger.db", "Not An Origin", SHA256, None)
    assert not (tmp_path / "ledger.db").exists()
