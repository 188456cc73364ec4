"""Citizen ids and account numbers: their form and their check characters."""

import datetime
import re
from enum import StrEnum
from functools import lru_cache

_CITIZEN_ID = re.compile(r"[0-9]{17}[0-9X]")
_STANDING_ALONE = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"  # by weighted sum modulo 11
_DIGITS = re.compile(r"[0-9]+")
_CITIZEN_ID_CHARACTERS = 18


class IdFault(StrEnum):
    """What is wrong with a citizen id."""

    FORM = "bad_id"
    BIRTH = "bad_id_birth"
    FUTURE = "bad_id_future"
    CHECK_CHARACTER = "bad_check_digit"


def check_citizen_id(text: str, latest: datetime.date | None) -> IdFault | None:
    """Return None for a sound citizen id, else the first thing that is wrong with it.

    Order: form (17 digits and a digit or X), birth date (real, not after `latest` when given), check
    character. The region code is not checked: county codes are withdrawn and renamed. Source: GB 11643-1999.
    """
    if not _CITIZEN_ID.fullmatch(text):
        return IdFault.FORM
    birth = birth_date(text)
    if birth is None:
        return IdFault.BIRTH
    if latest is not None and birth > latest:
        return IdFault.FUTURE
    if check_character(text[:17]) != text[17]:
        return IdFault.CHECK_CHARACTER
    return None


def holds_citizen_id(text: str) -> bool:
    """Return whether a sound citizen id stands anywhere in a text, such as in a number that is to be open."""
    if len(text) < _CITIZEN_ID_CHARACTERS:
        return False
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


@lru_cache(maxsize=16_384)  # the accounts of a county come again every month
def luhn_ok(account: str) -> bool:
    """Return whether the last digit of an account number is its Luhn check digit (ISO/IEC 7812-1)."""
    if not _DIGITS.fullmatch(account):
        return False
    total = 0
    for place, character in enumerate(reversed(account)):
        digit = int(character) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
