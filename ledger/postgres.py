"""The store of production: the log in one database of a PostgreSQL server, through psycopg 3.

The tables are in `ledger.postgres_schema`, the connections in `ledger.postgres_connection`, the queries in
`ledger.postgres_reader`, appending in `ledger.postgres_writer`, and the recorder by which `eventsourcing` reads and
writes the same tables in `ledger.postgres_recorder`. The database must exist and keep text as UTF-8.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from psycopg import errors
from psycopg.rows import tuple_row

from ledger.errors import FormatError
from ledger.hashing import Suite, suite_named
from ledger.postgres_attempt import AttemptFailed, PostgresAttempt, can_attempt
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
from ledger.postgres_logins import Login, Opening, Session, exists, logins, openings, session
from ledger.postgres_opening import Sight, open_sealed
from ledger.postgres_reader import (
    ROWS_AT_ONCE,
    Connection,
    PostgresInspection,
    PostgresReader,
    PostgresSnapshot,
    first,
    streamed,
)
from ledger.postgres_roles import in_turn, make_roles
from ledger.postgres_schema import (
    OLDEST_VERSION,
    REGISTER_SCHEMA,
    SCHEMA,
    SCHEMA_VERSION,
    guard_statements,
    table_statements,
)
from ledger.postgres_writer import PostgresWriter
from ledger.store import Inspection, Reader, Store
from ledger.store_errors import (
    AlreadyInitialised,
    AppendRefused,
    DatabaseFailed,
    DutyMissing,
    NotALedger,
    StoreReadOnly,
    UnsupportedSchema,
    UpgradeNeeded,
)
from ledger.urls import PostgresAddress
from ledger.writer import Tip, Writer

Result = TypeVar("Result")


class PostgresStore(PostgresReader, Store):
    """A log in a PostgreSQL database; make one with `create`, open it with `open`."""

    def __init__(
        self,
        address: PostgresAddress,
        datastore: LedgerDatastore,
        origin: str,
        suite: Suite,
        *,
        read_only: bool,
        purpose: str = "mingzhang",
    ) -> None:
        self.address = address
        self.read_only = read_only
        self.datastore = datastore
        self._origin = origin
        self._suite = suite
        self._tip: Tip | None = None
        self._tip_guard = threading.Lock()
        self._alone = False  # whether nobody else wrote between the last two transactions of this store
        self._purpose = purpose
        self._sight: Sight | None = None
        self.opening: int | None = None  # by which sealed parts are read; another process may see them by it too

    @classmethod
    def create(cls, address: PostgresAddress, origin: str, suite: Suite) -> "PostgresStore":
        """Make an empty log in an existing database, and open it for writing.

        Raises AlreadyInitialised when its schema is there, RolesMissing when the roles of the duties are not and
        this login may not make them, DatabaseFailed when it cannot be made.
        """
        with explained(address):
            in_turn(lambda: _create(address, origin, suite))
        return cls.open(address)

    @classmethod
    def open(cls, address: PostgresAddress, *, read_only: bool = False, purpose: str = "mingzhang") -> "PostgresStore":
        """Open a log that exists; raises NotALedger, UnsupportedSchema or UpgradeNeeded when it is something else."""
        with explained(address), closing(connect(address, read_only=True)) as connection:
            origin, suite = _read_settings(address, connection)
        datastore = LedgerDatastore(address, read_only=read_only)
        return cls(address, datastore, origin, suite, read_only=read_only, purpose=purpose)

    @property
    def sight(self) -> Sight:
        """What this login sees of the sealed parts; asked for once, and recorded then where it sees them by duty."""
        if self._sight is None:
            with explained(self.address):
                self._sight, self.opening = open_sealed(self.address, self._purpose, self.opening)
            if self.opening is not None:
                self.datastore.show_opening(self.opening)
        return self._sight

    @staticmethod
    def check_place(address: PostgresAddress) -> None:
        """Raise RolesMissing when this login could not make a ledger here for want of the roles; makes nothing."""
        with explained(address):
            in_turn(lambda: _rehearse_roles(address))

    def session(self) -> Session:
        """Return who is connected, as whom he may record, and which duties he holds."""
        with self._transaction(ONE_MOMENT) as connection:
            return session(connection.cursor(row_factory=tuple_row))

    def logins(self) -> list[Login]:
        """Return the logins that the log admits and has not dismissed."""
        with self._transaction(ONE_MOMENT) as connection:
            return logins(connection.cursor(row_factory=tuple_row))

    def has_login(self, login: str) -> bool:
        """Say whether the server knows a login of this name."""
        with self._transaction(ONE_MOMENT) as connection:
            return exists(connection.cursor(row_factory=tuple_row), login)

    def openings(self) -> list[Opening]:
        """Return the recorded openings of sealed parts, the first one first; raises DutyMissing."""
        with self._transaction(ONE_MOMENT) as connection:
            return list(openings(connection.cursor(row_factory=tuple_row)))

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Return a reader that sees one moment of the log until the context ends."""
        sight = self.sight  # an opening is recorded before the moment that is seen
        with self._transaction(ONE_MOMENT) as connection:
            yield PostgresSnapshot(self._origin, self._suite, self.address, self.datastore, connection, sight)

    @property
    def url(self) -> str:
        """The address by which this store can be opened again; it may hold a password."""
        return self.address.url

    @contextmanager
    def watched(self) -> Iterator[Callable[[], bool]]:
        """Return a question that is always answered by yes: a moment has a name, and whoever names it sees it."""
        yield lambda: True

    @contextmanager
    def inspection(self, moment: str = "") -> Iterator[Inspection]:
        """Return a reader of one moment of the log, the named one or the latest, that reads the catalogue too."""
        name, _, opening = moment.partition(" ")
        if opening and self._sight is None:
            self.opening = int(opening)
        sight = self.sight
        with self._transaction(ONE_MOMENT) as connection:
            if name:
                connection.execute(f"SET TRANSACTION SNAPSHOT '{name}'")
            snapshot = (self._origin, self._suite, self.address, self.datastore, connection, sight)
            yield PostgresInspection(*snapshot, self.opening)

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Return the one writer there is: one transaction, committed when the context ends."""
        self._refuse_if_read_only()
        sight, known = self.sight, self._take_tip()
        with explained(self.address), self.datastore.get_connection() as connection, undone_on_error(connection):
            writer = PostgresWriter(self._origin, self._suite, connection, known, sight)
            alone = known is not None and writer.goes_on_from(known)
            yield writer
            writer.commit()
        self._tip, self._alone = writer.tip(), alone

    def write(self, body: Callable[[Writer], Result], entries: int) -> Result:
        """Run `body` with a writer and commit; small ones in one statement while nobody else writes."""
        self._refuse_if_read_only()
        known = self._take_tip() if self._alone else None
        if known is not None and can_attempt(known, entries):
            try:
                return self._attempt(body, known)
            except AttemptFailed:
                self._alone = False
        elif known is not None:
            self._tip = known
        return super().write(body, entries)

    def check_may_add_checkpoint(self) -> None:
        """Raise StoreReadOnly, or DutyMissing when this login is not granted the table of checkpoints."""
        self._refuse_if_read_only()
        if not self._one("SELECT has_table_privilege('mingzhang.checkpoints', 'INSERT')")[0]:
            where, mend = str(self.address), "let a login with the duty of administration sign"
            raise DutyMissing(where=where, expected="a login that may keep checkpoints", found="another", mend=mend)

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

    def _attempt(self, body: Callable[[Writer], Result], known: Tip) -> Result:
        sight = self.sight
        with explained(self.address), self.datastore.get_connection() as connection:
            attempt = PostgresAttempt(self._origin, self._suite, connection, known, sight)
            try:
                result = body(attempt)
            except Exception as error:  # of whatever it had believed: with the lock it may find otherwise
                raise AttemptFailed from error
            attempt.commit()
        self._tip = attempt.tip()
        return result

    def _take_tip(self) -> Tip | None:
        """Return the tip and keep it no longer: its tree must not grow in two threads."""
        with self._tip_guard:
            known, self._tip = self._tip, None
        return known

    def _rows(self, query: str, *parameters: object, at_once: int = ROWS_AT_ONCE) -> Iterator[Any]:
        with explained(self.address), self.datastore.get_connection() as connection:
            yield from streamed(connection, query, parameters, at_once)

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
    _check_place(address, connection)
    make_roles(str(address), connection)
    for statement in table_statements():
        connection.execute(statement)
    settings = {"origin": origin, "suite": suite.name, "schema": str(SCHEMA_VERSION)}
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO mingzhang.log (key, value) VALUES (%s, %s)", list(settings.items()))
    for statement in guard_statements():
        connection.execute(statement)


# Private


def _create(address: PostgresAddress, origin: str, suite: Suite) -> None:
    with closing(connect(address)) as connection, transaction(connection, WRITING):
        create_schema(address, connection, origin, suite)


def _rehearse_roles(address: PostgresAddress) -> None:
    with closing(connect(address)) as connection, connection.transaction(force_rollback=True):
        make_roles(str(address), connection)


def _check_place(address: PostgresAddress, connection: Connection) -> None:
    encoding = first(connection, "SHOW server_encoding")[0]
    if encoding != "UTF8":
        mend = "make the database with `createdb --encoding=UTF8 --template=template0`"
        raise DatabaseFailed(where=str(address), expected="a database in UTF8", found=encoding, mend=mend)
    taken = first(connection, "SELECT nspname FROM pg_namespace WHERE nspname IN (%s, %s)", (SCHEMA, REGISTER_SCHEMA))
    if taken is not None:
        mend = "choose another --db; a ledger is never made over anything"
        expected = f"a database without the schemas {SCHEMA} and {REGISTER_SCHEMA}"
        raise AlreadyInitialised(where=str(address), expected=expected, found=f"the schema {taken[0]}", mend=mend)


def _read_settings(address: PostgresAddress, connection: Connection) -> tuple[str, Suite]:
    try:
        settings = dict(connection.execute("SELECT key, value FROM mingzhang.log").fetchall())
        schema, origin, suite = settings["schema"], settings["origin"], settings["suite"]
    except (errors.UndefinedTable, errors.UndefinedColumn, KeyError) as error:
        mend = "check --db, or make a ledger there with `mingzhang init`"
        found = "a database without one"
        raise NotALedger(where=str(address), expected="a ledger", found=found, mend=mend) from error
    mend = "use the version of mingzhang that made this ledger, or a later one"
    expected = f"tables of version {SCHEMA_VERSION}"
    if schema.isdecimal() and OLDEST_VERSION <= int(schema) < SCHEMA_VERSION:
        found, mend = f"version {schema}", "run `mingzhang upgrade` as the owner of the ledger"
        raise UpgradeNeeded(where=str(address), expected=expected, found=found, mend=mend)
    if schema != str(SCHEMA_VERSION):
        raise UnsupportedSchema(where=str(address), expected=expected, found=f"version {schema}", mend=mend)
    try:
        return origin, suite_named(suite)
    except FormatError as error:
        raise UnsupportedSchema(where=str(address), expected=error.reason, found=suite, mend=mend) from error
