"""The registers in PostgreSQL: in a schema of their own in the database of the log."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from ledger.postgres_connection import ONE_MOMENT, REGISTER_LOCK, WRITING, connect, take_lock, transaction
from ledger.postgres_privileges import REGISTER_ROLE
from ledger.postgres_schema import REGISTER_SCHEMA
from ledger.urls import PostgresAddress
from projections.errors import RegistersNotWritable
from projections.table import Kind, Value
from projections.tracking import TRACKING

_ROWS_AT_ONCE: Final = 1_000
_TYPES: Final[Mapping[Kind, str]] = {"integer": "bigint", "text": 'text COLLATE "C"', "bytes": "bytea"}
_REFUSED: Final = (
    psycopg.OperationalError,
    psycopg.InternalError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidSchemaName,
)
_INSERT: Final = re.compile(r"INSERT INTO (\w+ \([\w, ]+\)) VALUES \([?, ]+\)")


class PostgresDatabase:
    """One connection in autocommit; transactions are begun and ended here."""

    types: Mapping[Kind, str] = _TYPES

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        self._connection = connection
        self._name = name
        self._cursors = 0
        connection.execute(f"SET search_path TO {REGISTER_SCHEMA}")

    @classmethod
    def beside(cls, address: PostgresAddress, *, read_only: bool = False) -> "PostgresDatabase":
        """Open the database of an existing ledger for its registers; raises RegistersNotWritable."""
        try:
            return cls(connect(address, read_only=read_only), str(address))
        except psycopg.Error as error:
            raise RegistersNotWritable(str(address), _first_line(error)) from error

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, streaming; other statements may run meanwhile."""
        self._cursors += 1
        name = f"rows_{self._cursors}"
        with self._connection.cursor(name=name, withhold=not self._in_transaction()) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            yield from cursor.execute(_translated(query), parameters, binary=True)

    def run(self, statement: str, parameters: Sequence[Value] = ()) -> None:
        """Run a statement that returns nothing."""
        self._connection.execute(_translated(statement), parameters)

    def run_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row; inserting goes by COPY."""
        insert = _INSERT.fullmatch(statement)
        with self._connection.cursor() as cursor:
            if insert is None:
                cursor.executemany(_translated(statement), rows)
                return
            with cursor.copy(f"COPY {insert[1]} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Return a transaction that takes the lock of the registers at once; raises RegistersNotWritable."""
        try:
            with transaction(self._connection, WRITING):
                take_lock(self._connection, REGISTER_LOCK)
                self._connection.execute(f"SET LOCAL ROLE {REGISTER_ROLE}")  # whose members own the tables together
                yield
        except _REFUSED as error:
            raise RegistersNotWritable(self._name, _first_line(error)) from error

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
        if self._in_transaction():
            yield
            return
        is_tracked = TRACKING in self.tables()
        with transaction(self._connection, ONE_MOMENT):
            if is_tracked:
                self.run(f"LOCK TABLE {TRACKING} IN ACCESS SHARE MODE")
            yield

    def tables(self) -> set[str]:
        """Return the names of the tables there are."""
        query = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s"
        return {row[0] for row in self._connection.execute(query, (REGISTER_SCHEMA,))}

    def close(self) -> None:
        """Give back the connection."""
        self._connection.close()

    # Private

    def _in_transaction(self) -> bool:
        return self._connection.info.transaction_status != TransactionStatus.IDLE


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


def _translated(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
