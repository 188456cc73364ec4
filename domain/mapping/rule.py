"""The machinery of the mapping: one rule per event class, read in both directions."""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.events.base import Event
from domain.events.delivery import RowCompleted
from domain.fields import Citation, DifferingColumn, Source
from domain.vocabulary import FileKind

Cell = str | int | datetime.date
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
    values: Mapping[str, Cell]
    source: Source
    month: str | None = None
    member: int | None = None
    case: str | None = None
    case_known: bool = True
    person: str = ""


@dataclass(frozen=True, slots=True)
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

    def own_columns(self) -> set[str]:
        """Return the columns this rule carries information of."""
        return {column for name, column in self.fields.items() if name not in self.placing}


@dataclass(frozen=True, slots=True)
class Notice:
    """An event for another stream of the same command, citing the `of`-th event of the row."""

    stream: StreamId
    of: int
    build: Callable[[Citation], Event]


@dataclass(frozen=True, slots=True)
class RowMapping:
    """Everything about one kind of file: whose stream its rows go to, by which rules, and what else they touch."""

    kind: FileKind
    stream: Callable[[RowContext], StreamId]
    rules: tuple[EventRule, ...]
    notices: Callable[[RowContext, Sequence[Event]], Sequence[Notice]] = lambda context, events: ()
    prepare: Callable[[Mapping[str, Cell]], Mapping[str, Cell]] = lambda values: values


def events_of(mapping: RowMapping, context: RowContext) -> list[Event]:
    """Return the events that a new row gives rise to, in the order of the rules."""
    return [
        _build(rule, context, set(rule.fields.values()))
        for rule in mapping.rules
        if _applies(rule, context.values) and (not rule.optional or rule.own_columns() & context.values.keys())
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
        new = rule.own_columns() & filled if rule.optional and _applies(rule, context.values) else set()
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
    by_class = {rule.event: rule for rule in mapping.rules}
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


def text_of(value: Cell) -> str:
    """Return a cell as text: dates in ISO form, amounts as fen."""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


# Private


def _applies(rule: EventRule, values: Mapping[str, Cell]) -> bool:
    return all(values.get(column) in choices for column, choices in rule.given.items())


def _build(rule: EventRule, context: RowContext, columns: set[str]) -> Event:
    members: dict[str, Any] = {}
    for name, column in rule.fields.items():
        if column in columns and column in context.values:
            value = _json_value(rule.event, name, context.values[column])
            members[_fitting_field(rule.event, name, value)] = value
    if rule.derived:
        members.update({name: value for name, value in rule.derived(context).items() if value is not None})
    if "source" in rule.event.model_fields:
        members["source"] = context.source.model_dump(mode="json", exclude_none=True)
    return rule.event.read(members)


def _cells_of(rule: EventRule, event: Event) -> dict[str, str]:
    cells = {column: choices[0] for column, choices in rule.given.items() if len(choices) == 1}
    for name, column in rule.fields.items():
        value = getattr(event, name)
        if (twin := f"{name}_text") in type(event).model_fields:
            text = getattr(event, twin)
            value = value if text is None else text
        if isinstance(value, bool):
            cells[column] = YES if value else NO
        elif value is not None:
            cells[column] = text_of(value)
    return cells


def _json_value(event: type[Event], name: str, cell: Cell) -> Any:
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if event.model_fields[name].annotation is bool:
        return cell == YES
    return cell


def _fitting_field(event: type[Event], name: str, value: Any) -> str:
    """Return the open field, or its sealed twin `…_text` when the value is not of the open field's form."""
    twin = f"{name}_text"
    if twin not in event.model_fields:
        return name
    try:
        _adapter(event, name).validate_json(json.dumps(value))
    except ValidationError:
        return twin
    return name


@cache
def _adapter(event: type[Event], name: str) -> TypeAdapter[Any]:
    field_info = event.model_fields[name]
    annotation: Any = field_info.annotation
    return TypeAdapter(annotation)
