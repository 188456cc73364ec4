"""How fast a log is verified, against SHA-256 of the same bytes with no database, in the same run.

    python -m benchmarks.verify [--entries 200000] [--runs 5] [--slow] [LEDGER]

Without a LEDGER one is generated in a temporary folder: 25 types, entries of about 620 bytes. Each run is a process
of its own that verifies, tells the peak of its memory, and then hashes the same entries, ten thousand at a time from
memory. Printed are medians; a ratio of 0.20 means that verifying takes five times as long as hashing.
"""

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from audit.verification import verify
from benchmarks.generated_ledger import generate
from ledger.sqlite import SQLiteStore

HELD_ENTRIES = 10_000


def main() -> None:
    """Generate a ledger unless one is given, measure it, and print one line for each way."""
    options = _options()
    if options.one:
        print(json.dumps(_measured(options.ledger, express=not options.slow)))
        return
    with tempfile.TemporaryDirectory() as folder:
        ledger = options.ledger or Path(folder) / "ledger.db"
        if options.ledger is None:
            generate(ledger, options.entries)
        print("way      entries  bytes  verify/s  SHA-256/s  ratio  peak MiB")
        for way in ("express", "slow") if options.slow else ("express",):
            _print_medians(way, [_run(ledger, way) for _ in range(options.runs)])


# Private


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure `audit verify` against SHA-256 of the same bytes.")
    parser.add_argument("ledger", nargs="?", type=Path, help="an SQLite ledger; generated unless given")
    parser.add_argument("--entries", type=int, default=200_000, help="how many to generate")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow", action="store_true", help="measure the slow way as well")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)  # a single run, as JSON
    return parser.parse_args()


def _run(ledger: Path, way: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.verify", "--one", str(ledger)]
    if way == "slow":
        command.append("--slow")
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _measured(ledger: Path, *, express: bool) -> dict[str, float]:
    with SQLiteStore.open(ledger, read_only=True) as store:
        start = time.perf_counter()
        result = verify(store, express=express)
        verify_seconds = time.perf_counter() - start
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if not result.sound:
            raise SystemExit(f"not sound: {result.findings[0]}")
        hash_seconds, size_bytes = _hashed(store)
    return {
        "entries": result.size,
        "bytes": size_bytes / result.size,
        "verify": result.size / verify_seconds,
        "hash": result.size / hash_seconds,
        "ratio": hash_seconds / verify_seconds,
        "peak": peak_kib / 1024,
    }


def _hashed(store: SQLiteStore) -> tuple[float, int]:
    """Return the seconds that hashing all entries takes, reading them left out, and their bytes."""
    seconds, size_bytes, sha256 = 0.0, 0, hashlib.sha256
    entries = (record.entry for record in store.records())
    while held := list(islice(entries, HELD_ENTRIES)):
        start = time.perf_counter()
        for data in held:
            sha256(data).digest()
        seconds += time.perf_counter() - start
        size_bytes += sum(map(len, held))
    return seconds, size_bytes


def _print_medians(way: str, runs: list[dict[str, float]]) -> None:
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    print(
        f"{way:8} {middle['entries']:7.0f}  {middle['bytes']:5.0f}  {middle['verify']:8.0f}  {middle['hash']:9.0f}"
        f"  {middle['ratio']:5.3f}  {middle['peak']:8.0f}"
    )


if __name__ == "__main__":
    main()
