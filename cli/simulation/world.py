"""The simulated county: its offices, its cases and every row its offices wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from cli.simulation.people import Person, Registry
from domain.months import add_months, last_day, months_between

Value = str | int | date | None
Cells = dict[str, Value]  # header → text, date, month as YYYY-MM, integer fen or integer

COUNTY = "青禾县"
REGION = "520199"  # assigned to no county


@dataclass(slots=True, eq=False)
class Row:
    """One row as the office meant it; `later` holds cells that were filled on a later day."""

    kind: str
    cells: Cells
    day: date  # the day the office knew it: decides the delivery
    case: str = ""
    month: str = ""  # of the file, for monthly kinds
    later: list[tuple[date, Cells]] = field(default_factory=list)

    def final(self) -> Cells:
        """Return the cells with everything filled in."""
        cells = dict(self.cells)
        for _, more in self.later:
            cells |= more
        return cells

    def as_of(self, day: date) -> Cells:
        """Return the cells as they stood at the end of a day."""
        cells = dict(self.cells)
        for known, more in self.later:
            if known <= day:
                cells |= more
        return cells


@dataclass(slots=True, eq=False)
class Member:
    """A person in a household."""

    person: Person
    relation: str
    income_fen: int
    counted: bool = True
    disability: str | None = None
    level: int | None = None
    since: str | None = None  # first month the person counts
    until: str | None = None  # first month the person no longer counts
    dead: bool = False
    row: Row | None = None

    def counts_in(self, month: str) -> bool:
        """Say whether the person counts in the month (section 6)."""
        return self.counted and (self.since or "") <= month and (self.until is None or self.until > month)


@dataclass(slots=True, eq=False)
class Case:
    """A household's application and what became of it so far."""

    number: str
    programme: str
    township: str
    village: str  # 12 digits
    address: str
    members: list[Member]
    applied: date
    accepted: date
    decision: str  # 确认, 不予确认 or 终止, once decided
    account: str = ""
    holder: str = ""
    decided: date | None = None
    start: str | None = None
    income_fen: int = 0
    amounts: list[tuple[str, date, int, bool]] = field(default_factory=list)  # from, decided, fen, by appeal
    grade: str | None = None
    status: str = "none"  # none, active, grace, suspended or stopped: as it holds for the next month
    review_class: str = "B"
    last_review: date | None = None
    surveyors: tuple[str, str] = ("", "")
    confirmer: str = ""
    agenda: dict[str, list[str]] = field(default_factory=dict)  # month → actions
    quirks: set[str] = field(default_factory=set)
    spoiled: bool = False

    @property
    def head(self) -> Member:
        """Return the household head."""
        return self.members[0]

    def counted_in(self, month: str) -> list[Member]:
        """Return the members who count in the month."""
        return [member for member in self.members if member.counts_in(month)]

    def amount_in(self, month: str) -> tuple[int, bool]:
        """Return the amount in force in fen, and whether an appeal set it; (0, False) when there is none."""
        known = [row for row in self.amounts if row[0] <= month]
        return max(known, key=lambda row: row[:2])[2:] if known else (0, False)

    def is_paid_in(self, month: str) -> bool:
        """Say whether the bureau pays the case in the month, by what it knows on pay day."""
        return self.status in ("active", "grace") and self.start is not None and self.start <= month


@dataclass(frozen=True, slots=True)
class Staff:
    """A staff member in a post."""

    number: str
    name: str
    region: str
    post: str
    since: date
    until: date | None = None

    def serves_on(self, day: date) -> bool:
        """Say whether the post was held on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Township:
    """A township and its villages; the first of a county is urban."""

    code: str
    name: str
    villages: tuple[tuple[str, str], ...]  # 12 digits, name
    delegated: bool  # the township decides itself

    @property
    def urban(self) -> bool:
        """Say whether its people are of the city programme."""
        return self.name.endswith("街道")


class World:
    """Everything that happened in the county, with one source of chance."""

    def __init__(self, seed: int, first_month: str, months: int, households: int) -> None:
        self.rng = Random(f"county/{seed}")
        self.registry = Registry(self.rng, REGION)
        self.households = households
        self.window = list(months_between(first_month, add_months(first_month, months - 1)))
        self.closing = last_day(self.window[-1])
        self.rise_month = add_months(first_month, months // 2) if months > 1 else ""
        self.townships: list[Township] = []
        self.staff: list[Staff] = []
        self.cases: list[Case] = []
        self.rows: dict[str, list[Row]] = {}

    def add(self, kind: str, day: date, cells: Cells, *, case: str = "", month: str = "") -> Row:
        """Record a row of a kind; rows of days after the closing date are for a later delivery year."""
        row = Row(kind, cells, day, case, month)
        if day <= self.closing:
            self.rows.setdefault(kind, []).append(row)
        return row

    def fill(self, row: Row | None, day: date, cells: Cells) -> None:
        """Record cells that were filled into an earlier row on a later day."""
        if row is not None and day <= self.closing:
            row.later.append((day, cells))

    def some(self, rate: float, least: int = 1) -> int:
        """Return how many of the households a rate means, and at least so many."""
        return max(least, round(rate * self.households))

    def posted(self, post: str, region: str, day: date) -> list[Staff]:
        """Return the staff in a post of exactly that region on a day, leavers when nobody else serves."""
        here = [member for member in self.staff if member.post == post and member.region == region]
        return [member for member in here if member.serves_on(day)] or here
