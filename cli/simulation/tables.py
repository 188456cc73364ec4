"""Files on disk: workbooks and CSV whose bytes depend on nothing but their content."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from cli.simulation.layout import Sheet

ZIP_DATE = (2020, 1, 1, 0, 0, 0)
DOCUMENT_DATE = b"2020-01-01T00:00:00Z"


def write_csv(path: Path, sheet: Sheet, encoding: str) -> None:
    """Write a CSV file by RFC 4180 in the given encoding."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in sheet.grid:
        writer.writerow(["" if cell is None else cell for cell in row])
    path.write_bytes(text.getvalue().encode(encoding))


def write_workbook(path: Path, sheets: list[Sheet]) -> None:
    """Write a workbook; times in its properties and its archive are fixed, so that bytes repeat."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for sheet in sheets:
        page: Any = book.create_sheet(sheet.name)
        for row in sheet.grid:
            page.append(row)
        if sheet.title_width > 1:
            page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=sheet.title_width)
        for first, last, column in sheet.merges:
            page.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(_with_fixed_times(buffer.getvalue()))


# Private


def _with_fixed_times(archive: bytes) -> bytes:
    """Return the workbook with the time of writing taken out of its archive and its properties."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", DOCUMENT_DATE, content)
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return result.getvalue()
