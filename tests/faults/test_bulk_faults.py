"""A bulk append in PostgreSQL, cut at every kind of message: it is there as a whole, once, or not at all."""

import datetime

import pytest

from ledger.store_errors import StoreError

COMMANDS, ENTRIES = 10, 50  # in three COPYs of 200, 200 and 100 rows, each in several pieces
SIZE = COMMANDS * ENTRIES

COPY = r"COPY mingzhang\.entries"
STEPS = {
    "begin": (r"^BEGIN", 1),
    "first COPY": (f"^{COPY}", 1),
    "second COPY": (f"^{COPY}", 2),
    "last COPY": (f"^{COPY}", 3),
    "first data": (f"CopyData 1 of {COPY}", 1),
    "data in the middle": (f"CopyData 2 of {COPY}", 2),
    "last data": (f"CopyData LAST of {COPY}", 1),
    "end of the first COPY": (f"CopyDone of {COPY}", 1),
    "end of the last COPY": (f"CopyDone of {COPY}", 3),
    "first tile": (r"INSERT INTO mingzhang\.tiles", 1),
    "last tiles": (r"INSERT INTO mingzhang\.tiles", 3),
    "head": (r"INSERT INTO mingzhang\.heads", 1),
    "commit": (r"\bCOMMIT\b", 1),
}


def send(desk, commands):
    """Record many commands in one transaction as a careful client does; return how many were new."""
    new = 0
    with desk.ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
        for command in commands:
            if recording.find(command.id) is None:
                recording.record(command)
                new += 1
    return new


@pytest.fixture
def desk(proxy, new_desk, command, monkeypatch):
    """A ledger with one bulk append in it; `pieces` says in how many messages of data its last COPY went."""
    monkeypatch.setattr("ledger.writer.CHUNK_ROWS", 200)
    made = new_desk(proxy.new_url())
    proxy.seen.clear()
    send(made, [command(f"FIRST{number}", ENTRIES) for number in range(COMMANDS)])
    data = [text for text in proxy.seen if text.startswith("CopyData")]
    assert len([text for text in data if text.startswith("CopyData 1 ")]) == 3
    made.pieces = int(data[-1].split()[1])
    return made


@pytest.mark.parametrize("when", ["before", "after", "killed"])
@pytest.mark.parametrize("step", STEPS)
def test_a_bulk_append_that_is_cut_is_whole_or_absent(proxy, desk, command, step, when):
    wanted = [command(f"OTHER{number}", ENTRIES) for number in range(COMMANDS)]
    pattern, number = STEPS[step]
    pattern = pattern.replace("LAST", str(desk.pieces))
    if step == "last data":
        number = sum(text.startswith(f"CopyData {desk.pieces} ") for text in proxy.seen)
    with proxy.armed(pattern, when, number), pytest.raises(StoreError):
        send(desk, wanted)
    if when == "after":
        desk.reopen()
    persisted = (step, when) == ("commit", "after")
    assert desk.checked().size == (2 * SIZE if persisted else SIZE)
    assert send(desk, wanted) == (0 if persisted else COMMANDS)
    assert send(desk, wanted) == 0
    assert desk.checked().size == 2 * SIZE
    for one in wanted:
        assert len(desk.ledger.find(one.id)) == ENTRIES


def test_every_part_of_a_bulk_append_is_one_transaction(proxy, desk, command):
    proxy.seen.clear()
    send(desk, [command(f"OTHER{number}", ENTRIES) for number in range(COMMANDS)])
    assert sum("COMMIT" in text.split() for text in proxy.seen) == 1
