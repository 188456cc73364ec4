"""Rows that are handed over twice: unchanged duplicates, and conflicts with one changed cell."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from cli.simulation.paper import Delivery, Line
from cli.simulation.people import Registry
from cli.simulation.schema import KINDS
from cli.simulation.world import REGION, Value

CONFLICT_COLUMNS = {
    "审核确认": "月保障金额",
    "申请": "银行账号",
    "变更": "变更后月金额",
    "银行回单": "金额",
    "死亡信息": "死亡日期",
    "家庭成员": "申报月收入",
    "公示": "公示结束日期",
    "入户调查": "核定月收入",
}
DUPLICATE_RATE = 0.004
CONFLICT_RATE = 0.001


def plant_repeats(papers: list[Delivery], rng: Random, messy: float) -> None:
    """Repeat lines of the same or an earlier delivery, some with one changed cell.

    A repeat within its own table stands after the line that was first.
    """
    earlier: list[Line] = []
    for place, paper in enumerate(papers):
        own = [line for lines in paper.values() for line in lines if _repeatable(line)]
        pool = own + earlier
        _repeat(paper, rng, place, pool, round(messy * max(6, len(own) * DUPLICATE_RATE)))
        for source in earlier if place else []:
            if rng.random() < 0.002 * messy:
                _put(paper, rng, place, source, "duplicate")
        used = {id(line.first) for lines in paper.values() for line in lines if line.first is not None}
        open_lines = [line for line in pool if _contestable(line) and id(line) not in used]
        for kind in rng.sample(sorted(CONFLICT_COLUMNS), min(len(CONFLICT_COLUMNS), round(messy * 6))):
            of_kind = [line for line in open_lines if line.kind == kind]
            for source in rng.sample(of_kind, min(len(of_kind), max(1, round(len(of_kind) * CONFLICT_RATE)))):
                _contest(paper, rng, place, source)
        earlier += own


# Private


def _repeatable(line: Line) -> bool:
    return line.settled and line.fate in ("loaded", "completed") and line.kind != "资料说明"


def _contestable(line: Line) -> bool:
    column = CONFLICT_COLUMNS.get(line.kind)
    return line.fate == "loaded" and column is not None and line.cells[column] is not None


def _repeat(paper: Delivery, rng: Random, place: int, pool: list[Line], count: int) -> None:
    """Repeat lines: a third from any table, the rest from tables drawn alike, so that small ones occur."""
    kinds = sorted({line.kind for line in pool})
    for turn in range(count):
        of_kind = pool if turn % 3 == 0 else [line for line in pool if line.kind == kinds[turn % len(kinds)]]
        if of_kind:
            _put(paper, rng, place, rng.choice(of_kind), "duplicate")


def _contest(paper: Delivery, rng: Random, place: int, source: Line) -> None:
    column = CONFLICT_COLUMNS[source.kind]
    copy = _put(paper, rng, place, source, "conflict")
    copy.column, copy.first = column, source
    copy.cells[column] = _other(source.cells[column], rng)


def _other(value: Value, rng: Random) -> Value:
    """Return another value of the same sort."""
    if isinstance(value, date):
        return value - timedelta(days=rng.randrange(1, 4)) if value.day > 4 else value + timedelta(days=2)
    if isinstance(value, int):
        return value + 100 * rng.choice((10, 30, 50))
    return Registry(rng, REGION).account()


def _put(paper: Delivery, rng: Random, place: int, source: Line, fate: str) -> Line:
    """Write a copy of a line into its table of this delivery, or into the first such table there is."""
    table = (source.kind, source.month)
    if table not in paper and KINDS[source.kind].monthly:
        table = min((key for key in paper if key[0] == source.kind), default=table)
    lines = paper.setdefault(table, [])
    copy = Line(source.kind, table[1], dict(source.cells), source.case, source.township, fate, delivery=place)
    after = lines.index(source) + 1 if source in lines else 0
    lines.insert(rng.randrange(after, len(lines) + 1), copy)
    return copy
