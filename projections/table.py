"""A register's table: append-only facts, each with the position of the entry it came from.

Because a row is never changed and names its position, what was known at position P is the rows with `position < P`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["integer", "text", "bytes"]
Value = int | str | bytes | None

LIVE = "register_"
STAGED = "register_next_"


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name without prefix, its columns after `position`, and the columns its rows are read in order of."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    ordered_by: tuple[str, ...] = ()

    def column_names(self) -> tuple[str, ...]:
        """Return the names of all columns, `position` first."""
        return ("position", *(name for name, _ in self.columns))

    def create(self, prefix: str, types: Mapping[Kind, str]) -> str:
        """Return the statement that makes the table, in the types of one database."""
        columns = ", ".join(f"{name} {types[kind]}" for name, kind in self.columns)
        return f"CREATE TABLE {prefix}{self.name} (position {types['integer']} NOT NULL, {columns})"

    def create_index(self) -> str | None:
        """Return the statement that makes the live table's index, or None when it needs none."""
        if not self.ordered_by:
            return None
        columns = ", ".join((*self.ordered_by, "position"))
        return f"CREATE INDEX {LIVE}{self.name}_order ON {LIVE}{self.name} ({columns})"

    def insert(self, prefix: str) -> str:
        """Return the statement that adds one row."""
        names = self.column_names()
        marks = ", ".join("?" for _ in names)
        return f"INSERT INTO {prefix}{self.name} ({', '.join(names)}) VALUES ({marks})"

    def select(self, *columns: str, where: str = "") -> str:
        """Return the query for rows known before a position (its first parameter), in the table's order."""
        order = ", ".join((*self.ordered_by, "position"))
        condition = f" AND {where}" if where else ""
        return f"SELECT {', '.join(columns)} FROM {LIVE}{self.name} WHERE position < ?{condition} ORDER BY {order}"


class Row(NamedTuple):
    """One fact to be added: its table, and the values after `position`."""

    table: Table
    values: tuple[Value, ...]


def texts(*names: str) -> tuple[tuple[str, Kind], ...]:
    """Return text columns of these names."""
    return tuple((name, "text") for name in names)


def integers(*names: str) -> tuple[tuple[str, Kind], ...]:
    """Return integer columns of these names."""
    return tuple((name, "integer") for name in names)


def definitions(tables: tuple[Table, ...]) -> Iterator[str]:
    """Yield the statements of the tables in neutral types: what a schema version is computed from."""
    types: dict[Kind, str] = {"integer": "integer", "text": "text", "bytes": "bytes"}
    for table in tables:
        yield table.create(LIVE, types)
        yield table.create_index() or ""
