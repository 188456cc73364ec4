"""Proofs from stored tiles: what an inspector asks of one entry or one old checkpoint, without reading the log.

A proof over n leaves is about log2(n) hashes, each the root over a range of leaves. A perfect range of 2^h leaves
lies inside one tile, at level floor(h / 8), as 2^(h mod 8) hashes side by side; a range at the right edge splits into
perfect ones. So a proof reads two tiles a level at most, of 8 KiB each.
"""

from ledger.hashing import HASH_BYTES, Suite
from ledger.merkle import ProofError, consistency_ranges, inclusion_ranges
from ledger.store_errors import StoreDamaged
from ledger.tiles import TILE_WIDTH, TileReader, perfect_root

_HEIGHT = TILE_WIDTH.bit_length() - 1  # of the tree inside one tile


class TiledTree:
    """The tree of the first `size` entries, read from tiles; they may have grown beyond that size since.

    Every method raises StoreDamaged when a tile that it needs is missing or too short.
    """

    def __init__(self, suite: Suite, size: int, read_tile: TileReader) -> None:
        self._suite = suite
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], bytes] = {}
        self.size = size

    def root(self) -> bytes:
        """Return the root of all `size` leaves."""
        return self.range_root(0, self.size)

    def inclusion_path(self, index: int) -> list[bytes]:
        """Return the proof that leaf `index` is in the tree: RFC 9162 section 2.1.3.1; ProofError beyond the last."""
        return [self.range_root(first, end) for first, end in inclusion_ranges(self.size, index)]

    def consistency_path(self, m: int) -> list[bytes]:
        """Return the proof that this tree begins with the first m leaves: RFC 9162 section 2.1.4.1.

        Raises ProofError when m is 0 or beyond the last leaf.
        """
        return [self.range_root(first, end) for first, end in consistency_ranges(self.size, m)]

    def range_root(self, first: int, end: int) -> bytes:
        """Return the root over the leaves from `first` up to, not including, `end`, which must be one subtree's."""
        if not 0 <= first <= end <= self.size:
            raise ProofError(f"range: no leaves {first} … {end - 1} in a tree of {self.size}")
        roots = []
        while first < end:
            height = (end - first).bit_length() - 1
            roots.append(self._perfect(first, height))
            first += 1 << height
        if not roots:
            return self._suite.empty_root
        result = roots[-1]
        for left in reversed(roots[:-1]):
            result = self._suite.node(left, result)
        return result

    # Private

    def _perfect(self, first: int, height: int) -> bytes:
        """Return the root over the 2^height leaves from `first` on, a multiple of 2^height."""
        level, rest = divmod(height, _HEIGHT)
        if first % (1 << height):
            raise ProofError(f"range: {1 << height} leaves from {first} on are no subtree")
        index, offset = divmod(first >> (_HEIGHT * level), TILE_WIDTH)
        end = (offset + (1 << rest)) * HASH_BYTES
        hashes = self._tile(level, index)
        if len(hashes) < end:
            raise StoreDamaged(
                where=f"tile {level}/{index}",
                expected=f"at least {end // HASH_BYTES} hashes of {HASH_BYTES} bytes",
                found=f"{len(hashes)} bytes" if hashes else "no such tile",
                mend="run `mingzhang audit verify`; restore the database from a copy that verifies",
            )
        return perfect_root(self._suite, hashes[offset * HASH_BYTES : end])

    def _tile(self, level: int, index: int) -> bytes:
        place = (level, index)
        if place not in self._tiles:
            self._tiles[place] = self._read_tile(level, index) or b""
        return self._tiles[place]
