"""How fast entries are appended, as ratios to `eventsourcing` on its own with the same database in the same run.

    python tests/postgres_server.py python benchmarks/append.py        both stores, a new PostgreSQL server
    python benchmarks/append.py                                        SQLite; PostgreSQL when MINGZHANG_TEST_PG is set

Both sides get the same finished bytes. The library inserts them; mingzhang checks each command and chain, gives dense
positions, grows the Merkle tree and writes its head, in the transaction that inserts. Runs of the two sides take
turns, and each number is the median of the runs.
"""

import argparse
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from psycopg.conninfo import conninfo_to_dict

from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256
from ledger.store import Store
from ledger.stores import create_store
from ledger.writer import PreparedEntry, prepared

ORIGIN = "county.example/ledger"
STREAMS = 500
LIBRARY_BATCH = 500  # in PostgreSQL it waits for ever on some 8 MB at once; more than this gains it little
PAYLOAD = {f"field_{number:02d}": "明账 0123456789 abcdef"[: 8 + number] for number in range(10)}

Append = Callable[[list[PreparedEntry]], object]


def main() -> None:
    """Print one line for each store and size of transaction."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--singles", type=int, default=300, help="transactions of one entry in a run")
    parser.add_argument("--bulk", type=int, default=10_000, help="entries in one transaction")
    options = parser.parse_args()
    print(f"{'':34} {'mingzhang':>11} {'against':>11} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder, sqlite_sides(Path(folder)) as sides:
        compare("SQLite", sides, options)
    server = os.environ.get("MINGZHANG_TEST_PG")
    if server:
        with postgres_sides(server) as sides:
            compare("PostgreSQL", sides, options)


def compare(name: str, sides: dict[str, Append], options: argparse.Namespace) -> None:
    """Run every side in turns over entries of one log that goes on; print the ratios to the first side."""
    entries = chained_entries()
    for title, count, size in (("one", options.singles, 1), ("bulk", 1, options.bulk)):
        rates: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(options.runs):
            batches = [[next(entries) for _ in range(size)] for _ in range(count)]
            for side, append in sides.items():
                if side.startswith("COPY") and size == 1:
                    continue
                began = time.perf_counter()
                for batch in batches:
                    append(batch)
                rates[side].append(count * size / (time.perf_counter() - began))
        ours = statistics.median(rates["mingzhang"])
        for side, measured in rates.items():
            if side != "mingzhang" and measured:
                other = statistics.median(measured)
                print(f"{f'{name}, append {title}, {side}':34} {ours:9,.0f}/s {other:9,.0f}/s {ours / other:7.2f}")


def chained_entries() -> Iterator[PreparedEntry]:
    """Yield finished entries without end, each the only one of its command."""
    heads: dict[str, tuple[int, bytes]] = {}
    number = 0
    while True:
        stream = f"case/SQ520121{number % STREAMS:08d}"
        seq, prev = heads.get(stream, (0, NO_PREVIOUS))
        entry = Entry(
            suite=SHA256.name,
            log=ORIGIN,
            stream=stream,
            seq=seq + 1,
            type="payment.settled/1",
            prev=prev,
            at="2026-11-21T08:00:00.000000Z",
            by="staff/MZ0001",
            command=str(uuid.uuid4()),
            k=1,
            n=1,
            seal=None,
            payload=dict(PAYLOAD),
        )
        data = encode_entry(entry)
        heads[stream] = (seq + 1, SHA256.leaf(data))
        yield prepared(SHA256, ORIGIN, entry, data, None)
        number += 1


def store_side(store: Store) -> Append:
    """Return what appends to a store."""

    def append(batch: list[PreparedEntry]) -> None:
        with store.writer() as writer:
            writer.append(batch)

    return append


def library_side(recorder: Any) -> Append:
    """Return what inserts with a recorder of the library."""
    recorder.create_table()

    def append(batch: list[PreparedEntry]) -> None:
        for start in range(0, len(batch), LIBRARY_BATCH):
            chunk = batch[start : start + LIBRARY_BATCH]
            recorder.insert_events([StoredEvent(one.stream, one.seq, one.type, one.entry) for one in chunk])

    return append


@contextmanager
def sqlite_sides(folder: Path) -> Iterator[dict[str, Append]]:
    """Return both sides, each with a file of its own."""
    with create_store(f"sqlite:///{folder}/ledger.db", ORIGIN, SHA256) as store:
        library = SQLiteDatastore(f"{folder}/library.db", originator_id_type="text")
        yield {"library": library_side(SQLiteApplicationRecorder(library)), "mingzhang": store_side(store)}
        library.close()


@contextmanager
def postgres_sides(server: str) -> Iterator[dict[str, Append]]:
    """Return both sides in one new database, and a COPY of the same rows into the same table without guards."""
    name = f"mingzhang_bench_{uuid.uuid4().hex}"
    parts = urlsplit(server)
    url = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    library = _library_datastore(url)
    with create_store(url, ORIGIN, SHA256) as store, psycopg.connect(url) as raw:
        yield {
            "library": library_side(PostgresApplicationRecorder(library)),
            "COPY": copy_side(raw),
            "mingzhang": store_side(store),
        }
    library.close()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def copy_side(connection: psycopg.Connection[Any]) -> Append:
    """Return what copies the rows into a table with the same columns and indexes, and nothing else."""
    connection.execute("CREATE TABLE plain (LIKE mingzhang.entries INCLUDING ALL)")
    connection.commit()
    numbers = iter(range(10**9))

    def append(batch: list[PreparedEntry]) -> None:
        columns = "position, stream, seq, type, at, by, command, entry, n, blob"
        with connection.cursor().copy(f"COPY plain ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "text", "int8", "text", "text", "text", "text", "bytea", "int8", "bytea"])
            for one in batch:
                copy.write_row(
                    (next(numbers), one.stream, one.seq, one.type, one.at, one.by, one.command, one.entry, 1, one.blob)
                )
        connection.commit()

    return append


# Private


def _library_datastore(url: str) -> PostgresDatastore:
    parts = conninfo_to_dict(url)
    place = (str(parts.get(name) or "") for name in ("dbname", "host", "port", "user", "password"))
    return PostgresDatastore(*place, originator_id_type="text")


if __name__ == "__main__":
    main()
