"""The embedded store: the log in one SQLite file, no server.

The tables are in `ledger.sqlite_schema`, the connections in `ledger.sqlite_connection`, the queries in
`ledger.sqlite_reader`, appending in `ledger.sqlite_writer`, and the recorder by which `eventsourcing` reads and writes
the same tables in `ledger.sqlite_recorder`.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from eventsourcing.persistence import ConnectionPoolClosedError

from ledger.errors import FormatError
from ledger.hashing import Suite, suite_named
from ledger.sqlite_connection import LedgerDatastore, check_file, connect, explained
from ledger.sqlite_inspection import escaped_text
from ledger.sqlite_reader import SQLiteInspection, SQLiteReader, SQLiteSnapshot, plain
from ledger.sqlite_schema import APPLICATION_ID, SCHEMA_VERSION, statements
from ledger.sqlite_writer import SQLiteWriter
from ledger.store import (
    Inspection,
    Reader,
    Store,
)
from ledger.store_errors import (
    AlreadyInitialised,
    AppendRefused,
    DatabaseFailed,
    NotALedger,
    StoreReadOnly,
    UnsupportedSchema,
)
from ledger.writer import Tip, Writer


class SQLiteStore(SQLiteReader, Store):
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
            yield SQLiteSnapshot(self.origin, self.suite, self.path, cursor.sqlite_cursor.connection)

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
                yield SQLiteInspection(self.origin, self.suite, self.path, connection)
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
            last = plain(connection, "SELECT coalesce(max(size), 0) FROM heads", ()).fetchone()[0]
            if size > last:
                mend = "sign a tree that is in the log"
                raise AppendRefused(where="checkpoint", expected=f"a size up to {last}", found=str(size), mend=mend)
            same = "SELECT 1 FROM checkpoints WHERE size = ? AND note = ?"
            if plain(connection, same, (size, note)).fetchone() is None:
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
                    for row in plain(cursor.sqlite_cursor.connection, query, parameters):  # noqa: UP028
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
        settings = dict(plain(connection, "SELECT key, value FROM log", ()).fetchall())
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
