"""A simulated county, imported into a ledger: 2,000 households over 24 months, some 129,000 entries of real topics."""

from pathlib import Path
from typing import NamedTuple

from benchmarks.county import load
from benchmarks.row import Options
from cli.simulation.county import simulate
from ledger.entry import parse_entry
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.stores import create_store, open_store
from ledger.writer import PreparedEntry

ORIGIN = "county.example/ledger"
HOUSEHOLDS = 2_000
MONTHS, QUICK_MONTHS = 24, 3
COPIED_AT_ONCE = 5_000


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


def copy_ledger(source: str, target: str) -> None:
    """Make the same ledger, entry for entry, in another store."""
    with open_store(source, read_only=True) as read, create_store(target, read.origin, read.suite) as made:
        records = read.records()
        held: list[PreparedEntry] = []
        with made.writer() as writer:
            for record in records:
                entry = parse_entry(record.entry)
                place = (entry.stream, entry.seq, entry.type, entry.prev, entry.at, entry.by)
                held.append(PreparedEntry(*place, entry.command, entry.k, entry.n, record.entry, record.blob))
                if entry.k == entry.n and len(held) >= COPIED_AT_ONCE:
                    writer.append(held)
                    held = []
            writer.append(held)
