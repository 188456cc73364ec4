"""How old a person is on a day, told by the birth date in the citizen id."""

import datetime
from typing import Final

from domain.identity import birth_date

ADULT_YEARS: Final = 18
"""From this age on a person is of age (Civil Code art 17)."""


def years_old(citizen_id: str, day: datetime.date) -> int | None:
    """Return the completed years of life on a day; None for an id whose birth date does not exist."""
    born_on = birth_date(citizen_id)
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def is_minor(citizen_id: str, day: datetime.date) -> bool:
    """Tell whether a person is not known to be of age on a day."""
    years = years_old(citizen_id, day)
    return years is None or years < ADULT_YEARS


def is_female(citizen_id: str) -> bool:
    """Tell the sex that the 17th digit of a citizen id says: even is female (GB 11643-1999)."""
    return int(citizen_id[16]) % 2 == 0
