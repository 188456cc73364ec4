"""The registers in PostgreSQL: in a schema of their own in the database of the log."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import errors

from ledger.postgres_connection import (
    ONE_MOMENT,
    REGISTER_LOCK,
    WRITING,
    connect,
    explained,
    is_cut,
    take_lock,
    transaction,
)
from ledger.postgres_privileges import REGISTER_ROLE
from ledger.postgres_schema import REGISTER_SCHEMA
from ledger.urls import PostgresAddress
from projections.errors import RegistersNotWritable
from projections.table import Kind, Value
from projections.tracking import TRACKING

_ROWS_AT_ONCE: Final = 1_000
_TYPES: Final[Mapping[Kind, str]] = {"integer": "bigint", "text": 'text COLLATE "C"', "bytes": "bytea"}
_REFUSED: Final = (errors.InsufficientPrivilege, errors.InvalidSchemaName, errors.ReadOnlySqlTransaction)
_INSERT: Final = re.compile(r"INSERT INTO (\w+ \([\w, ]+\)) VALUES \([?, ]+\)")


class PostgresDatabase:
    """One connection in autocommit, made anew when it was cut; transactions are begun and ended here.

    Whatever is asked raises ledger.store_errors.StoreError when the server cannot do it.
    """

    types: Mapping[Kind, str] = _TYPES

    def __init__(
        self, address: PostgresAddress, connection: psycopg.Connection[Any], *, read_only: bool = False
    ) -> None:
        self._address = address
        self._read_only = read_only
        self._connection = connection
        self._in_transaction = False
        self._cursors = 0

    @classmethod
    def beside(cls, address: PostgresAddress, *, read_only: bool = False) -> "PostgresDatabase":
        """Open the database of an existing ledger for its registers."""
        with explained(address):
            return cls(address, _connected(address, read_only=read_only), read_only=read_only)

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, streaming; other statements may run meanwhile."""
        self._cursors += 1
        name, withhold = f"rows_{self._cursors}", not self._in_transaction
        with self._session() as connection, connection.cursor(name=name, withhold=withhold) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            yield from cursor.execute(_translated(query), parameters, binary=True)

    def run(self, statement: str, parameters: Sequence[Value] = ()) -> None:
        """Run a statement that returns nothing."""
        with self._session() as connection:
            connection.execute(_translated(statement), parameters)

    def run_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row; inserting goes by COPY."""
        insert = _INSERT.fullmatch(statement)
        with self._session() as connection, connection.cursor() as cursor:
            if insert is None:
                cursor.executemany(_translated(statement), rows)
                return
            with cursor.copy(f"COPY {insert[1]} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a transaction that takes the lock of the registers at once; raises RegistersNotWritable."""
        with self._transaction(WRITING):
            try:
                take_lock(self._connection, REGISTER_LOCK)
                self._connection.execute(f"SET LOCAL ROLE {REGISTER_ROLE}")  # whose members own the tables together
                yield
            except _REFUSED as error:
                raise RegistersNotWritable(str(self._address), _first_line(error)) from error

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Return a writing transaction that waits until nobody reads, 30 s at most, and that new readers wait for."""
        with self.writing():
            self.run(f"LOCK TABLE {TRACKING} IN ACCESS EXCLUSIVE MODE")
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Return a transaction in which every query sees one moment; inside another one, that one goes on.

        The moment begins when nobody is replacing tables: the names of tables lead to new ones at once, but whoever has
        begun before would not see a row of theirs.
        """
        if self._in_transaction:
            yield
            return
        is_tracked = TRACKING in self.tables()
        with self._transaction(ONE_MOMENT):
            if is_tracked:
                self.run(f"LOCK TABLE {TRACKING} IN ACCESS SHARE MODE")
            yield

    def tables(self) -> set[str]:
        """Return the names of the tables there are."""
        query = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s"
        with self._session() as connection:
            return {row[0] for row in connection.execute(query, (REGISTER_SCHEMA,))}

    def close(self) -> None:
        """Give back the connection."""
        self._connection.close()

    # Private

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection[Any]]:
        """Return the connection; a transaction keeps its own to the end, for what was cut cannot go on."""
        if self._in_transaction:
            yield self._connection
            return
        with explained(self._address):
            if is_cut(self._connection):
                self._connection = _connected(self._address, read_only=self._read_only)
            yield self._connection

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[None]:
        with self._session() as connection, transaction(connection, mode):
            self._in_transaction = True
            try:
                yield
            finally:
                self._in_transaction = False


def may_write(address: PostgresAddress) -> bool:
    """Say whether this login may make tables among the registers, on a server that is no standby."""
    return _says_yes(
        address, "SELECT pg_has_role(session_user, %s, 'MEMBER') AND NOT pg_is_in_recovery()", REGISTER_ROLE
    )


def may_read(address: PostgresAddress) -> bool:
    """Say whether there are registers, and this login may read them."""
    tracking = f"{REGISTER_SCHEMA}.{TRACKING}"
    return _says_yes(address, "SELECT has_table_privilege(to_regclass(%s)::oid, 'SELECT')", tracking)


# Private


def _says_yes(address: PostgresAddress, query: str, name: str) -> bool:
    try:
        with connect(address) as connection:
            row = connection.execute(query, (name,)).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def _connected(address: PostgresAddress, *, read_only: bool = False) -> psycopg.Connection[Any]:
    connection = connect(address, read_only=read_only)
    # What a power cut takes of the registers is followed again: only the log must be on the disk at once.
    connection.execute(f"SET search_path TO {REGISTER_SCHEMA}; SET synchronous_commit TO off")
    return connection


def _translated(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
