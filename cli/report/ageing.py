"""The sections on time: how long applications took against their limits, and how old is what is still unfinished."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles
from typing import Any

from cli.columns import yuan
from cli.labels import value_label
from cli.pages.charts import Chart, Figure, Series, columns
from cli.pages.tables import Table, sides_of
from cli.pages.townships import township_label
from cli.report.numbers import Numbers
from cli.report.section import KeyFigure, Section
from cli.words import _
from domain.vocabulary import Programme

_DAYS_OF_APPLICATIONS = (10, 20, 30, 45, 90)
_DAYS_OF_REVIEWS = (30, 90, 180, 365)
_MONTHS_OF_RETURNS = (1, 3, 6, 12)
_DAYS_OF_RECOVERIES = (90, 180, 365, 730)
_WORKING_DAYS_SHOWN = (5, 10, 15, 20, 30, 45)


@dataclass(frozen=True)
class Aged:
    """Something unfinished: its age in days or months, and the money, in fen, that waits with it."""

    age: int
    amount_fen: int = 0


def clocks_section(numbers: Numbers) -> Section:
    """Return the working days that applications took, against the limits in force when each clock stopped."""
    timed = [row for row in numbers.applications if row["used_days"] is not None and row["decided_on"]]
    groups: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in timed:
        groups[row["programme"], row["clock"]].append(row)
    headings = [
        _("programme"),
        _("clock"),
        _("decided cases"),
        _("half within (working days)"),
        _("nine in ten within"),
        _("longest"),
        _("over the limit"),
        _("share over"),
    ]
    table = Table(
        _("Working days used, by programme and clock"),
        headings,
        sides_of(2, 6),
        [_clock_line(programme, clock, rows) for (programme, clock), rows in sorted(groups.items())],
        note=_("The limit of each case is the standard in force on the day on which its clock stopped."),
    )
    return Section(
        _("Processing times"),
        "clocks",
        _("Decided applications; working days by the State Council's calendar. Pending ones stand under ageing."),
        [_spread(timed)] if timed else [],
        [table],
        ["mingzhang register intake", "mingzhang audit flags --rule RF14"],
    )


def ageing_section(numbers: Numbers, townships: Mapping[str, str]) -> Section:
    """Return how old everything is that waits: applications, reviews, returned money, money to get back."""
    today = datetime.date.fromisoformat(numbers.as_of) if numbers.as_of else None
    tables = [
        _aged_table(
            _("Pending applications since acceptance (days)"),
            pending(numbers, today),
            _DAYS_OF_APPLICATIONS,
        ),
        _aged_table(_("Overdue reviews since they were due (days)"), overdue(numbers), _DAYS_OF_REVIEWS),
        _aged_table(
            _("Returned payments without a successful one (months since the month they are for)"),
            unresolved(numbers),
            _MONTHS_OF_RETURNS,
            with_money=True,
        ),
        _aged_table(
            _("Recoveries outstanding since the order (days)"),
            outstanding(numbers, today),
            _DAYS_OF_RECOVERIES,
            with_money=True,
        ),
        _pending_by_township(numbers, townships),
    ]
    commands = ["mingzhang register intake", "mingzhang register reviews"]
    commands += ["mingzhang pay reconcile", "mingzhang register recoveries"]
    return Section(
        _("Ageing"), "ageing", _("What is unfinished on the day asked about, by its age."), (), tables, commands
    )


def ageing_figures(numbers: Numbers) -> list[KeyFigure]:
    """Return the key figures of what waits."""
    late = len(overdue(numbers))
    owed_fen = sum(row["outstanding_fen"] for row in numbers.recoveries)
    orders = sum(row["outstanding_fen"] > 0 for row in numbers.recoveries)
    return [
        KeyFigure(_("reviews overdue"), f"{late:,}", _("cases on the roll"), "open" if late else "good"),
        KeyFigure(
            _("still to be recovered"),
            yuan(owed_fen),
            _("yuan, from {count:,} orders").format(count=orders),
            "open" if owed_fen else "good",
        ),
    ]


def pending(numbers: Numbers, today: datetime.date | None) -> list[Aged]:
    """Return the applications that were accepted and not decided by the day."""
    if today is None:
        return []
    return [Aged((today - _day(row["accepted_on"])).days) for row in _waiting(numbers, today)]


def overdue(numbers: Numbers) -> list[Aged]:
    """Return the cases on the roll whose review is overdue."""
    return [Aged(row["days_overdue"]) for row in numbers.reviews if row["days_overdue"]]


def unresolved(numbers: Numbers) -> list[Aged]:
    """Return the household-months whose money only came back, aged in months."""
    last = (numbers.as_of or "")[:7]
    return [Aged(_months_between(month, last), due_fen) for _case, month, due_fen in numbers.unresolved]


def outstanding(numbers: Numbers, today: datetime.date | None) -> list[Aged]:
    """Return the recovery orders on which something is outstanding."""
    rows = [row for row in numbers.recoveries if row["outstanding_fen"] > 0]
    if today is None:
        return []
    return [Aged(max((today - _day(row["decided"])).days, 0), row["outstanding_fen"]) for row in rows]


# Private


def _waiting(numbers: Numbers, today: datetime.date) -> Iterable[Mapping[str, Any]]:
    end = today.isoformat()
    for row in numbers.applications:
        if row["accepted_on"] and row["accepted_on"] <= end and not (row["decided_on"] and row["decided_on"] <= end):
            yield row


def _clock_line(programme: str, clock: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    used = sorted(row["used_days"] for row in rows)
    tenths = quantiles(used, n=10, method="inclusive") if len(used) > 1 else used * 9
    over = _over(rows)
    return [
        value_label(programme, Programme),
        value_label(clock),
        f"{len(used):,}",
        f"{tenths[4]:.0f}",
        f"{tenths[8]:.0f}",
        str(used[-1]),
        f"{over:,}",
        f"{over / len(used):.1%}",
    ]


def _spread(timed: Sequence[Mapping[str, Any]]) -> Figure:
    """Return how many cases took how long, those over their limit apart."""
    names, counted = _buckets(_WORKING_DAYS_SHOWN)
    within, over = list(counted), list(counted)
    for row in timed:
        place = _place(row["used_days"], _WORKING_DAYS_SHOWN)
        (over if row["days_over"] else within)[place] += 1
    chart = Chart(
        _("Decided cases by working days used"),
        _("One column for each span of working days, those over their limit on top."),
        _("working days"),
        names,
        [Series(_("within the limit"), within), Series(_("over the limit"), over)],
        _("cases"),
    )
    return columns(chart)


def _aged_table(title: str, aged: Sequence[Aged], bounds: Sequence[int], *, with_money: bool = False) -> Table:
    names, counts = _buckets(bounds)
    money = list(counts)
    for one in aged:
        place = _place(one.age, bounds)
        counts[place] += 1
        money[place] += one.amount_fen
    headings = [_("age"), _("count"), *([_("amount (yuan)")] if with_money else [])]
    body = [
        [label, f"{counts[place]:,}", *([yuan(money[place])] if with_money else [])]
        for place, label in enumerate(names)
    ]
    totals = [_("Total"), f"{len(aged):,}", *([yuan(sum(money))] if with_money else [])]
    return Table(title, headings, sides_of(1, 2 if with_money else 1), body if aged else [], totals)


def _pending_by_township(numbers: Numbers, townships: Mapping[str, str]) -> Table:
    today = datetime.date.fromisoformat(numbers.as_of) if numbers.as_of else None
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in _waiting(numbers, today) if today else ():
        rows.setdefault(row["region"] or "", []).append(row)
    return Table(
        _("Pending applications by township"),
        [_("township"), _("count"), _("over the limit")],
        sides_of(1, 2),
        [
            [township_label(region or None, townships), f"{len(found):,}", f"{_over(found):,}"]
            for region, found in sorted(rows.items())
        ],
    )


def _over(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(bool(row["days_over"]) for row in rows)


def _buckets(bounds: Sequence[int]) -> tuple[list[str], list[int]]:
    """Return the names of the spans up to each bound and of what is beyond, and a 0 for each."""
    spans = [f"{first + 1}–{last}" for first, last in pairwise(bounds)]
    names = [f"≤ {bounds[0]}", *spans, f"> {bounds[-1]}"]
    return names, [0] * len(names)


def _place(value: int, bounds: Sequence[int]) -> int:
    return next((place for place, bound in enumerate(bounds) if value <= bound), len(bounds))


def _months_between(first: str, last: str) -> int:
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7]) if last else 0


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)
