"""One cell to one value, exactly as docs/import-formats.md section 1 says: text first, then the type of its column."""

import datetime
import math
import re
from decimal import ROUND_HALF_EVEN, Decimal

from domain.formats.columns import CellType, Column, FaultCode, Value
from domain.formats.text import REPLACEMENT, cell_text, compact, trimmed
from domain.identity import IdFault, check_citizen_id
from domain.months import month_of

WHOLE_NUMBER_MAX = 2**53 - 1  # largest integer that the canonical form of the log holds

_DATE_FORMS = tuple(
    re.compile(form)
    for form in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
        r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})",
    )
)
_MONTH_FORM = re.compile(
    r"([0-9]{4})-([0-9]{1,2})|([0-9]{4})年([0-9]{1,2})月|([0-9]{4})([0-9]{2})|([0-9]{4})/([0-9]{1,2})"
)
_AMOUNT_FORM = re.compile(r"([-\u2212]?)¥?([-\u2212]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?元?")
_ACCOUNT_FORM = re.compile(r"[0-9]{19}")
_LOST_DIGITS = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_INT_FORM = re.compile(r"([-\u2212]?)([0-9]+)")
_NUMBER_CELL_TOLERANCE = Decimal("0.001")  # fen


class CellFault(ValueError):
    """A cell cannot be read as its column wants. `reason` is a key of `faults.REASONS`."""

    def __init__(self, code: FaultCode, value_text: str, reason: str, detail: str = "") -> None:
        """Hold the code for the report, the text of the cell, and the key of the words."""
        super().__init__(f"{code}: {value_text!r} ({reason})")
        self.code = code
        self.value_text = value_text
        self.reason = reason
        self.detail = detail


def normalise(raw: object, column: Column, *, latest: datetime.date | None = None) -> Value | None:
    """Return the value of a cell, None when it is blank after normalising.

    `raw` is what a workbook or a CSV gives: str, number, bool, date, time or None. `latest` is the closing
    date, after which nobody is born. Raises `CellFault` when the cell does not fit its column.
    """
    if raw is None or raw == "":
        return None
    text = shown_text(raw, column.type)
    if not text:
        return None
    if REPLACEMENT in text:
        raise CellFault(FaultCode.unknown_value, text, "unreadable_bytes")
    match column.type:
        case CellType.CODE | CellType.NAME | CellType.TEXT:
            return text
        case CellType.ENUM:
            return _listed(text, column)
        case CellType.DATE:
            return _date(raw, text)
        case CellType.MONTH:
            return _month(raw, text)
        case CellType.AMOUNT:
            return _in_range(_fen(raw, text), text, column)
        case CellType.INT:
            return _in_range(_whole_number(text), text, column)
        case CellType.ACCOUNT:
            return _account(text)
        case CellType.ID:
            return _citizen_id(text, latest)


def shown_text(raw: object, cell_type: CellType) -> str:
    """Return the text of a cell after steps 1 to 3 of section 1: what checks compare and reports print."""
    if cell_type is CellType.TEXT:
        return trimmed(cell_text(raw))
    text = compact(cell_text(raw))
    return text.replace("x", "X") if cell_type is CellType.ID else text


def parse_date(text: str) -> datetime.date | None:
    """Return the day a compact text names in one of the five accepted forms, None when it names none."""
    for form in _DATE_FORMS:
        found = form.fullmatch(text)
        if found:
            try:
                return datetime.date(*map(int, found.groups()))
            except ValueError:
                return None
    return None


def parse_month(text: str) -> str | None:
    """Return `YYYY-MM` for a compact text in one of the four accepted forms, None when it names no month."""
    found = _MONTH_FORM.fullmatch(text)
    if not found:
        return None
    year, month = (int(group) for group in found.groups() if group is not None)
    return f"{year:04d}-{month:02d}" if year >= 1 and 1 <= month <= 12 else None


def parse_hundredths(text: str) -> int:
    """Return a compact amount text in hundredths (yuan to fen), negative ones included.

    Accepts digits, thousands commas, ¥ before, 元 after and at most 2 decimals; raises `CellFault` otherwise.
    """
    found = _AMOUNT_FORM.fullmatch(text)
    if not found or (found[1] and found[2]):
        raise CellFault(FaultCode.not_a_number, text, "not_a_number")
    decimals = found[4] or ""
    if len(decimals) > 2:
        raise CellFault(FaultCode.not_a_number, text, "too_many_decimals")
    digits = found[3].replace(",", "") + decimals.ljust(2, "0")
    if len(digits.lstrip("0")) > len(str(WHOLE_NUMBER_MAX)):
        raise CellFault(FaultCode.not_a_number, text, "number_too_large")
    return -int(digits) if found[1] or found[2] else int(digits)


# Private


def _listed(text: str, column: Column) -> str:
    value = column.synonyms.get(text, text)
    if value not in column.values:
        raise CellFault(FaultCode.unknown_value, text, "unknown_value", "、".join(column.values))
    return value


def _date(raw: object, text: str) -> datetime.date:
    if isinstance(raw, datetime.datetime):
        return raw.date()
    if isinstance(raw, datetime.date):
        return raw
    day = parse_date(text)
    if day is None:
        raise CellFault(FaultCode.bad_date, text, "bad_date")
    return day


def _month(raw: object, text: str) -> str:
    # A datetime is a date as well; a date cell that is not the first of its month names no month.
    month = month_of(raw) if isinstance(raw, datetime.date) and raw.day == 1 else parse_month(text)
    if month is None:
        raise CellFault(FaultCode.bad_month, text, "bad_month")
    return month


def _fen(raw: object, text: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return parse_hundredths(text)
    if not math.isfinite(raw):
        raise CellFault(FaultCode.not_a_number, text, "not_a_number")
    # The shortest decimal that names this number cell, so that 0.29 means 29 fen and not 28.999…
    exact = Decimal(repr(raw)) * 100
    nearest = exact.to_integral_value(ROUND_HALF_EVEN)
    if abs(exact - nearest) > _NUMBER_CELL_TOLERANCE:
        raise CellFault(FaultCode.not_a_number, text, "too_many_decimals")
    return int(nearest)


def _whole_number(text: str) -> int:
    found = _INT_FORM.fullmatch(text)
    if not found:
        raise CellFault(FaultCode.not_a_number, text, "not_a_whole_number")
    if len(found[2].lstrip("0")) > len(str(WHOLE_NUMBER_MAX)):
        raise CellFault(FaultCode.not_a_number, text, "number_too_large")
    return -int(found[2]) if found[1] else int(found[2])


def _in_range(number: int, text: str, column: Column) -> int:
    if column.highest is not None and not column.lowest <= number <= column.highest:
        raise CellFault(FaultCode.unknown_value, text, "unknown_value", f"{column.lowest}–{column.highest}")
    if number < column.lowest:
        raise CellFault(FaultCode.negative_amount, text, "negative_amount")
    if column.positive and number == 0:
        raise CellFault(FaultCode.negative_amount, text, "not_positive")
    if number > WHOLE_NUMBER_MAX:
        raise CellFault(FaultCode.not_a_number, text, "number_too_large")
    return number


def _account(text: str) -> str:
    if _ACCOUNT_FORM.fullmatch(text):
        return text
    reason = "account_digits_lost" if _LOST_DIGITS.fullmatch(text) else "bad_account"
    raise CellFault(FaultCode.bad_account, text, reason)


def _citizen_id(text: str, latest: datetime.date | None) -> str:
    fault = check_citizen_id(text, latest)
    if fault is not None:
        code = FaultCode.bad_check_digit if fault is IdFault.CHECK_CHARACTER else FaultCode.bad_id
        raise CellFault(code, text, fault.value)
    return text
