"""The embedded store: the log in one SQLite file, no server.

The tables are in `ledger.sqlite_schema`, the connections in `ledger.sqlite_connection`, and the recorder by which
`eventsourcing` reads and writes the same tables in `ledger.sqlite_recorder`.
"""

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from eventsourcing.persistence import ConnectionPoolClosedError

from ledger.errors import FormatError
from ledger.hashing import Suite, suite_named
from ledger.sqlite_connection import LedgerDatastore, check_file, connect, explained
from ledger.sqlite_inspection import escaped_text, faults, is_damage
from ledger.sqlite_schema import APPLICATION_ID, SCHEMA_VERSION, statements
from ledger.store import (
    BATCH_ROWS,
    DatabaseFault,
    Inspection,
    Reader,
    Record,
    Row,
    Store,
    StoredCheckpoint,
    StoredCommand,
    StoredTile,
    TreeHead,
    batched,
)
from ledger.store_errors import (
    AlreadyInitialised,
    AppendRefused,
    DatabaseFailed,
    NotALedger,
    StoreDamaged,
    StoreReadOnly,
    UnsupportedSchema,
)
from ledger.tiles import Tile
from ledger.writer import Tip, Writer

_RECORD = """SELECT e.position, e.stream, e.seq, e.type, e.at, e."by", e.command, e.entry, b.blob
  FROM entries e LEFT JOIN blobs b ON b.position = e.position """
_LAST_HEAD = "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1"
_COMMAND = "SELECT command, position, n FROM commands "
_TILE = "SELECT hashes FROM tiles WHERE level = ? AND idx = ?"


class _SQLiteReader(Reader):
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
        return self._origin

    @property
    def suite(self) -> Suite:
        return self._suite

    def head(self) -> TreeHead:
        row = self._one(_LAST_HEAD)
        return TreeHead(*row) if row else TreeHead(0, self._suite.empty_root)

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        bound = 2**63 - 1 if stop is None else stop
        query = _RECORD + "WHERE e.position >= ? AND e.position < ? ORDER BY e.position"
        return map(Record._make, self._rows(query, start, bound))

    def stream(self, name: str, start_seq: int = 1) -> Iterator[Record]:
        query = _RECORD + "WHERE e.stream = ? AND e.seq >= ? ORDER BY e.seq"
        return map(Record._make, self._rows(query, name, start_seq))

    def last_of(self, stream: str) -> Record | None:
        row = self._one(_RECORD + "WHERE e.stream = ? ORDER BY e.seq DESC LIMIT 1", stream)
        return Record(*row) if row else None

    def records_of_type(self, topic: str) -> Iterator[Record]:
        return map(Record._make, self._rows(_RECORD + "WHERE e.type = ? ORDER BY e.position", topic))

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Record]:
        return map(Record._make, self._rows(_selection(len(topics), len(opened)), *opened, start, stop, *topics))

    def record(self, position: int) -> Record | None:
        return next(self.records(position, position + 1), None)

    def stream_names(self, prefix: str = "") -> Iterator[str]:
        # A name is ASCII, so "\x7f" comes after everything that may follow the prefix.
        query = "SELECT DISTINCT stream FROM entries WHERE stream >= ? AND stream < ? ORDER BY stream"
        return (row[0] for row in self._rows(query, prefix, prefix + "\x7f"))

    def blob_positions(self, start: int | None = None, stop: int | None = None) -> Iterator[int]:
        return (row[0] for row in self._between("SELECT position FROM blobs ", "position", start, stop))

    def commands(self, start: int | None = None, stop: int | None = None) -> Iterator[StoredCommand]:
        return map(StoredCommand._make, self._between(_COMMAND, "position", start, stop))

    def command(self, command: str) -> StoredCommand | None:
        row = self._one(_COMMAND + "WHERE command = ?", command)
        return StoredCommand(*row) if row else None

    def heads(self, start: int | None = None, stop: int | None = None) -> Iterator[TreeHead]:
        return map(TreeHead._make, self._between("SELECT size, root FROM heads ", "size", start, stop))

    def tiles(self) -> Iterator[StoredTile]:
        return map(StoredTile._make, self._rows("SELECT level, idx, hashes FROM tiles ORDER BY level, idx"))

    def tile(self, level: int, index: int) -> bytes | None:
        row = self._one(_TILE, level, index)
        return row[0] if row else None

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        return map(StoredCheckpoint._make, self._rows("SELECT size, note FROM checkpoints ORDER BY size, note"))

    def _between(self, query: str, number: str, start: int | None, stop: int | None) -> Iterator[Any]:
        """Yield rows in the order of a number, within bounds; what is no number shows where there are none."""
        bounds = {f"{number} >= ?": start, f"{number} < ?": stop}
        given = {condition: bound for condition, bound in bounds.items() if bound is not None}
        where = f"WHERE {' AND '.join(given)} " if given else ""
        return self._rows(f"{query}{where}ORDER BY {number}", *given.values())


class _Snapshot(_SQLiteReader):
    """One reading transaction."""

    def __init__(self, store: "SQLiteStore", connection: sqlite3.Connection) -> None:
        self._origin = store.origin
        self._suite = store.suite
        self._path = store.path
        self._connection = connection
        next(self._rows("SELECT 1 FROM sqlite_schema"), None)  # a snapshot begins with the first page that is read

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        with explained(self._path):
            yield from _cursor(self._connection, query, parameters)

    def _one(self, query: str, *parameters: object) -> Any:
        with explained(self._path):
            return _cursor(self._connection, query, parameters).fetchone()


class _Inspection(_Snapshot, Inspection):
    """A snapshot whose text is decoded byte by byte, and which reads the schema as well."""

    def faults(self) -> Iterator[DatabaseFault]:
        with explained(self._path):
            yield from faults(self._connection)

    def batches(self, start: int, stop: int | None = None) -> Iterator[Sequence[Row]]:
        """Yield rows as plain tuples, decoded by SQLite's own module; from the first failure on, as `records` does."""
        given, bound = 0, 2**63 - 1 if stop is None else stop
        try:
            query = _RECORD + "WHERE e.position >= ? AND e.position < ? ORDER BY e.position"
            cursor = _cursor(self._connection, query, (start, bound))
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


class SQLiteWriter(Writer):
    """Appending within a transaction that somebody else begins and commits."""

    def __init__(self, origin: str, suite: Suite, connection: sqlite3.Connection, known: Tip | None = None) -> None:
        self._connection = connection
        self._asking = connection.cursor()  # one for all questions of one row
        self._asking.row_factory = None
        head = self._one(_LAST_HEAD)
        rows = self._one("SELECT coalesce(max(position), -1) + 1 FROM entries")[0]
        if known is not None and not known.tree.is_stored(self._read_tile):
            known = None
        super().__init__(
            origin, suite, TreeHead(*head) if head else TreeHead(0, suite.empty_root), rows, self._read_tile, known
        )

    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1, those of this transaction included."""
        return self._records("WHERE e.position >= ? AND e.position < ? ORDER BY e.position", start, stop)

    def stream(self, name: str) -> list[Record]:
        """Return the rows of one stream in the order of seq, those of this transaction included."""
        return self._records("WHERE e.stream = ? ORDER BY e.seq", name)

    def records_of_type(self, topic: str) -> list[Record]:
        """Return the rows of one topic in the order of position, those of this transaction included."""
        return self._records("WHERE e.type = ? ORDER BY e.position", topic)

    def later_than(self, at: str) -> Iterator[tuple[str, str, int]]:
        """Yield at, stream and seq of each entry whose `at` is later, the latest first; reads the whole log."""
        self.flush()
        query = "SELECT at, stream, seq FROM entries WHERE at > ? ORDER BY at DESC, position"
        yield from _cursor(self._connection, query, (at,))

    def _records(self, condition: str, *parameters: object) -> list[Record]:
        self.flush()
        return list(map(Record._make, _cursor(self._connection, _RECORD + condition, parameters)))

    def _select_last_of(self, stream: str) -> tuple[int, bytes] | None:
        row = self._one("SELECT seq, entry FROM entries WHERE stream = ? ORDER BY seq DESC LIMIT 1", stream)
        return (row[0], row[1]) if row else None

    def _select_at(self, position: int) -> str | None:
        row = self._one("SELECT at FROM entries WHERE position = ?", position)
        return row[0] if row else None

    def _select_command(self, command: str) -> StoredCommand | None:
        row = self._one(_COMMAND + "WHERE command = ?", command)
        return StoredCommand(*row) if row else None

    def _insert_rows(
        self,
        entries: Sequence[tuple[object, ...]],
        blobs: Sequence[tuple[int, bytes]],
        commands: Collection[StoredCommand],
        meanwhile: Callable[[], None],
    ) -> None:
        meanwhile()
        run = self._connection.executemany
        run(
            'INSERT INTO entries (position, stream, seq, type, at, "by", command, entry) VALUES (?,?,?,?,?,?,?,?)',
            entries,
        )
        run("INSERT INTO blobs (position, blob) VALUES (?,?)", blobs)
        run("INSERT INTO commands (command, position, n) VALUES (?,?,?)", commands)

    def _put_tiles(self, tiles: Sequence[Tile]) -> None:
        grow = "UPDATE tiles SET hashes = ?3 WHERE level = ?1 AND idx = ?2"
        insert = "INSERT INTO tiles (level, idx, hashes) VALUES (?1, ?2, ?3)"
        for tile in tiles:
            query = grow if tile.stored_width else insert
            self._connection.execute(query, (tile.level, tile.index, tile.hashes))

    def _insert_head(self, head: TreeHead) -> None:
        self._connection.execute("INSERT INTO heads (size, root) VALUES (?,?)", head)

    def _read_tile(self, level: int, index: int) -> bytes | None:
        row = self._one(_TILE, level, index)
        return row[0] if row else None

    def _one(self, query: str, *parameters: object) -> Any:
        return self._asking.execute(query, parameters).fetchone()


class SQLiteStore(_SQLiteReader, Store):
    """A log in an SQLite file; make one with `create`, open it with `open`."""

    def __init__(self, path: Path, datastore: LedgerDatastore, origin: str, suite: Suite, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self.datastore = datastore
        self._origin = origin
        self._suite = suite
        self._tip: Tip | None = None

    @classmethod
    def create(cls, path: Path, origin: str, suite: Suite) -> "SQLiteStore":
        """Make an empty log in a new file, and open it for writing.

        Raises AlreadyInitialised when the file holds anything, DatabaseFailed when it cannot be made.
        """
        if not path.parent.is_dir():
            mend = "make the folder first, or check --db"
            raise DatabaseFailed(
                where=str(path), expected=f"the folder {path.parent}", found="no such folder", mend=mend
            )
        if path.exists() and not _is_blank(path):
            raise _already(path)
        with explained(path):
            connection = connect(path, "rwc")
            try:
                _create_tables(path, connection, origin, suite)
            finally:
                connection.close()
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "SQLiteStore":
        """Open a log that exists; raises NotALedger or UnsupportedSchema when the file is something else."""
        check_file(path)
        datastore = LedgerDatastore(path, read_only=read_only)
        try:
            with explained(path), datastore.transaction(commit=False) as cursor:
                origin, suite = _read_settings(path, cursor.sqlite_cursor.connection)
        except BaseException:
            datastore.close()
            raise
        return cls(path, datastore, origin, suite, read_only=read_only)

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Return a reader that sees one moment of the log until the context ends."""
        with explained(self.path), self.datastore.transaction(commit=False) as cursor:
            yield _Snapshot(self, cursor.sqlite_cursor.connection)

    @property
    def url(self) -> str:
        """The address by which this store can be opened again."""
        return f"sqlite:///{self.path}"

    @contextmanager
    def watched(self) -> Iterator[Callable[[], bool]]:
        """Return a question: was nothing committed since now, so that all who began to read since see the same?"""
        with explained(self.path), closing(connect(self.path, "ro")) as connection:
            before = _data_version(connection)
            yield lambda: _data_version(connection) == before

    @contextmanager
    def inspection(self, moment: str = "") -> Iterator[Inspection]:
        """Return a reader of the latest moment of the log that takes rows as they are and reads the schema too."""
        with explained(self.path), self.datastore.transaction(commit=False) as cursor:
            connection = cursor.sqlite_cursor.connection
            decode, connection.text_factory = connection.text_factory, escaped_text
            try:
                yield _Inspection(self, connection)
            finally:
                connection.text_factory = decode

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Return the one writer there is: one transaction, committed when the context ends."""
        self._refuse_if_read_only()
        known, self._tip = self._tip, None
        with explained(self.path), self.datastore.transaction(commit=True) as cursor:
            writer = SQLiteWriter(self._origin, self._suite, cursor.sqlite_cursor.connection, known)
            yield writer
            writer.finish()
        self._tip = writer.tip()

    def check_may_add_checkpoint(self) -> None:
        """Raise StoreReadOnly when the store was opened for reading."""
        self._refuse_if_read_only()

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed note; the same note again changes nothing."""
        self._refuse_if_read_only()
        with explained(self.path), self.datastore.transaction(commit=True) as cursor:
            connection = cursor.sqlite_cursor.connection
            last = _cursor(connection, "SELECT coalesce(max(size), 0) FROM heads", ()).fetchone()[0]
            if size > last:
                mend = "sign a tree that is in the log"
                raise AppendRefused(where="checkpoint", expected=f"a size up to {last}", found=str(size), mend=mend)
            same = "SELECT 1 FROM checkpoints WHERE size = ? AND note = ?"
            if _cursor(connection, same, (size, note)).fetchone() is None:
                connection.execute("INSERT INTO checkpoints (size, note) VALUES (?,?)", (size, note))

    def close(self) -> None:
        """Give back the connections."""
        self.datastore.close()

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        dropped = False
        try:
            with explained(self.path), self.datastore.transaction(commit=False) as cursor:
                try:
                    # "yield from" would close the cursor with the generator, also when its connection is gone.
                    for row in _cursor(cursor.sqlite_cursor.connection, query, parameters):  # noqa: UP028
                        yield row
                except GeneratorExit:
                    dropped = True
                    raise
        except ConnectionPoolClosedError:
            if not dropped:  # A reading that was given up may outlive its store; one that goes on may not.
                mend = "read before the store is closed"
                found = "a closed one"
                raise DatabaseFailed(where=str(self.path), expected="an open store", found=found, mend=mend) from None

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            mend = "open the ledger for writing"
            raise StoreReadOnly(where=str(self.path), expected="a store open for writing", found="a reader", mend=mend)


# Private


def _selection(topics: int, opened: int) -> str:
    """Return the query of `selected`: the index of types gives positions alone; rows are read once, in order."""
    return f"""SELECT e.position, e.stream, e.seq, e.type, e.at, e."by", e.command, e.entry,
        CASE WHEN e.type IN ({_marks(opened)}) THEN (SELECT blob FROM blobs b WHERE b.position = e.position) END
      FROM entries e WHERE e.position IN
        (SELECT position FROM entries WHERE position >= ? AND position < ? AND type IN ({_marks(topics)}))
      ORDER BY e.position"""


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _cursor(connection: sqlite3.Connection, query: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: the library's rows by name cost twice as much
    return cursor.execute(query, parameters)


def _data_version(connection: sqlite3.Connection) -> int:
    """Return a number that changes when another connection, of this process or of any, has committed."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _create_tables(path: Path, connection: sqlite3.Connection, origin: str, suite: Suite) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise _already(path)  # another process was first
        for statement in statements():
            connection.execute(statement)
        settings = {"origin": origin, "suite": suite.name, "schema": str(SCHEMA_VERSION)}
        connection.executemany("INSERT INTO log (key, value) VALUES (?,?)", settings.items())
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _read_settings(path: Path, connection: sqlite3.Connection) -> tuple[str, Suite]:
    try:
        settings = dict(_cursor(connection, "SELECT key, value FROM log", ()).fetchall())
        schema, origin, suite = settings["schema"], settings["origin"], settings["suite"]
    except (sqlite3.OperationalError, KeyError) as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR:
            raise  # busy or broken, which says nothing of what the file is
        mend = "check --db, or make a ledger in a new file with `mingzhang init`"
        found = "an SQLite database of something else"
        raise NotALedger(where=str(path), expected="a ledger", found=found, mend=mend) from error
    if schema != str(SCHEMA_VERSION):
        older = isinstance(schema, str) and schema.isdecimal() and int(schema) < SCHEMA_VERSION
        later = "use the version of mingzhang that made this ledger, or a later one"
        mend = "run `mingzhang upgrade`" if older else later
        raise UnsupportedSchema(
            where=str(path), expected=f"tables of version {SCHEMA_VERSION}", found=f"version {schema}", mend=mend
        )
    try:
        return origin, suite_named(suite)
    except FormatError as error:
        mend = "use the version of mingzhang that made this ledger, or a later one"
        raise UnsupportedSchema(where=str(path), expected=error.reason, found=suite, mend=mend) from error


def _is_blank(path: Path) -> bool:
    """Say whether the file is empty, or a database without tables, as a killed `init` leaves it."""
    if not path.is_file() or path.stat().st_size == 0:
        return path.is_file()
    try:
        connection = connect(path, "ro")
    except sqlite3.Error:
        return False
    try:
        return bool(connection.execute("SELECT count(*) = 0 FROM sqlite_schema").fetchone()[0])
    finally:
        connection.close()


def _already(path: Path) -> AlreadyInitialised:
    mend = "choose another --db; a ledger is never made over anything"
    return AlreadyInitialised(where=str(path), expected="no file, or an empty one", found="something in it", mend=mend)
