"""A simulated county for measuring: its files, and a ledger that has loaded them."""

import datetime
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


# Private


def _silent(name: str, byte_count: int) -> None:
    return None
