"""Working days by the calendar of the State Council, make-up days (调休) included, through the library chinesecalendar.

The library knows the years for which a calendar was published. Nothing is assumed for another year: whoever asks is
told that it cannot be said, except where the days of the calendar alone already answer.
"""

import datetime
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


def working_days(first: datetime.date, last: datetime.date) -> int:
    """Count the working days after `first`, up to and including `last`; 0 when it is not later.

    Acceptance on a Monday and a visit on the Thursday are 3 (docs/import-formats.md section 6). Raises Untestable.
    """
    return sum(is_working_day(first + step * _ONE_DAY) for step in range(1, (last - first).days + 1))


def takes_longer(first: datetime.date, last: datetime.date, limit_days: int) -> bool:
    """Tell whether there are more than `limit_days` working days from `first` to `last`; raises Untestable.

    No more days than the limit are never too many, whatever the holidays: that is told for any year.
    """
    return (last - first).days > limit_days and working_days(first, last) > limit_days
