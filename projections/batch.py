"""The rows that a stretch of the log adds to the registers: made from its entries alone, whoever writes them."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from projections.register import Handler, Register
from projections.source import EventSource
from projections.table import Value

BATCH_ENTRIES = 10_000


class Batch(NamedTuple):
    """What positions start … stop - 1 add: rows by the name of their table, `position` first.

    `unopened` counts the entries that stayed sealed for want of keys.
    """

    start: int
    stop: int
    rows: dict[str, list[tuple[Value, ...]]]
    unopened: int


class BatchMaker:
    """Makes the batches of one source for some registers."""

    def __init__(self, source: EventSource, registers: Sequence[Register]) -> None:
        self._source = source
        self._handlers = _by_topic(registers)
        self._opens = frozenset().union(*(register.opens for register in registers))

    def batch(self, start: int, stop: int) -> Batch:
        """Return what positions start … stop - 1 add; raises EntryUnreadable for a damaged entry."""
        rows: dict[str, list[tuple[Value, ...]]] = {}
        unopened, has_keys, mark = 0, self._source.keys is not None, self._mark
        for recorded in self._source.selected(self._handlers.keys(), self._opens, start, stop):
            if recorded.event is None:
                continue
            topic = recorded.event.TOPIC
            if not (recorded.opened or has_keys) and topic in self._opens:
                unopened += 1
            for handler in self._handlers.get(topic, ()):
                for table, values in handler(recorded, mark):
                    rows.setdefault(table.name, []).append((recorded.position, *values))
        return Batch(start, stop, rows, unopened)

    @contextmanager
    def batches(self, start: int, stop: int) -> Iterator[Iterator[Batch]]:
        """Return the batches of positions start … stop - 1, in order."""
        with uncollected():
            yield (self.batch(*stretch) for stretch in stretches(start, stop))

    # Private

    def _mark(self, label: str, text: str) -> bytes | None:
        keys = self._source.keys
        return None if keys is None else keys.index_mac(label, text)


def stretches(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of each batch of a part of the log."""
    for first in range(start, stop, BATCH_ENTRIES):
        yield first, min(first + BATCH_ENTRIES, stop)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: rows and events have none, and looking costs a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# Private


def _by_topic(registers: Sequence[Register]) -> Mapping[str, list[Handler]]:
    handlers: dict[str, list[Handler]] = {}
    for register in registers:
        for topic, handler in register.handlers.items():
            handlers.setdefault(topic, []).append(handler)
    return handlers
