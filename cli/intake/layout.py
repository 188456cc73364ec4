"""From physical rows to data rows: the header is found, totals and blank rows are left out, cells get names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.formats.columns import FileFormat
from domain.formats.headers import HEADER_ROWS_MAX, match_header
from domain.formats.rows import Place
from domain.formats.text import cell_text, compact, is_blank

PhysicalRow: TypeAlias = tuple[int, Sequence[object]]
"""Row number from 1, and the cells from column A on."""

NOT_DATA = ("合计", "小计", "总计", "制表人", "填表人", "审核人", "备注")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One data row as it stands in a file: where, and its raw cells by canonical header."""

    place: Place
    cells: dict[str, object]


def data_rows(fmt: FileFormat, rows: Iterable[PhysicalRow]) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield number and named cells of each data row below the header; nothing when there is no header.

    The header is the first of the first 10 rows in which every required column is found. A row whose known
    cells are all blank is blank: unknown columns, such as running numbers filled in beforehand, are ignored.
    """
    positions: list[tuple[str, int]] = []
    for ordinal, (number, cells) in enumerate(rows, start=1):
        if positions:
            named = {header: cells[index] for header, index in positions if index < len(cells)}
            if not all(map(is_blank, named.values())) and not _is_remark(cells):
                yield number, named
        elif ordinal > HEADER_ROWS_MAX:
            return
        else:
            match = match_header(fmt, cells)
            positions = list(match.positions.items()) if match.found else []


# Private


def _is_remark(cells: Sequence[object]) -> bool:
    for cell in cells:
        if not is_blank(cell):
            return compact(cell_text(cell)).startswith(NOT_DATA)
    return False
