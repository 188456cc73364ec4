"""The registers in SQLite: beside the log in its file, or in a private file when that one may not be written."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from ledger.sqlite_connection import connect
from projections.errors import RegistersNotWritable
from projections.table import Kind, Value

_ROWS_AT_ONCE: Final = 1_000
_TYPES: Final[Mapping[Kind, str]] = {"integer": "INTEGER", "text": "TEXT", "bytes": "BLOB"}


class SQLiteDatabase:
    """One connection in autocommit; transactions are begun and ended here."""

    types: Mapping[Kind, str] = _TYPES

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    @classmethod
    def beside(cls, path: Path) -> "SQLiteDatabase":
        """Open the file of an existing ledger for its registers."""
        try:
            connection = connect(path, "rw")
            # What a power cut takes of the registers is followed again: only the log must be on the disk at once.
            connection.execute("PRAGMA synchronous = NORMAL")
            return cls(connection, str(path))
        except sqlite3.Error as error:
            raise RegistersNotWritable(str(path), str(error)) from error

    @classmethod
    def private(cls) -> "SQLiteDatabase":
        """Make registers that vanish with this process: for a ledger that may only be read, and for tests."""
        return cls(sqlite3.connect("", isolation_level=None), "a temporary file")

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, streaming."""
        cursor = self._connection.cursor()
        cursor.arraysize = _ROWS_AT_ONCE
        try:
            cursor.execute(query, parameters)
            while found := cursor.fetchmany():
                yield from found
        finally:
            cursor.close()

    def run(self, statement: str, parameters: Sequence[Value] = ()) -> None:
        """Run a statement that returns nothing."""
        self._connection.execute(statement, parameters)

    def run_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row."""
        self._connection.executemany(statement, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a transaction that takes the write lock at once; raises RegistersNotWritable."""
        try:
            with self._transaction("BEGIN IMMEDIATE"):
                yield
        except sqlite3.OperationalError as error:
            raise RegistersNotWritable(self._name, str(error)) from error

    def replacing(self) -> AbstractContextManager[None]:
        """Return a writing transaction; whoever reads goes on with the tables that were there."""
        return self.writing()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Return a transaction in which every query sees one moment; inside another one, that one goes on."""
        if self._connection.in_transaction:
            yield
            return
        with self._transaction("BEGIN"):
            yield

    def tables(self) -> set[str]:
        """Return the names of the tables there are."""
        return {row[0] for row in self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}

    def close(self) -> None:
        """Give back the connection."""
        self._connection.close()

    # Private

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        try:
            self._connection.execute(begin)  # one that is reported failed may still have begun
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
