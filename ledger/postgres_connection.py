"""Connections to a ledger in PostgreSQL: how they are made, the lock of the one writer, and what errors mean.

Built on the datastore of `eventsourcing`, with a pool of its own: stream names are text, a commit is on the disk when
it returns, waiting for a lock ends after 30 s, and nothing depends on what a server or a login has set as its default.
"""

import re
import selectors
from collections.abc import Iterator, Mapping
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
    DatabaseFull,
    DutyMissing,
    NotALedger,
    ServerUnreachable,
    StoreError,
    StoreReadOnly,
    StreamConflict,
)
from ledger.urls import PostgresAddress

LOCK_TIMEOUT_SECONDS = 30
CONNECT_TIMEOUT_SECONDS = 10
CONNECTIONS_MAX = 40

# A machine that vanishes says nothing: after so long without a sign of life, each side gives the other one up.
_KEEPALIVE: Final = {"idle": 30, "interval": 10, "count": 3}
_KEEPALIVE_SECONDS: Final = _KEEPALIVE["idle"] + _KEEPALIVE["interval"] * _KEEPALIVE["count"]

_WORK_MEMORY: Final = "32MB"  # the guards look at all rows of a statement, which is to stay off the server's disk

# Locks of whole transactions: whoever appends has the first, whoever writes registers the second.
APPEND_LOCK: Final = "mingzhang append"
REGISTER_LOCK: Final = "mingzhang registers"

WRITING: Final = "READ COMMITTED, READ WRITE"  # each statement sees what was committed before the lock was given
ONE_MOMENT: Final = "REPEATABLE READ, READ ONLY"

# What errors say that come without a code: a connection that is refused, a file that may not grow.
_WITHOUT_CODE: Final[Mapping[str, type[psycopg.Error]]] = {
    'database ".*" does not exist': errors.InvalidCatalogName,
    "too many clients|too many connections|remaining connection slots": errors.TooManyConnections,
    "could not .*: (File too large|No space left|Disk quota exceeded)": errors.DiskFull,
}
_CUT: Final = re.compile("08|57P")  # of the connection; by an administrator or a crash, or not yet up

_Connection = psycopg.Connection[Any]
_SHOWN: Final = "mingzhang_opening_shown"
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)


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
            check=self._refuse_if_cut,
            timeout=LOCK_TIMEOUT_SECONDS,
            reconnect_timeout=LOCK_TIMEOUT_SECONDS,  # then whoever asks next tries at once
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

    def _refuse_if_cut(self, connection: _Connection) -> None:
        """Discard what a server that was restarted has left in the pool; raises psycopg.OperationalError."""
        if is_cut(connection):
            self.pool.check()  # the others of that server too, at once
            raise psycopg.OperationalError("the server has ended this connection")


def connect(address: PostgresAddress, *, read_only: bool = False) -> _Connection:
    """Open one connection in autocommit; raises psycopg.Error."""
    return psycopg.connect(address.url, **_settings(address, read_only=read_only))


def is_cut(connection: _Connection) -> bool:
    """Say whether an idle connection has ended; asks the server only when it has written something unasked."""
    if connection.closed:
        return True
    with _Selector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        if not selector.select(0):
            return False
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return True
    return False


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
        if isinstance(cause, PoolTimeout):
            cause = _why_not_connected(address) or cause
        raise _explanation(str(address), cause if isinstance(cause, psycopg.Error) else error) from error


# Private


def _settings(address: PostgresAddress, *, read_only: bool) -> dict[str, Any]:
    """Return what every connection begins with, in its first message to the server; the address may add options."""
    added = conninfo_to_dict(address.url).get("options") or ""
    mode = "on" if read_only else "off"
    rows = "" if read_only else f" -c work_mem={_WORK_MEMORY}"
    keepalive = " ".join(f"-c tcp_keepalives_{name}={value}" for name, value in _KEEPALIVE.items())
    return {
        "autocommit": True,
        "client_encoding": "UTF8",
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "mingzhang",
        **{f"keepalives_{name}": value for name, value in _KEEPALIVE.items()},
        "tcp_user_timeout": _KEEPALIVE_SECONDS * 1_000,
        # Rows are read in the order of an index: to sort them first would put the whole log on the server's disk.
        "options": f"{added} -c synchronous_commit=on -c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c enable_sort=off"
        f" {keepalive}{rows} -c default_transaction_read_only={mode}",
    }


def _why_not_connected(address: PostgresAddress) -> psycopg.Error | None:
    """Return why the pool could not make a connection, None when it could have."""
    try:
        connect(address).close()
    except psycopg.Error as error:
        return error
    return None


def _explanation(where: str, error: BaseException) -> StoreError:
    found = str(error).strip().partition("\n")[0] or type(error).__name__
    if isinstance(error, psycopg.Error) and error.sqlstate in _REFUSALS:
        return _refusal(where, error)
    for words, kind in _WITHOUT_CODE.items():
        if re.search(words, found):
            error = kind()
    match error:
        case errors.LockNotAvailable() | errors.DeadlockDetected() | errors.TooManyConnections():
            expected = f"a free ledger within {LOCK_TIMEOUT_SECONDS} s"
            return DatabaseBusy(where=where, expected=expected, found=found, mend="wait for the other commands to end")
        case PoolTimeout() | TooManyRequests():
            expected, mend = "a free connection", "see whether the server is up; wait for other commands to end"
            return DatabaseBusy(where=where, expected=expected, found=found, mend=mend)
        case errors.DiskFull():
            mend = "make room on the server's disk, then run the command again: nothing is recorded twice"
            return DatabaseFull(where=where, expected="room on the server's disk", found=found, mend=mend)
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
        case psycopg.OperationalError() | psycopg.InternalError() if not error.sqlstate or _CUT.match(error.sqlstate):
            mend = "check the server and the login, then run the command again: nothing is recorded twice"
            return ServerUnreachable(where=where, expected="a server that answers", found=found, mend=mend)
    mend = "see the server's log; then run `mingzhang audit verify`, and the command again: nothing is recorded twice"
    return DatabaseFailed(where=where, expected="a working database", found=found, mend=mend)


_ADMIT: Final = "use a login that holds the duty, or let an administrator run `mingzhang staff admit`"
_REFUSALS: Final = {ACTOR_REFUSED: ActorRefused, DUTY_MISSING: DutyMissing, OPENING_MISSING: DutyMissing}


def _refusal(where: str, error: psycopg.Error) -> StoreError:
    """Return what a guard of the database refused, in its words."""
    expected, found = error.diag.message_detail or "", error.diag.message_primary or ""
    return _REFUSALS[error.sqlstate or ""](where=where, expected=expected, found=found, mend=_ADMIT)
