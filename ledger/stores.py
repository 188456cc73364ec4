"""Opening a ledger by its address, whichever store is behind it."""

from ledger.entry import check_origin
from ledger.hashing import Suite
from ledger.sqlite import SQLiteStore
from ledger.store import Store
from ledger.urls import parse_url


def create_store(url: str, origin: str, suite: Suite) -> Store:
    """Make an empty log and open it; raises FormatError for an origin, StoreError for a place that cannot be."""
    check_origin(origin)
    return SQLiteStore.create(parse_url(url).path, origin, suite)


def open_store(url: str, *, read_only: bool = False) -> Store:
    """Open a log that exists; raises StoreError when there is none, or when it is not one of this version."""
    return SQLiteStore.open(parse_url(url).path, read_only=read_only)
