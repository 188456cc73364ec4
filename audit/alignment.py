"""Laying the stored entries beside the leaf hashes that the tree recorded, to see what was done to them.

Two sequences are read together: the recorded leaf hashes, from the tiles of level 0, and the rows as they are now,
each with the leaf hash of its bytes. Where they part, both are held back until two hashes in a row agree again;
what was passed over is one act: an entry in place of another, one missing, one too many. Leaf hashes of a sound log
are all different, so the first agreement is the right one. At most `WINDOW` of each are held back; past that the
two are taken pairwise, as entries that all differ. In step, nothing is held back.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

WINDOW = 8_192


class Row(NamedTuple):
    """A stored entry as far as naming an act needs it.

    `command` is set at the first entry of a command. `suspect` is the part of it to blame where nothing else tells.
    """

    position: int
    leaf: bytes
    stream: str
    seq: int
    command: str | None
    n: int
    suspect: str


class Step(NamedTuple):
    """One place of the two sequences laid side by side.

    Both: the same entry, or another one in its place when `recorded` differs from the row's leaf. Only `place` and
    `recorded`: an entry is missing. Only `row`: there is one too many.
    """

    row: Row | None
    place: int | None  # the position at which the tree recorded it
    recorded: bytes | None  # the leaf hash that the tree recorded; None where it is unreadable


class Alignment:
    """Takes rows in order and says, as soon as it is known, which recorded leaf each belongs to.

    `recorded` yields leaf hashes from position `start` on, None for one that cannot be read; `leaf_at` reads one by
    position.
    """

    def __init__(
        self, recorded: Iterator[bytes | None], leaf_at: Callable[[int], bytes | None], start: int = 0
    ) -> None:
        self.in_step = True  # nothing is held back
        self.ended = False  # no recorded leaf is left
        self.index = start  # of the recorded leaf to be read next
        self._recorded = recorded
        self._leaf_at = leaf_at
        self._rows_seen = 0
        self._leaves: deque[bytes | None] = deque()
        self._rows: deque[Row] = deque()
        self._leaf_places: dict[bytes, int] = {}  # of the leaves held back, by their index
        self._row_places: dict[bytes, int] = {}  # of the rows held back, by their number

    def next_is(self, leaf: bytes) -> bool:
        """Say whether this row's leaf is the next recorded one, and step over both; only when `in_step`.

        When it is not, the recorded leaf is held back and the row is to be given to `push`.
        """
        recorded = next(self._recorded, b"")
        if recorded == leaf:
            self.index += 1
            self._rows_seen += 1
            return True
        self.in_step = False
        self._hold_leaf(recorded)
        return False

    def step(self, count: int) -> None:
        """Take as many rows whose leaves were found to be the next recorded ones; only when `in_step`."""
        self.index += count
        self._rows_seen += count

    def push(self, row: Row) -> Iterator[Step]:
        """Take one row that `next_is` refused, or any row while something is held back; yield what is settled."""
        if not self._rows and len(self._leaves) == 1:
            yield from self._skip_gap(row)
        self._rows.append(row)
        self._row_places[row.leaf] = self._rows_seen
        self._rows_seen += 1
        yield from self._settle()
        if max(len(self._rows), len(self._leaves)) > WINDOW:
            yield from self._give_up()
        self.in_step = not self._leaves and not self._rows

    def finish(self) -> Iterator[Step]:
        """Yield what is left when there are no more rows."""
        while self._rows and not self.ended and len(self._leaves) < WINDOW:
            self._grow()
        while (match := self._nearest(1)) is not None:
            yield from self._pass_over(*match)
            yield from self._pop_equal()
        yield from self._pass_over(len(self._leaves), len(self._rows))
        while not self.ended:
            self._grow()
            yield from self._pass_over(len(self._leaves), 0)

    # Private

    def _grow(self) -> None:
        self._hold_leaf(next(self._recorded, b""))

    def _hold_leaf(self, recorded: bytes | None) -> None:
        if recorded == b"":
            self.ended = True
            return
        if recorded is not None:
            self._leaf_places[recorded] = self.index
        self._leaves.append(recorded)
        self.index += 1

    def _drop_leaf(self) -> tuple[int, bytes | None]:
        index, leaf = self.index - len(self._leaves), self._leaves.popleft()
        if leaf is not None and self._leaf_places.get(leaf) == index:
            del self._leaf_places[leaf]
        return index, leaf

    def _drop_row(self) -> Row:
        number, row = self._rows_seen - len(self._rows), self._rows.popleft()
        if self._row_places.get(row.leaf) == number:
            del self._row_places[row.leaf]
        return row

    def _skip_gap(self, row: Row) -> Iterator[Step]:
        """Step over recorded leaves when the row's own position says that the entries before it are gone."""
        first = self.index - 1
        if row.position <= first or self._leaf_at(row.position) != row.leaf:
            return
        while first < row.position and self._leaves:
            yield from self._pass_over(1, 0)
            self._grow()
            first += 1

    def _settle(self) -> Iterator[Step]:
        yield from self._catch_up()
        if not self._rows or not self._leaves:
            return
        match = self._newest()
        if match is None and len(self._leaves) <= len(self._rows):
            self._grow()
            match = self._newest()
        while match is not None:
            yield from self._pass_over(*match)
            yield from self._catch_up()
            match = self._nearest(2) if self._leaves and self._rows else None

    def _catch_up(self) -> Iterator[Step]:
        """Pop what agrees, and read on while rows wait; past the end of the recorded leaves, every row is too much."""
        yield from self._pop_equal()
        while self._rows and not self._leaves:
            if self.ended:
                yield from self._pass_over(0, len(self._rows))
                return
            self._grow()
            yield from self._pop_equal()

    def _pop_equal(self) -> Iterator[Step]:
        while self._leaves and self._rows and self._leaves[0] in (self._rows[0].leaf, None):
            index, leaf = self._drop_leaf()
            yield Step(self._drop_row(), index, leaf)

    def _newest(self) -> tuple[int, int] | None:
        """Return how much to pass over on each side, if the newest two of either side agree with two of the other."""
        leaves, rows = self._leaves, self._rows
        if len(leaves) < 2 or len(rows) < 2:
            return None
        found: list[tuple[int, int]] = []
        at = self._leaf_places.get(rows[-1].leaf, -1) - (self.index - len(leaves))
        if at >= 1 and leaves[at - 1] == rows[-2].leaf:
            found.append((at - 1, len(rows) - 2))
        last = leaves[-1]
        at = -1 if last is None else self._row_places.get(last, -1) - (self._rows_seen - len(rows))
        if at >= 1 and rows[at - 1].leaf == leaves[-2]:
            found.append((len(leaves) - 2, at - 1))
        return min(found, key=sum, default=None)

    def _nearest(self, run: int) -> tuple[int, int] | None:
        """Return how much to pass over on each side up to the nearest `run` leaves that agree in a row."""
        first = self.index - len(self._leaves)
        leaves, rows = list(self._leaves), [row.leaf for row in self._rows]
        places = ((self._leaf_places[leaf] - first, at) for at, leaf in enumerate(rows) if leaf in self._leaf_places)
        found = [
            (place, at)
            for place, at in places
            if leaves[place : place + run] == rows[at : at + run] and len(rows) - at >= run
        ]
        return min(found, key=sum, default=None)

    def _pass_over(self, leaves: int, rows: int) -> Iterator[Step]:
        for at in range(max(leaves, rows)):
            row = self._drop_row() if at < rows else None
            index, recorded = self._drop_leaf() if at < leaves else (None, None)
            yield Step(row, index, recorded)

    def _give_up(self) -> Iterator[Step]:
        both = min(len(self._leaves), len(self._rows))
        yield from self._pass_over(both, both)
        if max(len(self._leaves), len(self._rows)) > WINDOW:
            yield from self._pass_over(len(self._leaves), len(self._rows))
