"""Connections to a ledger in SQLite: how the file is opened, and what its errors mean.

Built on the connection pool of `eventsourcing`. Differences: a file is never created by opening it, a writing
transaction takes the lock at once (BEGIN IMMEDIATE) and waits up to 30 s for it, a commit is on the disk when it
returns (WAL with synchronous=FULL), and a reader can open a file that it may not write.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from eventsourcing.persistence import PersistenceError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from ledger.store_errors import (
    DatabaseBusy,
    DatabaseFailed,
    DatabaseFull,
    NotALedger,
    StoreError,
    StoreReadOnly,
    StreamConflict,
)

BUSY_TIMEOUT_SECONDS = 30
_CACHE_KIB = 65_536  # pages of the indexes that a large import touches at random
_WAL_KEPT_BYTES = 67_108_864  # a large import leaves a large WAL behind; this much is kept
_FILE_MAGIC = b"SQLite format 3\0"


class LedgerConnection(SQLiteConnection):
    """A connection whose writing transactions take the write lock when they begin."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._sqlite_conn.in_transaction

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Return a cursor inside a transaction that is committed, or rolled back when `commit` is false."""
        with _LedgerTransaction(self, commit=commit) as cursor, cursor:
            yield cursor


class LedgerPool(SQLiteConnectionPool):
    """Connections to one existing file, for writing or only for reading."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        super().__init__(
            db_name=str(path), lock_timeout=BUSY_TIMEOUT_SECONDS, pool_timeout=BUSY_TIMEOUT_SECONDS, max_overflow=50
        )
        self._path = path
        self._read_only = read_only

    def _create_connection(self) -> LedgerConnection:
        connection = connect(self._path, "ro" if self._read_only else "rw")
        connection.row_factory = sqlite3.Row
        return LedgerConnection(sqlite_conn=connection, max_age=None)


class LedgerDatastore(SQLiteDatastore):
    """The datastore of a ledger: stream names are text, connections come from a `LedgerPool`."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        super().__init__(db_name=str(path), originator_id_type="text")
        self.pool.close()
        self.pool = LedgerPool(path, read_only=read_only)


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file in mode "ro", "rw" or "rwc" (which may create it), in autocommit.

    Reading falls back to an immutable view where the folder cannot be written and no WAL is waiting, as on a
    read-only medium. Raises sqlite3.Error.
    """
    try:
        return _configured(_opened(path, f"mode={mode}"), mode)
    except sqlite3.OperationalError as error:
        if mode != "ro" or _code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or _has_wal(path):
            raise
        return _configured(_opened(path, "mode=ro&immutable=1"), mode)


def check_file(path: Path) -> None:
    """Raise NotALedger with a clear reason when the path cannot be an SQLite database."""
    init = "check --db, or make a ledger there with `mingzhang init`"
    if not path.exists():
        raise NotALedger(where=str(path), expected="a ledger", found="no such file", mend=init)
    if not path.is_file():
        raise NotALedger(where=str(path), expected="a file", found="a folder or a device", mend=init)
    try:
        with path.open("rb") as file:
            start = file.read(len(_FILE_MAGIC))
    except OSError as error:
        mend = "let the user who runs this read the file"
        raise NotALedger(
            where=str(path), expected="a readable file", found=error.strerror or "an unreadable file", mend=mend
        ) from error
    if start != _FILE_MAGIC:
        found = "a file of another kind" if start else "an empty file"
        raise NotALedger(where=str(path), expected="an SQLite database", found=found, mend=init)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite, bare or wrapped by `eventsourcing`, into errors of this folder."""
    try:
        yield
    except UnicodeDecodeError as error:  # a broken schema, quoted in SQLite's message byte by byte
        mend = "restore the database from a copy that verifies"
        raise DatabaseFailed(where=str(path), expected="text in UTF-8", found=error.reason, mend=mend) from error
    except (sqlite3.Error, PersistenceError) as error:
        cause = error if isinstance(error, sqlite3.Error) else error.__cause__
        if not isinstance(cause, sqlite3.Error):
            raise DatabaseFailed(
                where=str(path),
                expected="a free connection",
                found=str(error) or type(error).__name__,
                mend="try again",
            ) from error
        raise _explanation(path, cause) from error


# Private


class _LedgerTransaction(SQLiteTransaction):
    connection: LedgerConnection

    def __enter__(self) -> SQLiteCursor:
        try:
            cursor = self.connection.cursor()
            cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        except BaseException:
            self._end_for_sure()
            raise
        return cursor

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self._end_for_sure()

    def _end_for_sure(self) -> None:
        """Close the connection when a BEGIN, COMMIT or ROLLBACK that failed left its transaction open.

        The pool would hand it out again, and the write lock would be held until then. Closing rolls back.
        """
        if self.connection.in_transaction:
            self.connection.close()


def _opened(path: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?{options}",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _configured(connection: sqlite3.Connection, mode: str) -> sqlite3.Connection:
    try:
        if mode == "ro":
            connection.execute("PRAGMA query_only = ON")
        else:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
            connection.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE meets the DELETE triggers too
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # opening alone reads nothing
    except BaseException:
        connection.close()
        raise
    return connection


def _has_wal(path: Path) -> bool:
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; Python leaves it out where the error is its own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _explanation(path: Path, error: sqlite3.Error) -> StoreError:
    where, found, code = str(path), str(error), _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        expected = f"the write lock within {BUSY_TIMEOUT_SECONDS} s"
        return DatabaseBusy(where=where, expected=expected, found=found, mend="wait for the other command to end")
    if code == sqlite3.SQLITE_READONLY:
        mend = "open it for writing, or let the user who runs this write the file and its folder"
        return StoreReadOnly(where=where, expected="a database that can be written", found=found, mend=mend)
    if code == sqlite3.SQLITE_FULL:
        mend = "make room on the disk, then run the command again: nothing is recorded twice"
        return DatabaseFull(where=where, expected="room on the disk", found=found, mend=mend)
    if code == sqlite3.SQLITE_NOTADB:
        return NotALedger(where=where, expected="an SQLite database", found=found, mend="check --db")
    if code == sqlite3.SQLITE_CONSTRAINT:
        mend = "read the stream again and decide anew: somebody else may have recorded something first"
        return StreamConflict(where=where, expected="rows that follow what is stored", found=found, mend=mend)
    mend = "check the disk, its free space and the file's permissions; then run `mingzhang audit verify`"
    return DatabaseFailed(where=where, expected="a working database", found=found, mend=mend)
