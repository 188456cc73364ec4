"""How text of a cell is made comparable: NFKC, white space, and numbers as a spreadsheet would show them."""

import datetime
import math
import unicodedata
from decimal import Decimal

REPLACEMENT = "\ufffd"  # what a decoder leaves where bytes do not fit the encoding

_ZERO_WIDTH = "\u200b\u2060\ufeff"  # not white space to Unicode, but nobody can see or mean them
_WITHOUT_ZERO_WIDTH = dict.fromkeys(map(ord, _ZERO_WIDTH))
_EXACT_INTEGER_LIMIT = 10**15  # a spreadsheet keeps 15 digits; above that digits are already lost


def compact(text: str) -> str:
    """Return `text` in NFKC without any white space: the form in which codes, names and headers compare."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_WITHOUT_ZERO_WIDTH)
    return "".join(text.split())


def trimmed(text: str) -> str:
    """Return `text` in NFKC without white space at both ends: the form of free text."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip(_ZERO_WIDTH + " \t\r\n")
    return text.strip()


def cell_text(raw: object) -> str:
    """Return what a cell shows: text as it is, whole numbers without decimals, dates in ISO form, None empty."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int | float):
        return _number_text(raw)
    if isinstance(raw, datetime.datetime):
        return raw.date().isoformat() if raw.time() == datetime.time() else raw.isoformat(sep=" ")
    if isinstance(raw, datetime.date | datetime.time):
        return raw.isoformat()
    return str(raw)


def is_blank(raw: object) -> bool:
    """Return whether a cell holds nothing after normalising."""
    return raw is None or (isinstance(raw, str) and not compact(raw))


# Private


def _number_text(number: int | float) -> str:
    if isinstance(number, float) and not math.isfinite(number):
        return str(number)
    if number == int(number) and abs(number) < _EXACT_INTEGER_LIMIT:
        return str(int(number))
    if abs(number) >= _EXACT_INTEGER_LIMIT:
        mantissa, exponent = f"{float(number):.5E}".split("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    return format(Decimal(repr(number)), "f")
