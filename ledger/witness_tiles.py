"""What a witness reads of a folder of tiles: the note, the leaf hashes, and every entry (names: ledger/tile_names.py).

A file that is missing or cut ends the reading: a witness cosigns all or nothing. Nothing that is read here is
believed; the caller compares it with a root that somebody signed. Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Iterator
from pathlib import Path

from ledger.hashing import HASH_BYTES
from ledger.tile_names import CHECKPOINT_NAME, LENGTH_BYTES, TileName, tile_path, width_at
from ledger.tiles import TILE_WIDTH
from ledger.witness_errors import TileFolderError


class ReplayedTiles:
    """Reads the tiles and entries of the tree of the first `size` entries."""

    def __init__(self, directory: Path, size: int) -> None:
        self.directory = directory
        self.size = size

    def leaf_hashes(self, number: int) -> bytes:
        """Return the hashes of a level-0 tile, joined, as many of them as the tree has; raises TileFolderError."""
        path, data, width = self._read(0, number)
        if len(data) < width * HASH_BYTES or len(data) % HASH_BYTES:
            raise _broken(path, f"at least {width} hashes of {HASH_BYTES} bytes", f"{len(data)} bytes")
        return data[: width * HASH_BYTES]

    def entries(self, number: int) -> list[bytes]:
        """Return the entries of one bundle, as many of them as the tree has; raises TileFolderError."""
        path, data, width = self._read(None, number)
        found = list(_entries(path, data))
        if len(found) < width:
            raise _broken(path, f"at least {width} entries", f"{len(found)} entries")
        return found[:width]

    # Private

    def _read(self, level: int | None, number: int) -> tuple[Path, bytes, int]:
        """Return path, bytes and wanted width of the tile of this tree, else of the full one, which begins as it."""
        width = width_at(0, number, self.size)
        own, full = (self.directory / tile_path(TileName(level, number, wide)) for wide in (width, TILE_WIDTH))
        for path in (own, full):
            try:
                return path, path.read_bytes(), width
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _broken(path, "a file that can be read", error.strerror or str(error)) from error
        raise _broken(own, "a file", "no such file")


def read_note(directory: Path) -> bytes:
    """Return the signed note of a folder of tiles; raises TileFolderError when it has none."""
    path = directory / CHECKPOINT_NAME
    try:
        return path.read_bytes()
    except OSError as error:
        raise _broken(path, "the signed checkpoint of a folder of tiles", error.strerror or str(error)) from error


# Private


def _entries(path: Path, data: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        begin = place + LENGTH_BYTES
        place = begin + int.from_bytes(data[place:begin], "big")
        if begin > len(data) or place > len(data):
            raise _broken(path, "whole entries, each after its length", "a bundle that ends inside one")
        yield data[begin:place]


def _broken(path: Path, expected: str, found: str) -> TileFolderError:
    mend = "write the folder again with 'mingzhang export tiles', and copy all of it"
    return TileFolderError(where=str(path), expected=expected, found=found, mend=mend)
