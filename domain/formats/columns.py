"""What a column of a county's file is: its type, its headers, its value list; and the codes a bad cell can get."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from domain.vocabulary import FileKind

Value: TypeAlias = str | int | datetime.date
"""A normalised cell: amounts are int fen, months `YYYY-MM`, dates `datetime.date`, everything else text."""

NO_SYNONYMS: Mapping[str, str] = MappingProxyType({})


class CellType(StrEnum):
    """The types of docs/import-formats.md section 1, with account numbers and months as types of their own."""

    ID = "id"
    CODE = "code"
    ACCOUNT = "account"
    NAME = "name"
    ENUM = "enum"
    DATE = "date"
    MONTH = "month"
    INT = "int"
    AMOUNT = "amount"
    TEXT = "text"


class FaultCode(StrEnum):
    """Why a row is rejected (docs/import-formats.md section 3); the name is the code in `rejects.csv`."""

    missing_required = "missing_required"
    bad_id = "bad_id"
    bad_check_digit = "bad_check_digit"
    bad_date = "bad_date"
    bad_month = "bad_month"
    not_a_number = "not_a_number"
    negative_amount = "negative_amount"
    bad_account = "bad_account"
    unknown_value = "unknown_value"
    unknown_case = "unknown_case"
    unknown_person = "unknown_person"
    unknown_staff = "unknown_staff"
    unknown_order = "unknown_order"
    end_before_start = "end_before_start"
    held = "held"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a file: the header of section 4, the aliases also accepted, and what its cells may hold.

    A column is only ever the same as itself, so that what its cells say can be looked up by it.

    `required` means in every row; `conditional` means some rows need it (`conditions.py` says which).
    `positive` is for amounts only: 0 is refused as well. `lowest` and `highest` bound an `int`.
    """

    header: str
    also: tuple[str, ...]
    type: CellType
    required: bool
    values: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=lambda: NO_SYNONYMS)
    positive: bool = False
    conditional: bool = False
    lowest: int = 0
    highest: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FileFormat:
    """One kind of file: its columns in the order of section 4, its row key, and how a county sends it.

    `monthly`: the file name carries `YYYY-MM`. `container`: what a county sends; either one is read.
    """

    kind: FileKind
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    container: str
    monthly: bool = False

    def column(self, header: str) -> Column:
        """Return the column with this canonical header; `KeyError` when the file has none."""
        for column in self.columns:
            if column.header == header:
                return column
        raise KeyError(f"{self.kind}: no column {header!r}")

    @property
    def required_headers(self) -> tuple[str, ...]:
        """Headers that a header row must hold, in the order of section 4."""
        return tuple(column.header for column in self.columns if column.required)
