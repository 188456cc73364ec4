"""Opening the registers of a ledger by its address, whichever database they are in."""

import os

from ledger.urls import SQLiteAddress, parse_url
from projections.database import Database
from projections.sqlite import SQLiteDatabase

# PostgreSQL's driver is loaded only where it is used: every command would wait for it otherwise.


def open_database(url: str, *, read_only: bool = False) -> Database:
    """Open the registers of the ledger at this address; a ledger that may only be read gets private ones.

    Raises ledger.store_errors.StoreError and RegistersNotWritable.
    """
    address = parse_url(url)
    if read_only:
        return SQLiteDatabase.private()
    if isinstance(address, SQLiteAddress):
        return SQLiteDatabase.beside(address.path)
    from projections.postgres import PostgresDatabase

    return PostgresDatabase.beside(address)


def open_to_look(url: str) -> Database:
    """Open the registers to read what there is, without bringing them up to date; empty ones where none can be read."""
    if may_write(url):
        return open_database(url)
    return open_live(url) or open_database(url, read_only=True)


def open_live(url: str) -> Database | None:
    """Open the registers that others keep, for somebody who may read them only; None where there are none to read."""
    address = parse_url(url)
    if isinstance(address, SQLiteAddress):
        return None
    from projections.postgres import PostgresDatabase, may_read

    return PostgresDatabase.beside(address, read_only=True) if may_read(address) else None


def may_write(url: str) -> bool:
    """Say whether the registers may be kept beside the ledger."""
    address = parse_url(url)
    if isinstance(address, SQLiteAddress):
        return os.access(address.path, os.W_OK)
    from projections.postgres import may_write

    return may_write(address)
