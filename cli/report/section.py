"""What a report is made of: key figures at its head, and sections with charts and tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cli.columns import Column, Row
from cli.pages.charts import Figure
from cli.pages.tables import Table, table_of
from cli.words import _

State = Literal["", "good", "bad", "open"]


@dataclass(frozen=True)
class KeyFigure:
    """A number that stands large at the head of a report; `state` colours it."""

    name: str
    value: str
    note: str = ""
    state: State = ""


@dataclass(frozen=True)
class Section:
    """A part of the report. `verdict` says in what `state` things are; `commands` give the same numbers."""

    title: str
    anchor: str
    text: str = ""
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    commands: Sequence[str] = ()
    verdict: str = ""
    state: State = ""


def summed(rows: Iterable[Row], columns: Sequence[Column]) -> Mapping[str, Any]:
    """Return the sums of the columns that hold numbers, for the last line of a table."""
    listed = list(rows)
    keys = (column.key for column in columns if column.is_right(listed))
    return {key: sum(row[key] or 0 for row in listed) for key in keys} if listed else {}


def totalled(title: str, columns: Sequence[Column], rows: Sequence[Row], note: str = "") -> Table:
    """Return a table whose last line adds up what can be added up."""
    return table_of(title, columns, rows, summed(rows, columns) if len(rows) > 1 else None, note=note)


def money_unit() -> str:
    """Return the unit of charts of money."""
    return _("yuan")
