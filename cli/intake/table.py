"""CSV files: their encoding and their records, streamed, each with the physical line it starts on."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from cli.intake.layout import PhysicalRow
from cli.intake.problems import SAVE_AS_TABLE, SEND_AGAIN, UnreadableFile, Words, unreadable_because
from domain.formats.headers import HEADER_ROWS_MAX

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES = 65536
_RECORDS_PER_REPORT = 1000


def encodings_of(path: Path) -> tuple[str, ...]:
    """Return the encodings a CSV may be in, the contract's own first.

    With a byte-order mark UTF-8, otherwise GB18030. UTF-8 without a mark is offered second, for a file in
    which GB18030 finds no header at all: many programs write it, and no county can see the difference.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise unreadable_because(path, error) from error
    if head.startswith(_UTF8_MARK):
        return ("utf-8-sig",)
    if head.startswith(_UTF16_MARKS):
        raise UnreadableFile(path, Words("文件编码为 UTF-16", "the file is in UTF-16"), SAVE_AS_TABLE)
    return ("gb18030", "utf-8") if _is_utf8(head) else ("gb18030",)


def top_rows(path: Path, encoding: str) -> list[PhysicalRow]:
    """Return the rows in which the header may stand."""
    return list(islice(table_rows(path, encoding), HEADER_ROWS_MAX))


def table_rows(path: Path, encoding: str, on_bytes: Callable[[int], None] | None = None) -> Iterator[PhysicalRow]:
    """Yield every record with its first physical line, blank lines as empty records, in constant memory.

    Bytes that do not fit the encoding become U+FFFD. `on_bytes` gets the bytes read since its last call.
    Raises `UnreadableFile` for a quote that is never closed, which would swallow the rows after it.
    """
    try:
        with path.open("rb") as raw:
            yield from _records(path, raw, encoding, on_bytes or _ignore)
    except OSError as error:
        raise unreadable_because(path, error) from error


# Private


def _ignore(byte_count: int) -> None:
    return None


def _records(
    path: Path, raw: io.BufferedReader, encoding: str, on_bytes: Callable[[int], None]
) -> Iterator[PhysicalRow]:
    lines = _Lines(io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=""))
    reader = csv.reader(lines)
    first_line, bytes_reported = 1, 0
    try:
        for ordinal, cells in enumerate(reader):
            if lines.ended and lines.quotes % 2:
                raise _unclosed(path, first_line)
            yield first_line, cells
            first_line, lines.quotes = reader.line_num + 1, 0
            if ordinal % _RECORDS_PER_REPORT == 0:
                on_bytes(raw.tell() - bytes_reported)
                bytes_reported = raw.tell()
    except csv.Error as error:  # a field longer than csv allows: what follows an unclosed quote
        raise _unclosed(path, first_line) from error
    on_bytes(raw.tell() - bytes_reported)


def _unclosed(path: Path, line: int) -> UnreadableFile:
    return UnreadableFile(
        path,
        Words(f"第{line}行起的引号没有闭合", f"a quote that opens in line {line} is never closed"),
        SEND_AGAIN,
    )


class _Lines:
    """The lines of a file, with the number of quotes since the current record began."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.quotes = 0
        self.ended = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline()
        if not line:
            self.ended = True
            raise StopIteration
        self.quotes += line.count('"')
        return line


def _is_utf8(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end inside a character; anything earlier is another encoding.
        if len(head) < _HEAD_BYTES or error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return not text.isascii()
