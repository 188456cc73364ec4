"""Are the live registers what the log says? They are made again in private and compared row by row."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from projections.database import Database
from projections.errors import RegistersMissing
from projections.follower import Follower, Progress
from projections.register import Register
from projections.registry import REGISTERS
from projections.source import EventSource
from projections.table import LIVE, Table
from projections.tracking import LIVE_NAME, tracked

DIFFERENCES_MAX = 20


class Difference(NamedTuple):
    """A row that is in one of the two only: its table and position, and what each has there, None for nothing."""

    table: str
    position: int
    live: tuple[object, ...] | None
    rebuilt: tuple[object, ...] | None


class Comparison(NamedTuple):
    """How many entries the live registers have followed, how many rows were compared, and the first differences."""

    position: int
    rows: int
    differences: list[Difference]


def compare(
    source: EventSource,
    live: Database,
    private: Database,
    registers: Sequence[Register] = REGISTERS,
    on_progress: Progress | None = None,
) -> Comparison:
    """Make all registers in `private` and compare the live ones with them, as far as those have followed the log.

    Raises RegistersMissing when there are no live registers of this version.
    """
    if not Follower(source, live, registers).status().current:
        raise RegistersMissing()
    Follower(source, private, registers).rebuild(on_progress)
    with live.reading():
        state = tracked(live, LIVE_NAME)
        if state is None:
            raise RegistersMissing()
        rows = 0
        differences: list[Difference] = []
        for table in (table for register in registers for table in register.tables):
            pairs = _Pairs(live, private, table, state.position)
            differences += islice(pairs, DIFFERENCES_MAX - len(differences))
            rows += pairs.rows
    return Comparison(state.position, rows, differences)


# Private


class _Pairs:
    """The differences of one table, found by walking both in the order in which rows were added."""

    def __init__(self, live: Database, private: Database, table: Table, position: int) -> None:
        names = ", ".join(table.column_names())
        query = f"SELECT {names} FROM {LIVE}{table.name}"
        order = " ORDER BY " + ", ".join(table.column_names())
        self._live = live.rows(query + order)
        self._rebuilt = private.rows(query + " WHERE position < ?" + order, (position,))
        self._table = table.name
        self.rows = 0

    def __iter__(self) -> Iterator[Difference]:
        live, rebuilt = next(self._live, None), next(self._rebuilt, None)
        while live is not None or rebuilt is not None:
            self.rows += 1
            if live == rebuilt:
                live, rebuilt = next(self._live, None), next(self._rebuilt, None)
            elif rebuilt is None or (live is not None and _key(live) < _key(rebuilt)):
                assert live is not None
                yield Difference(self._table, live[0], live, None)
                live = next(self._live, None)
            else:
                yield Difference(self._table, rebuilt[0], None, rebuilt)
                rebuilt = next(self._rebuilt, None)


def _key(row: tuple[object, ...]) -> list[tuple[int, object]]:
    """Return what sorts as SQLite does: nothing, numbers, texts, bytes."""
    kinds = {int: 1, float: 1, str: 2, bytes: 3}
    return [(kinds.get(type(value), 0), b"" if value is None else _bytes(value)) for value in row]


def _bytes(value: object) -> object:
    return value.encode() if isinstance(value, str) else value
