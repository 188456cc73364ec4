"""The Merkle tree as it is stored: tiles of up to 256 hashes; proofs read little and full tiles never change.

    tile(level L, index i)  = the hashes at height 8·L of the tree, number 256·i and the 255 after it, joined
    level 0                 = leaf hashes; a hash of level L + 1 is the root over a full tile of level L
    width of the right edge = floor(size / 256^L) mod 256; a tile of width 0 is not stored

A full tile is 8,192 bytes and is written once. A partial one stands only at the right edge of its level and
grows at its end. The shape is that of C2SP tlog-tiles. The root of `size` leaves is computed from the
right-edge tiles alone: each splits into perfect subtrees as the bits of its width say, and these fold from
right to left.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ledger.hashing import HASH_BYTES, Suite
from ledger.store_errors import StoreDamaged

TILE_WIDTH = 256
TILE_BYTES = TILE_WIDTH * HASH_BYTES
_EXTENDED_MAX = 16  # more new hashes than these are faster computed over from the first

TileReader = Callable[[int, int], bytes | None]  # (level, index) -> hashes joined, or None when there is no such tile


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile as it is to be stored; `stored_width` is how many of its hashes the store already has."""

    level: int
    index: int
    hashes: bytes
    stored_width: int = 0


@dataclass(slots=True)
class _Edge:
    """The partial tile at the right edge of one level; it may be empty."""

    index: int
    hashes: bytearray
    stored_width: int
    roots: list[bytes] = field(default_factory=list)  # of the perfect subtrees of the first `rooted` hashes
    rooted: int = 0

    def subtree_roots(self, suite: Suite) -> list[bytes]:
        """Return the roots of the perfect subtrees, largest first; what was computed before is gone on from."""
        width = len(self.hashes) // HASH_BYTES
        if width - self.rooted > _EXTENDED_MAX:
            subtrees = list(_perfect_subtrees(self.hashes))
            self.roots = [perfect_root(suite, subtree) for subtree in reversed(subtrees)]
        else:
            for number in range(self.rooted, width):
                root = bytes(self.hashes[number * HASH_BYTES : (number + 1) * HASH_BYTES])
                while number & 1:  # as a carry runs through the bits of the number
                    root = suite.node(self.roots.pop(), root)
                    number >>= 1
                self.roots.append(root)
        self.rooted = width
        return self.roots


class TreeWriter:
    """A tree that grows in bulk and says which tiles changed; about one tile per level is held in memory."""

    __slots__ = ("_edges", "_full", "_suite", "size")

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._edges: list[_Edge] = []
        self._full: list[Tile] = []
        self.size = 0

    @classmethod
    def restored(cls, suite: Suite, size: int, read_tile: TileReader) -> "TreeWriter":
        """Return the tree of `size` leaves from its right-edge tiles; StoreDamaged when one is missing."""
        tree = cls(suite)
        tree.size = size
        for level, index, width in right_edge(size):
            hashes = _edge_hashes(level, index, width, read_tile)
            tree._edges.append(_Edge(index, bytearray(hashes), width))
        return tree

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append leaf hashes, 32 bytes each."""
        hashes = b"".join(leaf_hashes)
        self._push(0, hashes)
        self.size += len(hashes) // HASH_BYTES

    def take_full(self) -> list[Tile]:
        """Return the tiles that filled up since the last call, each once."""
        full, self._full = self._full, []
        return full

    def take_changed(self) -> list[Tile]:
        """Return every tile that must be stored now: the full ones, then the grown right edge."""
        changed = self.take_full()
        for level, edge in enumerate(self._edges):
            width = len(edge.hashes) // HASH_BYTES
            if width > edge.stored_width:
                changed.append(Tile(level, edge.index, bytes(edge.hashes), edge.stored_width))
                edge.stored_width = width
        return changed

    def root(self) -> bytes:
        """Return the RFC 6962 root of all leaves so far."""
        return _folded(self._suite, (edge.subtree_roots(self._suite) for edge in self._edges))

    def is_stored(self, read_tile: TileReader) -> bool:
        """Say whether the right-edge tiles that are stored are those of this tree."""
        edges = enumerate(self._edges)
        return all(not edge.hashes or read_tile(level, edge.index) == bytes(edge.hashes) for level, edge in edges)

    def _push(self, level: int, hashes: bytes) -> None:
        """Append hashes, joined, to a level, and the root over each tile that fills up to the level above."""
        if level == len(self._edges):
            self._edges.append(_Edge(0, bytearray(), 0))
        done, roots = 0, []
        while done < len(hashes):
            edge = self._edges[level]
            more = hashes[done : done + TILE_BYTES - len(edge.hashes)]
            edge.hashes += more
            done += len(more)
            if len(edge.hashes) == TILE_BYTES:
                full = bytes(edge.hashes)
                self._full.append(Tile(level, edge.index, full, edge.stored_width))
                self._edges[level] = _Edge(edge.index + 1, bytearray(), 0)
                roots.append(perfect_root(self._suite, full))
        if roots:
            self._push(level + 1, b"".join(roots))


def right_edge(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, index, width) of the right-edge tile of each level, lowest first; a width may be 0."""
    level = 0
    while size:
        yield level, size // TILE_WIDTH, size % TILE_WIDTH
        size //= TILE_WIDTH
        level += 1


def root_from_tiles(suite: Suite, size: int, read_tile: TileReader) -> bytes:
    """Return the root of the first `size` leaves; a tile may have grown beyond that size since.

    Raises StoreDamaged when a tile is missing or too short.
    """
    edges = [
        _Edge(index, bytearray(_edge_hashes(level, index, width, read_tile)), width)
        for level, index, width in right_edge(size)
    ]
    return _folded(suite, [edge.subtree_roots(suite) for edge in edges])


def perfect_root(suite: Suite, hashes: bytes) -> bytes:
    """Return the root over 2^k hashes: H(01 ‖ left ‖ right), level by level; each pair lies joined."""
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join(suite.hash_all([b"\x01" + hashes[at : at + 2 * HASH_BYTES] for at in pairs]))
    return hashes


# Private


def _edge_hashes(level: int, index: int, width: int, read_tile: TileReader) -> bytes:
    if width == 0:
        return b""
    hashes = read_tile(level, index) or b""
    if len(hashes) < width * HASH_BYTES:
        raise StoreDamaged(
            where=f"tile {level}/{index}",
            expected=f"at least {width} hashes of {HASH_BYTES} bytes",
            found=f"{len(hashes)} bytes" if hashes else "no such tile",
            mend="run `mingzhang audit verify`; restore the database from a copy that verifies",
        )
    return hashes[: width * HASH_BYTES]


def _folded(suite: Suite, edges: Iterable[Sequence[bytes]]) -> bytes:
    """Return the root over the subtree roots of the right edge, lowest level first: the last one is the smallest."""
    root: bytes | None = None
    for roots in edges:
        for left in reversed(roots):
            root = left if root is None else suite.node(left, root)
    return suite.empty_root if root is None else root


def _perfect_subtrees(hashes: bytes | bytearray) -> Iterator[bytes]:
    """Split hashes as the bits of their number say, largest on the left; yield them from the right."""
    end = len(hashes)
    remaining, span = end // HASH_BYTES, 1
    while remaining:
        if remaining & 1:
            yield bytes(hashes[end - span * HASH_BYTES : end])
            end -= span * HASH_BYTES
        remaining >>= 1
        span *= 2
