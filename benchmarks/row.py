"""One row of the table that `make bench` prints, and what every benchmark is told."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Options:
    """What a run of benchmarks is given: how many runs, where to write, and a PostgreSQL server or none.

    `quick` asks for data so small that a run takes seconds: it shows that all works, its ratios mean nothing.
    """

    runs: int
    scratch: Path
    postgres: str | None  # the address of a server's own database, as its superuser
    quick: bool = False

    def sized(self, count: int) -> int:
        """Return how many of something to measure with: `count`, or a fiftieth when it must be quick."""
        return max(count // 50, 10) if self.quick else count


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


HEADER = ("what", "against", "mingzhang", "the other", "ratio", "wanted", "")
WIDTHS = (44, 40, 15, 15, 6, 7, 11)  # in columns of a terminal, for what is measured today


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as the texts of a table's cells, in the order of `HEADER`."""
    return (
        *(row.what, row.against, _quantity(row.ours, row.unit), _quantity(row.other, row.unit)),
        *(f"{row.ratio:.2f}", f"{'≤' if row.at_most else '≥'} {row.wanted:g}", "holds" if row.holds else "not reached"),
    )


def text_line(texts: Sequence[str]) -> str:
    """Return one line of the table on a terminal: names to the left, numbers to the right."""
    padded = (
        text.ljust(width) if name in ("what", "against", "") else text.rjust(width)
        for name, text, width in zip(HEADER, texts, WIDTHS, strict=True)
    )
    return "  ".join(padded).rstrip()


def markdown_line(texts: Sequence[str]) -> str:
    """Return one line of the table as Markdown."""
    return f"| {' | '.join(texts)} |"


# Private


def _quantity(number: float, unit: str) -> str:
    match unit:
        case "s":
            return f"{number:,.2f} s"
        case "bytes":
            return f"{number / 2**20:,.1f} MiB"
        case _:
            return f"{number:,.0f}{unit}"
