"""Keeping the registers up to date with the log: exactly once, in batches, whatever is killed in between.

Each batch of entries adds its rows and moves the tracking row in one transaction, so a batch counts wholly or not at
all. A batch is written only when the tracking row still stands where the batch began; when another process was
faster, the follower goes on from there. New tables are filled beside the live ones and take their place at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.recorded import Recorded
from projections.database import Database
from projections.register import Handler, Register
from projections.registry import REGISTERS, schema_version
from projections.table import LIVE, STAGED, Table, Value
from projections.tracking import LIVE_NAME, STAGED_NAME, TRACKING, Tracked, forget, track, tracked

BATCH_ENTRIES = 5_000

Progress = Callable[[int, int], None]
"""Called with the entries followed and the size of the log."""


class Keys(Protocol):
    """What makes pseudonyms: the ledger's key store."""

    def index_mac(self, label: str, *parts: str) -> bytes:
        """Return 32 bytes, the same only for the same texts."""


class EventSource(Protocol):
    """What the follower needs of a ledger."""

    @property
    def keys(self) -> Keys | None:
        """The keys at hand, if any."""

    @property
    def size(self) -> int:
        """The number of entries."""

    def events(self, start: int = 0, stop: int | None = None, *, open_sealed: bool = True) -> Iterator[Recorded]:
        """Yield the entries of positions start … stop - 1."""

    def event(self, position: int) -> Recorded | None:
        """Return one entry, opened where the keys allow."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where the registers stand. `current` is False when they are absent, outdated, or need the keys again."""

    position: int
    size: int
    current: bool

    @property
    def lag(self) -> int:
        """How many entries the registers have still to follow."""
        return self.size - self.position


class Follower:
    """Follows one ledger into the register tables of one database."""

    def __init__(self, source: EventSource, database: Database, registers: Sequence[Register] = REGISTERS) -> None:
        self._source = source
        self._database = database
        self._tables = [table for register in registers for table in register.tables]
        self._version = schema_version(registers)
        self._handlers = _by_topic(registers)
        self._opens = frozenset().union(*(register.opens for register in registers))

    def status(self) -> Status:
        """Return how far the registers are."""
        state = tracked(self._database, LIVE_NAME)
        size = self._source.size
        return Status(state.position if state else 0, size, self._is_usable(LIVE_NAME, LIVE, size))

    def catch_up(self, on_progress: Progress | None = None) -> int:
        """Follow to the end of the log and return its size; tables that are missing or outdated are made anew.

        Raises RegistersNotWritable when the database cannot be written, EntryUnreadable for a damaged entry.
        """
        while True:
            size = self._source.size
            if not self._is_usable(LIVE_NAME, LIVE, size):
                self._rebuild(on_progress)
            elif self._fill(LIVE_NAME, LIVE, on_progress) is not None:
                return size

    def rebuild(self, on_progress: Progress | None = None) -> int:
        """Make all registers anew from entry 0 and return the size of the log; the old ones answer until then."""
        self._drop_staged()
        self._rebuild(on_progress)
        return self.catch_up(on_progress)

    # Private

    def _is_usable(self, name: str, prefix: str, size: int) -> bool:
        state = tracked(self._database, name)
        if state is None or state.schema_version != self._version or state.position > size:
            return False
        if state.unopened and self._source.keys is not None:
            return False  # followed without keys, which are here now
        return self._database.tables() >= {prefix + table.name for table in self._tables}

    def _rebuild(self, on_progress: Progress | None) -> None:
        """Fill staged tables, resuming those that a killed or a running process began, and put them in place."""
        if not self._is_usable(STAGED_NAME, STAGED, self._source.size):
            self._drop_staged()
            with self._database.writing():
                for table in self._tables:
                    self._database.run(table.create(STAGED, self._database.types))
                track(self._database, STAGED_NAME, Tracked(0, self._version, 0))
        state = self._fill(STAGED_NAME, STAGED, on_progress)
        if state is not None:
            self._swap(state)

    def _fill(self, name: str, prefix: str, on_progress: Progress | None) -> Tracked | None:
        """Follow to the end of the log; None when the tables were taken away meanwhile."""
        size = self._source.size
        while (state := tracked(self._database, name)) is not None:
            if on_progress is not None:
                on_progress(min(state.position, size), size)
            if state.position >= size:
                return state
            stop = min(state.position + BATCH_ENTRIES, size)
            rows, unopened = self._rows(state.position, stop)
            self._write(name, prefix, state, Tracked(stop, self._version, state.unopened + unopened), rows)
        return None

    def _rows(self, start: int, stop: int) -> tuple[dict[Table, list[tuple[Value, ...]]], int]:
        """Return the rows that these entries add, by table, and how many entries stayed sealed for want of keys."""
        rows: dict[Table, list[tuple[Value, ...]]] = {}
        unopened = 0
        for recorded in self._source.events(start, stop, open_sealed=False):
            topic = recorded.topic if recorded.event is None else recorded.event.TOPIC
            handlers = self._handlers.get(topic)
            if handlers is None or recorded.event is None:
                continue
            if topic in self._opens and not recorded.opened:
                if self._source.keys is None:
                    unopened += 1
                else:
                    recorded = self._source.event(recorded.position) or recorded
            for handler in handlers:
                for row in handler(recorded, self._mark):
                    rows.setdefault(row.table, []).append((recorded.position, *row.values))
        return rows, unopened

    def _write(
        self, name: str, prefix: str, before: Tracked, after: Tracked, rows: Mapping[Table, Sequence[tuple[Value, ...]]]
    ) -> None:
        with self._database.writing():
            if tracked(self._database, name) != before:
                return
            for table, found in rows.items():
                self._database.run_many(table.insert(prefix), found)
            track(self._database, name, after)

    def _swap(self, filled: Tracked) -> None:
        """Put the staged tables in the place of the live ones; nothing when another process did it or went on."""
        with self._database.replacing():
            if tracked(self._database, STAGED_NAME) != filled:
                return
            for name in sorted(_register_tables(self._database, LIVE)):
                self._database.run(f"DROP TABLE {name}")
            for table in self._tables:
                self._database.run(f"ALTER TABLE {STAGED}{table.name} RENAME TO {LIVE}{table.name}")
                index = table.create_index()
                if index is not None:
                    self._database.run(index)
            forget(self._database, STAGED_NAME)
            track(self._database, LIVE_NAME, filled)

    def _drop_staged(self) -> None:
        with self._database.writing():
            for name in sorted(_register_tables(self._database, STAGED)):
                self._database.run(f"DROP TABLE {name}")
            forget(self._database, STAGED_NAME)

    def _mark(self, label: str, text: str) -> bytes | None:
        keys = self._source.keys
        return None if keys is None else keys.index_mac(label, text)


# Private


def _by_topic(registers: Sequence[Register]) -> dict[str, list[Handler]]:
    handlers: dict[str, list[Handler]] = {}
    for register in registers:
        for topic, handler in register.handlers.items():
            handlers.setdefault(topic, []).append(handler)
    return handlers


def _register_tables(database: Database, prefix: str) -> set[str]:
    """Return the register tables of this prefix, those of other versions of this program included."""
    found = {name for name in database.tables() if name.startswith(prefix) and name != TRACKING}
    return found if prefix == STAGED else {name for name in found if not name.startswith(STAGED)}
