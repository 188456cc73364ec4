"""The tree recomputed from leaf hashes, one leaf at a time: its roots at any size, and its tiles as they fill.

Each level keeps the hashes of its unfinished tile, and the roots of the perfect subtrees in them, so that a leaf
costs one inner hash and a root at any size costs a few. Memory is one tile per level. See `ledger.tiles` for the
shape of tiles and `ledger.merkle` for the shape of the tree.
"""

from collections.abc import Callable, Iterator, Sequence

from ledger.hashing import HASH_BYTES, Suite
from ledger.tiles import TILE_WIDTH, Tile, perfect_root, right_edge


class _Level:
    """The unfinished tile of one level: its hashes joined, and the roots of its perfect subtrees, largest first."""

    __slots__ = ("hashes", "index", "subtrees", "width")

    def __init__(self) -> None:
        self.index = 0
        self.width = 0
        self.hashes = bytearray()
        self.subtrees: list[bytes] = []

    def copy(self) -> "_Level":
        other = _Level()
        other.index, other.width = self.index, self.width
        other.hashes, other.subtrees = bytearray(self.hashes), list(self.subtrees)
        return other


class GrowingTree:
    """A tree that grows by leaf hashes and hands out each tile when it is full."""

    __slots__ = ("_full", "_levels", "size", "suite")

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.size = 0
        self._levels: list[_Level] = [_Level()]
        self._full: list[Tile] = []

    @classmethod
    def restored(cls, suite: Suite, size: int, read_tile: Callable[[int, int], object]) -> "GrowingTree | None":
        """Return the tree of `size` leaves that its right-edge tiles tell of; None when one of them is missing."""
        tree = cls(suite)
        tree.size = size
        for number, index, width in right_edge(size):
            hashes = read_tile(number, index) if width else b""
            if not isinstance(hashes, bytes) or len(hashes) < width * HASH_BYTES:
                return None
            if number == len(tree._levels):
                tree._levels.append(_Level())
            tree._levels[number].index = index
            first = 0
            while first < width:
                span = 1 << (width - first).bit_length() - 1
                tree._push(number, hashes[first * HASH_BYTES : (first + span) * HASH_BYTES])
                first += span
        return tree

    def copy(self) -> "GrowingTree":
        """Return a tree of the same leaves that grows on its own."""
        other = GrowingTree(self.suite)
        other.size = self.size
        other._levels = [level.copy() for level in self._levels]
        return other

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf hash, 32 bytes."""
        self.size += 1
        self._push(0, leaf_hash)

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add leaf hashes in the largest pieces that complete a subtree of their own: fewer steps than one by one."""
        first, end = 0, len(leaf_hashes)
        while first < end:
            width = self._levels[0].width
            span = width & -width or TILE_WIDTH
            while span > end - first:
                span >>= 1
            self._push(0, b"".join(leaf_hashes[first : first + span]))
            first += span
        self.size += end

    def root(self) -> bytes:
        """Return the RFC 6962 root of the leaves so far."""
        node = self.suite.node
        result: bytes | None = None
        for level in self._levels:
            for left in reversed(level.subtrees):
                result = left if result is None else node(left, result)
        return self.suite.empty_root if result is None else result

    def take_full(self) -> list[Tile]:
        """Return the tiles that were filled since the last call."""
        full, self._full = self._full, []
        return full

    def edge(self) -> Iterator[Tile]:
        """Yield the unfinished tile of each level that has one, lowest first."""
        for number, level in enumerate(self._levels):
            if level.width:
                yield Tile(number, level.index, bytes(level.hashes))

    # Private

    def _push(self, number: int, hashes: bytes) -> None:
        """Add to a level the hashes of one perfect subtree whose place begins at a multiple of its span."""
        level = self._levels[number]
        level.hashes += hashes
        span = len(hashes) // HASH_BYTES
        node_hash = perfect_root(self.suite, hashes)
        carried = level.width // span
        subtrees = level.subtrees
        while carried & 1:  # each trailing one bit is a subtree that this one completes
            node_hash = self.suite.hash(b"\x01" + subtrees.pop() + node_hash)
            carried >>= 1
        subtrees.append(node_hash)
        level.width += span
        if level.width == TILE_WIDTH:
            self._full.append(Tile(number, level.index, bytes(level.hashes)))
            level.index, level.width = level.index + 1, 0
            level.hashes, level.subtrees = bytearray(), []
            if number + 1 == len(self._levels):
                self._levels.append(_Level())
            self._push(number + 1, node_hash)
