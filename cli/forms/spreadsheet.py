"""A sheet as an Excel workbook (.xlsx): title, unit and date, a frozen heading, totals, and a line for signatures.

Amounts are exact numbers of yuan with two decimals, days are dates, and every text stays a text: nothing that stood in
a file becomes a formula. Rows are written as they come, so that memory does not grow with the formatting.
"""

import datetime
import io
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cli.columns import Column, Row
from cli.forms.sheet import Sheet, SheetTable
from cli.words import _

Value = str | int | Decimal | datetime.date | None

MONEY_FORMAT: Final = "#,##0.00"
COUNT_FORMAT: Final = "#,##0"
DAY_FORMAT: Final = "yyyy-mm-dd"

_WIDE_COLUMNS_MIN: Final = 8  # from here on a sheet is printed across
_WIDTHS_FROM: Final = 500  # rows that are looked at
_WIDTH_MIN, _WIDTH_MAX = 8, 48  # characters
_NAME_MAX: Final = 31  # characters of a sheet's name, by the format
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # which XML cannot hold
_TEXT_MAX: Final = 32_767  # characters of a cell, by the format

_THIN: Final = Side(style="thin", color="808080")
_BOX: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_AT_TOP: Final = Alignment(vertical="top")
_TOO_WIDE: Final = Alignment(vertical="top", wrap_text=True)
_HEADING_FILL: Final = PatternFill("solid", start_color="E7ECF2")
_TOTAL_FILL: Final = PatternFill("solid", start_color="F4F4F4")


def write_workbook(sheet: Sheet) -> bytes:
    """Return the workbook: the register on the first sheet, every further table on one of its own."""
    book = Workbook(write_only=True)
    book.properties.title = sheet.title
    book.properties.creator = "mingzhang"
    names: set[str] = set()
    for number, table in enumerate(sheet.tables):
        title = sheet.title if number == 0 else f"{sheet.title} · {table.title}"
        page = book.create_sheet(_sheet_name(table.title, names))
        _Page(page, table).write(title, sheet)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


# Private


class _Page:
    """One sheet that is being written, from its first row to its last."""

    def __init__(self, page: Any, table: SheetTable) -> None:
        self._page = page
        self._table = table
        self._width = max(len(table.columns), 1)
        self._written = 0

    def write(self, title: str, sheet: Sheet) -> None:
        facts = list(_fact_lines(sheet.facts, self._width))
        self._set_up(2 + len(facts), sheet.title)
        self._line([title], Font(bold=True, size=16), Alignment(horizontal="centerContinuous", vertical="center"))
        for line in facts:
            self._line([line], Font(size=10, color="444444"), Alignment(horizontal="left"))
        self._headings()
        for row in self._table.rows:
            self._cells(row)
        if self._table.totals is not None:
            self._totals(self._table.totals)
        for note in ("", *sheet.notes, "", _("Made by:              Checked by:              Responsible:")):
            self._line([note], Font(size=10, color="444444"), Alignment(horizontal="left"))

    def _set_up(self, heading_row: int, title: str) -> None:
        """Say widths, panes and how it prints; a sheet that is written row by row wants this first."""
        page, columns = self._page, self._table.columns
        for number, column in enumerate(columns, 1):
            page.column_dimensions[get_column_letter(number)].width = _column_width(column, self._table.rows)
        page.freeze_panes = f"A{heading_row + 1}"
        last = get_column_letter(self._width)
        if self._table.rows:
            page.auto_filter.ref = f"A{heading_row}:{last}{heading_row + len(self._table.rows)}"
        page.print_title_rows = f"{heading_row}:{heading_row}"
        page.page_setup.paperSize = Worksheet.PAPERSIZE_A4
        page.page_setup.orientation = "landscape" if self._width >= _WIDE_COLUMNS_MIN else "portrait"
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_options.horizontalCentered = True
        page.oddFooter.left.text = title.replace("&", "&&")
        page.oddFooter.right.text = "&P / &N"

    def _headings(self) -> None:
        cells = [self._cell(column.heading, Font(bold=True)) for column in self._table.columns]
        for cell in cells:
            cell.fill, cell.border = _HEADING_FILL, _BOX
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        self._page.append(cells)

    def _cells(self, row: Row, font: Font | None = None, fill: PatternFill | None = None) -> None:
        cells = []
        for column in self._table.columns:
            value = column.typed(row)
            cell = self._cell(value, font)
            cell.border = _BOX
            cell.alignment = _TOO_WIDE if _is_too_wide(value) else _AT_TOP
            if fill is not None:
                cell.fill = fill
            cell.number_format = _number_format(column, value)
            cells.append(cell)
        self._page.append(cells)

    def _totals(self, totals: Row) -> None:
        first = self._table.columns[0]
        labelled = totals if first.key in totals else {**totals, first.key: _("Total")}
        self._cells(labelled, Font(bold=True), _TOTAL_FILL)

    def _line(self, texts: Sequence[str], font: Font, alignment: Alignment) -> None:
        cells = []
        for text in [*texts, *[""] * (self._width - len(texts))]:
            cell = self._cell(text or None, font)
            cell.alignment = alignment
            cells.append(cell)
        self._page.append(cells)

    def _cell(self, value: Value, font: Font | None = None) -> Any:
        cell = WriteOnlyCell(self._page)
        if isinstance(value, str):
            cell.value = _UNPRINTABLE.sub("�", value)[:_TEXT_MAX]
            cell.data_type = "s"  # a text that begins with "=" is no formula
        else:
            cell.value = value
        if font is not None:
            cell.font = font
        return cell


def _is_too_wide(value: Value) -> bool:
    """Tell whether a text does not fit the widest column, so that its row grows and nothing is cut short."""
    return isinstance(value, str) and _shown_width(value) > _WIDTH_MAX


def _number_format(column: Column, value: Value) -> str:
    if isinstance(value, Decimal):
        return MONEY_FORMAT
    if isinstance(value, datetime.date):
        return DAY_FORMAT
    if isinstance(value, int) and column.key != "position":
        return COUNT_FORMAT
    return "@" if isinstance(value, str) else "General"


def _fact_lines(facts: dict[str, str] | Any, width: int) -> Iterator[str]:
    """Yield the facts a few to a line, as many as there is room for."""
    said = [_("{name}: {value}").format(name=name, value=value) for name, value in facts.items()]
    size = 4 if width >= _WIDE_COLUMNS_MIN else 2
    for start in range(0, len(said), size):
        yield "    ".join(said[start : start + size])


def _column_width(column: Column, rows: Sequence[Row]) -> float:
    texts = [column.heading, *(column.cell(row) for row in rows[:_WIDTHS_FROM])]
    return min(max(*(_shown_width(text) for text in texts), _WIDTH_MIN), _WIDTH_MAX) + 2.0


def _shown_width(text: str) -> int:
    """Return how wide a text is in digits: a Chinese character is as wide as two."""
    return len(text) if text.isascii() else sum(1 if letter.isascii() else 2 for letter in text)


def _sheet_name(title: str, taken: set[str]) -> str:
    base = _FORBIDDEN.sub(" ", title).strip("' ")[:_NAME_MAX] or "1"
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base[: _NAME_MAX - 3]} {number}", number + 1
    taken.add(name.lower())
    return name
