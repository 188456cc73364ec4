"""Tables of pages: headings, cells and totals as they are read, ready for a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cli.columns import Column, Row
from cli.words import _

Side = Literal["text", "code", "short", "number"]
"""Texts that may break, codes that break only where paper has no room, days and words that never do, and numbers."""

WIDE_COLUMNS_MIN: Final = 9  # from here on a table is printed across
LONG_ROWS_MIN: Final = 25  # from here on a table scrolls below a heading that stays
NARROW_COLUMNS_MAX: Final = 3  # up to here two tables stand beside each other
NARROW_CHARACTERS_MAX: Final = 28
CROWDED_PLACES_MIN: Final = 190  # what a line across a page holds; beyond, everything may break
_CODE_PLACES_MAX: Final = 20  # half the width of a Chinese character each
_SHORT_PLACES_MAX: Final = 10  # a day, a staff number, a word of five characters
_PLACES_BETWEEN: Final = 2.5  # what stands around a cell
_LOOKED_AT: Final = 100  # rows


@dataclass(frozen=True)
class Link:
    """A text that leads to another page of the same report, or to a place of this one, by a relative address."""

    text: str
    address: str


Cell = str | Link


@dataclass(frozen=True)
class Table:
    """A table as it is read: `sides` says of each column whether it holds numbers, which stand to the right.

    `title` stands above it and `note` below; `anchor` names it for links. Every line has as many cells as headings.
    """

    title: str
    headings: Sequence[str]
    sides: Sequence[Side]
    lines: Sequence[Sequence[Cell]]
    totals: Sequence[str] | None = None
    note: str = ""
    anchor: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether it has more columns than a page is wide when it is printed upright."""
        return len(self.headings) >= WIDE_COLUMNS_MIN

    @property
    def is_crowded(self) -> bool:
        """Whether not even a page across has room for its longest cells beside each other."""
        looked_at = self.lines[:_LOOKED_AT]
        longest = (max((_places(_text(line[place])) for line in looked_at), default=0) for place in self._columns)
        return sum(longest) + _PLACES_BETWEEN * len(self.headings) > CROWDED_PLACES_MIN

    @property
    def _columns(self) -> range:
        return range(len(self.headings))

    @property
    def is_narrow(self) -> bool:
        """Whether it has room for another table beside it."""
        if len(self.headings) > NARROW_COLUMNS_MAX or self.is_long:
            return False
        return all(len(_text(cell)) <= NARROW_CHARACTERS_MAX for line in self.lines for cell in line)

    @property
    def is_long(self) -> bool:
        """Whether it scrolls by itself on a screen, under its heading."""
        return len(self.lines) >= LONG_ROWS_MIN


def table_of(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    totals: Row | None = None,
    *,
    note: str = "",
    anchor: str = "",
) -> Table:
    """Return the table of a register's rows, each cell as its column writes it, and a last line of totals, if any.

    `totals` has values for some of the keys; the first column without one says that these are totals.
    """
    lines = [[column.cell(row) for column in columns] for row in rows]
    return Table(
        title,
        [column.heading for column in columns],
        ["number" if one.is_right(rows) else _side(place, lines) for place, one in enumerate(columns)],
        lines,
        None if totals is None else _totals(columns, totals),
        note,
        anchor,
    )


def sides_of(texts: int, numbers: int) -> list[Side]:
    """Return the sides of a table whose first columns are texts and whose others are numbers."""
    first: list[Side] = ["text"] * texts
    rest: list[Side] = ["number"] * numbers
    return first + rest


# Private


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text


def _side(place: int, lines: Sequence[Sequence[str]]) -> Side:
    longest = max((_places(line[place]) for line in lines[:_LOOKED_AT]), default=0)
    if longest > _CODE_PLACES_MAX:
        return "text"
    return "short" if longest <= _SHORT_PLACES_MAX else "code"


def _places(text: str) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)


def _totals(columns: Sequence[Column], totals: Row) -> list[str]:
    cells = [column.cell(totals) if column.key in totals else "" for column in columns]
    if cells and columns[0].key not in totals:
        cells[0] = _("Total")
    return cells
