"""The files of a delivery as the simulator writes them: the columns of the contract, and the encodings counties use.

The contract is `domain.formats.catalogue`. Whether that is what counties were told is for the tests of
docs/import-formats.md to say: a simulated county cannot.
"""

from __future__ import annotations

from typing import NamedTuple

from domain.formats.catalogue import FORMATS
from domain.formats.columns import FileFormat
from domain.vocabulary import FileKind

_CSV_ENCODINGS = {
    FileKind.DESCRIPTION: "utf-8-sig",
    FileKind.CHECKS: "gb18030",
    FileKind.DEATHS: "utf-8-sig",
    FileKind.PLANS: "gb18030",
    FileKind.BANK_SLIPS: "gb18030",
    FileKind.REPAYMENTS: "utf-8-sig",
}


class Column(NamedTuple):
    """A column of a file; `aliases` are the other headers an office writes for it."""

    header: str
    type: str  # id, code, account, name, enum, date, month, int, amount or text
    aliases: tuple[str, ...]


class Kind(NamedTuple):
    """A kind of file; `encoding` is empty for a workbook."""

    name: str
    encoding: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    monthly: bool

    def column(self, header: str) -> Column:
        """Return the column with that header."""
        return next(column for column in self.columns if column.header == header)

    def file_name(self, month: str = "") -> str:
        """Return the name of the file, of that month when the kind is monthly."""
        stem = f"{self.name}-{month}" if self.monthly else self.name
        return f"{stem}.{'csv' if self.encoding else 'xlsx'}"


# Private


def _kind(fmt: FileFormat) -> Kind:
    columns = tuple(Column(column.header, column.type.value, column.also) for column in fmt.columns)
    return Kind(fmt.kind.value, _CSV_ENCODINGS.get(fmt.kind, ""), fmt.key, columns, fmt.monthly)


KINDS: dict[str, Kind] = {fmt.kind.value: _kind(fmt) for fmt in FORMATS.values()}
