"""Days between two days, both as the text that the tables hold."""

import datetime


def days_between(first: str, last: str | None) -> int | None:
    """Return the days from `first` to `last`, 0 when it is earlier; None where there is no last day."""
    if last is None:
        return None
    return max((datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days, 0)
