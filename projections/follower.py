"""Keeping the registers up to date with the log: exactly once, in batches, whatever is killed in between.

Each batch of entries adds its rows and moves the tracking row in one transaction, so a batch counts wholly or not at
all. A batch is written only when the tracking row still stands where the batch began; when another process was
faster, the follower goes on from there. New tables are filled beside the live ones and take their place at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from projections.batch import Batch, BatchMaker
from projections.database import Database
from projections.register import Register
from projections.registry import REGISTERS, schema_version
from projections.source import EventSource
from projections.table import LIVE, STAGED
from projections.tracking import LIVE_NAME, STAGED_NAME, TRACKING, Tracked, forget, track, tracked
from projections.workers import SharedWork, Workers

Progress = Callable[[int, int], None]
"""Called with the entries followed and the size of the log."""


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
    """Follows one ledger into the register tables of one database.

    `registers` are all that the database keeps. With `workers` other processes read the log, and this one writes.
    """

    def __init__(
        self,
        source: EventSource,
        database: Database,
        registers: Sequence[Register] = REGISTERS,
        workers: Workers | None = None,
    ) -> None:
        self._source = source
        self._database = database
        self._tables = [table for register in registers for table in register.tables]
        self._version = schema_version(registers)
        self._maker: BatchMaker | SharedWork = BatchMaker(source, registers)
        if workers is not None:
            self._maker = SharedWork(workers, self._maker, registers)

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
            self._follow(name, prefix, state, size, on_progress)
        return None

    def _follow(self, name: str, prefix: str, state: Tracked, size: int, on_progress: Progress | None) -> None:
        """Write batches up to `size`, or up to where another process was faster."""
        with self._maker.batches(state.position, size) as batches:
            for batch in batches:
                after = Tracked(batch.stop, self._version, state.unopened + batch.unopened)
                if not self._write(name, prefix, state, after, batch):
                    return
                state = after
                if on_progress is not None:
                    on_progress(state.position, size)

    def _write(self, name: str, prefix: str, before: Tracked, after: Tracked, batch: Batch) -> bool:
        with self._database.writing():
            if tracked(self._database, name) != before:
                return False
            for table in self._tables:
                if table.name in batch.rows:
                    self._database.run_many(table.insert(prefix), batch.rows[table.name])
            track(self._database, name, after)
        return True

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


# Private


def _register_tables(database: Database, prefix: str) -> set[str]:
    """Return the register tables of this prefix, those of other versions of this program included."""
    found = {name for name in database.tables() if name.startswith(prefix) and name != TRACKING}
    return found if prefix == STAGED else {name for name in found if not name.startswith(STAGED)}
