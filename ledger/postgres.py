"""The store of production: the log in one database of a PostgreSQL server, through psycopg 3.

The tables are in `ledger.postgres_schema`, the connections in `ledger.postgres_connection`, the queries in
`ledger.postgres_reader`, appending in `ledger.postgres_writer`, and the recorder by which `eventsourcing` reads and
writes the same tables in `ledger.postgres_recorder`. The database must exist and keep text as UTF-8.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from psycopg import errors

from ledger.errors import FormatError
from ledger.hashing import Suite, suite_named
from ledger.postgres_connection import (
    APPEND_LOCK,
    ONE_MOMENT,
    WRITING,
    LedgerDatastore,
    connect,
    explained,
    take_lock,
    transaction,
    undone_on_error,
)
from ledger.postgres_reader import (
    Connection,
    PostgresInspection,
    PostgresReader,
    PostgresSnapshot,
    first,
    streamed,
)
from ledger.postgres_schema import REGISTER_SCHEMA, SCHEMA, SCHEMA_VERSION, statements
from ledger.postgres_writer import PostgresWriter
from ledger.store import Inspection, Reader, Store
from ledger.store_errors import (
    AlreadyInitialised,
    AppendRefused,
    DatabaseFailed,
    NotALedger,
    StoreReadOnly,
    UnsupportedSchema,
)
from ledger.urls import PostgresAddress
from ledger.writer import Tip, Writer


class PostgresStore(PostgresReader, Store):
    """A log in a PostgreSQL database; make one with `create`, open it with `open`."""

    def __init__(
        self, address: PostgresAddress, datastore: LedgerDatastore, origin: str, suite: Suite, *, read_only: bool
    ) -> None:
        self.address = address
        self.read_only = read_only
        self.datastore = datastore
        self._origin = origin
        self._suite = suite
        self._tip: Tip | None = None

    @classmethod
    def create(cls, address: PostgresAddress, origin: str, suite: Suite) -> "PostgresStore":
        """Make an empty log in an existing database, and open it for writing.

        Raises AlreadyInitialised when its schema is there, DatabaseFailed when it cannot be made.
        """
        with explained(address), closing(connect(address)) as connection, transaction(connection, WRITING):
            create_schema(address, connection, origin, suite)
        return cls.open(address)

    @classmethod
    def open(cls, address: PostgresAddress, *, read_only: bool = False) -> "PostgresStore":
        """Open a log that exists; raises NotALedger or UnsupportedSchema when the database is something else."""
        with explained(address), closing(connect(address, read_only=True)) as connection:
            origin, suite = _read_settings(address, connection)
        return cls(address, LedgerDatastore(address, read_only=read_only), origin, suite, read_only=read_only)

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Return a reader that sees one moment of the log until the context ends."""
        with self._transaction(ONE_MOMENT) as connection:
            yield PostgresSnapshot(self._origin, self._suite, self.address, self.datastore, connection)

    @contextmanager
    def inspection(self) -> Iterator[Inspection]:
        """Return a reader of one moment of the log that reads the catalogue too."""
        with self._transaction(ONE_MOMENT) as connection:
            yield PostgresInspection(self._origin, self._suite, self.address, self.datastore, connection)

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Return the one writer there is: one transaction, committed when the context ends."""
        self._refuse_if_read_only()
        known, self._tip = self._tip, None
        with explained(self.address), self.datastore.get_connection() as connection, undone_on_error(connection):
            writer = PostgresWriter(self._origin, self._suite, connection, known)
            yield writer
            writer.commit()
        self._tip = writer.tip()

    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed note; the same note again changes nothing."""
        self._refuse_if_read_only()
        with self._transaction(WRITING) as connection:
            take_lock(connection, APPEND_LOCK)
            last = first(connection, "SELECT coalesce(max(size), 0) FROM mingzhang.heads")[0]
            if size > last:
                mend = "sign a tree that is in the log"
                raise AppendRefused(where="checkpoint", expected=f"a size up to {last}", found=str(size), mend=mend)
            same = "SELECT 1 FROM mingzhang.checkpoints WHERE size = %s AND note = %s"
            if first(connection, same, (size, note)) is None:
                connection.execute("INSERT INTO mingzhang.checkpoints (size, note) VALUES (%s, %s)", (size, note))

    def close(self) -> None:
        """Give back the connections."""
        self.datastore.close()

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        with explained(self.address), self.datastore.get_connection() as connection:
            yield from streamed(connection, query, parameters)

    def _one(self, query: str, *parameters: object) -> Any:
        with explained(self.address), self.datastore.get_connection() as connection:
            return first(connection, query, parameters)

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[Connection]:
        with explained(self.address), self.datastore.get_connection() as connection, transaction(connection, mode):
            yield connection

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            where, mend = str(self.address), "open the ledger for writing"
            raise StoreReadOnly(where=where, expected="a store open for writing", found="a reader", mend=mend)


def create_schema(address: PostgresAddress, connection: Connection, origin: str, suite: Suite) -> None:
    """Make the tables of an empty log in the caller's transaction; AlreadyInitialised where there is one."""
    take_lock(connection, APPEND_LOCK)
    encoding = first(connection, "SHOW server_encoding")[0]
    if encoding != "UTF8":
        mend = "make the database with `createdb --encoding=UTF8 --template=template0`"
        raise DatabaseFailed(where=str(address), expected="a database in UTF8", found=encoding, mend=mend)
    taken = first(connection, "SELECT nspname FROM pg_namespace WHERE nspname IN (%s, %s)", (SCHEMA, REGISTER_SCHEMA))
    if taken is not None:
        mend = "choose another --db; a ledger is never made over anything"
        expected = f"a database without the schemas {SCHEMA} and {REGISTER_SCHEMA}"
        raise AlreadyInitialised(where=str(address), expected=expected, found=f"the schema {taken[0]}", mend=mend)
    for statement in statements():
        connection.execute(statement)
    settings = {"origin": origin, "suite": suite.name, "schema": str(SCHEMA_VERSION)}
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO mingzhang.log (key, value) VALUES (%s, %s)", list(settings.items()))


# Private


def _read_settings(address: PostgresAddress, connection: Connection) -> tuple[str, Suite]:
    try:
        settings = dict(connection.execute("SELECT key, value FROM mingzhang.log").fetchall())
        schema, origin, suite = settings["schema"], settings["origin"], settings["suite"]
    except (errors.UndefinedTable, errors.UndefinedColumn, KeyError) as error:
        mend = "check --db, or make a ledger there with `mingzhang init`"
        found = "a database without one"
        raise NotALedger(where=str(address), expected="a ledger", found=found, mend=mend) from error
    mend = "use the version of mingzhang that made this ledger, or a later one"
    if schema != str(SCHEMA_VERSION):
        expected = f"tables of version {SCHEMA_VERSION}"
        raise UnsupportedSchema(where=str(address), expected=expected, found=f"version {schema}", mend=mend)
    try:
        return origin, suite_named(suite)
    except FormatError as error:
        raise UnsupportedSchema(where=str(address), expected=error.reason, found=suite, mend=mend) from error
