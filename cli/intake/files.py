"""The files of a delivery: found, recognised, put in order, and read row by row."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.intake.error_cells import error_cells
from cli.intake.layout import RawRow, data_rows
from cli.intake.problems import (
    SAVE_AS_WORKBOOK,
    Skipped,
    Unreadable,
    UnreadableFile,
    Words,
    unreadable_because,
)
from cli.intake.recognition import kinds_in_name, month_of, recognise
from cli.intake.table import encodings_of, table_rows
from cli.intake.table import top_rows as table_top_rows
from cli.intake.workbook import sheet_rows, sheets_of
from cli.intake.workbook import top_rows as sheet_top_rows
from domain.formats.catalogue import FORMATS
from domain.formats.rows import Place

_WORKBOOKS = (".xlsx", ".xlsm")
_TABLES = (".csv",)
_OTHER_SPREADSHEETS = (".xls", ".xlsb", ".ods", ".et", ".tsv", ".numbers")
_ZIP_MARK = b"PK\x03\x04"
_KIND_ORDER = {kind: order for order, kind in enumerate(FORMATS)}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a delivery. `month` is `YYYY-MM` for monthly kinds; `encoding` is empty for a workbook."""

    path: Path
    name: str
    kind: str
    month: str | None
    sha256: str
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a delivery holds: its files in the order of section 4, others that are no part of it, and the unreadable."""

    files: list[SourceFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


def discover(paths: Sequence[Path]) -> Discovery:
    """Find and recognise the files of a delivery; a folder stands for the files directly in it.

    Order: kinds as in section 4 of the contract, files of one kind by name. A file reached twice counts once.
    """
    found = Discovery()
    for path in _candidates(paths, found):
        reason = _reason_to_skip(path)
        if reason is not None:
            found.skipped.append(Skipped(path, reason))
            continue
        try:
            source = _recognised(path)
        except UnreadableFile as error:
            found.unreadable.append(error.problem)
            continue
        if source is None:
            found.skipped.append(Skipped(path, Words("没有任何已知资料的表头", "no header of any known kind")))
        else:
            found.files.append(source)
    found.files.sort(key=lambda source: (_KIND_ORDER[source.kind], source.name, str(source.path)))
    return found


def read_rows(source: SourceFile, on_bytes: Callable[[int], None] | None = None) -> Iterator[RawRow]:
    """Yield the data rows of a file in order, a CSV in constant memory.

    `on_bytes` gets the number of bytes read since its last call. Raises `UnreadableFile`, possibly after some
    rows, when the file turns out to be damaged.
    """
    fmt = FORMATS[source.kind]
    if source.encoding:
        for number, cells in data_rows(fmt, table_rows(source.path, source.encoding, on_bytes)):
            yield RawRow(Place(source.name, "", number, 0), cells)
        return
    errors = error_cells(source.path)
    for sheet in sheets_of(source.path):
        for number, cells in data_rows(fmt, sheet_rows(sheet, errors.get(sheet.name, {}))):
            yield RawRow(Place(source.name, sheet.name, number, sheet.index), cells)
    if on_bytes is not None:
        on_bytes(source.path.stat().st_size)


# Private


def _candidates(paths: Iterable[Path], found: Discovery) -> Iterator[Path]:
    seen: set[Path] = set()
    for given in paths:
        for path in _listing(given, found):
            resolved = path.resolve()
            if resolved not in seen:
                seen.add(resolved)
                yield path


def _listing(given: Path, found: Discovery) -> list[Path]:
    try:
        if given.is_dir():
            return sorted(given.iterdir())
        given.stat()
    except OSError as error:
        found.unreadable.append(unreadable_because(given, error).problem)
        return []
    return [given]


def _reason_to_skip(path: Path) -> Words | None:
    suffix = path.suffix.lower()
    if path.name.startswith((".", "~$")):
        return Words("隐藏文件或临时文件", "a hidden or temporary file")
    if path.is_dir():
        return Words("子文件夹，需要时请单独指定", "a folder inside the folder; name it to read it")
    if not path.is_file():
        return Words("不是普通文件", "not a regular file")
    if suffix in (*_WORKBOOKS, *_TABLES):
        return None
    if suffix in _OTHER_SPREADSHEETS and kinds_in_name(path.stem):
        return None
    return Words("不是 .xlsx 或 .csv 文件", "neither .xlsx nor .csv")


def _recognised(path: Path) -> SourceFile | None:
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable_because(path, error) from error
    suffix = path.suffix.lower()
    if suffix not in (*_WORKBOOKS, *_TABLES):
        raise UnreadableFile(
            path, Words(f"不支持 {suffix} 格式", f"files of type {suffix} are not read"), SAVE_AS_WORKBOOK
        )
    # Content decides the container: a workbook renamed to .csv is still a workbook.
    kind, encoding = _kind_of_workbook(path) if suffix in _WORKBOOKS or head == _ZIP_MARK else _kind_of_table(path)
    if kind is None:
        return None
    return SourceFile(path, path.name, kind, month_of(path, FORMATS[kind]), sha256, encoding)


def _kind_of_workbook(path: Path) -> tuple[str | None, str]:
    tops = ([cells for _, cells in sheet_top_rows(sheet)] for sheet in sheets_of(path))
    return recognise(path, tops), ""


def _kind_of_table(path: Path) -> tuple[str | None, str]:
    encodings = encodings_of(path)
    refusal: UnreadableFile | None = None
    for encoding in encodings:
        try:
            kind = recognise(path, [[cells for _, cells in table_top_rows(path, encoding)]])
        except UnreadableFile as error:
            refusal = refusal or error
            continue
        if kind is not None:
            return kind, encoding
    if refusal is not None:
        raise refusal
    return None, encodings[0]
