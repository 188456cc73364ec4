"""Charts drawn as SVG, on the server and readable without any script: lines, stacked columns and stacked bars.

Every drawing has a title and a description for those who do not see it, and stands over a table of the same numbers.
Colours differ in lightness, and lines in their strokes, so that a black-and-white print can be read as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from markupsafe import Markup

from cli.columns import yuan
from cli.pages.tables import Table, sides_of
from cli.words import language

_WIDTH: Final = 760
_HEIGHT: Final = 280
_LEFT: Final = 64  # room for the numbers of the axis
_RIGHT: Final = 16
_TOP: Final = 14
_BOTTOM: Final = 34
_LEGEND: Final = 26
_STEPS: Final = (10, 15, 20, 25, 30, 40, 50, 60, 80)
_LABELS_MAX: Final = 14
_BAR: Final = 26  # height of one bar and its gap
_NAMES_MIN: Final = 120  # room for the names of bars
_NAMES_MAX: Final = 320
_COMPACT: Final = {"en": (1000, "k"), "zh": (10_000, "万")}  # how each language shortens the numbers of an axis


@dataclass(frozen=True)
class Series:
    """Numbers of one kind, one for each label of the chart."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Chart:
    """What a chart shows: series of whole numbers over the same labels; `money` says that they are fen.

    `description` says in one sentence what is to be seen, for whoever does not see it. Its numbers are added as a
    table unless the page has them in one below anyway.
    """

    title: str
    description: str
    labels_name: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    money: bool = False
    has_table_below: bool = False


@dataclass(frozen=True)
class Figure:
    """A chart drawn, and the table of its numbers."""

    chart: Chart
    drawing: Markup
    table: Table


def lines(chart: Chart) -> Figure:
    """Return the series as lines over their labels, which follow each other in time."""
    top = _rounded_up(max((max(one.values, default=0) for one in chart.series), default=0))
    scale = _Scale(top, len(chart.labels))
    parts = [*_axes(chart, scale)]
    for number, one in enumerate(chart.series):
        points = " ".join(f"{scale.x(place):.1f},{scale.y(value):.1f}" for place, value in enumerate(one.values))
        parts.append(Markup('<polyline class="line s{}" points="{}"/>').format(number, points))
        for place, value in enumerate(one.values):
            tip = _tip(chart, one, place)
            parts.append(
                Markup('<circle class="dot f{}" cx="{:.1f}" cy="{:.1f}" r="2.6"><title>{}</title></circle>').format(
                    number, scale.x(place), scale.y(value), tip
                )
            )
    return _figure(chart, parts, _HEIGHT + _LEGEND)


def columns(chart: Chart) -> Figure:
    """Return the series as columns that stand on each other, one for each label; no number may be negative."""
    top = _rounded_up(max(_sums(chart), default=0))
    scale = _Scale(top, len(chart.labels))
    parts = [*_axes(chart, scale)]
    width = min(scale.step * 0.68, 46)
    for place in range(len(chart.labels)):
        heights = list(accumulate((one.values[place] for one in chart.series), initial=0))
        for number, one in enumerate(chart.series):
            below, above = scale.y(heights[number]), scale.y(heights[number + 1])
            parts.append(_box(number, scale.x(place) - width / 2, above, width, below - above, _tip(chart, one, place)))
    return _figure(chart, parts, _HEIGHT + _LEGEND)


def bars(chart: Chart) -> Figure:
    """Return the series as bars that follow each other to the right, one for each label, the sum at their end."""
    sums = _sums(chart)
    longest = max(sums, default=0) or 1
    left = min(max((_wide(label) for label in chart.labels), default=0) + 14, _NAMES_MAX)
    left = max(left, _NAMES_MIN)
    room = _WIDTH - left - 110
    start = _LEGEND if len(chart.series) > 1 else 4
    parts: list[Markup] = []
    for place, label in enumerate(chart.labels):
        y = start + place * _BAR
        parts.append(_text(left - 8, y + 15, label, "end"))
        x = left
        for number, one in enumerate(chart.series):
            width = one.values[place] * room / longest
            parts.append(_box(number, x, y + 3, width, _BAR - 8, _tip(chart, one, place)))
            x += width
        parts.append(_text(x + 6, y + 15, _written(chart, sums[place]), "start"))
    return _figure(chart, parts, start + len(chart.labels) * _BAR + 4)


# Private


@dataclass(frozen=True)
class _Scale:
    """Where a number and a label stand in a drawing of `_WIDTH` by `_HEIGHT`, below the legend."""

    top: int
    count: int

    @property
    def step(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / max(self.count, 1)

    def x(self, place: int) -> float:
        return _LEFT + self.step * (place + 0.5)

    def y(self, value: int) -> float:
        height = _HEIGHT - _TOP - _BOTTOM
        return _LEGEND + _TOP + height - value * height / max(self.top, 1)


def _figure(chart: Chart, parts: Sequence[Markup], height: float) -> Figure:
    legend = _legend(chart) if len(chart.series) > 1 else ()
    inside = Markup("\n").join([*legend, *parts])
    drawing = Markup(
        '<svg class="chart" viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">\n'
        "<title>{}</title>\n<desc>{}</desc>\n{}\n</svg>"
    ).format(_WIDTH, height, chart.title, chart.title, chart.description, inside)
    return Figure(chart, drawing, _numbers(chart))


def _numbers(chart: Chart) -> Table:
    return Table(
        chart.title,
        [chart.labels_name, *(one.name for one in chart.series)],
        sides_of(1, len(chart.series)),
        [
            [label, *(_written(chart, one.values[place]) for one in chart.series)]
            for place, label in enumerate(chart.labels)
        ],
    )


def _axes(chart: Chart, scale: _Scale) -> Iterator[Markup]:
    for quarter in range(5):
        value = scale.top * quarter // 4
        y = scale.y(value)
        kind = "axis" if quarter == 0 else "rule"
        yield Markup('<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            kind, _LEFT, _WIDTH - _RIGHT, y, y
        )
        yield _text(_LEFT - 8, y + 4, _short(chart, value), "end")
    every = -(-len(chart.labels) // _LABELS_MAX)
    for place in range(0, len(chart.labels), max(every, 1)):
        yield _text(scale.x(place), _HEIGHT + _LEGEND - 12, chart.labels[place], "middle")


def _legend(chart: Chart) -> Iterator[Markup]:
    x = float(_LEFT)
    for number, one in enumerate(chart.series):
        yield Markup('<rect class="f{}" x="{:.0f}" y="5" width="12" height="12"/>').format(number, x)
        yield _text(x + 17, 15, one.name, "start")
        x += 38 + _wide(one.name)


def _box(number: int, x: float, y: float, width: float, height: float, tip: str) -> Markup:
    return Markup(
        '<rect class="f{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(number, x, y, max(width, 0), max(height, 0), tip)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _wide(text: str) -> float:
    """Return about how wide a text of a chart is, in its units."""
    return sum(12.5 if ord(character) > 0x2E7F else 6.6 for character in text)


def _tip(chart: Chart, series: Series, place: int) -> str:
    return f"{chart.labels[place]} · {series.name}: {_written(chart, series.values[place])}"


def _sums(chart: Chart) -> list[int]:
    return [sum(one.values[place] for one in chart.series) for place in range(len(chart.labels))]


def _rounded_up(value: int) -> int:
    """Return the end of an axis that holds the value and is four round steps long: 4, 8, 12, 40, 60, 80, 100 …"""
    if value <= 4 * _STEPS[0]:
        return max(-(-value // 4), 1) * 4
    power = 1
    while True:
        for step in _STEPS:
            if 4 * step * power >= value:
                return 4 * step * power
        power *= 10


def _written(chart: Chart, value: int) -> str:
    return yuan(value) if chart.money else f"{value:,}"


def _short(chart: Chart, value: int) -> str:
    """Return a number of an axis in few characters: `120k`, in Chinese `12万`."""
    number = value / 100 if chart.money else value
    unit, name = _COMPACT[language()]
    return f"{number / unit:,.10g}{name}" if number >= unit else f"{number:,.10g}"
