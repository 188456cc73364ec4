"""Opening a ledger by its address, whichever store is behind it."""

from typing import TYPE_CHECKING

from ledger.entry import check_origin
from ledger.hashing import Suite
from ledger.sqlite import SQLiteStore
from ledger.store import Store
from ledger.urls import SQLiteAddress, parse_url

if TYPE_CHECKING:
    from ledger.postgres_logins import Session

# PostgreSQL's driver is loaded only where it is used: every command would wait for it otherwise.


def create_store(url: str, origin: str, suite: Suite) -> Store:
    """Make an empty log and open it; raises FormatError for an origin, StoreError for a place that cannot be."""
    check_origin(origin)
    address = parse_url(url)
    if isinstance(address, SQLiteAddress):
        return SQLiteStore.create(address.path, origin, suite)
    from ledger.postgres import PostgresStore

    return PostgresStore.create(address, origin, suite)


def open_store(url: str, *, read_only: bool = False, purpose: str = "mingzhang") -> Store:
    """Open a log that exists; raises StoreError when there is none, or when it is not one of this version.

    `purpose` is what PostgreSQL records when sealed parts are read by a login whose duty allows it.
    """
    address = parse_url(url)
    if isinstance(address, SQLiteAddress):
        return SQLiteStore.open(address.path, read_only=read_only)
    from ledger.postgres import PostgresStore

    return PostgresStore.open(address, read_only=read_only, purpose=purpose)


def check_place(url: str) -> None:
    """Raise what `create_store` would for a login that may not make a ledger there; makes nothing."""
    address = parse_url(url)
    if isinstance(address, SQLiteAddress):
        return
    from ledger.postgres import PostgresStore

    PostgresStore.check_place(address)


def session_of(store: Store) -> "Session | None":
    """Return who is connected to the server of a log, None for a log in a file."""
    if isinstance(store, SQLiteStore):
        return None
    from ledger.postgres import PostgresStore

    return store.session() if isinstance(store, PostgresStore) else None
