"""Days of the county: the nth of a month, and the days on which offices work by the State Council calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar

from domain.months import last_day

KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.constants.holidays)


def day_in(month: str, day: int) -> date:
    """Return that day of the month, or its last day when the month is shorter."""
    end = last_day(month)
    return end.replace(day=min(day, end.day))


@cache
def is_working_day(day: date) -> bool:
    """Say whether offices work on that day; years outside the calendar know only weekends."""
    if day.year in KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def working_days_after(day: date, count: int) -> date:
    """Return the working day that is `count` working days after a day; 0 gives the day itself."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_day_on_or_before(day: date) -> date:
    """Return the day, or the last working day before it when nobody works."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_day_on_or_after(day: date) -> date:
    """Return the day, or the first working day after it when nobody works."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_days_before(day: date, count: int) -> date:
    """Return the last working day from which the day is `count` working days away."""
    while count > 0:
        count -= is_working_day(day)
        day -= timedelta(days=1)
    return working_day_on_or_before(day)


def working_days_between(first: date, last: date) -> int:
    """Count the working days after the first day, up to and including the last; 0 when it is not later."""
    return sum(is_working_day(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))
