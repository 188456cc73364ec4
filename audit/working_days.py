"""Working days by the calendar of the State Council, make-up days (调休) included, through the library chinesecalendar.

The library knows the years for which a calendar was published. Nothing is assumed for another year: whoever asks is
told that it cannot be said, except where the days of the calendar alone already answer.
"""

import datetime
from collections.abc import Iterator
from functools import cache

import chinese_calendar

from audit.flags.untested import NO_HOLIDAYS, Untestable

_ONE_DAY = datetime.timedelta(days=1)
_YEARS_KNOWN = frozenset(day.year for day in chinese_calendar.constants.holidays)


@cache
def is_working_day(day: datetime.date) -> bool:
    """Tell whether offices work on a day; raises Untestable for a year whose calendar is not known."""
    if day.year not in _YEARS_KNOWN:
        raise Untestable(NO_HOLIDAYS, day=day.isoformat())
    return bool(chinese_calendar.is_workday(day))


def overdue_days(first: datetime.date, last: datetime.date, limit_days: int) -> int | None:
    """Return how many working days there are from `first` to `last` where these are more than `limit_days`, else None.

    Acceptance on a Monday and a visit on the Thursday are 3 (docs/import-formats.md section 6). Days of a year whose
    calendar is not known count where they cannot matter: what the known days alone exceed is overdue, and the number
    is then that of the known ones; what all days together do not exceed is not. Raises Untestable between the two.
    """
    days = list(_days(first, last))
    known = [day for day in days if day.year in _YEARS_KNOWN]
    worked = sum(is_working_day(day) for day in known)
    if worked > limit_days:
        return worked
    if worked + len(days) - len(known) > limit_days:
        raise Untestable(NO_HOLIDAYS, day=next(day for day in days if day.year not in _YEARS_KNOWN).isoformat())
    return None


# Private


def _days(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    return (first + step * _ONE_DAY for step in range(1, (last - first).days + 1))
