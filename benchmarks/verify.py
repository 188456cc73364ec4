"""How fast a log is verified, against SHA-256 of the same bytes with no database, in the same run.

    python -m benchmarks verify                                  the rows of the table
    python -m benchmarks.verify [--jobs N] [--slow] URL          one run over any ledger, as JSON

The ledgers are generated: 25 types, entries of about 620 bytes. Each run is a process of its own that verifies, and
then hashes the same entries and sealed parts, ten thousand at a time from memory: once each, plainly; and as the
format asks for it, each leaf with its prefix, every node of the tree, each sealed part. A ratio of 0.20 means that
verifying takes five times as long as hashing. `benchmarks.memory` measures a long log.

What bounds it in Python, each call measured by itself on one machine, in microseconds for an entry of 620 bytes:
plain SHA-256 0.63; SQLite hands out the nine columns 1.27; its check of pages and indexes 1.45; leaf 0.71; node of the
tree 0.44; header put together and compared 0.61; payload decoded and matched 1.5. Their sum is 6.0, a ratio of 0.10,
before any step from one row to the next. Reading, pages and the format's own hashing alone are 3.9, a ratio of 0.16.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

from audit.verification import verify
from benchmarks.generated_ledger import generate
from benchmarks.row import Options, Row, measured
from benchmarks.server import new_database
from ledger.store import Store
from ledger.stores import open_store

ENTRIES = 200_000
ENTRIES_SHARED = 1_000_000  # by several processes, whose start must not be what is measured
HELD_ENTRIES = 10_000

Run = dict[str, float]
Hashing = Callable[[Sequence[bytes], Sequence[bytes]], None]


def rows(options: Options) -> Iterator[Row]:
    """Yield the rows of one process on each store, of sealed entries, and of two processes."""
    for sealed in (False, True):
        url = f"sqlite:///{options.scratch}/{'sealed' if sealed else 'plain'}.db"
        generate(url, options.sized(ENTRIES), sealed=sealed)
        yield from _against_hashing("SQLite, most entries sealed" if sealed else "SQLite", url, options.runs)
    if options.postgres:
        with new_database(options.postgres) as url:
            generate(url, options.sized(ENTRIES))
            yield from _against_hashing("PostgreSQL", url, options.runs)
    url = f"sqlite:///{options.scratch}/shared.db"
    generate(url, options.sized(ENTRIES_SHARED))
    yield _shared(url, options.runs)


def run(url: str, *, jobs: int = 1) -> Run:
    """Verify in a new process, and return entries, bytes, seconds, and the peak of memory of any process in MiB."""
    command = [sys.executable, "-m", "benchmarks.verify", "--jobs", str(jobs), url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: Run = json.loads(done.stdout)
    return told


def main() -> None:
    """Verify one ledger and print what was measured, as JSON."""
    parser = argparse.ArgumentParser(description="Measure `audit verify` against SHA-256 of the same bytes.")
    parser.add_argument("url", help="the address of a ledger")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the work")
    parser.add_argument("--slow", action="store_true", help="read every row the slow way")
    options = parser.parse_args()
    with open_store(options.url, read_only=True) as store:
        start = time.perf_counter()
        result = verify(store, express=not options.slow, jobs=options.jobs)
        seconds = time.perf_counter() - start
        if not result.sound:
            raise SystemExit(f"not sound: {result.findings[0]}")
        peak_kib = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        told = {"entries": result.size, "verify_s": seconds, "peak_mib": peak_kib / 1024, **_hashed(store)}
    print(json.dumps(told))


# Private


def _against_hashing(store: str, url: str, runs: int) -> Iterator[Row]:
    done = [run(url) for _ in range(runs)]
    verified = [one["entries"] / one["verify_s"] for one in done]
    for against, name, wanted in (
        ("pure SHA-256 of the same bytes", "plain_s", 0.20),
        ("the hashing that the format asks for", "format_s", 0.0),
    ):
        hashed = [one["entries"] / one[name] for one in done]
        yield measured(f"verify, one process, {store}", against, verified, hashed, "/s", wanted)


def _shared(url: str, runs: int) -> Row:
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(runs):
        for jobs, reached in rates.items():
            one = run(url, jobs=jobs)
            reached.append(one["entries"] / one["verify_s"])
    return measured("verify, two processes, SQLite", "one process", rates[2], rates[1], "/s", 1.7)


def _hashed(store: Store) -> Run:
    """Return the seconds that hashing all entries and sealed parts takes, reading them left out, and their bytes."""
    plain_s = format_s = size_bytes = 0.0
    records = store.records()
    while held := list(islice(records, HELD_ENTRIES)):
        entries = [record.entry for record in held]
        blobs = [record.blob for record in held if record.blob is not None]
        plain_s += _seconds(_hash_plainly, entries, blobs)
        format_s += _seconds(_hash_as_the_format, entries, blobs)
        size_bytes += sum(map(len, entries)) + sum(map(len, blobs))
    return {"plain_s": plain_s, "format_s": format_s, "bytes": size_bytes}


def _seconds(hashing: Hashing, entries: Sequence[bytes], blobs: Sequence[bytes]) -> float:
    start = time.perf_counter()
    hashing(entries, blobs)
    return time.perf_counter() - start


def _hash_plainly(entries: Sequence[bytes], blobs: Sequence[bytes]) -> None:
    for data in entries:
        sha256(data).digest()
    for data in blobs:
        sha256(data).digest()


def _hash_as_the_format(entries: Sequence[bytes], blobs: Sequence[bytes]) -> None:
    level = [sha256(b"\x00" + data).digest() for data in entries]
    while len(level) > 1:
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
    for data in blobs:
        sha256(data).digest()


if __name__ == "__main__":
    main()
