"""A folder of tiles, as `mingzhang export tiles` writes it and as anybody may publish it: reading one.

    checkpoint                       the signed note
    tile/<level>/<number>[.p/<w>]    hashes of 32 bytes: 256, or w of them at the right edge of the level
    tile/entries/<number>[.p/<w>]    the entries below a level-0 tile, each after its length as 2 bytes, big-endian

A number is written in groups of three digits, every group but the last after an x: 1234067 is x001/x234/067.
Nothing that is read here is believed: the caller compares it with a root that somebody signed.
Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ledger.hashing import HASH_BYTES
from ledger.tiles import TILE_WIDTH
from ledger.witness_errors import TileFolderError

ENTRIES: Final = "entries"
_LENGTH_BYTES: Final = 2


class TileFolder:
    """Reads the tiles and entries of the tree of the first `size` entries."""

    def __init__(self, directory: Path, size: int) -> None:
        self.directory = directory
        self.size = size

    def leaf_hashes(self, number: int) -> bytes:
        """Return the hashes of a level-0 tile, joined, as many of them as the tree has; raises TileFolderError."""
        width = self._width(number)
        path, data = self._read("0", number, width)
        if len(data) < width * HASH_BYTES or len(data) % HASH_BYTES:
            raise _broken(path, f"at least {width} hashes of {HASH_BYTES} bytes", f"{len(data)} bytes")
        return data[: width * HASH_BYTES]

    def entries(self, number: int) -> list[bytes]:
        """Return the entries of one bundle, as many of them as the tree has; raises TileFolderError."""
        width = self._width(number)
        path, data = self._read(ENTRIES, number, width)
        found = list(_entries(path, data))
        if len(found) < width:
            raise _broken(path, f"at least {width} entries", f"{len(found)} entries")
        return found[:width]

    # Private

    def _width(self, number: int) -> int:
        return min(TILE_WIDTH, self.size - number * TILE_WIDTH)

    def _read(self, level: str, number: int, width: int) -> tuple[Path, bytes]:
        """Return the bytes of the partial tile of this width, else of the full one, which begins as it does."""
        full = self.directory / "tile" / level / numbered(number)
        partial = full.with_name(f"{full.name}.p") / str(width)
        for path in (full,) if width == TILE_WIDTH else (partial, full):
            try:
                return path, path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _broken(path, "a file that can be read", error.strerror or str(error)) from error
        raise _broken(partial if width < TILE_WIDTH else full, "a file", "no such file")


def read_note(directory: Path) -> bytes:
    """Return the signed note of a folder of tiles; raises TileFolderError when it has none."""
    path = directory / "checkpoint"
    try:
        return path.read_bytes()
    except OSError as error:
        raise _broken(path, "the signed checkpoint of a folder of tiles", error.strerror or str(error)) from error


def numbered(number: int) -> str:
    """Return the path of a tile's number."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


# Private


def _entries(path: Path, data: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        begin = place + _LENGTH_BYTES
        place = begin + int.from_bytes(data[place:begin], "big")
        if begin > len(data) or place > len(data):
            raise _broken(path, "whole entries, each after its length", "a bundle that ends inside one")
        yield data[begin:place]


def _broken(path: Path, expected: str, found: str) -> TileFolderError:
    mend = "write the folder again with 'mingzhang export tiles', and copy all of it"
    return TileFolderError(where=str(path), expected=expected, found=found, mend=mend)
