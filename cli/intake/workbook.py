"""Excel workbooks: every sheet in order, merged ranges filled, rows numbered as the sheet numbers them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from cli.intake.error_cells import ErrorCells
from cli.intake.layout import PhysicalRow
from cli.intake.problems import SAVE_AS_WORKBOOK, UnreadableFile, Words, unreadable_because
from domain.formats.headers import HEADER_ROWS_MAX

_OLD_CONTAINER = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx under a password
_NO_ERRORS: ErrorCells = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name, its index in the workbook from 1, and its cells."""

    name: str
    index: int
    cells: CalamineSheet


def sheets_of(path: Path) -> Iterator[Sheet]:
    """Yield the worksheets of a workbook in order, hidden ones too, chart sheets not.

    Raises `UnreadableFile` when the file is damaged, protected by a password, or no workbook at all.
    """
    with _reading(path):
        with path.open("rb") as file:
            if file.read(4) == _OLD_CONTAINER:
                raise _protected(path)
        workbook = _workbook(path)
        sheets = list(enumerate(workbook.sheets_metadata, start=1))
    for index, metadata in sheets:
        if metadata.typ is not SheetTypeEnum.WorkSheet:
            continue
        with _reading(path):
            cells = workbook.get_sheet_by_name(metadata.name)
        yield Sheet(metadata.name, index, cells)


def sheet_names(path: Path) -> list[str]:
    """Return the names of all sheets, chart sheets too, in the order of their indexes; raises `UnreadableFile`."""
    with _reading(path):
        return list(_workbook(path).sheet_names)


def sheet_rows(sheet: Sheet, errors: ErrorCells = _NO_ERRORS) -> Iterator[PhysicalRow]:
    """Yield every row down to the last used one, from row 1 and column A on, merged ranges filled.

    `errors` gives the text of cells that show an error and that the reader leaves blank.
    """
    first_column = sheet.cells.start[1] if sheet.cells.start else 0
    error_rows = {row for row, _ in errors}
    merged = _MergedRanges(sheet.cells.merged_cell_ranges or [])
    for row, cells in enumerate(sheet.cells.iter_rows()):
        row_cells: list[object] = [None] * first_column + list(cells)
        if row in error_rows:
            row_cells = [errors.get((row, column), cell) for column, cell in enumerate(row_cells)]
        yield row + 1, merged.filled(row, row_cells)


def top_rows(sheet: Sheet) -> list[PhysicalRow]:
    """Return the rows in which the header may stand."""
    return list(islice(sheet_rows(sheet), HEADER_ROWS_MAX))


# Private


class _MergedRanges:
    """Fills the merged ranges of one sheet, row after row from the top."""

    def __init__(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._waiting = sorted(ranges, reverse=True)  # the topmost is last
        self._open: list[tuple[int, int, int, object]] = []  # last row, first and last column, value

    def filled(self, row: int, cells: list[object]) -> list[object]:
        while self._waiting and self._waiting[-1][0][0] <= row:
            (_, left), (bottom, right) = self._waiting.pop()
            if left < len(cells):
                self._open.append((bottom, left, right, cells[left]))
        if self._open:
            self._open = [entry for entry in self._open if entry[0] >= row]
            for _, left, right, value in self._open:
                for column in range(left, min(right + 1, len(cells))):
                    cells[column] = value
        return cells


def _workbook(path: Path) -> CalamineWorkbook:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        # A name in another encoding, as old archives leave it; the reader finds files by names in UTF-8 only.
        return CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return CalamineWorkbook.from_path(str(path))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableFile:
        raise
    except PasswordError as error:
        raise _protected(path) from error
    except OSError as error:
        raise unreadable_because(path, error) from error
    except (CalamineError, ValueError) as error:
        raise _damaged(path) from error
    except BaseException as error:
        # The reader is written in Rust; a broken file may make it panic, which is no ordinary exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(path) from error


def _protected(path: Path) -> UnreadableFile:
    return UnreadableFile(
        path,
        Words("工作簿有打开密码，或是旧的 .xls 格式", "the workbook has a password, or is in the old .xls format"),
        SAVE_AS_WORKBOOK,
    )


def _damaged(path: Path) -> UnreadableFile:
    return UnreadableFile(
        path,
        Words("文件已损坏，或不是 .xlsx 工作簿", "the file is damaged, or is no .xlsx workbook"),
        SAVE_AS_WORKBOOK,
    )
