"""The facts of inspections: draws announced, made and ended, drawn cases, what was found, and how it was put right."""

from collections.abc import Iterable
from typing import Final

from domain.events.inspection import DrawAnnounced, SampleDrawn, SampleInspected
from domain.recorded import Recorded
from projections.register import Handler, Mark, Register, values_of
from projections.table import Row, Table, Value, integers, texts

_BY_NUMBER = ("number",)

DRAW: Final = Table(
    "draw",
    (
        *texts("number", "plan"),
        *integers("attempt"),
        *texts("announced_on", "weighting"),
        *integers("pool", "sample"),
        *texts("pool_fingerprint"),
    ),
    _BY_NUMBER,
)
DRAW_MADE: Final = Table("draw_made", (*texts("number", "seed"), *integers("size", "drawn")), _BY_NUMBER)
DRAW_STEP: Final = Table("draw_step", texts("number", "kind", "occurred_on", "word"), _BY_NUMBER)
SAMPLE: Final = Table(
    "sample", (*texts("number"), *integers("rank"), *texts("case_id", "inspectors")), ("number", "rank")
)
INSPECTED: Final = Table("inspected", texts("number", "case_id", "inspectors", "occurred_on", "outcome"), _BY_NUMBER)
FINDING: Final = Table(
    "finding",
    (*texts("number"), *integers("finding"), *texts("case_id", "kind", "severity", "occurred_on", "due_on")),
    _BY_NUMBER,
)
RECTIFICATION: Final = Table(
    "rectification",
    (*texts("number"), *integers("finding"), *texts("topic", "occurred_on", "due_on", "evidence")),
    _BY_NUMBER,
)

ABANDONED: Final = "abandoned"
PUBLISHED: Final = "published"


# Private


def _fields(table: Table, *fields: str, added: dict[int, Value] | None = None) -> Handler:
    """Return the handler that adds these open fields as one row, with fixed values put in at some places."""
    values = values_of(*fields)

    def handle(recorded: Recorded, mark: Mark) -> Iterable[Row]:
        row = values(recorded.event)
        for place, value in (added or {}).items():
            row.insert(place, value)
        return (Row(table, tuple(row)),)

    return handle


_announced_fields = values_of("number", "plan", "attempt", "occurred_on", "weighting")


def _announced(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, DrawAnnounced)
    pool, sample = sum(one.cases for one in event.strata), sum(one.sample for one in event.strata)
    return (Row(DRAW, (*_announced_fields(event), pool, sample, event.pool_fingerprint)),)


def _drawn(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, SampleDrawn)
    return (Row(SAMPLE, (event.number, event.rank, event.case, ", ".join(event.inspectors))),)


_inspected_fields = values_of("occurred_on", "outcome")


def _inspected(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, SampleInspected)
    who = ", ".join(event.inspectors)
    return (Row(INSPECTED, (event.number, event.case, who, *_inspected_fields(event))),)


def _rectified(topic: str) -> Handler:
    return _fields(RECTIFICATION, "number", "finding", "occurred_on", "due_on", "evidence", added={2: topic})


_FINDING_FIELDS = ("number", "finding", "case", "kind", "severity", "occurred_on", "due_on")

INSPECTION_FACTS: Final = Register(
    "inspection-facts",
    (DRAW, DRAW_MADE, DRAW_STEP, SAMPLE, INSPECTED, FINDING, RECTIFICATION),
    {
        "draw.announced/1": _announced,
        "draw.made/1": _fields(DRAW_MADE, "number", "seed", "size", "drawn"),
        "draw.abandoned/1": _fields(DRAW_STEP, "number", "occurred_on", "ground", added={1: ABANDONED}),
        "draw.published/1": _fields(DRAW_STEP, "number", "occurred_on", "place", added={1: PUBLISHED}),
        "sample.drawn/1": _drawn,
        "sample.inspected/1": _inspected,
        "finding.recorded/1": _fields(FINDING, *_FINDING_FIELDS),
        **{
            topic: _rectified(topic)
            for topic in (
                "rectification.reported/1",
                "rectification.returned/1",
                "rectification.accepted/1",
                "rectification.extended/1",
            )
        },
    },
)
