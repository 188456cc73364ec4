"""The machinery of the mapping: one rule per event class, read in both directions."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, get_args

from pydantic import TypeAdapter, ValidationError

from domain.events.base import Event
from domain.events.delivery import RowCompleted
from domain.fields import Citation, DifferingColumn, Source
from domain.formats.columns import Value
from domain.vocabulary import FileKind

StreamId = tuple[str, str]  # kind and id, before percent-encoding
YES = "是"
NO = "否"


@dataclass(frozen=True, slots=True)
class RowContext:
    """A good row and what the loader found out about it.

    `values` holds the filled cells by canonical header; `month` is the month in the file's name; `member` the number of
    the person within the case; `case` the case number the row names; `case_known` whether that case is loaded;
    `person` the keyed pseudonym of the person the row is about.
    """

    kind: FileKind
    values: Mapping[str, Value]
    source: Source
    month: str | None = None
    member: int | None = None
    case: str | None = None
    case_known: bool = True
    person: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class EventRule:
    """One event class and the columns it is made of.

    `fields` maps a field to its column. `given` are the cells for which this class is the right one; where only one
    value is possible the class itself says the cell. `placing` are fields that only say what the event belongs to,
    repeated whenever the event is recorded. An `optional` rule applies when one of its other columns is filled, and
    again, with just the new cells, when a later delivery fills a blank.
    """

    event: type[Event]
    fields: Mapping[str, str]
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    placing: frozenset[str] = frozenset()
    optional: bool = False
    derived: Callable[[RowContext], Mapping[str, Any]] | None = None

    def own_columns(self) -> frozenset[str]:
        """Return the columns this rule carries information of."""
        return _own_columns(self)


@dataclass(frozen=True, slots=True)
class CaseNote:
    """An event noted in the stream of a case, in the same command, that cites the `of`-th event of the row."""

    stream: StreamId
    of: int
    build: Callable[[Citation], Event]


@dataclass(frozen=True, slots=True, eq=False)
class RowMapping:
    """Everything about one kind of file: whose stream its rows go to, by which rules, and what else they touch."""

    kind: FileKind
    stream: Callable[[RowContext], StreamId]
    rules: tuple[EventRule, ...]
    notes: Callable[[RowContext, Sequence[Event]], Sequence[CaseNote]] = lambda context, events: ()
    prepare: Callable[[Mapping[str, Value]], Mapping[str, Value]] = lambda values: values


def events_of(mapping: RowMapping, context: RowContext) -> list[Event]:
    """Return the events that a new row gives rise to, in the order of the rules."""
    columns = context.values.keys()
    return [
        _build(rule, context, columns)
        for rule in mapping.rules
        if _applies(rule, context.values) and not (rule.optional and _own_columns(rule).isdisjoint(columns))
    ]


def completing_events(
    mapping: RowMapping, context: RowContext, filled: set[str], completed: Citation, kept: Mapping[str, str]
) -> list[Event]:
    """Return the events that fill the blank columns `filled` of the row recorded at `completed`.

    A column that no optional rule carries goes into one `row.completed/1`, so that nothing handed over is lost.
    """
    events: list[Event] = []
    rest = set(filled)
    for rule in mapping.rules:
        new = rule.own_columns() & filled if rule.optional and _applies(rule, context.values) else frozenset()
        if new:
            placing = {rule.fields[name] for name in rule.placing if name in rule.fields}
            events.append(_build(rule, context, new | placing))
            rest -= new
    if rest:
        texts = cell_texts(mapping, context)
        cells = tuple(
            DifferingColumn(column=column, kept=kept.get(column, ""), other=texts.get(column, ""))
            for column in sorted(rest)
        )
        events.append(RowCompleted(source=context.source, cites=completed, cells=cells))
    return events


def columns_of(mapping: RowMapping, events: Iterable[Event | None]) -> dict[str, str]:
    """Return the cells that the events of one row hold, as comparable text by column.

    Cells of a sealed part that was not opened are missing.
    """
    by_class = _rules_by_class(mapping)
    columns: dict[str, str] = {}
    for event in events:
        if isinstance(event, RowCompleted):
            columns.update({cell.column: cell.other for cell in event.cells or ()})
        elif event is not None and type(event) in by_class:
            columns.update(_cells_of(by_class[type(event)], event))
    return columns


def cell_texts(mapping: RowMapping, context: RowContext) -> dict[str, str]:
    """Return the cells that a new row would leave in the log, as the same comparable text as `columns_of`."""
    texts = columns_of(mapping, events_of(mapping, context))
    named = {column for rule in mapping.rules for column in rule.fields.values()}
    for column in named & context.values.keys():
        texts.setdefault(column, text_of(context.values[column]))
    return texts


def text_of(value: Value) -> str:
    """Return a cell as text: dates in ISO form, amounts as fen."""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


# Private


class _Field(NamedTuple):
    """How one cell goes into an event: which field, the sealed twin for text it cannot hold, what to make of it.

    `made` is None where the cell is the value.
    """

    name: str
    column: str
    twin: str | None
    made: Callable[[Any], Any] | None


@cache
def _fields_of(rule: EventRule) -> tuple[_Field, ...]:
    members = rule.event.model_fields
    return tuple(
        _Field(name, column, f"{name}_text" if f"{name}_text" in members else None, _maker(members[name].annotation))
        for name, column in rule.fields.items()
    )


@cache
def _own_columns(rule: EventRule) -> frozenset[str]:
    return frozenset(column for name, column in rule.fields.items() if name not in rule.placing)


@cache
def _rules_by_class(mapping: RowMapping) -> Mapping[type[Event], EventRule]:
    return {rule.event: rule for rule in mapping.rules}


def _maker(annotation: Any) -> Callable[[Any], Any] | None:
    """Return what makes a cell into a value of a field, the member of a list of values or yes or no; None: the cell."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return partial(_member, kind)
    return (lambda cell: cell == YES) if annotation is bool else None


def _member(kind: type[Enum], cell: Value) -> Any:
    """Return the member with this value; a cell of no member is left for the event to refuse."""
    return kind._value2member_map_.get(cell, cell)


def _applies(rule: EventRule, values: Mapping[str, Value]) -> bool:
    return not rule.given or all(values.get(column) in choices for column, choices in rule.given.items())


def _build(rule: EventRule, context: RowContext, columns: Set[str]) -> Event:
    members: dict[str, Any] = {}
    values = context.values
    for name, column, twin, made in _fields_of(rule):
        if column in columns and column in values:
            value = values[column] if made is None else made(values[column])
            members[name if twin is None or _fits(rule.event, name, value) else twin] = value
    if rule.derived:
        members.update({name: value for name, value in rule.derived(context).items() if value is not None})
    if "source" in _names_of(rule.event):
        members["source"] = context.source
    return rule.event(**members)


def _cells_of(rule: EventRule, event: Event) -> dict[str, str]:
    cells = {column: choices[0] for column, choices in rule.given.items() if len(choices) == 1}
    for name, column, twin, _ in _fields_of(rule):
        text = getattr(event, twin) if twin else None
        value = getattr(event, name) if text is None else text
        if isinstance(value, bool):
            cells[column] = YES if value else NO
        elif value is not None:
            cells[column] = text_of(value)
    return cells


@lru_cache(maxsize=10_000)
def _fits(event: type[Event], name: str, value: Any) -> bool:
    """Tell whether the open field can hold the value; where it cannot, its sealed twin `…_text` does."""
    try:
        _adapter(event, name).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@cache
def _names_of(event: type[Event]) -> frozenset[str]:
    return frozenset(event.model_fields)


@cache
def _adapter(event: type[Event], name: str) -> TypeAdapter[Any]:
    field_info = event.model_fields[name]
    annotation: Any = field_info.annotation
    return TypeAdapter(annotation)
