"""Recording what an inspection found and how it was put right: each step checked against those before it."""

import datetime
from collections.abc import Callable

from audit.draws.making import Clock, command_of, stream_of
from domain.events.base import Event
from domain.events.inspection import (
    DrawPublished,
    FindingRecorded,
    RectificationAccepted,
    RectificationExtended,
    RectificationReported,
    RectificationReturned,
    SampleInspected,
)
from domain.inspection import Inspection, fold_inspection
from domain.inspection_rules import (
    check_answer,
    check_extension,
    check_finding,
    check_inspected,
    check_publication,
    check_report,
)
from domain.vocabulary import FindingKind, FindingSeverity
from ledger.ledger import Ledger, Recording


def inspect(ledger: Ledger, event: SampleInspected, by: str, clock: Clock) -> None:
    """Record that a drawn case was inspected, by the drawn inspectors where the event names none."""

    def step(state: Inspection) -> Event:
        sample = state.sample(event.case)
        drawn = sample.inspectors if sample else ()
        completed = event if event.inspectors else event.model_copy(update={"inspectors": drawn})
        check_inspected(state, completed)
        return completed

    _record(ledger, event.number, by, clock, step)


def find(
    ledger: Ledger,
    number: str,
    case: str,
    kind: FindingKind,
    severity: FindingSeverity,
    occurred_on: datetime.date,
    due_on: datetime.date,
    fact: str | None,
    by: str,
    clock: Clock,
) -> int:
    """Record a finding and return its number within the inspection, from 1."""
    numbers: list[int] = []

    def step(state: Inspection) -> Event:
        numbers.append(max(state.findings, default=0) + 1)
        event = FindingRecorded(
            number=number,
            finding=numbers[-1],
            case=case,
            kind=kind,
            severity=severity,
            occurred_on=occurred_on,
            due_on=due_on,
            fact=fact,
        )
        check_finding(state, event)
        return event

    _record(ledger, number, by, clock, step)
    return numbers[-1]


def report(ledger: Ledger, event: RectificationReported, by: str, clock: Clock) -> None:
    """Record that a finding is said to be put right."""

    def step(state: Inspection) -> Event:
        check_report(state, event.number, event.finding, event.occurred_on)
        return event

    _record(ledger, event.number, by, clock, step)


def answer(ledger: Ledger, event: RectificationAccepted | RectificationReturned, by: str, clock: Clock) -> None:
    """Record that a report was accepted, which closes the finding, or sent back."""

    def step(state: Inspection) -> Event:
        check_answer(state, event.number, event.finding, event.occurred_on)
        return event

    _record(ledger, event.number, by, clock, step)


def extend(ledger: Ledger, event: RectificationExtended, by: str, clock: Clock) -> None:
    """Record a later deadline."""

    def step(state: Inspection) -> Event:
        check_extension(state, event.number, event.finding, event.occurred_on, event.due_on)
        return event

    _record(ledger, event.number, by, clock, step)


def publish(ledger: Ledger, event: DrawPublished, by: str, clock: Clock) -> None:
    """Record that the result was made public."""

    def step(state: Inspection) -> Event:
        check_publication(state, event.number, event.occurred_on)
        return event

    _record(ledger, event.number, by, clock, step)


# Private


def _record(ledger: Ledger, number: str, by: str, clock: Clock, step: Callable[[Inspection], Event]) -> None:
    """Record what `step` makes of the inspection as it is then; raises InspectionRefused, and records nothing."""

    def work(recording: Recording) -> None:
        state = fold_inspection(recording.stream(stream_of(number)))
        recording.record(command_of(number, by, [step(state)]))

    ledger.record(clock, work)
