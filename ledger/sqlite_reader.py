"""Reading the log in SQLite: the queries, and the transactions that see one moment of it."""

import sqlite3
from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ledger.hashing import Suite
from ledger.sqlite_connection import explained
from ledger.sqlite_inspection import faults, is_damage
from ledger.store import (
    BATCH_ROWS,
    DatabaseFault,
    Inspection,
    Reader,
    Record,
    Row,
    StoredCheckpoint,
    StoredCommand,
    StoredTile,
    TreeHead,
    batched,
)
from ledger.store_errors import DatabaseFailed, StoreDamaged

RECORD = """SELECT e.position, e.stream, e.seq, e.type, e.at, e."by", e.command, e.entry, b.blob
  FROM entries e LEFT JOIN blobs b ON b.position = e.position """
LAST_HEAD = "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1"
COMMAND = "SELECT command, position, n FROM commands "
TILE = "SELECT hashes FROM tiles WHERE level = ? AND idx = ?"


class SQLiteReader(Reader):
    """The queries; what moment of the log they see is decided by `_rows`."""

    _origin: str
    _suite: Suite

    @abstractmethod
    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        """Yield the rows of a query as plain tuples, streaming."""

    def _one(self, query: str, *parameters: object) -> Any:
        """Return the first row of a query as a plain tuple, or None."""
        return next(self._rows(query, *parameters), None)

    @property
    def origin(self) -> str:
        """Return the name of the log."""
        return self._origin

    @property
    def suite(self) -> Suite:
        """Return the hash suite of the log."""
        return self._suite

    def head(self) -> TreeHead:
        """Return the tree head of the last committed transaction."""
        row = self._one(LAST_HEAD)
        return TreeHead(*row) if row else TreeHead(0, self._suite.empty_root)

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield the rows of positions start … stop - 1 in order."""
        bound = 2**63 - 1 if stop is None else stop
        query = RECORD + "WHERE e.position >= ? AND e.position < ? ORDER BY e.position"
        return map(Record._make, self._rows(query, start, bound))

    def stream(self, name: str, start_seq: int = 1) -> Iterator[Record]:
        """Yield the rows of one stream in the order of seq."""
        query = RECORD + "WHERE e.stream = ? AND e.seq >= ? ORDER BY e.seq"
        return map(Record._make, self._rows(query, name, start_seq))

    def last_of(self, stream: str) -> Record | None:
        """Return the last row of a stream, or None."""
        row = self._one(RECORD + "WHERE e.stream = ? ORDER BY e.seq DESC LIMIT 1", stream)
        return Record(*row) if row else None

    def records_of_type(self, topic: str) -> Iterator[Record]:
        """Yield the rows of one topic in the order of position."""
        return map(Record._make, self._rows(RECORD + "WHERE e.type = ? ORDER BY e.position", topic))

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Record]:
        """Yield the rows of these topics among positions start … stop - 1 in order; blobs only of those in `opened`."""
        return map(Record._make, self._rows(_selection(len(topics), len(opened)), *opened, start, stop, *topics))

    def by_stream(self, prefix: str, opened: Collection[str], stop: int) -> Iterator[Record]:
        """Yield the rows of all streams that begin with `prefix`, stream after stream, each in the order of seq."""
        return map(Record._make, self._rows(_by_stream(len(opened)), *opened, prefix, prefix + _AFTER_ALL, stop))

    def record(self, position: int) -> Record | None:
        """Return one row, or None."""
        return next(self.records(position, position + 1), None)

    def records_at(self, positions: Collection[int]) -> Iterator[Record]:
        """Yield the rows at these positions, those that there are."""
        wanted = iter(sorted(positions))
        while some := list(islice(wanted, BATCH_ROWS)):
            yield from map(Record._make, self._rows(f"{RECORD}WHERE e.position IN ({_marks(len(some))})", *some))

    def stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the name of each stream that begins with `prefix`, ascending by bytes."""
        query = "SELECT DISTINCT stream FROM entries WHERE stream >= ? AND stream < ? ORDER BY stream"
        return (row[0] for row in self._rows(query, prefix, prefix + _AFTER_ALL))

    def blob_positions(self, start: int | None = None, stop: int | None = None) -> Iterator[int]:
        """Yield the positions, start … stop - 1, that have a sealed blob, ascending."""
        return (row[0] for row in self._between("SELECT position FROM blobs ", "position", start, stop))

    def commands(self, start: int | None = None, stop: int | None = None) -> Iterator[StoredCommand]:
        """Yield the command ids that are recorded at positions start … stop - 1, in the order of position."""
        return map(StoredCommand._make, self._between(COMMAND, "position", start, stop))

    def command(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, or None."""
        row = self._one(COMMAND + "WHERE command = ?", command)
        return StoredCommand(*row) if row else None

    def heads(self, start: int | None = None, stop: int | None = None) -> Iterator[TreeHead]:
        """Yield the tree heads of sizes start … stop - 1, ascending by size."""
        return map(TreeHead._make, self._between("SELECT size, root FROM heads ", "size", start, stop))

    def tiles(self) -> Iterator[StoredTile]:
        """Yield the tiles, ascending by level and index."""
        return map(StoredTile._make, self._rows("SELECT level, idx, hashes FROM tiles ORDER BY level, idx"))

    def tile(self, level: int, index: int) -> bytes | None:
        """Return the hashes of one tile, joined, or None."""
        row = self._one(TILE, level, index)
        return row[0] if row else None

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Yield the checkpoints, ascending by size and note."""
        return map(StoredCheckpoint._make, self._rows("SELECT size, note FROM checkpoints ORDER BY size, note"))

    def _between(self, query: str, number: str, start: int | None, stop: int | None) -> Iterator[Any]:
        """Yield rows in the order of a number, within bounds; what is no number shows where there are none."""
        bounds = {f"{number} >= ?": start, f"{number} < ?": stop}
        given = {condition: bound for condition, bound in bounds.items() if bound is not None}
        where = f"WHERE {' AND '.join(given)} " if given else ""
        return self._rows(f"{query}{where}ORDER BY {number}", *given.values())


class SQLiteSnapshot(SQLiteReader):
    """One reading transaction."""

    def __init__(self, origin: str, suite: Suite, path: Path, connection: sqlite3.Connection) -> None:
        self._origin = origin
        self._suite = suite
        self._path = path
        self._connection = connection
        next(self._rows("SELECT 1 FROM sqlite_schema"), None)  # a snapshot begins with the first page that is read

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        with explained(self._path):
            yield from plain(self._connection, query, parameters)

    def _one(self, query: str, *parameters: object) -> Any:
        with explained(self._path):
            return plain(self._connection, query, parameters).fetchone()


class SQLiteInspection(SQLiteSnapshot, Inspection):
    """A snapshot whose text is decoded byte by byte, and which reads the schema as well."""

    def faults(self) -> Iterator[DatabaseFault]:
        """Yield what is missing or changed in the catalogue."""
        with explained(self._path):
            yield from faults(self._connection)

    def batches(self, start: int, stop: int | None = None) -> Iterator[Sequence[Row]]:
        """Yield rows as plain tuples, decoded by SQLite's own module; from the first failure on, as `records` does."""
        given, bound = 0, 2**63 - 1 if stop is None else stop
        try:
            query = RECORD + "WHERE e.position >= ? AND e.position < ? ORDER BY e.position"
            cursor = plain(self._connection, query, (start, bound))
            while batch := self._fetched(cursor):
                yield batch
                given += len(batch)
        except (sqlite3.Error, UnicodeDecodeError):
            yield from batched(islice(self.records(start, stop), given, None))

    def _fetched(self, cursor: sqlite3.Cursor) -> list[Row]:
        escaped, self._connection.text_factory = self._connection.text_factory, str
        try:
            return cursor.fetchmany(BATCH_ROWS)
        finally:
            self._connection.text_factory = escaped

    def _one(self, query: str, *parameters: object) -> Any:
        return next(self._rows(query, *parameters), None)

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        try:
            yield from super()._rows(query, *parameters)
        except DatabaseFailed as error:
            if not is_damage(error):
                raise
            mend = "restore the database from a copy that verifies"
            raise StoreDamaged(where=error.where, expected=error.expected, found=error.found, mend=mend) from error


def plain(connection: sqlite3.Connection, query: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
    """Return the rows of a query as plain tuples; the library's rows by name cost twice as much."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query, parameters)


# Private

_AFTER_ALL = "\x7f"  # a name is ASCII, so this comes after everything that may follow its beginning


def _selection(topics: int, opened: int) -> str:
    """Return the query of `selected`: the index of types gives positions alone; rows are read once, in order."""
    return f"""SELECT e.position, e.stream, e.seq, e.type, e.at, e."by", e.command, e.entry,
        CASE WHEN e.type IN ({_marks(opened)}) THEN (SELECT blob FROM blobs b WHERE b.position = e.position) END
      FROM entries e WHERE e.position IN
        (SELECT position FROM entries WHERE position >= ? AND position < ? AND type IN ({_marks(topics)}))
      ORDER BY e.position"""


def _by_stream(opened: int) -> str:
    """Return the query of `by_stream`: along the index of streams, the plus keeping it from that of positions."""
    return f"""SELECT e.position, e.stream, e.seq, e.type, e.at, e."by", e.command, e.entry,
        CASE WHEN e.type IN ({_marks(opened)}) THEN (SELECT blob FROM blobs b WHERE b.position = e.position) END
      FROM entries e WHERE e.stream >= ? AND e.stream < ? AND +e.position < ? ORDER BY e.stream, e.seq"""


def _marks(count: int) -> str:
    return ", ".join("?" * count)
