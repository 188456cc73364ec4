"""What all rules take over a county of the size of Kaiyang: 1.5 million entries, five years; run by name only.

    python -m benchmarks memory_flags --runs 1

An imported county is multiplied to each size (`benchmarks.large_county`), sealed anew: half an hour and 4 GB of disk.
Each search is a process of its own, which tells its peak memory, its seconds, and the seconds of CPU of an entry.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from audit.flags.rulebook import load_rules
from audit.flags.search import Scope, search
from benchmarks.county_ledger import ORIGIN, make_county
from benchmarks.large_county import Resealing, multiply
from benchmarks.row import Options, Row, measured
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger

SIZES = (150_000, 1_500_000)
PEAK_MIB_MAX = 300
SECONDS_MAX = 300


def rows(options: Options) -> Iterator[Row]:
    """Yield seconds and peak of memory against what is allowed, and the cost of an entry against a small log's."""
    county = make_county(options)
    places = [(f"sqlite:///{options.scratch}/{size}.db", options.scratch / f"keys-{size}") for size in SIZES]
    with county.open_keys() as keys:
        for (url, folder), size in zip(places, SIZES, strict=True):
            with KeyStore.create(folder, ORIGIN, SHA256) as made:
                multiply(county.url, url, size, Resealing(keys, made))
    runs = [[_measured(url, folder) for url, folder in places] for _ in range(options.runs)]
    small, large = ([pair[index] for pair in runs] for index in range(2))
    what = f"red flags of all rules, {SIZES[1]:,} entries"
    for name, unit, most in (("seconds", "s", SECONDS_MAX), ("peak_mib", " MiB", PEAK_MIB_MAX)):
        found = median(one[name] for one in large)
        yield Row(f"{what}, {name}", "allowed", found, most, unit, found / most, 1.0, at_most=True)
    costs = [one["nanoseconds"] for one in large], [one["nanoseconds"] for one in small]
    yield measured(
        f"{what}, CPU for an entry", f"for one of {SIZES[0]:,}", costs[0], costs[1], " ns", 1.2, at_most=True
    )


# Private


def _measured(url: str, keys: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.memory_flags", url, str(keys)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _main(url: str, folder: str) -> None:
    with KeyStore.open(Path(folder), ORIGIN, SHA256) as keys, Ledger.open(url, keys, read_only=True) as ledger:
        began, cpu = time.perf_counter(), time.process_time()
        found = search(ledger, load_rules().values(), Scope())
        seconds, nanoseconds = time.perf_counter() - began, (time.process_time() - cpu) * 1e9 / found.entries
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": seconds, "nanoseconds": nanoseconds, "peak_mib": peak_mib, "entries": found.entries}
    print(json.dumps({**told, "flags": len(found.flags), "cases": found.cases}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
