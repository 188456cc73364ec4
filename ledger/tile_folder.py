"""A folder of tiles read as a log: what `ledger.tile_export` wrote, or any other copy of it, with no database.

Nothing in the folder is believed here, and nothing is verified: columns, commands and heads are derived from the
entries' own bytes and from the checkpoint, so that one verifier serves both. Memory is one bundle of entries.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Final

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import FormatError
from ledger.folder_names import FolderNames, read_file
from ledger.hashing import HASH_BYTES, SHA256, SM3, Suite
from ledger.note import NOTE_BYTES_MAX, split_note
from ledger.sealing import BLOB_BYTES_MAX
from ledger.store import DatabaseFault, Inspection, Record, Row, StoredCheckpoint, StoredCommand, StoredTile, TreeHead
from ledger.store_errors import NotALedger
from ledger.tile_names import CHECKPOINT_NAME, LENGTH_BYTES, TileName, blob_path, tile_path, width_at
from ledger.tiles import TILE_WIDTH, right_edge

BUNDLE_BYTES_MAX: Final = TILE_WIDTH * (LENGTH_BYTES + 65_535)


class TileFolder(Inspection):
    """The log in a folder, as far as its checkpoint reaches."""

    derived = True

    def __init__(self, folder: Path) -> None:
        """Read the checkpoint; raise NotALedger when there is none, or none that can be read."""
        self.note, self.checkpoint = _checkpoint_of(folder)
        self._folder = folder
        self._names = FolderNames(folder)
        # A checkpoint may claim any size: what is not there at all is not looked for one by one.
        self._size = min(self.checkpoint.size, self._names.entries_at_most())
        self._suite = SM3 if self._read(_bundle(0, self._size)).startswith(_SM3_FIRST, LENGTH_BYTES) else SHA256

    def inspection(self) -> AbstractContextManager[Inspection]:
        """Return this reader: the files are read as they are found."""
        return nullcontext(self)

    @property
    def origin(self) -> str:
        """The name in the checkpoint."""
        return self.checkpoint.origin

    @property
    def suite(self) -> Suite:
        """The suite that the first entry names."""
        return self._suite

    def head(self) -> TreeHead:
        """Return size and root of the checkpoint; a smaller size when the folder cannot hold so many entries."""
        return TreeHead(self._size, self.checkpoint.root)

    def heads(self, start: int | None = None, stop: int | None = None) -> Iterator[TreeHead]:
        """Yield the one head there is, that of the checkpoint."""
        if self._size and (start or 0) <= self._size and (stop is None or self._size < stop):
            yield self.head()

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield the entries with what their headers say as columns."""
        for rows in self.batches(start, stop):
            yield from map(Record._make, rows)

    def batches(self, start: int, stop: int | None = None) -> Iterator[Sequence[Row]]:
        """Yield the rows of one bundle at a time; a bundle that is not there has none."""
        last = self._size if stop is None else min(stop, self._size)
        for index in range(max(start, 0) // TILE_WIDTH, -(-last // TILE_WIDTH)):
            rows = [row for row in self._rows(index) if row[0] >= start and (stop is None or row[0] < stop)]
            if rows:
                yield rows

    def stream(self, name: str, start_seq: int = 1) -> Iterator[Record]:
        """Yield the entries of one stream, reading all bundles."""
        return (record for record in self.records() if record.stream == name and record.seq >= start_seq)

    def last_of(self, stream: str) -> Record | None:
        """Return the last entry of a stream, reading all bundles."""
        return max(self.stream(stream), key=lambda record: record.seq, default=None)

    def records_of_type(self, topic: str) -> Iterator[Record]:
        """Yield the entries of one topic; bundles without its line are not taken apart."""
        line = f"\ntype {topic}\n".encode()
        for index in range(-(-self._size // TILE_WIDTH)):
            if line in self._read(_bundle(index, self._size)):
                yield from (Record._make(row) for row in self._rows(index) if row[3] == topic)

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Record]:
        """Yield the entries of these topics among positions start … stop - 1."""
        for record in self.records(start, stop):
            if record.type in topics:
                yield record if record.type in opened else record._replace(blob=None)

    def record(self, position: int) -> Record | None:
        """Return one entry, reading its bundle."""
        found = self.records(position, position + 1) if 0 <= position < self._size else iter(())
        return next(found, None)

    def stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of streams, all held in memory."""
        names = {record.stream for record in self.records() if record.stream.startswith(prefix)}
        yield from sorted(names, key=str.encode)

    def blob_positions(self, start: int | None = None, stop: int | None = None) -> Iterator[int]:
        """Yield the positions of the blobs in the folder."""
        for position in self._names.blob_positions():
            if (start or 0) <= position and (stop is None or position < stop):
                yield position

    def commands(self, start: int | None = None, stop: int | None = None) -> Iterator[StoredCommand]:
        """Yield nothing: a folder has no table of commands."""
        return iter(())

    def command(self, command: str) -> StoredCommand | None:
        """Return None: a folder has no table of commands."""
        return None

    def tiles(self) -> Iterator[StoredTile]:
        """Yield the tiles of the tree of this size, as far as they are there."""
        for level, edge, _ in right_edge(self._size):
            for index in range(edge + 1):
                hashes = self.tile(level, index)
                if hashes is not None:
                    yield StoredTile(level, index, hashes)

    def tile(self, level: int, index: int) -> bytes | None:
        """Return the hashes of a tile as wide as the tree of this size has it."""
        width = width_at(level, index, self._size)
        return (self._read(TileName(level, index, width)) or None) if width else None

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Yield the checkpoint of the folder."""
        yield StoredCheckpoint(self.checkpoint.size, self.note)

    def faults(self) -> Iterator[DatabaseFault]:
        """Yield the files that the layout does not have for this size, and partial ones that the whole contradicts."""
        return chain(self._names.faults(self.checkpoint.size), self._contradictions())

    # Private

    def _rows(self, index: int) -> Iterator[Row]:
        position = index * TILE_WIDTH
        for entry in _entries(self._read(_bundle(index, self._size))):
            header = _HEADER.match(entry)
            if header is None:
                yield (position, "", 0, "", "", "", "", entry, None)
            else:
                columns = (group.decode("ascii", "replace") for group in header.groups())
                stream, seq, topic, at, by, command = columns
                yield (position, stream, int(seq), topic, at, by, command, entry, self._blob(position))
            position += 1

    def _blob(self, position: int) -> bytes | None:
        if not self._names.has_blobs:
            return None
        return read_file(self._folder / blob_path(position), BLOB_BYTES_MAX + 1)

    def _read(self, name: TileName) -> bytes:
        """Return the bytes of a tile or bundle; none where there is no such file."""
        return read_file(self._folder / tile_path(name), BUNDLE_BYTES_MAX) or b""

    def _contradictions(self) -> Iterator[DatabaseFault]:
        for name in self._names.partial(self._size):
            width = width_at(name.level or 0, name.number, self._size)
            whole = name._replace(width=width)
            part = self._read(name)
            if name != whole and not (part and self._read(whole).startswith(part) and self._is_whole(name, part)):
                yield DatabaseFault(tile_path(name), f"the beginning of {tile_path(whole)}", "other bytes")

    def _is_whole(self, name: TileName, part: bytes) -> bool:
        """Say whether a partial tile holds as many hashes, or entries, as its name says."""
        if name.level is not None:
            return len(part) == name.width * HASH_BYTES
        lengths = [LENGTH_BYTES + len(entry) for entry in _entries(part)]
        return len(lengths) == name.width and sum(lengths) == len(part)


# Private

_SM3_FIRST: Final = b"mingzhang/v1-sm3\n"
_HEADER: Final = re.compile(
    rb"[^\n]*\nlog [^\n]*\nstream ([^\n]*)\nseq ([0-9]{1,16})\ntype ([^\n]*)\nprev [^\n]*\nat ([^\n]*)\nby ([^\n]*)\n"
    rb"command ([^ \n]*) [^\n]*\nsealed [^\n]*\n\n"
)


def _checkpoint_of(folder: Path) -> tuple[bytes, Checkpoint]:
    where = folder / CHECKPOINT_NAME
    note = read_file(where, NOTE_BYTES_MAX + 1)
    try:
        if note is not None:
            return note, parse_checkpoint(split_note(note)[0])
        found = "no such file"
    except FormatError as error:
        found = str(error)
    mend = "give a folder that `mingzhang export tiles` wrote"
    raise NotALedger(where=str(where), expected="the signed checkpoint of a folder of tiles", found=found, mend=mend)


def _bundle(index: int, size: int) -> TileName:
    return TileName(None, index, width_at(0, index, size) or 1)


def _entries(bundle: bytes) -> Iterator[bytes]:
    """Yield the entries of a bundle; what is left where a length does not fit is handed out as it is."""
    at, end = 0, len(bundle)
    while at < end:
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start], "big")
        yield bundle[start:at] if at <= end else bundle[start - LENGTH_BYTES :]
