"""A simulated county for measuring: its files, and a ledger that has loaded them."""

import datetime
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.row import Options
from cli.intake.loader import load_delivery
from cli.simulation.county import simulate
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger

ORIGIN = "county.example/ledger"
HOUSEHOLDS, MONTHS = 2_000, 12  # some 67,000 rows, 93,000 entries
QUICK_HOUSEHOLDS, QUICK_MONTHS = 40, 3


def make_county(options: Options) -> Path:
    """Write the county's workbooks and CSV files, as untidy as counties are, and return their folder."""
    folder = options.scratch / "county"
    households, months = (QUICK_HOUSEHOLDS, QUICK_MONTHS) if options.quick else (HOUSEHOLDS, MONTHS)
    simulate(folder, households=households, months=months, seed=1, first_month="2024-01", messy=1.0)
    return folder


@contextmanager
def new_ledger(options: Options, url: str) -> Iterator[tuple[Ledger, KeyStore]]:
    """Make an empty ledger with keys of its own in the scratch folder."""
    keys = KeyStore.create(options.scratch / f"keys-{uuid.uuid4().hex}", ORIGIN, SHA256)
    keys.unlock()
    with keys, Ledger.create(url, ORIGIN, SHA256, keys) as ledger:
        yield ledger, keys


def load(ledger: Ledger, keys: KeyStore, county: Path) -> None:
    """Load the county as `mingzhang import` does."""
    load_delivery(
        ledger, keys, [county], by="system/import", clock=lambda: datetime.datetime.now(datetime.UTC), progress=_silent
    )


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make a database on a PostgreSQL server, give its address, and drop it when the context ends."""
    name = f"mingzhang_bench_{uuid.uuid4().hex}"
    parts = urlsplit(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


# Private


def _silent(name: str, byte_count: int) -> None:
    return None
