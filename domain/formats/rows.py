"""One row of a file, checked: the values that could be read, and every fault that keeps it out of the ledger."""

import datetime
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from domain.formats.catalogue import CASE_HEADER
from domain.formats.columns import CellType, Column, FaultCode, FileFormat, Value
from domain.formats.conditions import KINDS_JUDGED_BY_PROGRAMME, ReadRow, row_findings, unwanted_amount
from domain.formats.faults import Fault, Notice, make_fault, make_notice
from domain.formats.normalise import CellFault, normalise, shown_text
from domain.formats.text import compact
from domain.identity import luhn_ok

__all__ = ["CheckedRow", "Fault", "Notice", "Place", "check_row", "find_case_number"]

_CASE_NUMBER = re.compile(r"SQ[0-9]{17}")
_KEPT_CHARACTERS_MAX = 64  # of texts whose reading is worth remembering


class Place(NamedTuple):
    """Where a row stands: base name of the file, sheet (empty for CSV), physical row from 1, sheet index from 1.

    `sheet_index` is 0 for CSV.
    """

    file: str
    sheet: str
    row: int
    sheet_index: int


class CheckedRow(NamedTuple):
    """A data row after normalising and checking by itself, before references are looked up.

    `values` holds every cell that could be read, by canonical header, blank ones left out; so a rejected row
    still names its case. A row with any fault is rejected; warnings do not keep it out.
    """

    place: Place
    values: Mapping[str, Value]
    faults: tuple[Fault, ...]
    warnings: tuple[Notice, ...]


def check_row(
    fmt: FileFormat,
    place: Place,
    cells: Mapping[str, object],
    *,
    closing_date: datetime.date | None,
    programme_of: Callable[[str], str | None] = lambda case: None,
) -> CheckedRow:
    """Normalise and check one row; `cells` maps canonical headers to raw cells, absent ones being blank.

    `closing_date` bounds birth dates, None = unknown. `programme_of` gives the 救助项目 of a case number; a
    case it does not know is not asked for what only 特困供养 needs. One fault per fault, cells in file order.
    """
    values, faults = _read_cells(fmt, cells, closing_date)
    warnings: list[Notice] = []
    unwanted = unwanted_amount(fmt.kind, values)
    if unwanted is not None:
        warnings.append(make_notice(unwanted, "amount_ignored", shown_text(cells[unwanted], CellType.AMOUNT)))
        del values[unwanted]
    faulty = frozenset(fault.column for fault in faults)
    row = ReadRow(values, cells, faulty, _programme(fmt, values, programme_of))
    for finding in row_findings(fmt.kind, row):
        if isinstance(finding, Fault):
            faults.append(finding)
        else:
            warnings.append(finding)
    warnings.extend(_account_notices(fmt, values))
    return CheckedRow(place, values, tuple(faults), tuple(warnings))


def find_case_number(text: str) -> str | None:
    """Return the first `SQ` + 17 digits in a bank's remark, whatever stands around it; None when there is none."""
    found = _CASE_NUMBER.search(compact(text))
    return found[0] if found else None


# Private


def _read_cells(
    fmt: FileFormat, cells: Mapping[str, object], closing_date: datetime.date | None
) -> tuple[dict[str, Value], list[Fault]]:
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for column in fmt.columns:
        raw = cells.get(column.header)
        if raw is None or raw == "":
            reading = None
        elif isinstance(raw, str) and len(raw) > _KEPT_CHARACTERS_MAX:
            reading = _reading(raw, column, closing_date)
        else:
            reading = _kept_reading(raw, column, closing_date)
        if isinstance(reading, Fault):
            faults.append(reading)
        elif reading is not None:
            values[column.header] = reading
        elif column.required:
            faults.append(make_fault(column.header, FaultCode.missing_required, ""))
    return values, faults


def _reading(raw: object, column: Column, latest: datetime.date | None) -> Value | Fault | None:
    """Return the value of a cell, the fault that keeps it from having one, or None when it is blank."""
    try:
        return normalise(raw, column, latest=latest)
    except CellFault as fault:
        return make_fault(column.header, fault.code, fault.value_text, reason=fault.reason, detail=fault.detail)


# A county's rows say the same few dates, numbers and words again and again.
_kept_reading = lru_cache(maxsize=65_536, typed=True)(_reading)


def _programme(fmt: FileFormat, values: Mapping[str, Value], programme_of: Callable[[str], str | None]) -> str | None:
    case = values.get(CASE_HEADER)
    if fmt.kind not in KINDS_JUDGED_BY_PROGRAMME or not isinstance(case, str):
        return None
    return programme_of(case)


def _account_notices(fmt: FileFormat, values: Mapping[str, Value]) -> list[Notice]:
    return [
        make_notice(header, "luhn", str(values[header]))
        for header in _account_headers(fmt)
        if header in values and not luhn_ok(str(values[header]))
    ]


@cache
def _account_headers(fmt: FileFormat) -> tuple[str, ...]:
    return tuple(column.header for column in fmt.columns if column.type is CellType.ACCOUNT)
