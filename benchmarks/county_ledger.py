"""A simulated county, imported into a ledger: 2,000 households over 24 months, some 129,000 entries of real topics."""

from pathlib import Path
from typing import NamedTuple

from benchmarks.county import load
from benchmarks.row import Options
from cli.simulation.county import simulate
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger

ORIGIN = "county.example/ledger"
HOUSEHOLDS = 2_000
MONTHS, QUICK_MONTHS = 24, 3


class CountyLedger(NamedTuple):
    """The address of the ledger, and the folder of its keys."""

    url: str
    keys_directory: Path

    def open_keys(self) -> KeyStore:
        """Open the keys."""
        return KeyStore.open(self.keys_directory, ORIGIN, SHA256)


def make_county(options: Options) -> CountyLedger:
    """Simulate a county in the scratch folder and import it into an SQLite ledger there."""
    folder = options.scratch / "county"
    folder.mkdir(parents=True)
    files, made = folder / "files", CountyLedger(f"sqlite:///{folder}/ledger.db", folder / "keys")
    simulate(files, households=options.sized(HOUSEHOLDS), months=QUICK_MONTHS if options.quick else MONTHS, seed=1)
    with (
        KeyStore.create(made.keys_directory, ORIGIN, SHA256) as keys,
        Ledger.create(made.url, ORIGIN, SHA256, keys) as ledger,
    ):
        load(ledger, keys, files)
    return made
