"""Names of files in an exported folder, in the layout of c2sp.org/tlog-tiles: a log as files that anyone can serve.

    checkpoint                    the signed note
    tile/<L>/<N>[.p/<W>]          hashes of level L, tile number N; W of them where it is not full
    tile/entries/<N>[.p/<W>]      the entries below tile N of level 0, each after its length in two bytes, big-endian
    blobs/<position>              a sealed blob; only with `--with-blobs`, and not part of that layout

N and positions are written in groups of three digits, each a folder, all but the last with an x before it: 1234067 is
x001/x234/067.
"""

import re
from typing import Final, NamedTuple

from ledger.tiles import TILE_WIDTH

CHECKPOINT_NAME: Final = "checkpoint"
ENTRIES: Final = "entries"
BLOBS_NAME: Final = "blobs"
LENGTH_BYTES: Final = 2  # before each entry of a bundle


class TileName(NamedTuple):
    """What the name of a file says: `level` None for a bundle of entries; `width` 256 for a full one."""

    level: int | None
    number: int
    width: int

    @property
    def end(self) -> int:
        """The number of entries that the log has at least when this file is there."""
        return (self.number * TILE_WIDTH + self.width) * int(TILE_WIDTH ** (self.level or 0))


def number_path(number: int) -> str:
    """Return a number as the layout writes it."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(name: TileName) -> str:
    """Return the path of a tile or bundle in its folder, with "/" between the parts."""
    level = ENTRIES if name.level is None else str(name.level)
    partial = "" if name.width == TILE_WIDTH else f".p/{name.width}"
    return f"tile/{level}/{number_path(name.number)}{partial}"


def blob_path(position: int) -> str:
    """Return the path of the sealed blob of an entry."""
    return f"{BLOBS_NAME}/{number_path(position)}"


def parse_tile_path(path: str) -> TileName | None:
    """Return what the path of a tile or bundle says; None for a path that the layout does not have."""
    match = _TILE.fullmatch(path)
    if match is None:
        return None
    level = None if match[1] == ENTRIES else int(match[1])
    name = TileName(level, _number(match[2]), int(match[3] or TILE_WIDTH))
    return name if tile_path(name) == path and name.width in range(1, TILE_WIDTH + 1) else None


def parse_blob_path(path: str) -> int | None:
    """Return the position that the path of a blob says; None for a path that is no blob's."""
    match = _BLOB.fullmatch(path)
    return _number(match[1]) if match and blob_path(_number(match[1])) == path else None


def width_at(level: int, index: int, size: int) -> int:
    """Return how many hashes tile `index` of a level has in the tree of `size` entries: 0 … 256."""
    return min(max(size // int(TILE_WIDTH**level) - index * TILE_WIDTH, 0), TILE_WIDTH)


# Private

_NUMBER: Final = r"(?:x[0-9]{3}/){0,6}[0-9]{3}"
_TILE: Final = re.compile(rf"tile/({ENTRIES}|[0-9]|[1-5][0-9]|6[0-3])/({_NUMBER})(?:\.p/([1-9][0-9]{{0,2}}))?")
_BLOB: Final = re.compile(rf"{BLOBS_NAME}/({_NUMBER})")


def _number(text: str) -> int:
    return int(text.replace("/", "").replace("x", ""))
