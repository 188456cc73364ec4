"""The rows of a simulated county by kind and case, for those who alter what was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from cli.simulation.world import Case, Cells, Row, World


class Papers:
    """The rows that belong to a case, found by their kind; everything goes through to the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for kind, rows in world.rows.items():
            for row in rows:
                if row.case:
                    self._rows[kind, row.case].append(row)

    def of(self, kind: str, case: Case) -> list[Row]:
        """Return the rows of a kind that name the case, in the order of the files."""
        return list(self._rows[kind, case.number])

    def until_decision(self, kind: str, case: Case, header: str) -> list[Row]:
        """Return the case's rows of a kind whose day in that column is not after the decision."""
        return [row for row in self.of(kind, case) if day_of(row, header) <= decided(case)]

    def add(self, kind: str, day: date, case: Case, cells: Cells) -> None:
        """Add a row of the case."""
        self._rows[kind, case.number].append(self.world.add(kind, day, cells, case=case.number))

    def remove(self, row: Row) -> None:
        """Take a row of a case away."""
        self._rows[row.kind, row.case].remove(row)
        self.world.rows[row.kind].remove(row)


Act = Callable[[Papers, Case], bool]  # alters a case; False when the case does not suit and nothing was done


def day_of(row: Row, header: str) -> date:
    """Return a day that the row holds."""
    value = row.cells[header]
    assert isinstance(value, date)
    return value


def decided(case: Case) -> date:
    """Return the day on which a confirmed case was decided."""
    assert case.decided is not None
    return case.decided
