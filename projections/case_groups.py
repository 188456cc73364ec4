"""Rows that begin with a case number and come in its order, taken one case at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from projections.scope import View
from projections.table import Table

Group = list[tuple[Any, ...]]


class Groups:
    """One table's rows, streamed beside the cases in the order of case numbers."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    @property
    def next_number(self) -> str | None:
        """The case number of the next row; None when there is none."""
        return self._next[0] if self._next is not None else None

    def take(self, number: str) -> Group:
        """Return the rows of this case, passing over those of smaller numbers."""
        taken: Group = []
        while self._next is not None and self._next[0] <= number:
            if self._next[0] == number:
                taken.append(self._next)
            self._next = next(self._rows, None)
        return taken


class TableGroups:
    """The rows of several tables, streamed side by side; each begins with case number and position."""

    def __init__(self, view: View, *tables: Table) -> None:
        self._groups = {table.name: Groups(_by_case(view, table)) for table in tables}

    def take(self, number: str) -> Mapping[str, Group]:
        """Return the rows of this case by the name of their table."""
        return {name: groups.take(number) for name, groups in self._groups.items()}


def joined_positions(members: Group) -> dict[int, int]:
    """Return where each member joined, from the rows of the table of members: the first entry stands."""
    found: dict[int, int] = {}
    for _, position, member, *_rest in members:
        found.setdefault(member, position)
    return found


# Private


def _by_case(view: View, table: Table) -> Iterator[tuple[Any, ...]]:
    rest = (name for name in table.column_names() if name not in ("case_id", "position"))
    return view.rows(table, "case_id", "position", *rest)
