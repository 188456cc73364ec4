"""One sequence of leaf hashes, and how the stored tree agrees with it: heads, tiles, roots at the sizes asked for.

There is one lineage while the log is sound: that of the entries. Where the recorded leaf hashes part from those of
the entries, the recorded ones go on as a second lineage, and what the heads, the higher tiles and the checkpoints
agree with tells which of the two was changed.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from audit.tree import GrowingTree
from ledger.hashing import HASH_BYTES, Suite
from ledger.store import TreeHead
from ledger.tiles import TILE_BYTES, TILE_WIDTH, Tile

KEPT_MAX = 1_000
NEVER = 1 << 63

TileReader = Callable[[int, int], object]  # (level, index) -> what is stored there, None for nothing


class BadHead(NamedTuple):
    """A stored head that differs; `root` is the one computed at its size, None past the last entry."""

    size: int
    stored: object
    root: bytes | None


class BadTile(NamedTuple):
    """A stored tile that differs from the one computed; `end` is the first leaf after it."""

    level: int
    number: int
    hashes: bytes
    stored: object

    @property
    def end(self) -> int:
        """The number of leaves up to the end of this tile."""
        width = len(self.hashes) // HASH_BYTES
        return (self.number * TILE_WIDTH + width) * int(TILE_WIDTH**self.level)


class Lineage:
    """Leaf hashes in order, compared with the stored heads and tiles as they come."""

    def __init__(
        self, tree: GrowingTree, heads: Iterator[TreeHead], wanted: Collection[int], read_tile: TileReader
    ) -> None:
        self.tree = tree
        self.roots: dict[int, bytes] = {}
        self.good_head = 0  # the largest size whose head agrees
        self.bad_heads: list[BadHead] = []
        self.beyond: list[BadHead] = []  # heads of more leaves than there are
        self.bad_tiles: list[BadTile] = []
        self.broken = False  # a leaf of it is unreadable, so that nothing can be computed any more
        self._read_tile = read_tile
        self._heads = heads
        self._wanted = iter(sorted(size for size in set(wanted) if size >= tree.size))
        self._next_wanted = next(self._wanted, NEVER)
        self._next_head = next((head for head in heads if head.size > tree.size or not tree.size), None)
        self._reach()

    def append(self, leaf: bytes | None) -> None:
        """Add one leaf hash."""
        if leaf is None or self.broken:
            self.broken = True
            self._heads = iter(())
            return
        tree = self.tree
        tree.append(leaf)
        if tree.size >= self._stop:
            self._reach()
        if not tree.size % TILE_WIDTH:
            for tile in tree.take_full():
                self._compare(tile)

    def extend(self, leaves: Sequence[bytes]) -> list[int]:
        """Add leaf hashes up to the end of a tile at most; return the sizes whose head agrees."""
        tree, first, agreed = self.tree, 0, []
        while first < len(leaves):
            end = min(first + max(self._stop - tree.size, 1), len(leaves))
            tree.extend(leaves[first:end])
            first = end
            if tree.size >= self._stop:
                self._reach()
                if self.good_head == tree.size:
                    agreed.append(tree.size)
        if not tree.size % TILE_WIDTH:
            for tile in tree.take_full():
                self._compare(tile)
        return agreed

    def finish(self) -> None:
        """Compare the right edge, and take the heads that are left for what they are: beyond the end."""
        if self.broken:
            return
        for tile in self.tree.edge():
            self._compare(tile)
        while self._next_head is not None:
            if len(self.beyond) < KEPT_MAX:
                self.beyond.append(BadHead(*self._next_head, None))
            self._next_head = next(self._heads, None)

    # Private

    def _reach(self) -> None:
        """Compare every head at this size, and keep the root where it is wanted."""
        size = self.tree.size
        if self._next_wanted <= size:
            self.roots[size] = self.tree.root()
            self._next_wanted = next(self._wanted, NEVER)
        while self._next_head is not None and self._next_head.size <= size:
            self._judge(self._next_head)
            self._next_head = next(self._heads, None)
        self._stop = min(self._next_wanted, self._next_head.size if self._next_head else NEVER)

    def _judge(self, head: TreeHead) -> None:
        root = self.tree.root()
        if head.root == root:
            self.good_head = head.size
            return
        if len(self.bad_heads) < KEPT_MAX:
            self.bad_heads.append(BadHead(*head, root))

    def _compare(self, tile: Tile) -> None:
        stored = self._read_tile(tile.level, tile.index)
        if stored != tile.hashes and len(self.bad_tiles) < KEPT_MAX:
            self.bad_tiles.append(BadTile(tile.level, tile.index, tile.hashes, stored))


class RecordedLeaves:
    """The leaf hashes in the tiles of level 0, in order; None for one that is missing before the claimed size."""

    def __init__(self, suite: Suite, read_tile: TileReader, claimed_size: int, start: int = 0) -> None:
        self.suite = suite
        self.claimed_size = claimed_size  # set to 0 when no rows are left: nothing is missing after them
        self.last: bytes | None = None
        self.lineage: Lineage | None = None  # gets each leaf that is read from now on
        self.count = start  # of the leaves read; the first one to be read begins a tile
        self.known_size = start  # the number of leaves up to the last one that could be read
        self._read_tile = read_tile
        self._index = start // TILE_WIDTH - 1  # of the tile that is being read
        self._leaves: list[bytes | None] = [None] * TILE_WIDTH
        self._place = TILE_WIDTH  # in it, of the leaf to be read next

    def __iter__(self) -> Iterator[bytes | None]:
        return self

    def __next__(self) -> bytes | None:
        if not self._has_next():
            raise StopIteration
        self.last = leaf = self._leaves[self._place]
        self._place += 1
        self.count += 1
        if leaf is not None:
            self.known_size = self.count
        if self.lineage is not None:
            self.lineage.append(leaf)
        return leaf

    def advance(self, leaves: Sequence[bytes]) -> bool:
        """Step over leaves that are recorded just like this, within one tile; otherwise stay, and return False."""
        if self.lineage is not None or not leaves or not self._has_next():
            return False
        end = self._place + len(leaves)
        if self._leaves[self._place : end] != leaves:
            return False
        self._place = end
        self.count += len(leaves)
        self.known_size = self.count
        self.last = leaves[-1]
        return True

    def at(self, position: int) -> bytes | None:
        """Return the leaf recorded at a position, None when there is none."""
        index, place = divmod(position, TILE_WIDTH)
        leaves = self._hashes(index)[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        return leaves if len(leaves) == HASH_BYTES else None

    def places_of(self, leaves: Collection[bytes]) -> dict[bytes, int]:
        """Return where in the tree these leaf hashes are recorded; reads all tiles of level 0 once."""
        places: dict[bytes, int] = {}
        index = 0
        while leaves and (index == 0 or index * TILE_WIDTH < self.count):
            for place, leaf in enumerate(self._tile(index)):
                if leaf in leaves and leaf is not None:
                    places.setdefault(leaf, index * TILE_WIDTH + place)
            index += 1
        return places

    # Private

    def _has_next(self) -> bool:
        if self._place == TILE_WIDTH:
            self._index += 1
            self._leaves, self._place = self._tile(self._index), 0
        return self._place < len(self._leaves)

    def _hashes(self, index: int) -> bytes:
        stored = self._read_tile(0, index) if 0 <= index < NEVER else None
        return stored[:TILE_BYTES] if isinstance(stored, bytes) else b""

    def _tile(self, index: int) -> list[bytes | None]:
        hashes = self._hashes(index)
        starts = range(0, len(hashes) - HASH_BYTES + 1, HASH_BYTES)
        leaves: list[bytes | None] = [hashes[at : at + HASH_BYTES] for at in starts]
        claimed = min(max(self.claimed_size - index * TILE_WIDTH, 0), TILE_WIDTH)
        return leaves + [None] * (claimed - len(leaves))
