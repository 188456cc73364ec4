"""What a register is asked (day, position, region, programme), and the view of the tables that answers."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from domain.months import month_of, months_between
from domain.vocabulary import Programme
from projections.database import Database
from projections.errors import KnownAtTooFar, RegionTooFine
from projections.registers.delivery_facts import DESCRIPTION
from projections.table import Table, Value
from projections.tracking import followed_position

REGION_DIGITS_MAX = 9
UNKNOWN_PROGRAMME = "未知"  # of transfers whose case is not loaded


@dataclass(frozen=True, slots=True)
class Scope:
    """The question. `known_at` is a position (the entries before it); `region` a prefix; `decided_by` hides later acts.

    `as_of` selects a month and hides no decision; without it the latest closing date known counts. `month` is the
    cash month of `register payments`, the benefit month of `pay reconcile`, and the month of the act elsewhere; `kind`
    is one of the words that a register tells its rows apart by.
    """

    as_of: datetime.date | None = None
    known_at: int | None = None
    region: str | None = None
    programme: str | None = None
    decided_by: datetime.date | None = None
    month: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The months from the smallest first month to the month of the latest closing date of all deliveries."""

    first_month: str
    closing_date: datetime.date

    @property
    def last_month(self) -> str:
        """The month of the closing date."""
        return month_of(self.closing_date)


@dataclass(frozen=True, slots=True)
class View:
    """One moment of the register tables, seen through a scope. `as_of` is None while no delivery named a day.

    `months` are those of the window that do not lie after that day.
    """

    database: Database
    scope: Scope
    known_at: int
    window: Window | None
    as_of: datetime.date | None
    months: list[str]
    programmes: tuple[str, ...] = field(default_factory=lambda: tuple(Programme))

    @property
    def month(self) -> str | None:
        """The month of the day asked about."""
        return month_of(self.as_of) if self.as_of else None

    def months_from(self, first: str | None) -> list[str]:
        """Return the months asked about that do not lie before `first`; none when it is None."""
        return [month for month in self.months if month >= first] if first is not None else []

    def rows(
        self, table: Table, *columns: str, where: str = "", parameters: tuple[Value, ...] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield what a table held at the position asked about, in the table's order."""
        return self.database.rows(table.select(*columns, where=where), (self.known_at, *parameters))

    def includes(self, programme: str, region: str | None) -> bool:
        """Tell whether a case of this programme and region is asked about."""
        return self.asks_programme(programme) and (
            self.scope.region is None or (region or "").startswith(self.scope.region)
        )

    @property
    def includes_unknown(self) -> bool:
        """Whether money of unknown cases is asked about: it has no region, and the programme 未知."""
        return self.scope.region is None and self.asks_programme(UNKNOWN_PROGRAMME)

    def asks_programme(self, programme: str) -> bool:
        """Tell whether the programme is asked about."""
        return self.scope.programme is None or self.scope.programme == programme

    @property
    def programmes_asked(self) -> list[str]:
        """The programmes that totals are given for, those without a case included."""
        return [programme for programme in self.programmes if self.asks_programme(programme)]

    @property
    def programmes_paid(self) -> list[str]:
        """The programmes that totals of money are given for: 未知 comes last."""
        return [*self.programmes_asked, *([UNKNOWN_PROGRAMME] if self.includes_unknown else [])]

    def decided(self, day: str | None) -> bool:
        """Tell whether an act of this day is to be seen: `decided_by` hides later ones."""
        return self.scope.decided_by is None or (day is not None and day <= self.scope.decided_by.isoformat())

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked, as every answer repeats it: the day and position that hold, and what narrows the rows."""
        scope = self.scope
        narrowed = {"region": scope.region, "programme": scope.programme, "kind": scope.kind}
        until = scope.decided_by.isoformat() if scope.decided_by else None
        return {"as_of": self.as_of_text, "known_at": self.known_at, **narrowed, "decided_by": until}

    @property
    def as_of_text(self) -> str | None:
        """The day asked about, as JSON shows it."""
        return self.as_of.isoformat() if self.as_of else None


@contextmanager
def open_view(database: Database, scope: Scope) -> Iterator[View]:
    """Begin to look at the registers as the scope asks; every query inside sees the same moment.

    Raises RegistersMissing when the tables are not there, KnownAtTooFar for a position not followed yet, and
    RegionTooFine for a village.
    """
    if scope.region is not None and len(scope.region) > REGION_DIGITS_MAX:
        raise RegionTooFine(scope.region)
    with database.reading():
        followed = followed_position(database)
        known_at = followed if scope.known_at is None else scope.known_at
        if known_at > followed or known_at < 0:
            raise KnownAtTooFar(known_at, followed)
        window = _window(database, known_at)
        as_of = scope.as_of or (window.closing_date if window else None)
        yield View(database, scope, known_at, window, as_of, _months(window, as_of))


# Private


def _window(database: Database, known_at: int) -> Window | None:
    rows = list(database.rows(DESCRIPTION.select("first_month", "closing_date"), (known_at,)))
    firsts = [first for first, _ in rows if first]
    closings = [closing for _, closing in rows if closing]
    if not firsts or not closings:
        return None
    return Window(min(firsts), datetime.date.fromisoformat(max(closings)))


def _months(window: Window | None, as_of: datetime.date | None) -> list[str]:
    if window is None or as_of is None:
        return []
    return list(months_between(window.first_month, min(window.last_month, month_of(as_of))))
