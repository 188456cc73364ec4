"""Counting working days by the State Council's calendar, make-up days (调休) included.

Source: docs/import-formats.md section 6. Years that the calendar does not know yet have only their weekends off.
"""

import datetime
from functools import cache

import chinese_calendar


def working_days_between(first: datetime.date, last: datetime.date) -> int:
    """Return the working days after `first`, up to and including `last`; 0 when `last` is not later."""
    return sum(_is_working(first + datetime.timedelta(days=after)) for after in range(1, (last - first).days + 1))


# Private

_KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.constants.holidays)


@cache
def _is_working(day: datetime.date) -> bool:
    if day.year in _KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5
