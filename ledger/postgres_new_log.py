"""A new ledger in a PostgreSQL database, filled with the rows of another one by COPY, in one transaction.

The schema is the one that every ledger gets when it is made. Its triggers sleep while the rows go in, and are woken as
they were in the same transaction: they ask of each statement whether its rows are the next ones, and who recorded them,
and what a copy holds is verified as a whole instead. For that the transaction can be read before it is committed.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

from psycopg import errors
from psycopg.rows import tuple_row

from ledger.copying import CopiedEntry, NewLog, unlike_a_ledger
from ledger.hashing import Suite
from ledger.postgres import create_schema
from ledger.postgres_connection import APPEND_LOCK, WRITING, connect, explained, take_lock, transaction
from ledger.postgres_inspection import faults
from ledger.postgres_opening import OWNERS, Sight
from ledger.postgres_reader import ROWS_AT_ONCE, Connection, PostgresReader, first
from ledger.postgres_schema import REGISTER_SCHEMA, SCHEMA
from ledger.store import DatabaseFault, Inspection, StoredCheckpoint, StoredTile, TreeHead
from ledger.store_errors import DatabaseBusy
from ledger.urls import PostgresAddress

_ENTRY_TYPES: Final = ("int8", "text", "int8", "text", "text", "text", "text", "bytea", "bytea", "int8")
_OTHERS: Final = """SELECT count(*) FROM pg_catalog.pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
_OTHERS_SECONDS: Final = 2.0  # a connection that was closed is gone a little later
_AWAKE: Final = """SELECT tgname, tgenabled::text FROM pg_catalog.pg_trigger
  WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'"""
_WAKING: Final = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA"}


class PostgresNewLog(NewLog):
    """The rows of one transaction."""

    def __init__(self, connection: Connection, origin: str, suite: Suite) -> None:
        self._connection = connection
        self._origin = origin
        self._suite = suite

    def put_entries(self, entries: Iterable[CopiedEntry]) -> None:
        """Store entries, each in one row with its blob and command."""
        columns = "position, stream, seq, type, at, by, command, entry, blob, n"
        self._copy("entries", columns, _ENTRY_TYPES, ((*record, n) for record, n in entries))
        self._connection.execute(f"SELECT {SCHEMA}.apply_logins()")  # as the guard does that slept

    def put_heads(self, heads: Iterable[TreeHead]) -> None:
        """Store tree heads."""
        self._copy("heads", "size, root", ("int8", "bytea"), heads)

    def put_tiles(self, tiles: Iterable[StoredTile]) -> None:
        """Store whole tiles, each as one part."""
        types = ("int2", "int8", "bytea", "int2")
        self._copy("tiles", "level, idx, hashes, start", types, ((*tile, 0) for tile in tiles))

    def put_checkpoints(self, checkpoints: Iterable[StoredCheckpoint]) -> None:
        """Store signed notes."""
        self._copy("checkpoints", "size, note", ("int8", "bytea"), checkpoints)

    @contextmanager
    def inspection(self) -> Iterator[Inspection]:
        """Return a reader of what this transaction has stored, its guards awake again, for a verification."""
        yield _Uncommitted(self._connection, self._origin, self._suite)

    def _copy(self, table: str, columns: str, types: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
        statement = f"COPY {SCHEMA}.{table} ({columns}) FROM STDIN (FORMAT BINARY)"
        with _sleeping(self._connection, f"{SCHEMA}.{table}"):
            with self._connection.cursor().copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
            self._connection.execute(f"ANALYZE {SCHEMA}.{table}")  # the first plans shall not be those of an empty log


@contextmanager
def postgres_new_log(
    address: PostgresAddress, origin: str, suite: Suite, *, kept: str | None = None
) -> Iterator[PostgresNewLog]:
    """Make a ledger in a database, to be filled; committed when the context ends, undone when an exception leaves it.

    A ledger that is there gives way when `kept` names the schema that is to keep it. Raises AlreadyInitialised when
    there is one and no name, DatabaseBusy when others are connected to one that is to give way, DatabaseFailed also
    when the disk is full, and StoreDamaged for rows that no ledger can hold.
    """
    with explained(address), closing(connect(address)) as connection, transaction(connection, WRITING):
        if kept is not None:
            _give_way(address, connection, kept)
        create_schema(address, connection, origin, suite)
        try:
            yield PostgresNewLog(connection, origin, suite)
        except errors.IntegrityError as error:
            raise unlike_a_ledger(str(address), error) from error


def holds_ledger(address: PostgresAddress) -> bool:
    """Say whether a database has a ledger, or the rest of one; raises StoreError when it cannot be asked."""
    with explained(address), closing(connect(address, read_only=True)) as connection:
        return first(connection, "SELECT 1 FROM pg_namespace WHERE nspname = %s", (SCHEMA,)) is not None


# Private


class _Uncommitted(PostgresReader, Inspection):
    """Reads in the connection that has written: nobody else could see it. Rows come through cursors of the server."""

    def __init__(self, connection: Connection, origin: str, suite: Suite) -> None:
        self._connection = connection
        self._origin = origin
        self._suite = suite
        self._cursors = 0

    @property
    def sight(self) -> Sight:
        """Return what the owner sees, who makes the ledger: everything."""
        return OWNERS

    def faults(self) -> Iterator[DatabaseFault]:
        """Yield what is missing or changed in the catalogue."""
        return faults(self._connection.cursor(row_factory=tuple_row))

    def _rows(self, query: str, *parameters: object, at_once: int = ROWS_AT_ONCE) -> Iterator[Any]:
        self._cursors += 1
        with self._connection.cursor(name=f"uncommitted_{self._cursors}", row_factory=tuple_row) as cursor:
            cursor.itersize = at_once
            yield from cursor.execute(query, parameters, binary=True)

    def _one(self, query: str, *parameters: object) -> Any:
        return first(self._connection, query, parameters)


@contextmanager
def _sleeping(connection: Connection, table: str) -> Iterator[None]:
    """Let the triggers of a table sleep, and wake each as it was; whoever owns the table may do that."""
    awake = connection.execute(_AWAKE, (table,)).fetchall()
    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for name, state in awake:
        connection.execute(f"ALTER TABLE {table} {_WAKING[state]} TRIGGER {name}")


def _give_way(address: PostgresAddress, connection: Connection, kept: str) -> None:
    take_lock(connection, APPEND_LOCK)
    deadline = time.monotonic() + _OTHERS_SECONDS
    while (others := first(connection, _OTHERS)[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
        connection.execute("SELECT pg_stat_clear_snapshot()")
    if others:
        found, mend = f"{others} other connections", "end the other commands that use this ledger, then try again"
        raise DatabaseBusy(where=str(address), expected="nobody else using it", found=found, mend=mend)
    connection.execute(f"DROP SCHEMA IF EXISTS {REGISTER_SCHEMA} CASCADE")  # made again from the log that comes
    connection.execute(f"ALTER SCHEMA {SCHEMA} RENAME TO {kept}")
