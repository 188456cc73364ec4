"""How long a case file is kept before it may be erased, and what forbids it although the time is over.

A case's papers of approval and of daily management are sealed under one key, so the longer of the two times counts. It
runs from the day the case ended: the first day of the month from which it is stopped, or the day of a refusal; or
from the last thing that happened in the case when that was later.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.case import CaseState, entitlement_of
from domain.events.erasure import RetentionAdopted
from domain.months import first_day, month_of
from domain.open_points import open_points
from domain.vocabulary import CaseStatus


@dataclass(frozen=True, slots=True)
class Retention:
    """Years after the end of a case for which its papers of approval and of daily management are kept."""

    approval_years: int
    management_years: int
    adopted: bool = True  # by this ledger; else what the archive notice wants at least

    @property
    def years(self) -> int:
        """The years for which the whole file is kept."""
        return max(self.approval_years, self.management_years)


AT_LEAST: Final = Retention(approval_years=3, management_years=5, adopted=False)
"""What the ministry's notice on the archives of assistance wants at least; no adopted time may be shorter."""

HINDERING: Final = frozenset(
    {"decision_pending", "due_not_paid", "returned_unresolved", "recovery_outstanding", "appeal_pending"}
)
"""Open points (`domain.open_points`) that forbid an erasure: money, a recovery or an appeal is not settled."""


class Hindrance(NamedTuple):
    """What forbids an erasure: a kind of `HINDERING`, `not_ended`, `retained` or `flag`, and what it is about."""

    kind: str
    subject: str


def retention_on(day: datetime.date, adopted: Iterable[RetentionAdopted]) -> Retention:
    """Return the retention in force on a day: what was adopted last to be in force by then, else `AT_LEAST`."""
    in_force = [one for one in adopted if one.effective_on <= day]
    if not in_force:
        return AT_LEAST
    latest = max(enumerate(in_force), key=lambda pair: (pair[1].effective_on, pair[0]))[1]
    return Retention(latest.approval_years, latest.management_years)


def ended_on(state: CaseState, days: Iterable[datetime.date | None], today: datetime.date) -> datetime.date | None:
    """Return the day from which the time runs, None while the case has not ended; `days` are those of its entries."""
    entitlement, month = entitlement_of(state), month_of(today)
    status = entitlement.status_in(month)
    since = entitlement.status_since(month)
    ended: datetime.date | None = None
    if status is CaseStatus.STOPPED and since is not None:
        ended = first_day(since)
    elif status in (CaseStatus.REFUSED, CaseStatus.TERMINATED) and state.ruling is not None:
        ended = state.ruling.decided_on
    return None if ended is None else max([ended, *(day for day in days if day is not None)])


def kept_until(ended: datetime.date, retention: Retention) -> datetime.date:
    """Return the first day on which a case that ended on a day may be erased."""
    try:
        return ended.replace(year=ended.year + retention.years)
    except ValueError:  # the 29th of February
        return datetime.date(ended.year + retention.years, 3, 1)


def hindrances(
    state: CaseState,
    ended: datetime.date | None,
    until: datetime.date | None,
    today: datetime.date,
    first_month: str | None,
) -> Iterator[Hindrance]:
    """Yield what forbids the erasure of a case today; money is looked for from `first_month` on."""
    if ended is None:
        yield Hindrance("not_ended", entitlement_of(state).status_in(month_of(today)).value)
        return
    if until is not None and today < until:
        yield Hindrance("retained", until.isoformat())
    for point in open_points(state, month_of(today), first_month):
        if point.kind in HINDERING:
            yield Hindrance(point.kind, point.subject)
