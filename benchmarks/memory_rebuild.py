"""What memory and time making all registers anew takes at 500,000 and at 5 million entries; run by name only.

    python -m benchmarks memory_rebuild --runs 1

An imported county is multiplied to each size (`benchmarks.large_county`): half an hour and 5 GB of disk. Each rebuild
is a process of its own, which tells its peak memory and the seconds of CPU that it took: other programs on the
machine make those no longer.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

from benchmarks.county_ledger import make_county
from benchmarks.large_county import multiply
from benchmarks.row import Options, Row, measured
from ledger.ledger import Ledger
from projections.databases import open_database
from projections.follower import Follower

SIZES = (500_000, 5_000_000)
PEAK_MIB_MAX = 300


def rows(options: Options) -> Iterator[Row]:
    """Yield the peak of memory against what is allowed, and the cost of an entry in the large log against the small."""
    county = make_county(options)
    urls = [f"sqlite:///{options.scratch}/{size}.db" for size in SIZES]
    for url, size in zip(urls, SIZES, strict=True):
        multiply(county.url, url, size)
    runs = [[_measured(url) for url in urls] for _ in range(options.runs)]
    peaks = [large["peak_mib"] for _, large in runs]
    yield measured(
        f"rebuild {SIZES[1]:,}, peak", "allowed", peaks, [PEAK_MIB_MAX] * len(runs), " MiB", 1.0, at_most=True
    )
    small, large = ([pair[index]["nanoseconds"] for pair in runs] for index in range(2))
    yield measured(
        f"rebuild {SIZES[1]:,}, CPU for an entry", f"for one of {SIZES[0]:,}", large, small, " ns", 1.2, at_most=True
    )


# Private


def _measured(url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.memory_rebuild", url]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _main(url: str) -> None:
    with Ledger.open(url, None, read_only=True) as ledger, closing(open_database(url)) as database:
        began = time.process_time()
        size = Follower(ledger, database).rebuild()
        nanoseconds = (time.process_time() - began) * 1e9 / size
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"nanoseconds": nanoseconds, "peak_mib": peak_mib}))


if __name__ == "__main__":
    _main(sys.argv[1])
