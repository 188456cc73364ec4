"""Connections to a ledger in PostgreSQL: how they are made, the lock of the one writer, and what errors mean.

Built on the datastore of `eventsourcing`, with a pool of its own: stream names are text, a commit is on the disk when
it returns, waiting for a lock ends after 30 s, and nothing depends on what a server or a login has set as its default.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from eventsourcing.persistence import PersistenceError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from ledger.postgres_guards import ACTOR_REFUSED, DUTY_MISSING, OPENING_MISSING, OPENING_SETTING
from ledger.postgres_schema import SCHEMA
from ledger.store_errors import (
    ActorRefused,
    DatabaseBusy,
    DatabaseFailed,
    DutyMissing,
    NotALedger,
    StoreError,
    StoreReadOnly,
    StreamConflict,
)
from ledger.urls import PostgresAddress

LOCK_TIMEOUT_SECONDS = 30
CONNECT_TIMEOUT_SECONDS = 10
CONNECTIONS_MAX = 40

# Locks of whole transactions: whoever appends has the first, whoever writes registers the second.
APPEND_LOCK: Final = "mingzhang append"
REGISTER_LOCK: Final = "mingzhang registers"

WRITING: Final = "READ COMMITTED, READ WRITE"  # each statement sees what was committed before the lock was given
ONE_MOMENT: Final = "REPEATABLE READ, READ ONLY"

_Connection = psycopg.Connection[Any]
_SHOWN: Final = "mingzhang_opening_shown"


class LedgerDatastore(PostgresDatastore):
    """The datastore of a ledger in its schema, with connections as `connect` makes them."""

    def __init__(self, address: PostgresAddress, *, read_only: bool) -> None:
        super().__init__("", "", "", "", "", schema=SCHEMA, originator_id_type="text")
        self.pool.close()
        self.pool = ConnectionPool(
            address.url,
            kwargs={**_settings(address, read_only=read_only), "row_factory": dict_row},
            min_size=0,
            max_size=CONNECTIONS_MAX,
            open=False,
            timeout=LOCK_TIMEOUT_SECONDS,
            num_workers=1,
        )
        self._opening: int | None = None

    def show_opening(self, number: int) -> None:
        """Let every connection that is handed out from now on name this recorded opening."""
        self._opening = number

    @contextmanager
    def get_connection(self) -> Iterator[_Connection]:
        """Return a connection of the pool until the context ends."""
        with super().get_connection() as connection:
            if self._opening is not None and not getattr(connection, _SHOWN, False):
                connection.execute("SELECT set_config(%s, %s, false)", (OPENING_SETTING, str(self._opening)))
                setattr(connection, _SHOWN, True)
            yield connection


def connect(address: PostgresAddress, *, read_only: bool = False) -> _Connection:
    """Open one connection in autocommit; raises psycopg.Error."""
    return psycopg.connect(address.url, **_settings(address, read_only=read_only))


def take_lock(connection: _Connection, name: str) -> None:
    """Wait for a lock that this transaction keeps to its end; psycopg.errors.LockNotAvailable after 30 s."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,), prepare=True)


@contextmanager
def transaction(connection: _Connection, mode: str) -> Iterator[None]:
    """Return a transaction of this mode, WRITING or ONE_MOMENT, rolled back when an exception leaves it."""
    with undone_on_error(connection):
        connection.execute(f"BEGIN ISOLATION LEVEL {mode}")
        yield
        check_commit(connection.execute("COMMIT"))


@contextmanager
def undone_on_error(connection: _Connection) -> Iterator[None]:
    """Roll the connection's transaction back when an exception leaves the context."""
    try:
        yield
    except BaseException:
        with suppress(psycopg.Error):
            connection.rollback()
        raise


def check_commit(cursor: psycopg.Cursor[Any]) -> None:
    """Raise psycopg.OperationalError when a COMMIT was answered by ROLLBACK: an earlier error had been swallowed."""
    if cursor.statusmessage != "COMMIT":
        raise psycopg.OperationalError("an earlier error in the transaction made the server roll it back")


@contextmanager
def explained(address: PostgresAddress) -> Iterator[None]:
    """Turn errors of PostgreSQL, bare or wrapped by `eventsourcing`, into errors of this folder."""
    try:
        yield
    except (psycopg.Error, PersistenceError) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        raise _explanation(str(address), cause if isinstance(cause, psycopg.Error) else error) from error


# Private


def _settings(address: PostgresAddress, *, read_only: bool) -> dict[str, Any]:
    """Return what every connection begins with, in its first message to the server; the address may add options."""
    added = conninfo_to_dict(address.url).get("options") or ""
    mode = "on" if read_only else "off"
    return {
        "autocommit": True,
        "client_encoding": "UTF8",
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "mingzhang",
        # Rows are read in the order of an index: to sort them first would put the whole log on the server's disk.
        "options": f"{added} -c synchronous_commit=on -c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c enable_sort=off"
        f" -c default_transaction_read_only={mode}",
    }


def _explanation(where: str, error: BaseException) -> StoreError:
    found = str(error).strip().partition("\n")[0] or type(error).__name__
    if re.search(r'database ".*" does not exist', found):  # a refused connection comes without a code
        error = errors.InvalidCatalogName()
    if isinstance(error, psycopg.Error) and error.sqlstate in _REFUSALS:
        return _refusal(where, error)
    match error:
        case errors.LockNotAvailable() | errors.DeadlockDetected() | errors.TooManyConnections():
            expected = f"a free ledger within {LOCK_TIMEOUT_SECONDS} s"
            return DatabaseBusy(where=where, expected=expected, found=found, mend="wait for the other commands to end")
        case PoolTimeout() | TooManyRequests():
            expected, mend = "a free connection", "see whether the server is up; wait for other commands to end"
            return DatabaseBusy(where=where, expected=expected, found=found, mend=mend)
        case PoolClosed():
            mend = "read before the store is closed"
            return DatabaseFailed(where=where, expected="an open store", found="a closed one", mend=mend)
        case errors.ReadOnlySqlTransaction():
            mend = "open it for writing, on the server that is not a standby"
            return StoreReadOnly(where=where, expected="a database that can be written", found=found, mend=mend)
        case errors.InsufficientPrivilege():
            return DutyMissing(where=where, expected="a login that may do this", found=found, mend=_ADMIT)
        case errors.InvalidCatalogName() | errors.InvalidSchemaName() | errors.UndefinedTable():
            mend = "check --db, or make a ledger there with `mingzhang init`"
            return NotALedger(where=where, expected="a database with a ledger", found=found, mend=mend)
        case errors.IntegrityError():
            mend = "read the stream again and decide anew: somebody else may have recorded something first"
            return StreamConflict(where=where, expected="rows that follow what is stored", found=found, mend=mend)
        case psycopg.OperationalError():
            mend = "check the server and the login, then run the command again: nothing is recorded twice"
            return DatabaseFailed(where=where, expected="a server that answers", found=found, mend=mend)
    mend = "see the server's log; then run `mingzhang audit verify`"
    return DatabaseFailed(where=where, expected="a working database", found=found, mend=mend)


_ADMIT: Final = "use a login that holds the duty, or let an administrator run `mingzhang staff admit`"
_REFUSALS: Final = {ACTOR_REFUSED: ActorRefused, DUTY_MISSING: DutyMissing, OPENING_MISSING: DutyMissing}


def _refusal(where: str, error: psycopg.Error) -> StoreError:
    """Return what a guard of the database refused, in its words."""
    expected, found = error.diag.message_detail or "", error.diag.message_primary or ""
    return _REFUSALS[error.sqlstate or ""](where=where, expected=expected, found=found, mend=_ADMIT)
