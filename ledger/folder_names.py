"""Which files a folder of tiles holds, by their names alone: those of the layout, and those that do not belong."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from ledger.store import DatabaseFault
from ledger.store_errors import DatabaseFailed
from ledger.tile_names import BLOBS_NAME, CHECKPOINT_NAME, TileName, parse_blob_path, parse_tile_path
from ledger.tiles import TILE_WIDTH

GAP_MAX: Final = 1_000  # tiles


class FolderNames:
    """The names in a folder; every question walks through it anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def has_blobs(self) -> bool:
        """Whether sealed blobs were exported with the tiles."""
        return (self._folder / BLOBS_NAME).is_dir()

    def entries_at_most(self) -> int:
        """Return how many entries the files hold or speak of, judged by the numbers in their names.

        Numbers after a gap of more than `GAP_MAX` do not count: one name must not make a reader look for millions.
        """
        known = TileName(None, 0, 0)
        for name in sorted((name for name in self._tiles() if not name.level), key=lambda one: one.end):
            if name.number - known.number > GAP_MAX:
                break
            known = name
        return known.end

    def blob_positions(self) -> Iterator[int]:
        """Yield the positions of the blobs, ascending."""
        found = (parse_blob_path(path) for path in self._paths(BLOBS_NAME))
        yield from sorted(position for position in found if position is not None)

    def partial(self, size: int) -> Iterator[TileName]:
        """Yield the partial tiles and bundles that the tree of `size` entries has or had."""
        return (name for name in self._tiles() if name.width < TILE_WIDTH and name.end <= size)

    def faults(self, size: int) -> Iterator[DatabaseFault]:
        """Yield the files that a log of `size` entries does not have."""
        for path in self._paths(""):
            name = parse_tile_path(path)
            if name is not None and name.end > size:
                yield DatabaseFault(path, f"nothing beyond the {size} entries of the checkpoint", "a tile of more")
            elif name is None and parse_blob_path(path) is None and path != CHECKPOINT_NAME:
                yield DatabaseFault(path, "no such file", "a file that the layout does not have")

    # Private

    def _tiles(self) -> Iterator[TileName]:
        return (name for path in self._paths("tile") if (name := parse_tile_path(path)) is not None)

    def _paths(self, under: str) -> Iterator[str]:
        """Yield the paths of all files, and of links to folders, below a part of the folder, in a steady order."""
        for place, folders, files in os.walk(self._folder / under, onerror=_refuse):
            folders.sort()
            links = [name for name in folders if (Path(place) / name).is_symlink()]
            for name in sorted([*files, *links]):
                yield (Path(place) / name).relative_to(self._folder).as_posix()


def read_file(path: Path, bytes_max: int) -> bytes | None:
    """Return the first bytes of a file, None where there is none; raises DatabaseFailed for one that cannot be read.

    A file that others may not read says nothing of what it holds: that is no finding.
    """
    try:
        if not path.is_file():  # a pipe would never end
            return None
        with path.open("rb") as file:
            return file.read(bytes_max)
    except OSError as error:
        _refuse(error)
        return None


# Private


def _refuse(error: OSError) -> None:
    """Raise what a store raises for an error of the system, unless something is just not there."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return
    raise DatabaseFailed(
        where=str(error.filename),
        expected="a file or folder that can be read",
        found=error.strerror or str(error),
        mend="check the disk and the rights of the folder, then run the same command again",
    ) from error
