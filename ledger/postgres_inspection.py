"""What a PostgreSQL database says of itself."""

from collections.abc import Iterator
from typing import Any

import psycopg

from ledger.store import DatabaseFault


def faults(connection: psycopg.Connection[Any]) -> Iterator[DatabaseFault]:
    """Yield."""
    yield from ()
