"""Cells of a workbook that show an error, such as #N/A: the workbook reader gives them as blank.

A blank leaving month and a leaving month that a broken formula hides are not the same, so such a cell must
reach the checks as the text it shows. Layout of the parts: ECMA-376 part 1, 18.3.1.4 (c), 18.18.11 (t="e").
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

_ERROR_MARK = re.compile(rb"""\bt\s*=\s*["']e["']""")
_CELL_NAME = re.compile(r"([A-Z]{1,3})([0-9]+)")
_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 64

_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),  # damaged
    RuntimeError,  # how zipfile refuses a part under a password, or in a compression it does not know
    *(ElementTree.ParseError, KeyError, ValueError),  # sound, and no workbook
)

ErrorCells = Mapping[tuple[int, int], str]
"""Zero-based row and column to the text shown."""


def error_cells(path: Path) -> dict[str, ErrorCells]:
    """Return the error cells of each sheet that has any, by sheet name.

    Sheets are scanned as a stream; only one that holds an error is parsed. A part that cannot be read here
    has none: whether the workbook is sound is for the workbook reader to say.
    """
    found: dict[str, ErrorCells] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name, part in _sheet_parts(archive).items():
                with archive.open(part) as stream:
                    marked = _holds_error(stream)
                if marked:
                    with archive.open(part) as stream:
                        found[name] = dict(_errors(stream))
    except _UNREADABLE:
        return found
    return found


# Private


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    parts: dict[str, str] = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(sheet.tag) == "sheet":
            relation_id = next((value for key, value in sheet.items() if _local(key) == "id"), None)
            if relation_id in targets:
                parts[sheet.get("name", "")] = targets[relation_id]
    return parts


def _holds_error(stream: IO[bytes]) -> bool:
    tail = b""
    while chunk := stream.read(_CHUNK_BYTES):
        if _ERROR_MARK.search(tail + chunk):
            return True
        tail = chunk[-_OVERLAP_BYTES:]
    return False


def _errors(stream: IO[bytes]) -> Iterator[tuple[tuple[int, int], str]]:
    row = column = -1
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        tag = _local(element.tag)
        if tag == "row":
            if event == "start":
                row, column = int(element.get("r", row + 2)) - 1, -1
            else:
                element.clear()
        elif tag == "c" and event == "end":
            # A cell without a name of its own stands right of the one before it.
            column = _column(element.get("r", ""), column + 1)
            if element.get("t") == "e":
                yield (row, column), "".join(part.text or "" for part in element if _local(part.tag) == "v")


def _column(cell_name: str, otherwise: int) -> int:
    found = _CELL_NAME.fullmatch(cell_name)
    if not found:
        return otherwise
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
