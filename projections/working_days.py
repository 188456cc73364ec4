"""Counting working days by the State Council's calendar, make-up days (调休) included.

Source: docs/import-formats.md section 6. A year that the calendar does not know is not counted: nothing is guessed.
"""

import datetime
from functools import cache

import chinese_calendar


def working_days_between(first: datetime.date, last: datetime.date) -> int | None:
    """Return the working days after `first`, up to and including `last`; 0 when `last` is not later.

    None where the calendar does not cover one of these days.
    """
    days = [first + datetime.timedelta(days=after) for after in range(1, (last - first).days + 1)]
    if not _KNOWN_YEARS.issuperset(day.year for day in days):
        return None
    return sum(_is_working(day) for day in days)


# Private

_KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.constants.holidays)


@cache
def _is_working(day: datetime.date) -> bool:
    return bool(chinese_calendar.is_workday(day))
