"""A command that goes to PostgreSQL as one statement, cut before and after: it is there once, or not at all."""

import uuid

import pytest

from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.store_errors import CommandRepeated, ServerUnreachable
from ledger.writer import prepared

pytest.importorskip("ledger.postgres_attempt", reason="this version has no such statement")


def record(store, command):
    """Append a command of one entry at one go."""

    def body(writer):
        head = writer.head_of("case/1")
        seq, prev = (head.seq + 1, head.leaf) if head else (1, NO_PREVIOUS)
        entry = Entry(
            suite=writer.suite.name,
            log=writer.origin,
            stream="case/1",
            seq=seq,
            type="note.made/1",
            prev=prev,
            at="2026-11-21T08:00:00.000000Z",
            by="staff/MZ0001",
            command=command,
            k=1,
            n=1,
            seal=None,
            payload={},
        )
        return writer.append([prepared(writer.suite, writer.origin, entry, encode_entry(entry), None)])

    return store.write(body, 1)


@pytest.mark.parametrize("when", ["before", "after", "killed"])
def test_a_command_in_one_statement_that_is_cut_is_recorded_once_when_it_is_sent_again(proxy, new_desk, when):
    desk = new_desk(proxy.new_url())
    store = desk.ledger.store
    for _ in range(4):
        record(store, str(uuid.uuid4()))
    wanted = str(uuid.uuid4())
    with proxy.armed(r"(?s)^WITH .*INSERT INTO mingzhang\.heads", when), pytest.raises(ServerUnreachable):
        record(store, wanted)
    persisted = when == "after"
    assert store.head().size == (5 if persisted else 4)
    if persisted:
        with pytest.raises(CommandRepeated):
            record(store, wanted)
    else:
        assert record(store, wanted) == range(4, 5)
    for number in range(5, 8):
        assert record(store, str(uuid.uuid4())) == range(number, number + 1)
    assert [one.command for one in store.commands()].count(wanted) == 1
    assert desk.checked().size == 8
