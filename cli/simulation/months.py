"""Months as `YYYY-MM` text, and days of work by the State Council calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache

import chinese_calendar

KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.constants.holidays)


def month_of(day: date) -> str:
    """Return the calendar month of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def month_plus(month: str, count: int) -> str:
    """Return the month `count` months later (earlier when negative)."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def month_span(first: str, last: str) -> list[str]:
    """Return every month from first to last, both included."""
    months = []
    month = first
    while month <= last:
        months.append(month)
        month = month_plus(month, 1)
    return months


def day_in(month: str, day: int) -> date:
    """Return that day of the month, or its last day when the month is shorter."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, min(day, calendar.monthrange(year, number)[1]))


def last_day(month: str) -> date:
    """Return the last day of the month."""
    return day_in(month, 31)


def plus_months(day: date, count: int) -> date:
    """Return the same day `count` months later, or the last day when there is no such day."""
    return day_in(month_plus(month_of(day), count), day.day)


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
