"""Which files a folder of tiles holds, by their names alone: those of the layout, and those that do not belong."""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ledger.store import DatabaseFault
from ledger.tile_names import BLOBS_NAME, CHECKPOINT_NAME, TileName, parse_blob_path, parse_tile_path
from ledger.tiles import TILE_WIDTH


class FolderNames:
    """The names in a folder; every question walks through it anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def has_blobs(self) -> bool:
        """Whether sealed blobs were exported with the tiles."""
        return (self._folder / BLOBS_NAME).is_dir()

    def entries_at_most(self) -> int:
        """Return how many entries the files could hold or speak of, judged by the largest number in a name."""
        return max((name.end for name in self._tiles() if not name.level), default=0)

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
        for place, folders, files in os.walk(self._folder / under):
            folders.sort()
            links = [name for name in folders if (Path(place) / name).is_symlink()]
            for name in sorted([*files, *links]):
                yield (Path(place) / name).relative_to(self._folder).as_posix()
