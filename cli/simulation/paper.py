"""The rows as they are handed over: one line for each physical row, sorted into deliveries and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from cli.simulation.schema import KINDS
from cli.simulation.world import COUNTY, REGION, Cells, Row, World
from domain.months import last_day

REMARK_TEXTS = ("城乡低保金{}", "{}救助金", "民政局{}", "附言:{}")


class Raw(str):
    """A cell that must be written exactly so, because it is wrong."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class Line:
    """One physical row and what a loader must do with it.

    `fate` is loaded, completed, duplicate, rejected, held or conflict; `faults` are (column, code, value);
    a conflict names its `first` line and the differing `column`.
    """

    kind: str
    month: str
    cells: Cells
    case: str
    township: str
    fate: str = "loaded"
    settled: bool = True  # nothing is filled in later
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    first: Line | None = None
    column: str = ""
    delivery: int = 0
    file: str = ""
    sheet: str = ""
    row: int = 0


Table = tuple[str, str]  # kind, month
Delivery = dict[Table, list[Line]]


def write_down(world: World, deliveries: int, rng: Random, messy: float) -> list[Delivery]:
    """Return the deliveries in order of time; the lines of a table stand in the order of the files."""
    cutoffs = closing_dates(world, deliveries)
    townships = {case.number: case.township for case in world.cases}
    spoiled = {case.number for case in world.cases if case.spoiled}
    papers: list[Delivery] = [_county_facts(world, cutoffs, place) for place in range(deliveries)]
    for kind in KINDS:
        for row in world.rows.get(kind, []):
            for place, line in _lines(row, cutoffs, townships.get(row.case, "")):
                if row.case in spoiled and not KINDS[kind].monthly:
                    line.fate = "held"
                line.delivery = place
                papers[place].setdefault((kind, row.month), []).append(line)
                if kind == "银行回单" and rng.random() < 0.06 * messy:
                    line.cells["申请编号(附言)"] = rng.choice(REMARK_TEXTS).format(row.cells["申请编号(附言)"])
    return papers


def closing_dates(world: World, deliveries: int) -> list[date]:
    """Return the closing date of each delivery: month ends that cut the window into like parts."""
    count = len(world.window)
    return [last_day(world.window[count * (place + 1) // deliveries - 1]) for place in range(deliveries)]


# Private


def _lines(row: Row, cutoffs: list[date], township: str) -> list[tuple[int, Line]]:
    """Return the row's line, and one more for every later delivery that fills blanks of it."""
    known = [row.day, *(day for day, _ in row.later)]
    places = sorted({next(i for i, cutoff in enumerate(cutoffs) if day <= cutoff) for day in known})
    lines = []
    for place in places:
        line = Line(row.kind, row.month, row.as_of(cutoffs[place]), row.case, township)
        line.fate = "loaded" if place == places[0] else "completed"
        line.settled = place == places[-1]
        lines.append((place, line))
    return lines


def _county_facts(world: World, cutoffs: list[date], place: int) -> Delivery:
    """Return a delivery that holds only its 资料说明."""
    count = len(world.window)
    facts = {
        "县名称": COUNTY,
        "地区代码": REGION,
        "资料起始月份": world.window[count * place // len(cutoffs)],
        "资料截止日期": cutoffs[place].isoformat(),
    }
    lines = [Line("资料说明", "", {"项": item, "值": value}, "", "") for item, value in facts.items()]
    return {("资料说明", ""): lines}
