"""Asking the log many questions at once: the answers are those that it gives one by one; in each store."""

import uuid
from datetime import UTC, datetime

import pytest

from domain.events.ledger import ClockCorrected
from domain.events.payment import PaymentInstructed
from domain.fields import OpenCitation
from ledger import look_ahead
from ledger.ledger import Command, Draft, Ledger
from ledger.look_ahead import LookAhead
from ledger.store_errors import CommandRepeated, RaceLost

NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
OPEN = PaymentInstructed(batch="2024-01", pay_month="2024-01", month="2024-01", amount_fen=82500)
STREAMS = [f"case/{number}" for number in range(12)]  # of which the first six are there
UNKNOWN = [str(uuid.uuid4()) for _ in range(6)]


@pytest.fixture
def ledger(make_store):
    """Six cases with two or three entries each, two of them in one command."""
    made = Ledger(make_store(), None)
    record(made, *[made_command((stream, OPEN), (stream, OPEN)) for stream in STREAMS[:6]])
    record(made, *[made_command((stream, OPEN)) for stream in STREAMS[:3]])
    return made


def made_command(*drafts, command_id=None):
    return Command(command_id or str(uuid.uuid4()), "staff/MZ0001", tuple(Draft(*draft) for draft in drafts))


def record(ledger, *commands):
    with ledger.recording(lambda: NOW) as recording:
        return recording.record_all(commands)


class Asked:
    """A reader that counts what it is asked one by one."""

    def __init__(self, base):
        self.base = base
        self.questions = 0

    def __getattr__(self, name):
        self.questions += name in ("command", "last_of", "records")
        return getattr(self.base, name)


def answers(asked, commands):
    rows = {one: asked.command(one) for one in commands}
    records = [list(asked.records(row.position, row.position + row.n)) for row in rows.values() if row]
    return rows, records


@pytest.mark.parametrize("kept", [4_000, 3, 0])
def test_answers_are_those_of_the_log_expected_or_not(ledger, monkeypatch, kept):
    monkeypatch.setattr(look_ahead, "ANSWERS_MAX", kept)
    monkeypatch.setattr(look_ahead, "RECORDS_MAX", kept)
    commands = [*(one.command for one in ledger.store.commands()), *UNKNOWN]
    with ledger.store.snapshot() as base:
        ahead = LookAhead(base, ledger.size)
        for start in range(0, len(commands), 4):
            ahead.expect(STREAMS[start : start + 4], commands[start : start + 4])
            assert answers(ahead, commands) == answers(base, commands)
            for stream in STREAMS:
                last = base.last_of(stream)
                assert ahead.last_of(stream) == (last and (last.seq, last.entry))


def test_what_was_expected_is_not_asked_again(ledger):
    commands = [*(one.command for one in ledger.store.commands()), *UNKNOWN]
    with ledger.store.snapshot() as base:
        asked = Asked(base)
        ahead = LookAhead(asked, ledger.size)
        ahead.expect(STREAMS, commands)
        answers(ahead, commands)
        assert [ahead.last_of(stream) is not None for stream in STREAMS] == [True] * 6 + [False] * 6
        assert asked.questions == 0
        assert ahead.last_of("case/else") is None
        assert asked.questions == 1


def test_empty_log_is_asked_nothing(make_store):
    store = make_store()
    with store.snapshot() as base:
        asked = Asked(base)
        ahead = LookAhead(asked, 0)
        ahead.expect(STREAMS, UNKNOWN)
        assert answers(ahead, UNKNOWN) == (dict.fromkeys(UNKNOWN), [])
        assert [ahead.last_of(stream) for stream in STREAMS] == [None] * 12
        assert asked.questions == 0


@pytest.mark.parametrize("is_asked", [False, True])
def test_only_what_is_asked_is_relied_on(ledger, make_store, is_asked):
    officer = Ledger(make_store.open(), None)
    expected = UNKNOWN[0]
    taken = made_command(("case/8", OPEN), command_id=expected)

    def write():
        with ledger.recording(lambda: NOW, late=True) as recording:
            recording.expect({"case/8"}, {expected})
            if is_asked:
                assert not recording.is_recorded(expected)
            recording.record(made_command(("case/9", OPEN)))
            record(officer, taken)

    if is_asked:
        with pytest.raises(RaceLost, match=expected):
            write()
    else:
        write()
    assert [one.stream for one in ledger.events(15)] == (["case/8"] if is_asked else ["case/8", "case/9"])


@pytest.mark.parametrize("late", [False, True])
def test_many_commands_of_which_one_is_refused_leave_nothing(ledger, late):
    known = next(ledger.store.commands()).command
    with ledger.recording(lambda: NOW, late=late) as recording:
        with pytest.raises(CommandRepeated, match="position 0"):
            recording.record_all([made_command(("case/8", OPEN)), made_command(("case/1", OPEN), command_id=known)])
        assert recording.size == 15
        after = recording.record_all([made_command(("case/8", OPEN)), made_command(("case/8", OPEN), ("case/1", OPEN))])
    assert [(one.stream, one.seq) for entries in after for one in entries] == [
        ("case/8", 1),
        ("case/8", 2),
        ("case/1", 4),
    ]
    assert list(ledger.events(15)) == [one for entries in after for one in entries]


def test_correction_among_many_commands_dates_those_after_it(ledger):
    ahead = NOW.replace(hour=20)
    with ledger.recording(lambda: ahead) as recording:
        wrong = recording.record(made_command(("case/1", OPEN)))[0]
    correction = ClockCorrected(cites=OpenCitation(stream=wrong.stream, seq=wrong.seq))
    made = record(ledger, made_command(("ledger/main", correction)), made_command(("case/2", OPEN)))
    assert [entries[0].at for entries in made] == [NOW, NOW]
