"""Reading the log in PostgreSQL: the queries, and the connections that see one moment of it."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from ledger.hashing import Suite
from ledger.postgres_connection import ONE_MOMENT, LedgerDatastore, explained, transaction
from ledger.postgres_inspection import faults
from ledger.postgres_opening import Sight
from ledger.store import (
    DatabaseFault,
    Inspection,
    Reader,
    Record,
    StoredCheckpoint,
    StoredCommand,
    StoredTile,
    TreeHead,
)
from ledger.urls import PostgresAddress

LAST_HEAD = "SELECT size, root FROM mingzhang.heads ORDER BY size DESC LIMIT 1"
COMMAND = "SELECT command, position, n FROM mingzhang.entries WHERE n IS NOT NULL "
TILE = "SELECT string_agg(hashes, ''::bytea ORDER BY start) FROM mingzhang.tiles WHERE level = %s AND idx = %s"

_TILES = """SELECT level, idx, string_agg(hashes, ''::bytea ORDER BY start) FROM mingzhang.tiles
  GROUP BY level, idx ORDER BY level, idx"""
# Rows that the client holds at a time; a row may have a blob of 1 MiB. Older client libraries know one at a time only.
_ROWS_AT_ONCE = 20 if psycopg.Capabilities().has_stream_chunked() else 1

Connection = psycopg.Connection[Any]


class PostgresReader(Reader):
    """The queries; what moment of the log they see is decided by `_rows` and `_one`."""

    _origin: str
    _suite: Suite

    @abstractmethod
    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        """Yield the rows of a query as plain tuples, streaming."""

    @abstractmethod
    def _one(self, query: str, *parameters: object) -> Any:
        """Return the first row of a query as a plain tuple, or None."""

    @property
    @abstractmethod
    def sight(self) -> Sight:
        """What this login sees of the sealed parts."""

    @property
    def withholds_sealed(self) -> bool:
        """Whether rows come without their sealed parts, because this login may not open them."""
        return not self.sight.blobs

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
        query = self.sight.rows + "WHERE position >= %s AND position < %s ORDER BY position"
        return map(Record._make, self._rows(query, start, bound))

    def stream(self, name: str, start_seq: int = 1) -> Iterator[Record]:
        """Yield the rows of one stream in the order of seq."""
        return map(
            Record._make, self._rows(self.sight.rows + "WHERE stream = %s AND seq >= %s ORDER BY seq", name, start_seq)
        )

    def records_of_type(self, topic: str) -> Iterator[Record]:
        """Yield the rows of one topic in the order of position."""
        return map(Record._make, self._rows(self.sight.rows + "WHERE type = %s ORDER BY position", topic))

    def record(self, position: int) -> Record | None:
        """Return one row, or None."""
        row = self._one(self.sight.rows + "WHERE position = %s", position)
        return Record(*row) if row else None

    def stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the name of each stream that begins with `prefix`, ascending by bytes."""
        # A name is ASCII, so "\x7f" comes after everything that may follow the prefix.
        query = "SELECT DISTINCT stream FROM mingzhang.entries WHERE stream >= %s AND stream < %s ORDER BY stream"
        return (row[0] for row in self._rows(query, prefix, prefix + "\x7f"))

    def blob_positions(self) -> Iterator[int]:
        """Yield the positions that have a sealed blob, ascending."""
        if self.withholds_sealed:
            return iter(())
        query = f"SELECT position FROM {self.sight.blobs} WHERE blob IS NOT NULL ORDER BY position"
        return (row[0] for row in self._rows(query))

    def commands(self) -> Iterator[StoredCommand]:
        """Yield the recorded command ids in the order of position."""
        return map(StoredCommand._make, self._rows(COMMAND + "ORDER BY position"))

    def command(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, or None."""
        row = self._one(COMMAND + "AND command = %s", command)
        return StoredCommand(*row) if row else None

    def heads(self) -> Iterator[TreeHead]:
        """Yield the tree heads, ascending by size."""
        return map(TreeHead._make, self._rows("SELECT size, root FROM mingzhang.heads ORDER BY size"))

    def tiles(self) -> Iterator[StoredTile]:
        """Yield the tiles, each joined from its parts, ascending by level and index."""
        return map(StoredTile._make, self._rows(_TILES))

    def tile(self, level: int, index: int) -> bytes | None:
        """Return the hashes of one tile, joined from its parts, or None."""
        row = self._one(TILE, level, index)
        return row[0] if row else None

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Yield the checkpoints, ascending by size and note."""
        rows = self._rows("SELECT size, note FROM mingzhang.checkpoints ORDER BY size, note")
        return map(StoredCheckpoint._make, rows)


class PostgresSnapshot(PostgresReader):
    """One reading transaction; each streaming query has a connection of its own that shares its moment."""

    def __init__(
        self,
        origin: str,
        suite: Suite,
        address: PostgresAddress,
        datastore: LedgerDatastore,
        connection: Connection,
        sight: Sight,
    ) -> None:
        self._origin = origin
        self._suite = suite
        self._sight = sight
        self._address = address
        self._datastore = datastore
        self._connection = connection
        self._moment = ""
        self._one("SELECT 1")  # a snapshot begins with the first query

    @property
    def sight(self) -> Sight:
        """What this login sees of the sealed parts."""
        return self._sight

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        with explained(self._address), self._datastore.get_connection() as connection:
            moment = self._exported_moment()
            with transaction(connection, ONE_MOMENT):
                connection.execute(f"SET TRANSACTION SNAPSHOT '{moment}'")
                yield from streamed(connection, query, parameters)

    def _one(self, query: str, *parameters: object) -> Any:
        with explained(self._address):
            return first(self._connection, query, parameters)

    def _exported_moment(self) -> str:
        self._moment = self._moment or self._one("SELECT pg_export_snapshot()")[0]
        return self._moment


class PostgresInspection(PostgresSnapshot, Inspection):
    """A snapshot that reads the catalogue of the database as well."""

    def faults(self) -> Iterator[DatabaseFault]:
        """Yield what is missing or changed in the catalogue."""
        with explained(self._address):
            yield from faults(self._connection.cursor(row_factory=tuple_row))


def streamed(connection: Connection, query: str, parameters: tuple[object, ...]) -> Iterator[Any]:
    """Yield the rows of a query as plain tuples, a few in memory at a time; nothing else may run meanwhile."""
    cursor = connection.cursor(row_factory=tuple_row, binary=True)
    return cursor.stream(query, parameters, binary=True, size=_ROWS_AT_ONCE)


def first(connection: Connection, query: str, parameters: tuple[object, ...] = ()) -> Any:
    """Return the first row of a query as a plain tuple, or None."""
    cursor = connection.cursor(row_factory=tuple_row, binary=True)
    return cursor.execute(query, parameters, prepare=True).fetchone()
