"""Reading the log in PostgreSQL: the queries, and the connections that see one moment of it."""

from abc import abstractmethod
from collections.abc import Collection, Iterator
from itertools import islice
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
# Many names travel as one text: neither a stream nor a command id has a space in it.
COMMANDS_AMONG = COMMAND + "AND command = ANY(string_to_array(%s, ' '))"
LAST_OF_MANY = """SELECT name, last.seq, last.entry
  FROM unnest(string_to_array(%s, ' ')) AS name CROSS JOIN LATERAL
  (SELECT seq, entry FROM mingzhang.entries WHERE stream = name ORDER BY seq DESC LIMIT 1) AS last"""
TILE = "SELECT string_agg(hashes, ''::bytea ORDER BY start) FROM mingzhang.tiles WHERE level = %s AND idx = %s"

_SELECTED = """SELECT position, stream, seq, type, at, by, command, entry, CASE WHEN type = ANY(%s) THEN {blob} END
  FROM {relation} WHERE position >= %s AND position < %s AND type = ANY(%s) ORDER BY position"""
_BY_STREAM = """SELECT position, stream, seq, type, at, by, command, entry, CASE WHEN type = ANY(%s) THEN {blob} END
  FROM {relation} WHERE stream >= %s AND stream <= %s AND position < %s ORDER BY stream, seq"""
_TILES = """SELECT level, idx, string_agg(hashes, ''::bytea ORDER BY start) FROM mingzhang.tiles
  GROUP BY level, idx ORDER BY level, idx"""
# Rows that the client holds at a time; a row may have a blob of 1 MiB. Older client libraries stream single rows only.
ROWS_AT_ONCE = 20
_SELECTED_AT_ONCE = 200  # most of them come without their blob
_STREAMS_AT_ONCE = 200  # read by one query, so few that none sorts a whole log on disk
_CHUNKS = psycopg.Capabilities().has_stream_chunked()

_BETWEEN = "AND position >= %s AND position <= %s"

Connection = psycopg.Connection[Any]


class PostgresReader(Reader):
    """The queries; what moment of the log they see is decided by `_rows` and `_one`."""

    _origin: str
    _suite: Suite

    @abstractmethod
    def _rows(self, query: str, *parameters: object, at_once: int = ROWS_AT_ONCE) -> Iterator[Any]:
        """Yield the rows of a query as plain tuples, streaming, `at_once` of them in memory."""

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
        query = self.sight.rows + "WHERE stream = %s AND seq >= %s ORDER BY seq"
        return map(Record._make, self._rows(query, name, start_seq))

    def last_of(self, stream: str) -> Record | None:
        """Return the last row of a stream, or None."""
        row = self._one(self.sight.rows + "WHERE stream = %s ORDER BY seq DESC LIMIT 1", stream)
        return Record(*row) if row else None

    def records_of_type(self, topic: str) -> Iterator[Record]:
        """Yield the rows of one topic in the order of position."""
        return map(Record._make, self._rows(self.sight.rows + "WHERE type = %s ORDER BY position", topic))

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Record]:
        """Yield the rows of these topics among positions start … stop - 1 in order; blobs only of those in `opened`."""
        asked = (list(opened), start, stop, list(topics))
        return map(Record._make, self._rows(self._with_blobs(_SELECTED), *asked, at_once=_SELECTED_AT_ONCE))

    def by_stream(self, prefix: str, opened: Collection[str], stop: int) -> Iterator[Record]:
        """Yield the rows of all streams that begin with `prefix`, stream after stream, each in the order of seq."""
        query, names = self._with_blobs(_BY_STREAM), self.stream_names(prefix)
        while some := list(islice(names, _STREAMS_AT_ONCE)):
            asked = (list(opened), some[0], some[-1], stop)
            yield from map(Record._make, self._rows(query, *asked, at_once=_SELECTED_AT_ONCE))

    def record(self, position: int) -> Record | None:
        """Return one row, or None."""
        row = self._one(self.sight.rows + "WHERE position = %s", position)
        return Record(*row) if row else None

    def stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the name of each stream that begins with `prefix`, ascending by bytes."""
        # A name is ASCII, so "\x7f" comes after everything that may follow the prefix.
        query = "SELECT DISTINCT stream FROM mingzhang.entries WHERE stream >= %s AND stream < %s ORDER BY stream"
        return (row[0] for row in self._rows(query, prefix, prefix + "\x7f"))

    def blob_positions(self, start: int | None = None, stop: int | None = None) -> Iterator[int]:
        """Yield the positions, start … stop - 1, that have a sealed blob, ascending."""
        if self.withholds_sealed:
            return iter(())
        query = f"SELECT position FROM {self.sight.blobs} WHERE blob IS NOT NULL {_BETWEEN} ORDER BY position"
        return (row[0] for row in self._rows(query, *_bounds(start, stop)))

    def commands(self, start: int | None = None, stop: int | None = None) -> Iterator[StoredCommand]:
        """Yield the command ids that are recorded at positions start … stop - 1, in the order of position."""
        return map(StoredCommand._make, self._rows(f"{COMMAND}{_BETWEEN} ORDER BY position", *_bounds(start, stop)))

    def command(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, or None."""
        row = self._one(COMMAND + "AND command = %s", command)
        return StoredCommand(*row) if row else None

    def heads(self, start: int | None = None, stop: int | None = None) -> Iterator[TreeHead]:
        """Yield the tree heads of sizes start … stop - 1, ascending by size."""
        query = "SELECT size, root FROM mingzhang.heads WHERE size >= %s AND size <= %s ORDER BY size"
        return map(TreeHead._make, self._rows(query, *_bounds(start, stop)))

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

    def _with_blobs(self, query: str) -> str:
        """Return a query that reads from where this login sees the blobs, or without them."""
        blobs = self.sight.blobs
        return query.format(blob="blob" if blobs else "NULL::bytea", relation=blobs or "mingzhang.entries")


class PostgresSnapshot(PostgresReader):
    """One reading transaction; each streaming query has a connection of its own that shares its moment.

    A few rows, as of a command or of a case, are read at once on the first connection: to make another one share the
    moment costs four messages more.
    """

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
        self._name = ""
        self._one("SELECT 1")  # a snapshot begins with the first query

    @property
    def sight(self) -> Sight:
        """What this login sees of the sealed parts."""
        return self._sight

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield the rows of positions start … stop - 1 in order."""
        if stop is None or stop - start > ROWS_AT_ONCE:
            yield from super().records(start, stop)
        else:
            yield from self._few("WHERE position >= %s AND position < %s ORDER BY position", start, stop)

    def stream(self, name: str, start_seq: int = 1) -> Iterator[Record]:
        """Yield the rows of one stream in the order of seq."""
        few = self._few("WHERE stream = %s AND seq >= %s ORDER BY seq LIMIT %s", name, start_seq, ROWS_AT_ONCE)
        yield from few
        if len(few) == ROWS_AT_ONCE:
            yield from super().stream(name, few[-1].seq + 1)

    def commands_among(self, commands: Collection[str]) -> Iterator[StoredCommand]:
        """Yield where these commands are recorded, those that are."""
        return map(StoredCommand._make, self._at_once(COMMANDS_AMONG, " ".join(commands)))

    def last_of_each(self, streams: Collection[str]) -> Iterator[tuple[str, int, bytes]]:
        """Yield name, seq and bytes of the last entry of these streams, those that there are."""
        return iter(self._at_once(LAST_OF_MANY, " ".join(streams)))

    def records_at(self, positions: Collection[int]) -> Iterator[Record]:
        """Yield the rows at these positions, those that there are."""
        query = self.sight.rows + "WHERE position = ANY(%s::int8[])"
        return map(Record._make, self._at_once(query, sorted(positions)))

    def _exported_name(self) -> str:
        """Return the name under which the server knows this moment."""
        self._name = self._name or self._one("SELECT pg_export_snapshot()")[0]
        return self._name

    def _few(self, condition: str, *parameters: object) -> list[Record]:
        return [Record(*row) for row in self._at_once(self.sight.rows + condition, *parameters)]

    def _at_once(self, query: str, *parameters: object) -> list[Any]:
        with explained(self._address):
            cursor = self._connection.cursor(row_factory=tuple_row, binary=True)
            return cursor.execute(query, parameters, prepare=True).fetchall()

    def _rows(self, query: str, *parameters: object, at_once: int = ROWS_AT_ONCE) -> Iterator[Any]:
        with explained(self._address), self._datastore.get_connection() as connection:
            name = self._exported_name()
            with transaction(connection, ONE_MOMENT):
                connection.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
                yield from streamed(connection, query, parameters, at_once)

    def _one(self, query: str, *parameters: object) -> Any:
        with explained(self._address):
            return first(self._connection, query, parameters)


class PostgresInspection(PostgresSnapshot, Inspection):
    """A snapshot that reads the catalogue of the database as well.

    Its moment is the name of the snapshot and, after a space, the opening by which sealed parts are read: one that was
    recorded later would not be seen in it.
    """

    def __init__(
        self,
        origin: str,
        suite: Suite,
        address: PostgresAddress,
        datastore: LedgerDatastore,
        connection: Connection,
        sight: Sight,
        opening: int | None,
    ) -> None:
        super().__init__(origin, suite, address, datastore, connection, sight)
        self._opening = opening

    @property
    def moment(self) -> str:
        """The snapshot and the opening by which another process sees the same."""
        return f"{self._exported_name()} {self._opening or ''}".rstrip()

    def faults(self) -> Iterator[DatabaseFault]:
        """Yield what is missing or changed in the catalogue."""
        with explained(self._address):
            yield from faults(self._connection.cursor(row_factory=tuple_row))


def streamed(connection: Connection, query: str, parameters: tuple[object, ...], at_once: int) -> Iterator[Any]:
    """Yield the rows of a query as plain tuples, `at_once` of them in memory; nothing else may run meanwhile."""
    cursor = connection.cursor(row_factory=tuple_row, binary=True)
    return cursor.stream(query, parameters, binary=True, size=at_once if _CHUNKS else 1)


def first(connection: Connection, query: str, parameters: tuple[object, ...] = ()) -> Any:
    """Return the first row of a query as a plain tuple, or None."""
    cursor = connection.cursor(row_factory=tuple_row, binary=True)
    return cursor.execute(query, parameters, prepare=True).fetchone()


# Private


def _bounds(start: int | None, stop: int | None) -> tuple[int, int]:
    """Return the first and the last number of a range that may have no start or no stop."""
    return (-(2**63) if start is None else start, 2**63 - 1 if stop is None else stop - 1)
