"""One inspection as its events, folded in order, add up to; the rules of its order stand in `inspection_rules`."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.events.base import Event
from domain.events.inspection import (
    DrawAbandoned,
    DrawAnnounced,
    DrawMade,
    DrawPublished,
    DrawWeighted,
    FindingRecorded,
    RectificationAccepted,
    RectificationExtended,
    RectificationReported,
    RectificationReturned,
    SampleDrawn,
    SampleInspected,
)
from domain.recorded import Recorded

Rectification = RectificationReported | RectificationReturned | RectificationAccepted | RectificationExtended
RECTIFICATIONS: Final[Mapping[str, type[Rectification]]] = {
    event.TOPIC: event
    for event in (RectificationReported, RectificationReturned, RectificationAccepted, RectificationExtended)
}
"""What may become of a finding, by topic."""


@dataclass(slots=True)
class FindingState:
    """One finding: what it is, until when it is to be put right, and how far that has come.

    `reported` is the report that is being looked at; None before the first and after one was sent back.
    """

    finding: FindingRecorded
    due_on: datetime.date
    reported: RectificationReported | None = None
    accepted_on: datetime.date | None = None
    extended: int = 0
    last_on: datetime.date = datetime.date.min

    def take(self, event: Rectification) -> None:
        """Go on to what was reported, sent back, accepted or extended."""
        self.last_on = event.occurred_on
        match event:
            case RectificationReported():
                self.reported = event
            case RectificationReturned():
                self.reported = None
            case RectificationAccepted():  # it was put right when it was reported, however late that was looked at
                self.accepted_on = self.reported.occurred_on if self.reported else event.occurred_on
            case RectificationExtended():
                self.due_on, self.extended = event.due_on, self.extended + 1

    def days_late(self, as_of: datetime.date) -> int:
        """Return how many days after its deadline the finding was put right, or still is not on `as_of`; 0 in time.

        What is reported and waits for an answer counts by the day of its report: the office did what it had to.
        """
        done_on = self.accepted_on or (self.reported.occurred_on if self.reported else as_of)
        return max((done_on - self.due_on).days, 0)


@dataclass(slots=True)
class Inspection:
    """An inspection: the draw, what came out of it, and what was found.

    `announcements` and `draws` are more than one only in a log that somebody bent.
    """

    announcements: list[Recorded] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)
    draws: list[Recorded] = field(default_factory=list)
    samples: list[SampleDrawn] = field(default_factory=list)
    abandoned: DrawAbandoned | None = None
    published: list[DrawPublished] = field(default_factory=list)
    inspected: dict[str, SampleInspected] = field(default_factory=dict)
    findings: dict[int, FindingState] = field(default_factory=dict)

    @property
    def announced(self) -> DrawAnnounced | None:
        """The first announcement."""
        event = self.announcements[0].event if self.announcements else None
        return event if isinstance(event, DrawAnnounced) else None

    @property
    def made(self) -> DrawMade | None:
        """The first draw."""
        event = self.draws[0].event if self.draws else None
        return event if isinstance(event, DrawMade) else None

    def sample(self, case: str) -> SampleDrawn | None:
        """Return what came out for a case; None when it was not drawn."""
        return next((one for one in self.samples if one.case == case), None)


def fold_inspection(records: Iterable[Recorded]) -> Inspection:
    """Return what the entries of an inspection's stream, in order, add up to; unknown topics are left out."""
    state = Inspection()
    for recorded in records:
        handler = _HANDLERS.get(type(recorded.event)) if recorded.event is not None else None
        if handler is not None:
            handler(state, recorded, recorded.event)
    return state


# Private


def _announced(state: Inspection, recorded: Recorded, event: DrawAnnounced) -> None:
    state.announcements.append(recorded)


def _weighted(state: Inspection, recorded: Recorded, event: DrawWeighted) -> None:
    """Take weights of the announcement's own command; what was said later moves nothing."""
    if state.announcements and recorded.command == state.announcements[0].command:
        state.weights |= {one.case: one.weight for one in event.weights}


def _made(state: Inspection, recorded: Recorded, event: DrawMade) -> None:
    state.draws.append(recorded)


def _drawn(state: Inspection, recorded: Recorded, event: SampleDrawn) -> None:
    if state.draws and recorded.command == state.draws[0].command:
        state.samples.append(event)


def _abandoned(state: Inspection, recorded: Recorded, event: DrawAbandoned) -> None:
    state.abandoned = event


def _published(state: Inspection, recorded: Recorded, event: DrawPublished) -> None:
    state.published.append(event)


def _inspected(state: Inspection, recorded: Recorded, event: SampleInspected) -> None:
    state.inspected[event.case] = event


def _found(state: Inspection, recorded: Recorded, event: FindingRecorded) -> None:
    state.findings[event.finding] = FindingState(event, event.due_on, last_on=event.occurred_on)


def _rectified(state: Inspection, recorded: Recorded, event: Rectification) -> None:
    found = state.findings.get(event.finding)
    if found is not None:
        found.take(event)


_HANDLERS: Final[Mapping[type[Event], Callable[[Inspection, Recorded, Any], None]]] = {
    DrawAnnounced: _announced,
    DrawWeighted: _weighted,
    DrawMade: _made,
    SampleDrawn: _drawn,
    DrawAbandoned: _abandoned,
    DrawPublished: _published,
    SampleInspected: _inspected,
    FindingRecorded: _found,
    RectificationReported: _rectified,
    RectificationReturned: _rectified,
    RectificationAccepted: _rectified,
    RectificationExtended: _rectified,
}
