"""Reports and case pages of a synthetic county: right numbers, masked people, both languages, in a real browser."""

import html.parser
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from cli.columns import yuan
from cli.errors import ExitCode

ID = re.compile(r"[0-9]{17}[0-9X]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
ROOT_OR_HASH = re.compile(r"[A-Za-z0-9+/]{43}=")
TECHNICAL = {
    *("mingzhang", "audit", "register", "verify", "caseload", "payments", "pay", "reconcile", "changes", "intake"),
    *("reviews", "recoveries", "filings", "flags", "rule", "since", "policy", "local", "ledger", "system", "import"),
    *("xlsx", "csv", "html", "json", "dossier", "verifier", "verifiers", "prove", "check", "proof", "proofs", "case"),
    *("history", "with", "entry", "SHA", "verify_dossier", "heads", "checkpoint", "recovery", "appeal", "batch"),
}


@pytest.fixture(scope="module")
def home(county_made_once: Path, tmp_path_factory: pytest.TempPathFactory, run_at: Callable[..., Any]) -> Path:
    """A copy of the county with a checkpoint over the map of heads, and a report in each form."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(county_made_once, folder, dirs_exist_ok=True)
    assert run_at("audit", "checkpoint", "--heads", folder=folder).exit_code == 0
    for language in ("en", "zh"):
        made = run_at("audit", "report", "--html", language, "--lang", language, folder=folder)
        assert made.exit_code == ExitCode.FINDING, made.err
    assert run_at("audit", "report", "--html", "one.html", "--no-verify", folder=folder).exit_code == ExitCode.FINDING
    return folder


@pytest.fixture(scope="module")
def ask(home: Path, run_at: Callable[..., Any]) -> Callable[..., Any]:
    """Return what runs a command there and gives its JSON."""
    return lambda *arguments: run_at(*arguments, "--json", folder=home).document


@pytest.fixture(scope="module")
def flags(ask: Callable[..., Any]) -> list[dict[str, Any]]:
    """The flags of the county; without any these tests would show little."""
    found: list[dict[str, Any]] = ask("audit", "flags")["flags"]
    assert found
    return found


class Page(html.parser.HTMLParser):
    """What stands in a page: its text, its tables by heading, its links and anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self._within: list[str] = []
        self._heading = ""
        self._cell = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.anchors |= {names["id"] or ""} if "id" in names else set()
        self.links += [names["href"] or ""] if "href" in names else []
        if tag in ("h1", "h2", "h3"):
            self._heading = ""
        if tag == "table":
            self.tables.setdefault(self._heading, [])
        if tag == "tr":
            self.tables[self._heading].append([])
        if tag in ("th", "td"):
            self._cell = ""
        if tag not in ("meta", "br"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self.tables[self._heading][-1].append(self._cell.strip())
        self._within.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self._within:
            return
        if "code" not in self._within:
            self.words.append(data)
        self._cell += data
        if self._within and self._within[-1] in ("h1", "h2", "h3"):
            self._heading += data.strip()

    def column(self, heading: str, name: str) -> list[str]:
        """Return a column of the table under a heading, the line of totals included."""
        first, *lines = self.tables[heading]
        return [line[first.index(name)] for line in lines]


@pytest.fixture(scope="module")
def front(home: Path) -> Page:
    return Page(home / "en" / "index.html")


def people(home: Path) -> Iterator[str]:
    """Yield what names, numbers or locates a person in the files that were delivered."""
    personal = {
        "姓名",
        "户主姓名",
        "身份证号",
        "户主身份证号",
        "银行账号",
        "账户户名",
        "联系电话",
        "住址",
        "亲属姓名",
        "亲属身份证号",
    }
    for name in ("申请.xlsx", "家庭成员.xlsx", "近亲属申报.xlsx", "工作人员.xlsx"):
        path = home / "files" / name
        if not path.exists():
            continue
        book = CalamineWorkbook.from_path(path)
        for sheet in book.sheet_names:
            head, *rows = book.get_sheet_by_name(sheet).to_python() or [[]]
            columns = [place for place, title in enumerate(head) if str(title).strip() in personal]
            yield from (text for row in rows for place in columns if len(text := str(row[place]).strip()) > 1)


def resize(browser: Any, width: int) -> None:
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


# The numbers


def test_the_roll_of_the_report_is_that_of_the_register(front: Page, ask: Callable[..., Any]) -> None:
    totals = ask("register", "caseload")["totals"]
    for name, key in (("active households", "active_households"), ("active persons", "active_persons")):
        shown = front.column("By programme", name)
        assert shown == [f"{row[key]:,}" for row in totals] + [f"{sum(row[key] for row in totals):,}"]
    due = [row["due_fen"] for row in totals]
    assert front.column("By programme", "due (yuan)") == [yuan(one) for one in (*due, sum(due))]


def test_the_money_of_each_month_is_that_of_the_registers(front: Page, ask: Callable[..., Any]) -> None:
    monthly = ask("register", "payments")["rows"]
    for name, key in (("due (yuan)", "due_fen"), ("paid (yuan)", "paid_fen"), ("returned (yuan)", "returned_fen")):
        sums: dict[str, int] = {}
        for row in monthly:
            sums[row["month"]] = sums.get(row["month"], 0) + row[key]
        assert front.column("Month by month", name) == [yuan(one) for one in (*sums.values(), sum(sums.values()))]


def test_the_classes_are_those_of_the_reconciliation(front: Page, ask: Callable[..., Any]) -> None:
    classes = ask("pay", "reconcile")["classes"].values()
    counts = [one["count"] for one in classes]
    assert front.column("Reconciliation by class", "count") == [f"{one:,}" for one in (*counts, sum(counts))]


def test_exits_recoveries_reviews_and_filings_are_those_of_the_registers(front: Page, ask: Callable[..., Any]) -> None:
    exits = ask("register", "changes")["exits"]
    assert sorted(front.column("Exits by reason", "cases")) == sorted(str(one) for one in exits.values())
    late = sum(bool(row["days_overdue"]) for row in ask("register", "reviews")["rows"])
    shown = front.tables.get("Overdue reviews since they were due (days)")
    assert (shown[-1][1] if shown else "0") == f"{late:,}"
    owed = [row["outstanding_fen"] for row in ask("register", "recoveries")["rows"] if row["outstanding_fen"] > 0]
    shown = front.tables.get("Recoveries outstanding since the order (days)")
    assert (shown[-1][2] if shown else "0.00") == yuan(sum(owed))
    filings = ask("register", "filings")
    assert len(front.tables.get("Cases of staff relatives", [[]])) - 1 == len(filings["rows"])
    assert f"{filings['filed']:,} filed, {filings['unfiled']:,} not filed." in " ".join(front.words)


def test_the_clocks_add_up_to_the_decided_applications(front: Page, ask: Callable[..., Any]) -> None:
    rows = [row for row in ask("register", "intake")["rows"] if row["used_days"] is not None and row["decided_on"]]
    shown = front.column("Working days used, by programme and clock", "decided cases")
    assert sum(int(one.replace(",", "")) for one in shown) == len(rows)


def test_the_flags_are_those_of_audit_flags(front: Page, flags: list[dict[str, Any]]) -> None:
    counts = front.column("By rule", "flags")
    assert int(counts[-1]) == len(flags)
    assert front.column("By rule", "at stake (yuan)")[-1] == yuan(sum(flag["amount_fen"] for flag in flags))
    pairs = {(flag["rule"], flag["case"]) for flag in flags}
    shown = zip(front.column("Flagged cases", "rule"), front.column("Flagged cases", "case"), strict=True)
    assert set(shown) == pairs


def test_every_flag_stands_on_the_page_of_its_case_beside_its_entries(home: Path, flags: list[dict[str, Any]]) -> None:
    for flag in flags:
        page = (home / "en" / f"case-{flag['case']}.html").read_text(encoding="utf-8")
        assert f'<span class="rule">{flag["rule"]}</span>' in page
        own = [position for position in flag["entries"] if f'id="e{position}"' in page]
        assert own
        for position in own:
            assert f'href="#e{position}"' in page
            moment = page.split(f'id="e{position}"')[1].split("</li>")[0]
            assert flag["rule"] in moment


def test_a_report_says_where_it_comes_from(home: Path, front: Page, ask: Callable[..., Any]) -> None:
    status = ask("status")
    text = " ".join(front.words)
    closing = ask("register", "caseload")["as_of"]
    for part in (status["log"], f"{status['size']:,}", status["root"], closing, "made at", "Made by mingzhang"):
        assert part in text
    assert "Nothing was found changed" in text
    assert "Nothing was verified" in " ".join(Page(home / "one.html").words)


# What people see


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_browser_shows_every_page_without_a_request_or_a_complaint(browser: Any, home: Path, language: str) -> None:
    pages = sorted((home / language).glob("*.html"))
    for path in [home / language / "index.html", pages[0], home / "one.html"]:
        for width in (1100, 800):
            browser.ask(
                "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
            )
            assert browser.watched(path) == ([], [])
            assert browser.value("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
            assert browser.value("[...document.querySelectorAll('svg.chart text')].every(one => one.getBBox().x > -60)")
    browser.ask("Emulation.clearDeviceMetricsOverride")


def test_a_report_prints(browser: Any, home: Path, tmp_path: Path) -> None:
    """On paper nothing is cut at the side: no table is wider than the page."""
    browser.open(home / "en" / "index.html")
    browser.ask("Emulation.setEmulatedMedia", media="print")
    resize(browser, 680)
    wide = "[...document.querySelectorAll('table')].filter(one => one.scrollWidth > 681).length"
    assert browser.value(wide) == 0
    assert browser.value("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    browser.ask("Emulation.setEmulatedMedia", media="")
    browser.ask("Emulation.clearDeviceMetricsOverride")
    browser.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_every_link_leads_somewhere_beside_the_page(home: Path) -> None:
    for path in [*(home / "en").glob("*.html"), home / "one.html"]:
        page = Page(path)
        for link in page.links:
            file, _, anchor = link.partition("#")
            assert ":" not in link and not link.startswith("/")
            target = Page(path.with_name(file)) if file else page
            assert not anchor or anchor in target.anchors, (path.name, link)


def test_a_chinese_page_says_nothing_in_english(home: Path) -> None:
    for path in (home / "zh").glob("*.html"):
        texts = (ROOT_OR_HASH.sub("", text) for text in Page(path).words)
        words = {word for text in texts for word in LATIN_WORD.findall(text)}
        assert {word for word in words - TECHNICAL if word.islower()} == set(), path.name


def test_no_page_shows_a_person_unmasked(home: Path, run_at: Callable[..., Any], flags: list[dict[str, Any]]) -> None:
    case = flags[0]["case"]
    assert run_at("export", "casefile", case, "-o", "file.html", folder=home).exit_code == 0
    assert run_at("case", "history", case, "--html", "history.html", folder=home).exit_code == 0
    pages = [*(home / "en").glob("*.html"), home / "one.html", home / "file.html", home / "history.html"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    found = set(people(home))
    assert len(found) > 50
    assert {one for one in found if one in text} == set()
    assert not [one for one in ID.findall(text) if not one.startswith("0")]


# Writing


def test_a_report_replaces_an_older_one_and_nothing_else(
    home: Path, run_at: Callable[..., Any], tmp_path: Path
) -> None:
    target = tmp_path / "report"
    shutil.copytree(home / "en", target)
    (target / "case-OLD.html").write_bytes((target / "index.html").read_bytes())
    assert run_at("audit", "report", "--html", target, "--no-verify", folder=home).exit_code == ExitCode.FINDING
    assert not (target / "case-OLD.html").exists()
    (target / "notes.txt").write_text("mine")
    refused = run_at("audit", "report", "--html", target, folder=home)
    assert refused.exit_code == ExitCode.USAGE
    assert "notes.txt" in refused.err
    assert (target / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_nothing_is_left_of_a_report_that_failed(
    home: Path, run_at: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report"
    shutil.copytree(home / "en", target)
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def fail(*_arguments: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cli.report.report._front", fail)
    failed = run_at("audit", "report", "--html", target, "--no-verify", folder=home)
    assert failed.exit_code not in (ExitCode.SOUND, ExitCode.FINDING)
    assert "No space" in failed.err
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_report_of_a_region_counts_that_region_alone(
    home: Path, run_at: Callable[..., Any], ask: Callable[..., Any], flags: list[dict[str, Any]]
) -> None:
    regions = {row["case"]: row["region"] for row in ask("case", "list")["rows"]}
    region = regions[flags[0]["case"]]
    made = run_at("audit", "report", "--html", "region", "--region", region, "--no-verify", "--json", folder=home)
    assert made.document["flags"] == sum(regions[flag["case"]] == region for flag in flags)
    page = Page(home / "region" / "index.html")
    townships = {line[0].split()[-1] for line in page.tables["By township"]}
    assert townships == {"township", "region", region, "Total"}
    assert json.loads(made.out)["sound"] is None


def test_a_flag_that_was_disposed_of_is_told_apart(
    home: Path, run_at: Callable[..., Any], tmp_path: Path, flags: list[dict[str, Any]]
) -> None:
    folder = tmp_path / "county"
    shutil.copytree(home, folder)
    flag = next(flag for flag in flags if flag["month"])
    options = ("--month", flag["month"], "--outcome", "explained", "--reason", "已核实", "--by", "staff/MZ0001")
    disposed = run_at("audit", "disposition", flag["rule"], flag["case"], *options, folder=folder)
    assert disposed.exit_code == 0, disposed.err
    made = run_at("audit", "report", "--html", "after", "--no-verify", "--json", folder=folder)
    assert made.document["flags"] == len(flags) - 1
    page = Page(folder / "after" / "index.html")
    assert (flag["rule"], flag["case"]) in {tuple(line[:2]) for line in page.tables["Flags disposed of"]}
    assert "explained" in (folder / "after" / f"case-{flag['case']}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("is_readable", [True, False])
def test_a_report_of_a_broken_log_says_so(
    home: Path, run_at: Callable[..., Any], tmp_path: Path, is_readable: bool
) -> None:
    """An altered amount is told beside the numbers; where entries cannot be read at all, the findings stand alone."""
    folder = tmp_path / "county"
    shutil.copytree(home, folder)
    with closing(sqlite3.connect(folder / "mingzhang.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        position, entry = database.execute(
            "SELECT position, entry FROM entries WHERE type = 'payment.settled/1' LIMIT 1"
        ).fetchone()
        forged = bytes(entry).replace(b'"amount_fen":', b'"amount_fen":1') if is_readable else b"no entry"
        database.execute("UPDATE entries SET entry = ? WHERE position = ?", (forged, position))
        database.commit()
    made = run_at("audit", "report", "--html", "broken", folder=folder)
    assert made.exit_code == ExitCode.FINDING
    page = Page(folder / "broken" / "index.html")
    assert "BROKEN" in page.words
    assert any(f"entry {position}" in line[0] for line in page.tables["Findings"])
    assert ("By programme" in page.tables) == is_readable
