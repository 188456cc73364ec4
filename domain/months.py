"""Months as text `YYYY-MM`, which sort as they should, and the arithmetic of dates that the rules use."""

import calendar
import datetime
from collections.abc import Iterator


def month_of(day: datetime.date) -> str:
    """Return the calendar month of `day`."""
    return f"{day.year:04d}-{day.month:02d}"


def add_months(month: str, count: int) -> str:
    """Return the month `count` months after `month` (before it when negative)."""
    year, number = _parts(month)
    index = year * 12 + number - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def months_between(first: str, last: str) -> Iterator[str]:
    """Yield every month from `first` to `last`, both included; nothing when `last` is earlier."""
    month = first
    while month <= last:
        yield month
        month = add_months(month, 1)


def first_day(month: str) -> datetime.date:
    """Return the first day of `month`."""
    year, number = _parts(month)
    return datetime.date(year, number, 1)


def last_day(month: str) -> datetime.date:
    """Return the last day of `month`."""
    year, number = _parts(month)
    return datetime.date(year, number, calendar.monthrange(year, number)[1])


def months_after(day: datetime.date, count: int) -> datetime.date:
    """Return the same day `count` months later, or that month's last day where it has no such day (section 6)."""
    end = last_day(add_months(month_of(day), count))
    return min(end, end.replace(day=min(day.day, end.day)))


# Private


def _parts(month: str) -> tuple[int, int]:
    return int(month[:4]), int(month[5:7])
