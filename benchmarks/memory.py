"""Whether verifying stays flat: five million entries against five hundred thousand, in time per entry and in memory.

python -m benchmarks memory --runs 1        some ten minutes and 7 GB of disk; no part of the ordinary table
"""

from collections.abc import Iterator
from statistics import median

from benchmarks.generated_ledger import generate
from benchmarks.row import Options, Row, measured
from benchmarks.verify import run

LONG, SHORT = 5_000_000, 500_000
PEAK_MIB_MAX = 300


def rows(options: Options) -> Iterator[Row]:
    """Yield for one and two processes the cost of an entry in a long log, and the largest peak of any process."""
    urls = {size: f"sqlite:///{options.scratch}/ledger-{size}.db" for size in (LONG, SHORT)}
    for size, url in urls.items():
        generate(url, size)
    for jobs in (1, 2):
        costs: dict[int, list[float]] = {LONG: [], SHORT: []}
        peaks = []
        for _ in range(options.runs):
            for size, url in urls.items():
                one = run(url, jobs=jobs)
                costs[size].append(one["verify_s"] / one["entries"] * 1e9)
                if size == LONG:
                    peaks.append(one["peak_mib"])
        what = f"verify {LONG:,} entries, jobs {jobs}"
        yield measured(what, f"{SHORT:,}, per entry", costs[LONG], costs[SHORT], "ns", 1.2, at_most=True)
        peak = median(peaks)
        yield Row(f"{what}, peak", "MiB of any process", peak, PEAK_MIB_MAX, "MiB", peak, PEAK_MIB_MAX, at_most=True)
