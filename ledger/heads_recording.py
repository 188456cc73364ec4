"""Recording the map of stream heads: an entry at position M that covers exactly the entries 0 … M - 1."""

import base64
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from domain.events.ledger import HeadsSealed
from ledger.entry import parse_entry
from ledger.heads_map import HEADS_STREAM, MapRoot, StreamHeads, heads_below, map_root, named_head
from ledger.ledger import Command, Draft, Ledger
from ledger.store import Reader
from ledger.store_errors import StoreDamaged

BY: Final = "system/setup"
"""In whose name the ledger does its own acts."""


def seal_heads(ledger: Ledger, clock: Callable[[], datetime], by: str = BY) -> int:
    """Record the map of all streams as of now and return the position of its entry, M.

    A log that ends with a true map already gets no second one: that is what a run leaves that was killed before it
    signed. The streams are looked up before the writer's lock is taken; under it only what others appended meanwhile
    is read, and one small item is held for each stream. Raises StoreDamaged where rows are missing or untrue.
    """
    with ledger.store.snapshot() as reader:
        size = reader.head().size
        if _ends_with_map(reader, size):
            return size - 1
        heads = StreamHeads()
        for head in heads_below(reader, size):
            heads.take_head(head)
    with ledger.recording(clock) as recording:
        position = recording.size
        _catch_up(ledger.store, heads, size, position)
        sealed = map_root(ledger.suite, heads)
        draft = Draft(HEADS_STREAM, heads_event(sealed))
        recording.record(Command(str(uuid.uuid4()), by, (draft,)))
    return position


def heads_event(sealed: MapRoot) -> HeadsSealed:
    """Return the event that records a map."""
    return HeadsSealed(root=base64.b64encode(sealed.root).decode(), streams=sealed.streams)


# Private


def _ends_with_map(reader: Reader, size: int) -> bool:
    last = reader.record(size - 1) if size else None
    if last is None or last.type != HeadsSealed.TOPIC or last.stream != HEADS_STREAM:
        return False
    computed = heads_event(map_root(reader.suite, heads_below(reader, size - 1)))
    return parse_entry(last.entry).payload == computed.open_part()


def _catch_up(reader: Reader, heads: StreamHeads, size: int, position: int) -> None:
    """Take in what was appended since the log had `size` entries."""
    for record in reader.records(size, position):
        heads.take_head(named_head(reader, record))
        size += 1
    if size != position:
        raise StoreDamaged(
            where=f"entry {size}",
            expected=f"entries up to {position - 1}",
            found="none here",
            mend="run `mingzhang audit verify`; restore the database from a copy that verifies",
        )
