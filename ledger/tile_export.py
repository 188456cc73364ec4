"""Writing a log as a folder of tiles, and going on where the last export stopped; see `ledger.tile_names`.

What is full is written once. The checkpoint is written last, after everything it speaks of is on the disk, so that a
reader never sees a checkpoint without its tiles; an export that was interrupted is written again from the checkpoint
that is there. Partial tiles of earlier checkpoints stay until the full ones are there.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import LedgerError
from ledger.hashing import HASH_BYTES
from ledger.note import split_note
from ledger.store import Reader, Record
from ledger.store_errors import StoreDamaged, StoreError
from ledger.tile_names import BLOBS_NAME, CHECKPOINT_NAME, LENGTH_BYTES, TileName, blob_path, tile_path, width_at
from ledger.tiles import TILE_WIDTH, right_edge, root_from_tiles

Progress = Callable[[int], None]  # told how many entries were just written

TEMPORARY_NAME: Final = ".writing"


class FolderForeign(LedgerError):
    """The folder holds another log, or a history that this ledger does not continue; nothing was written.

    `signed` is the checkpoint in the folder, `expected` what this ledger has instead.
    """

    def __init__(self, where: Path, signed: Checkpoint, expected: str, found: str) -> None:
        super().__init__(f"{where}: expected {expected}, found {found}")
        self.where = where
        self.signed = signed
        self.expected = expected
        self.found = found
        self.mend = "keep folder and ledger as they are, both are evidence; export into a new folder"


class FolderTaken(StoreError):
    """The folder holds other files than those of an export; nothing was written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: entries from `start` to `size`, and how many files; `blobs` of them sealed blobs."""

    start: int
    size: int
    files: int
    blobs: int


def export_tiles(
    reader: Reader,
    checkpoint: Checkpoint,
    note: bytes,
    folder: Path,
    *,
    with_blobs: bool = False,
    on_progress: Progress | None = None,
) -> Exported:
    """Write the first `checkpoint.size` entries, their tiles and `note`, the checkpoint signed over them.

    `reader` sees one moment of the log. Raises FolderForeign, FolderTaken for a folder of other files,
    StoreDamaged where entries and tiles disagree, and FormatError for a file `checkpoint` that is none.
    """
    with _locked(folder):
        held = read_held(folder)
        if held is not None:
            _check_continues(reader, folder, held, checkpoint)
        else:
            _check_unused(folder)
        start = held.size if held else 0
        export = _Export(reader, folder, checkpoint.size, start, with_blobs=with_blobs)
        export.write(on_progress or _silent)
        os.sync()  # everything that the checkpoint speaks of, before it
        export.replace(CHECKPOINT_NAME, note)  # also a note of the same size, which may have more cosignatures
        os.sync()
        export.remove_outgrown()
        return Exported(start, checkpoint.size, export.files, export.blobs)


def read_held(folder: Path) -> Checkpoint | None:
    """Return what the checkpoint in a folder says, nothing verified; None when there is none yet."""
    try:
        note = (folder / CHECKPOINT_NAME).read_bytes()
    except FileNotFoundError:
        return None
    return parse_checkpoint(split_note(note)[0])


# Private


def _silent(count: int) -> None:
    """Take a report of progress that nobody asked for."""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second export out of the folder until this one ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _check_continues(reader: Reader, folder: Path, held: Checkpoint, checkpoint: Checkpoint) -> None:
    where = folder / CHECKPOINT_NAME
    if held.origin != checkpoint.origin:
        raise FolderForeign(where, held, f"a checkpoint of {checkpoint.origin}", f"one of {held.origin}")
    if held.size > checkpoint.size:
        expected = f"at most {checkpoint.size} entries, which the ledger's latest checkpoint covers"
        raise FolderForeign(where, held, expected, f"{held.size} entries")
    root = root_from_tiles(reader.suite, held.size, reader.tile)
    if root != held.root:
        expected, found = f"root {root.hex()} at {held.size} entries", f"root {held.root.hex()}"
        raise FolderForeign(where, held, expected, found)


def _check_unused(folder: Path) -> None:
    """Let an export begin in an empty folder, or in one where an earlier one was interrupted."""
    others = sorted({path.name for path in folder.iterdir()} - {"tile", BLOBS_NAME, TEMPORARY_NAME})
    if others:
        raise FolderTaken(
            where=str(folder),
            expected="an empty folder, or one that an export wrote",
            found=", ".join(others[:5]),
            mend="give a new folder, or one that `mingzhang export tiles` wrote",
        )


class _Export:
    """One run of writing."""

    def __init__(self, reader: Reader, folder: Path, size: int, start: int, *, with_blobs: bool) -> None:
        self._reader = reader
        self._folder = folder
        self._size = size
        self._start = start
        self._with_blobs = with_blobs
        self._outgrown: list[Path] = []
        self.files = 0
        self.blobs = 0

    def write(self, on_progress: Progress) -> None:
        """Write everything but the checkpoint."""
        self._write_bundles(on_progress)
        for level, _, _ in right_edge(self._size):
            first = self._start // int(TILE_WIDTH ** (level + 1))
            while width := width_at(level, first, self._size):
                hashes = self._hashes(level, first, width)
                self._write_tile(TileName(level, first, width), hashes)
                first += 1
        if self._with_blobs:
            self._write_earlier_blobs()

    def replace(self, path: str, data: bytes) -> None:
        """Put a whole file in its place: a reader sees the old bytes or the new, never a part."""
        place, temporary = self._folder / path, self._folder / TEMPORARY_NAME
        temporary.write_bytes(data)
        try:
            temporary.replace(place)
        except FileNotFoundError:
            place.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(place)
        self.files += 1

    def remove_outgrown(self) -> None:
        """Remove the partial tiles whose full ones are there now."""
        for partials in self._outgrown:
            if partials.is_dir():
                shutil.rmtree(partials)

    # Private

    def _write_bundles(self, on_progress: Progress) -> None:
        first = self._start // TILE_WIDTH
        records = self._reader.records(first * TILE_WIDTH, self._size)
        for index in range(first, -(-self._size // TILE_WIDTH)):
            bundle, width = list(islice(records, TILE_WIDTH)), width_at(0, index, self._size)
            entries = [record.entry for record in bundle]
            leaves = b"".join(self._reader.suite.leaves(entries))
            if leaves != self._hashes(0, index, width):
                where = f"entries {index * TILE_WIDTH} to {index * TILE_WIDTH + width - 1}"
                raise _damaged(where, "the leaf hashes in the tiles of level 0", "other entries, or fewer")
            if self._with_blobs:
                for record in bundle:
                    self._write_blob(record)
            pieces = [len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries]
            self._write_tile(TileName(None, index, width), b"".join(pieces))
            on_progress(len(entries))

    def _hashes(self, level: int, index: int, width: int) -> bytes:
        hashes = (self._reader.tile(level, index) or b"")[: width * HASH_BYTES]
        if len(hashes) != width * HASH_BYTES:
            raise _damaged(f"tile {level}/{index}", f"{width} hashes", f"{len(hashes)} bytes")
        return hashes

    def _write_tile(self, name: TileName, data: bytes) -> None:
        self.replace(tile_path(name), data)
        if name.width == TILE_WIDTH:
            full = self._folder / tile_path(name)
            self._outgrown.append(full.with_name(f"{full.name}.p"))

    def _write_blob(self, record: Record) -> None:
        if record.blob is not None:
            self.replace(blob_path(record.position), record.blob)
            self.blobs += 1

    def _write_earlier_blobs(self) -> None:
        """Write the blobs that an export without blobs left out."""
        for position in self._reader.blob_positions():
            if position >= self._start:
                break
            if not (self._folder / blob_path(position)).exists():
                record = self._reader.record(position)
                if record is not None:
                    self._write_blob(record)


def _damaged(where: str, expected: str, found: str) -> StoreDamaged:
    mend = "run `mingzhang audit verify`; restore the database from a copy that verifies"
    return StoreDamaged(where=where, expected=expected, found=found, mend=mend)
