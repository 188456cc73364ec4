"""The sections on cases and money: who is on the roll, what was due, paid and returned, and who left why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from cli.columns import columns_named, yuan
from cli.labels import value_label
from cli.pages.charts import Chart, Figure, Series, bars, columns, lines
from cli.pages.tables import Table, sides_of
from cli.pages.townships import township_label
from cli.report.numbers import PROBLEM_CLASSES, Numbers
from cli.report.section import KeyFigure, Section, money_unit, totalled
from cli.words import _
from domain.vocabulary import CaseStatus, Programme, StopGround

_PAID = ("paid_count", "paid_fen", "reissued_fen", "arrears_fen", "returned_count", "returned_fen")
_TOWNSHIP_COUNTS = ("active_households", "active_persons", "due_fen", "suspended", "pending")
_ON_THE_ROLL = (CaseStatus.ACTIVE.value, CaseStatus.GRACE.value)


def caseload_section(numbers: Numbers, townships: Mapping[str, str]) -> Section:
    """Return who is on the roll: by programme, by township, and over the months."""
    by_programme = columns_named(
        "programme",
        "active_households",
        "active_persons",
        "due_fen",
        "active",
        "in_grace",
        "suspended",
        "pending",
    )
    return Section(
        _("On the roll"),
        "caseload",
        _("Households, persons and amounts are those of the month of the day asked about; grace is on the roll."),
        [_roll_over_months(numbers)],
        [
            totalled(_("By programme"), by_programme, numbers.totals),
            _by_township(numbers, townships),
        ],
        ["mingzhang register caseload", "mingzhang register payments"],
    )


def money_section(numbers: Numbers) -> Section:
    """Return what was due, paid and returned by month, and how each household and month comes out."""
    rows = _by_month(numbers, ("due_fen", *_PAID))
    shown = columns_named("month", "due_fen", *_PAID)
    chart = Chart(
        _("Due, paid and returned by month"),
        _("Three lines over the months: what was due, what the bank paid, and what the bank returned."),
        _("month"),
        [row["month"] for row in rows],
        [
            Series(_("due"), [row["due_fen"] for row in rows]),
            Series(_("paid"), [row["paid_fen"] for row in rows]),
            Series(_("returned"), [row["returned_fen"] for row in rows]),
        ],
        money_unit(),
        money=True,
        has_table_below=True,
    )
    return Section(
        _("Money"),
        "money",
        _(
            "Paid and returned count in the month in which the bank did it; arrears and reissues are part of what was "
            "paid. The reconciliation looks at the month that the money is for: every household and month with money "
            "due or sent has exactly one class."
        ),
        [lines(chart)],
        [totalled(_("Month by month"), shown, rows), _classes(numbers), _classes_by_month(numbers)],
        ["mingzhang register payments", "mingzhang pay reconcile"],
    )


def exits_section(numbers: Numbers) -> Section:
    """Return who left the roll, by reason."""
    exits = sorted(numbers.exits.items(), key=lambda item: (-item[1], item[0]))
    names = [value_label(reason, StopGround) or _("no reason given") for reason, _count in exits]
    chart = Chart(
        _("Exits by reason"),
        _("One bar for each reason, the most frequent first."),
        _("reason"),
        names,
        [Series(_("cases"), [count for _reason, count in exits])],
        _("cases"),
        has_table_below=True,
    )
    figure = bars(chart)
    return Section(
        _("Leaving the roll"),
        "exits",
        _("Cases that were stopped in the months of the deliveries; a stop that an appeal revoked is no exit."),
        [figure] if exits else [],
        [figure.table],
        ["mingzhang register changes"],
    )


def money_figures(numbers: Numbers) -> list[KeyFigure]:
    """Return the key figures of the roll, of the money of the month, and of what does not match."""
    households = sum(row["active_households"] for row in numbers.totals)
    persons = sum(row["active_persons"] for row in numbers.totals)
    due_fen = sum(row["due_fen"] for row in numbers.totals)
    wrong = sum(numbers.classes[one]["count"] for one in PROBLEM_CLASSES)
    return [
        KeyFigure(_("on the roll"), f"{households:,}", _("households with {count:,} persons").format(count=persons)),
        KeyFigure(_("due this month"), yuan(due_fen), money_unit()),
        KeyFigure(
            _("payments that do not match"),
            f"{wrong:,}",
            _("household-months"),
            "open" if wrong else "good",
        ),
    ]


# Private


def _by_month(numbers: Numbers, keys: Sequence[str]) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, Any]] = {}
    for row in numbers.monthly:
        line = sums.setdefault(row["month"], {"month": row["month"], **dict.fromkeys(keys, 0)})
        for key in keys:
            line[key] += row[key]
    return list(sums.values())


def _roll_over_months(numbers: Numbers) -> Figure:
    months = list(dict.fromkeys(row["month"] for row in numbers.monthly))
    found = {(row["month"], row["programme"]): row["active_households"] for row in numbers.monthly}
    programmes = [row["programme"] for row in numbers.totals]
    chart = Chart(
        _("Households on the roll by month"),
        _("One column for each month, divided by programme."),
        _("month"),
        months,
        [Series(value_label(one, Programme), [found.get((month, one), 0) for month in months]) for one in programmes],
        _("households"),
    )
    return columns(chart)


def _by_township(numbers: Numbers, townships: Mapping[str, str]) -> Table:
    counts: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_TOWNSHIP_COUNTS, 0))
    for row in numbers.roll:
        line = counts[row["region"] or ""]
        if row["status"] in _ON_THE_ROLL:
            line["active_households"] += 1
            line["active_persons"] += row["persons"]
            line["due_fen"] += row["due_fen"]
        line["suspended"] += row["status"] == CaseStatus.SUSPENDED
        line["pending"] += row["status"] == CaseStatus.PENDING
    rows = [{"region": township_label(region or None, townships), **line} for region, line in sorted(counts.items())]
    return totalled(_("By township"), columns_named("region", *_TOWNSHIP_COUNTS), rows)


def _classes(numbers: Numbers) -> Table:
    rows = [{"class": name, **counts} for name, counts in numbers.classes.items()]
    return totalled(_("Reconciliation by class"), columns_named("class", "count", "due_fen", "paid_fen"), rows)


def _classes_by_month(numbers: Numbers) -> Table:
    """Return for each benefit month how many household-months are in each class that is not in order."""
    body = [
        [month, *(f"{counts.get(one, 0):,}" for one in PROBLEM_CLASSES)]
        for month, counts in numbers.classes_by_month.items()
        if any(counts.get(one, 0) for one in PROBLEM_CLASSES)
    ]
    sums = [sum(counts.get(one, 0) for counts in numbers.classes_by_month.values()) for one in PROBLEM_CLASSES]
    return Table(
        _("What does not match, by the month that the money is for"),
        [_("month"), *(value_label(one.value) for one in PROBLEM_CLASSES)],
        sides_of(1, len(PROBLEM_CLASSES)),
        body,
        [_("Total"), *(f"{one:,}" for one in sums)],
    )
