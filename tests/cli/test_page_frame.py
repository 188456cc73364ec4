"""The frame of pages: whatever a ledger holds is text, nothing is loaded, and a real browser has no complaint."""

import html.parser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import words
from cli.columns import columns_named
from cli.pages.charts import Chart, Series, bars, columns, lines
from cli.pages.frame import render_page, render_register_page
from cli.pages.tables import Link, Table, table_of
from cli.pages.writing import file_stem

HOSTILE = "罗<script>alert(1)</script>\"'&</style><img src=x onerror=alert(2)>"
COLUMNS = columns_named("case", "name", "persons", "due_fen")
ROWS = [{"case": f"SQ{number}", "name": HOSTILE, "persons": number, "due_fen": number * 100} for number in range(40)]
VOID = {"meta", "link", "br", "img", "input", "hr"}


@pytest.fixture(params=["en", "zh"])
def language(request: Any) -> Iterator[str]:
    words.choose(request.param)
    yield request.param
    words.choose("en")


class Balanced(html.parser.HTMLParser):
    """Reads a page and fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def balanced(text: str) -> set[str]:
    """Return the tags of a page whose tags all close in turn."""
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser.seen


def page(title: str = "Caseload") -> str:
    return render_register_page(title, {"as of": "2024-12-31", "who": HOSTILE}, COLUMNS, ROWS, {"due_fen": 78_000})


def chart(name: str = "农村低保", count: int = 6) -> Chart:
    labels = [f"2024-{number:02d}" for number in range(1, count + 1)]
    series = [Series(name, [number * 1000 for number in range(count)]), Series("B", [7] * count)]
    return Chart("Cases", "How many cases there are.", "month", labels, series)


def test_a_hostile_text_stays_text_wherever_it_stands(language: str) -> None:
    """Title, facts and cells are escaped; the title is so as well in the style sheet."""
    text = page(HOSTILE)
    tags = balanced(text)
    assert not tags & {"script", "img"}
    assert text.count("</style>") == 1
    assert "<script" not in text


def test_a_chart_escapes_names_and_labels() -> None:
    for draw in (lines, columns, bars):
        assert "<script" not in draw(chart(HOSTILE)).drawing


def test_a_chart_has_a_title_a_description_and_its_numbers_as_a_table(language: str) -> None:
    figure = columns(chart())
    assert "<title>Cases</title>" in figure.drawing
    assert "<desc>How many cases there are.</desc>" in figure.drawing
    assert figure.table.headings == ["month", "农村低保", "B"]
    assert figure.table.lines[2] == ["2024-03", "2,000", "7"]


def test_the_heights_of_stacked_columns_are_as_their_numbers() -> None:
    """The first series reaches as high as its share of the axis, the second begins where it ends."""
    drawing = str(columns(Chart("t", "d", "l", ["a"], [Series("x", [30]), Series("y", [10])])).drawing)
    heights = [
        float(part.split('"')[0]) for part in drawing.split('height="')[1:] if "<title>a" in part.split("</rect>")[0]
    ]
    assert heights[0] == pytest.approx(3 * heights[1], rel=0.01)


def test_a_chart_without_any_number_is_drawn_empty() -> None:
    for draw in (lines, columns, bars):
        balanced(str(draw(Chart("t", "d", "l", [], [Series("x", [])])).drawing))
        balanced(str(draw(Chart("t", "d", "l", ["a"], [Series("x", [0])])).drawing))


def test_money_is_set_right_with_its_total_below() -> None:
    table = table_of("", COLUMNS, ROWS, {"due_fen": 78_000})
    assert list(table.sides) == ["short", "text", "number", "number"]
    assert table.totals == ["Total", "", "", "780.00"]


def test_the_page_says_its_language_and_lets_nothing_be_loaded(language: str) -> None:
    text = page()
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in text
    assert "default-src &#39;none&#39;" in text
    assert ("合计" in text) == (language == "zh")


def test_a_browser_shows_a_register_and_asks_for_nothing(browser: Any, tmp_path: Path, language: str) -> None:
    path = tmp_path / "register.html"
    path.write_text(page(HOSTILE), encoding="utf-8")
    assert browser.watched(path) == ([], [])
    assert browser.value("document.title") == HOSTILE
    assert browser.value("document.querySelectorAll('tbody tr').length") == len(ROWS)
    assert browser.value("document.scripts.length + document.images.length") == 0
    assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_heading_of_a_long_table_stays_while_it_scrolls(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "register.html"
    path.write_text(page(), encoding="utf-8")
    browser.open(path)
    top = "document.querySelector('th').getBoundingClientRect().top"
    before = browser.value(top)
    browser.value("document.querySelector('.scroll').scrollTop = 500")
    assert browser.value("document.querySelector('.scroll').scrollTop") > 0
    assert browser.value(top) == pytest.approx(before, abs=1)


def test_a_cell_can_lead_to_another_page(tmp_path: Path) -> None:
    table = Table("t", ["case"], ["text"], [[Link("SQ1", "case-SQ1.html")]])
    text = render_page("register.html", title="t", facts={}, tables=[table], notes=())
    assert '<a href="case-SQ1.html">SQ1</a>' in text


def test_the_file_of_a_case_stays_in_its_folder_and_is_its_own() -> None:
    assert file_stem("SQ52012120240300017") == "SQ52012120240300017"
    names = {file_stem(case) for case in ("../../etc", "a/b", "A/B", "案1", "con.html", "..")}
    assert len(names) == 6
    assert not [name for name in names if set(name) & set("./\\:案ab")]
