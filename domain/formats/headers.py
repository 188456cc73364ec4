"""How a header row is recognised: headers and aliases compared after NFKC, without white space."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.formats.columns import FileFormat
from domain.formats.text import compact

HEADER_ROWS_MAX = 10  # a header row stands among the first 10 rows of its sheet


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """How well one row serves as the header of a format.

    `positions`: canonical header to zero-based cell index. `missing`: required headers not found.
    """

    positions: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether every required column stands in the row."""
        return not self.missing


def match_header(fmt: FileFormat, cells: Sequence[object]) -> HeaderMatch:
    """Return which columns of `fmt` this row names; of a header that stands twice, the first.

    A column's own header goes before its aliases, so that a stray 账号 never displaces 收款账号.
    """
    seen: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if isinstance(cell, str) and cell:
            seen.setdefault(compact(cell), index)
    positions: dict[str, int] = {}
    for column in fmt.columns:
        for header in (column.header, *column.also):
            index_found = seen.get(compact(header))
            if index_found is not None:
                positions[column.header] = index_found
                break
    missing = tuple(header for header in fmt.required_headers if header not in positions)
    return HeaderMatch(positions, missing)


def best_match(fmt: FileFormat, rows: Iterable[Sequence[object]]) -> HeaderMatch:
    """Return the first row that is a header of `fmt`, else the row that misses the fewest columns."""
    best = HeaderMatch({}, fmt.required_headers)
    for cells in rows:
        match = match_header(fmt, cells)
        if match.found:
            return match
        if len(match.missing) < len(best.missing):
            best = match
    return best
