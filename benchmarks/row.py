"""One row of the table that `make bench` prints, and what every benchmark is told."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Options:
    """What a run of benchmarks is given: how many runs, where to write, and a PostgreSQL server or none."""

    runs: int
    scratch: Path
    postgres: str | None  # the address of a server's own database, as its superuser


class Row(NamedTuple):
    """Two quantities measured in turns in one run: medians, and the median of the runs' own ratios."""

    what: str
    against: str
    ours: float
    other: float
    unit: str  # of both: "/s" where more is better, "bytes" or "s" where less is
    ratio: float
    wanted: float
    at_most: bool = False  # whether `wanted` is a ceiling; a floor otherwise

    @property
    def holds(self) -> bool:
        """Whether the ratio is what was wanted."""
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted


def measured(
    what: str,
    against: str,
    ours: Sequence[float],
    other: Sequence[float],
    unit: str,
    wanted: float,
    *,
    at_most: bool = False,
) -> Row:
    """Return the row of several runs: ours[i] and other[i] are of the same run, so that their ratio means something."""
    ratios = [mine / theirs for mine, theirs in zip(ours, other, strict=True)]
    middle = statistics.median
    return Row(what, against, middle(ours), middle(other), unit, middle(ratios), wanted, at_most)


def print_rows(rows: Sequence[Row]) -> None:
    """Print rows as lines of one table."""
    for row in rows:
        bound = f"{'≤' if row.at_most else '≥'} {row.wanted:g}"
        told = "holds" if row.holds else "not reached"
        print(
            f"{row.what:44} {row.against:40} {row.ours:14,.0f}{row.unit:6} {row.other:14,.0f}{row.unit:6}"
            f" {row.ratio:7.2f} {bound:>8} {told}",
            flush=True,
        )
