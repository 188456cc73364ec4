"""A simulated county, imported into a ledger: 2,000 households over 24 months, some 129,000 entries of real topics."""

import datetime
from pathlib import Path
from typing import NamedTuple

from cli.intake.loader import load_delivery
from cli.simulation.county import simulate
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger

ORIGIN = "county.example/ledger"
HOUSEHOLDS = 2_000
MONTHS = 24


class CountyLedger(NamedTuple):
    """The address of the ledger, and the folder of its keys."""

    url: str
    keys_directory: Path

    def open_keys(self) -> KeyStore:
        """Open the keys."""
        return KeyStore.open(self.keys_directory, ORIGIN, SHA256)


def make_county(folder: Path, households: int = HOUSEHOLDS, months: int = MONTHS) -> CountyLedger:
    """Simulate a county in `folder` and import it into an SQLite ledger there."""
    folder.mkdir(parents=True)
    files, made = folder / "files", CountyLedger(f"sqlite:///{folder}/ledger.db", folder / "keys")
    simulate(files, households=households, months=months, seed=1)
    with (
        KeyStore.create(made.keys_directory, ORIGIN, SHA256) as keys,
        Ledger.create(made.url, ORIGIN, SHA256, keys) as ledger,
    ):
        load_delivery(ledger, keys, [files], by="system/import", clock=_now, progress=lambda name, count: None)
    return made


# Private


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
