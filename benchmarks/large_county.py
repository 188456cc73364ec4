"""A county's ledger many times over: the events of real topics that registers handle, in a ledger of any size.

The entries of a ledger that was imported are copied under new stream names and command ids, chained anew, their sealed
parts left out: sealed bytes belong to one place of one log.
"""

import re
from base64 import b64encode
from collections.abc import Iterator

from ledger.entry import NO_PREVIOUS
from ledger.hashing import SHA256
from ledger.store import Record, Store
from ledger.stores import create_store, open_store
from ledger.writer import PreparedEntry

TRANSACTION_ENTRIES = 10_000


def multiply(model: str, url: str, size: int) -> None:
    """Make a ledger of `size` entries at `url`, or a few more to end a command, from the one at `model`."""
    with open_store(model, read_only=True) as source, create_store(url, source.origin, SHA256) as made:
        copies = _copies(source)
        while made.head().size < size:
            with made.writer() as writer:
                held: list[PreparedEntry] = []
                while len(held) < min(TRANSACTION_ENTRIES, size - writer.size) or held[-1].k < held[-1].n:
                    held.append(next(copies))
                writer.append(held)


# Private

_HEADER = re.compile(
    rb"(mingzhang/v1\nlog .*\nstream )(.*)(\nseq .*\ntype .*\nprev )(.*)(\nat .*\nby .*\ncommand )"
    rb"[0-9a-f]{8}(.* ([0-9]+)/([0-9]+)\nsealed ).*(\n\n)"
)


def _copies(source: Store) -> Iterator[PreparedEntry]:
    for copy in range(1 << 32):
        leaves: dict[str, bytes] = {}
        for record in source.records():
            yield _copied(record, copy, leaves)


def _copied(record: Record, copy: int, leaves: dict[str, bytes]) -> PreparedEntry:
    match = _HEADER.match(record.entry)
    assert match is not None
    mark = f"{copy:08x}"
    start, _, place, _, act, command, k, n, end = match.groups()
    stream = f"{record.stream}-{mark}"
    prev = leaves.get(stream, NO_PREVIOUS)
    name, chained, payload = stream.encode(), b64encode(prev), record.entry[match.end() :]
    data = b"".join((start, name, place, chained, act, mark.encode(), command, b"-", end, payload))
    leaves[stream] = SHA256.leaf(data)
    new_command = mark + record.command[8:]
    return PreparedEntry(
        stream, record.seq, record.type, prev, record.at, record.by, new_command, int(k), int(n), data, None
    )
