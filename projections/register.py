"""What a register is to the follower: its tables, and for each topic the rows that an entry adds to them."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from domain.events.base import Event
from domain.recorded import Recorded
from ledger.entry import decode_name
from projections.table import Row, Table, Value

Mark = Callable[[str, str], bytes | None]
"""A keyed pseudonym: `mark("person", citizen_id)`; None when the key is not at hand."""

Handler = Callable[[Recorded, Mark], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Register:
    """A read model: `handlers` by topic; entries of the topics in `opens` come with their sealed part, if it opens."""

    name: str
    tables: tuple[Table, ...]
    handlers: Mapping[str, Handler]
    opens: frozenset[str] = frozenset()


_AS_THEY_ARE: Final = frozenset({str, int, type(None)})


def subject(recorded: Recorded) -> str:
    """Return whom the entry's stream is about: the case number of `case/…`, the staff number of `staff/…`."""
    name = recorded.stream.partition("/")[2]
    return decode_name(recorded.stream)[1] if "%" in name else name


def plain(table: Table, *fields: str) -> Handler:
    """Return the handler that adds one row: the subject, then these open fields of the event."""

    values = values_of(*fields)

    def handle(recorded: Recorded, mark: Mark) -> Iterable[Row]:
        return (Row(table, (subject(recorded), *values(recorded.event))),)

    return handle


def constant(table: Table, *fields: str, value: Value) -> Handler:
    """Return the handler that adds the subject, a fixed value, and these open fields of the event."""

    values = values_of(*fields)

    def handle(recorded: Recorded, mark: Mark) -> Iterable[Row]:
        return (Row(table, (subject(recorded), value, *values(recorded.event))),)

    return handle


def values_of(*fields: str) -> Callable[[Event | None], list[Value]]:
    """Return what reads these fields of an event as columns hold them; see `value_of`."""

    def read(event: Event | None) -> list[Value]:
        found = map(vars(event).get, fields)  # where a model keeps its fields; `getattr` looks further first
        return [value if type(value) in _AS_THEY_ARE else as_value(value) for value in found]

    return read


def value_of(event: Event | None, field: str) -> Value:
    """Return a field as a column holds it: days as `YYYY-MM-DD`, listed values as their words; None when absent."""
    return as_value(getattr(event, field, None))


def as_value(found: Any) -> Value:
    """Return a day, a listed value, a boolean, a number or a text as a column holds it."""
    if isinstance(found, datetime.date):
        return found.isoformat()
    if isinstance(found, Enum):
        return str(found._value_)  # what `value` looks up, which takes four times as long
    if isinstance(found, bool):
        return int(found)
    if found is None or isinstance(found, int | str | bytes):
        return found
    raise TypeError(f"no column holds a {type(found).__name__}")
