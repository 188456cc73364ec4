"""One entry of the log as process mining sees it: an activity at a time, the things it touched, and plain values.

Only the open part is read: nothing here names a person, and no key is needed. An officer is a staff number, a
household member a number within the case.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

from domain.events.base import Event
from domain.fields import Stratum
from domain.recorded import Recorded
from domain.world_days import own_day
from ledger.entry import decode_name, format_time
from ledger.topics import TOPICS

Scalar = str | int | bool

OFFICERS: Final = ("officer", "surveyor_1", "surveyor_2", "confirmer", "handler", "reviewer", "visitor")
"""Fields of events that hold the staff number of whoever did it."""

OF_STREAM: Final = "of"
RECORDED_BY: Final = "recorded by"


class Thing(NamedTuple):
    """Something that activities touch: `kind` is that of its stream, or member, officer; `number` its own."""

    kind: str
    number: str

    @property
    def id(self) -> str:
        """What names it among all things."""
        return f"{self.kind}/{self.number}"


@dataclass(frozen=True, slots=True)
class Activity:
    """An entry as an activity.

    `time` is midnight (UTC) of the day in the world, or the moment of recording where no day is said; `touched` pairs
    each thing with what it was to the activity; `values` are the open members that are numbers, words or days.
    """

    position: int
    topic: str
    time: datetime.datetime
    recorded_at: datetime.datetime
    officer: str | None
    touched: tuple[tuple[Thing, str], ...]
    values: dict[str, Scalar]


def activities(records: Iterable[Recorded]) -> Iterator[Activity]:
    """Yield the activity of each entry, in the order given.

    An entry that says no day of its own has the day of the entry before it in the same command: they are of one row.
    """
    command, day = "", None
    for recorded in records:
        if recorded.command != command:
            command, day = recorded.command, None
        day = own_day(recorded.event) or day
        yield activity(recorded, day)


def activity(recorded: Recorded, day: datetime.date | None) -> Activity:
    """Return one entry as the activity of a day."""
    time = datetime.datetime.combine(day, datetime.time(), datetime.UTC) if day else recorded.at
    touched = tuple(_touched(recorded))
    officer = next((number for _, number in _officers(recorded.event)), None) or _person(recorded.by)
    return Activity(
        recorded.position, recorded.topic, time, recorded.at, officer, touched, dict(_values(recorded.event))
    )


def attribute_types(topic: str) -> dict[str, str]:
    """Return what a topic's values are called and whether each is an integer, a boolean, a time or a string."""
    event_class = TOPICS.get(topic)
    if event_class is None:
        return {}
    fields = event_class.model_fields
    return {
        name: _TYPES.get(_base(fields[name].annotation), "string") for name in sorted(event_class.OPEN_FIELDS - _LINKS)
    }


# Private

_LINKS: Final = frozenset({"source", "case", "order", "batch", "member", "staff", *OFFICERS})
"""Fields that become relations to things, or that only say where an entry came from."""

_TYPES: Final[Mapping[Any, str]] = {bool: "boolean", int: "integer", datetime.date: "time"}
_THINGS: Final = (("case", "case", OF_STREAM), ("order", "recovery", OF_STREAM), ("batch", "batch", "paid in"))


def _touched(recorded: Recorded) -> Iterator[tuple[Thing, str]]:
    kind, number = decode_name(recorded.stream)
    stream = Thing("officer" if kind == "staff" else kind, number)
    seen = {stream}
    yield stream, OF_STREAM
    event = recorded.event
    for field, thing_kind, what in _THINGS:
        value = getattr(event, field, None)
        if isinstance(value, str) and Thing(thing_kind, value) not in seen:
            seen.add(Thing(thing_kind, value))
            yield Thing(thing_kind, value), what
    member = getattr(event, "member", None)
    if isinstance(member, int) and kind == "case":
        yield Thing("member", f"{number}/{member}"), "about"
    for field, officer in _officers(event):
        yield Thing("officer", officer), field.replace("_", " ")
    relative_of = getattr(event, "staff", None)
    if isinstance(relative_of, str):
        yield Thing("officer", relative_of), "kin of"
    recorder = _person(recorded.by)
    if recorder is not None:
        yield Thing("officer", recorder), RECORDED_BY


def _officers(event: Event | None) -> Iterator[tuple[str, str]]:
    for field in OFFICERS:
        officer = getattr(event, field, None)
        if isinstance(officer, str):
            yield field, officer


def _person(actor: str) -> str | None:
    """Return the staff number of an actor; None for a program."""
    return actor.removeprefix("staff/") if actor.startswith("staff/") else None


def _values(event: Event | None) -> Iterator[tuple[str, Scalar]]:
    if event is None:
        return
    for name in sorted(type(event).OPEN_FIELDS - _LINKS):
        value = getattr(event, name)
        if value is not None:
            yield name, _scalar(value)


def _scalar(value: Any) -> Scalar:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str | int):
        return value
    if isinstance(value, datetime.datetime):
        return format_time(value)
    if isinstance(value, datetime.date):
        return f"{value.isoformat()}T00:00:00.000000Z"
    if isinstance(value, tuple):
        return " ".join(str(_scalar(one)) for one in value)
    if isinstance(value, Stratum):
        return f"{value.name}:cases={value.cases},weight={value.weight},sample={value.sample}".replace(" ", "/")
    return f"{value.stream}#{value.seq}"  # a citation, the other model that stands in the open


def _base(annotation: Any) -> Any:
    """Return the type below `Annotated` and `| None`."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _base(arguments[0])
    if type(None) in arguments:
        return _base(next(one for one in arguments if one is not type(None)))
    return annotation
