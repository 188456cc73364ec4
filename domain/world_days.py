"""The day in the world on which each entry of a case happened; entries without a day of their own borrow one.

A detail has the day of what it is a detail of: a transfer's reason for return that of the transfer, a member's
listing that of the application, a completed cell that of the row it completes. An instructed payment happens on the
first day of the month in which it is to be sent.
"""

import datetime
from collections.abc import Iterable, Mapping

from domain.events.base import Event
from domain.events.delivery import RowCompleted
from domain.events.household import MemberDied
from domain.events.payment import PaymentInstructed
from domain.months import first_day
from domain.recorded import Recorded

_OWN = ("occurred_on", "surveyed_on", "opened_on", "approves_on")
_LINKS = ("transfer", "order", "number", "staff")


def world_days(records: Iterable[Recorded]) -> Mapping[int, datetime.date | None]:
    """Return the day of each entry by its position; None where nothing says one."""
    listed = list(records)
    days: dict[int, datetime.date | None] = {r.position: own_day(r.event) for r in listed}
    anchors = _anchors(listed, days)
    for recorded in listed:
        if days[recorded.position] is None:
            days[recorded.position] = _borrowed(recorded, anchors)
    return days


def own_day(event: Event | None) -> datetime.date | None:
    """Return the day that an event itself says; None when it says none."""
    if isinstance(event, PaymentInstructed):
        return first_day(event.pay_month)
    if isinstance(event, MemberDied):
        return event.occurred_on
    for name in _OWN:
        day = getattr(event, name, None)
        if isinstance(day, datetime.date):
            return day
    return None


# Private

_Anchor = tuple[str, object]


def _anchors(listed: list[Recorded], days: Mapping[int, datetime.date | None]) -> Mapping[_Anchor, datetime.date]:
    """Return the first day said for each thing that other entries name, each row, each entry and the application."""
    anchors: dict[_Anchor, datetime.date] = {}
    for recorded in listed:
        day = days[recorded.position]
        if day is None:
            continue
        for anchor in (*_named(recorded.event), ("row", recorded.command), ("entry", (recorded.stream, recorded.seq))):
            anchors.setdefault(anchor, day)
        if recorded.topic.startswith("application."):
            anchors.setdefault(("case", ""), day)
    return anchors


def _borrowed(recorded: Recorded, anchors: Mapping[_Anchor, datetime.date]) -> datetime.date | None:
    event = recorded.event
    cited: list[_Anchor] = []
    if isinstance(event, RowCompleted):
        cited = [("entry", (event.cites.stream, event.cites.seq))]
    wanted = [*cited, *_named(event), ("row", recorded.command), ("case", "")]
    return next((anchors[anchor] for anchor in wanted if anchor in anchors), None)


def _named(event: Event | None) -> list[_Anchor]:
    found = ((name, getattr(event, name, None)) for name in _LINKS)
    return [(name, value) for name, value in found if value is not None]
