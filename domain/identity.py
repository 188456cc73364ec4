"""Citizen ids and account numbers: their check characters, and how they are masked when shown."""

import datetime
import re

from domain.formats.columns import FaultCode

_CITIZEN_ID = re.compile(r"[0-9]{17}[0-9X]")
_STANDING_ALONE = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"  # by weighted sum modulo 11
_DIGITS = re.compile(r"[0-9]+")


def check_citizen_id(text: str, latest: datetime.date | None) -> tuple[FaultCode, str] | None:
    """Return None for a sound citizen id, else the fault code and the key of its reason.

    Order: form (17 digits and a digit or X), birth date (real, not after `latest` when given), check
    character. The region code is not checked: county codes are withdrawn and renamed. Source: GB 11643-1999.
    """
    if not _CITIZEN_ID.fullmatch(text):
        return FaultCode.bad_id, "bad_id"
    birth = birth_date(text)
    if birth is None:
        return FaultCode.bad_id, "bad_id_birth"
    if latest is not None and birth > latest:
        return FaultCode.bad_id, "bad_id_future"
    if check_character(text[:17]) != text[17]:
        return FaultCode.bad_check_digit, "bad_check_digit"
    return None


def holds_citizen_id(text: str) -> bool:
    """Return whether a sound citizen id stands anywhere in a text, such as in a number that is to be open."""
    return any(check_citizen_id(found, None) is None for found in _STANDING_ALONE.findall(text.upper()))


def birth_date(citizen_id: str) -> datetime.date | None:
    """Return the birth date held in digits 7 to 14, or None when the calendar has no such day."""
    try:
        return datetime.date(int(citizen_id[6:10]), int(citizen_id[10:12]), int(citizen_id[12:14]))
    except ValueError:
        return None


def check_character(first_17_digits: str) -> str:
    """Return the 18th character of a citizen id from its first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17_digits, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def luhn_ok(account: str) -> bool:
    """Return whether the last digit of an account number is its Luhn check digit (ISO/IEC 7812-1)."""
    if not _DIGITS.fullmatch(account):
        return False
    total = 0
    for place, character in enumerate(reversed(account)):
        digit = int(character) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def mask_citizen_id(text: str) -> str:
    """Return an id with its first 6 and last 4 characters kept: `520121********1234`."""
    return _masked(text, 6, 4)


def mask_account(text: str) -> str:
    """Return an account number with its first 4 and last 4 digits kept."""
    return _masked(text, 4, 4)


def mask_phone(text: str) -> str:
    """Return a telephone number with its first 3 and last 4 digits kept: `199****2345`."""
    return _masked(text, 3, 4)


def mask_name(text: str) -> str:
    """Return a name with only its first character kept: `张*`, `罗**`; a single character becomes `*`."""
    if len(text) < 2:
        return "*" * len(text)
    return text[0] + "*" * (len(text) - 1)


# Private


def _masked(text: str, head: int, tail: int) -> str:
    # A text too short to hide anything between its ends is hidden whole.
    hidden = len(text) - head - tail
    if hidden < 1:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]
