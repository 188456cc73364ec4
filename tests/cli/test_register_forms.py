"""Registers handed up: a workbook as a bureau expects it, and a page; both say what the JSON says."""

import datetime
import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from cli.columns import columns_named
from cli.forms.sheet import Sheet, SheetTable
from cli.forms.spreadsheet import MONEY_FORMAT, write_workbook
from cli.register_list import REGISTERS

MONTH_AT = "2024-03-31"


def sheet_named(run, name, *options):
    """Return the first worksheet of a register's workbook."""
    assert run("register", name, "--format", "xlsx", "-o", "out.xlsx", *options).exit_code == 0
    return openpyxl.load_workbook("out.xlsx").worksheets[0]


def rows_below_heading(sheet):
    """Return the cells of the rows between the frozen heading and the first row that is not boxed."""
    start = sheet[sheet.freeze_panes].row
    rows = [row for row in sheet.iter_rows(min_row=start) if row[0].border.left.style]
    return sheet[start - 1], rows


@pytest.fixture(autouse=True)
def here(county, monkeypatch):
    monkeypatch.chdir(county)


@pytest.mark.parametrize("name", REGISTERS)
def test_every_register_is_a_workbook_and_a_page(run, name):
    for form in ("xlsx", "html"):
        made = run("register", name, "--format", form, "-o", f"out.{form}", "--lang", "zh")
        assert made.exit_code == 0, made.err
    book = openpyxl.load_workbook("out.xlsx")
    answer = run("register", name, "--json").document
    headings, rows = rows_below_heading(book.worksheets[0])
    assert all(cell.value for cell in headings)
    assert len(rows) - len(answer["rows"]) in (0, 1), "one more where there is a line of totals"
    page = Path("out.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "http" not in page.partition("<body>")[2].replace("http-equiv", "")


def test_amounts_are_numbers_to_the_fen_days_are_dates_and_the_heading_stays(run):
    sheet = sheet_named(run, "decisions")
    rows = run("register", "decisions", "--json").document["rows"]
    headings, lines = rows_below_heading(sheet)
    names = [cell.value for cell in headings]
    money, day = names.index("amount (yuan)"), names.index("decided on")
    for row, line in zip(rows, lines, strict=False):
        if row["amount_fen"] is not None:
            assert Decimal(str(line[money].value)) == Decimal(row["amount_fen"]) / 100
            assert line[money].number_format == MONEY_FORMAT
        if row["decided_on"]:
            assert line[day].value == datetime.datetime.fromisoformat(row["decided_on"])
    assert sheet.freeze_panes == f"A{headings[0].row + 1}"
    assert sheet.auto_filter.ref.startswith(f"A{headings[0].row}:")
    assert sheet.print_title_rows == f"${headings[0].row}:${headings[0].row}"


def test_a_sheet_says_whose_it_is_and_as_of_when(run):
    sheet = sheet_named(run, "caseload", "--as-of", MONTH_AT, "--lang", "zh")
    head = " ".join(str(row[0].value) for row in sheet.iter_rows(max_row=4) if row[0].value)
    assert "在册对象台账" in head and "填报单位" in head and MONTH_AT in head and "元" in head
    foot = [row[0].value for row in sheet.iter_rows() if row[0].value]
    assert "制表人" in foot[-1] and "审核人" in foot[-1]


def test_the_parts_below_a_register_are_sheets_of_their_own(run):
    run("register", "caseload", "--format", "xlsx", "-o", "out.xlsx")
    book = openpyxl.load_workbook("out.xlsx")
    assert book.sheetnames == ["Caseload", "Totals"]
    totals = run("register", "caseload", "--json").document["totals"]
    headings, rows = rows_below_heading(book["Totals"])
    due = [cell.value for cell in headings].index("due (yuan)")
    assert sum(Decimal(str(row[due].value)) for row in rows) == sum(Decimal(one["due_fen"]) / 100 for one in totals)


def test_the_file_is_its_owners_only_and_goes_to_stdout_without_a_name(run, county):
    run("register", "appeals", "--format", "html", "-o", "out.html")
    assert (county / "out.html").stat().st_mode & 0o777 == 0o600
    printed = run("register", "appeals", "--format", "html").out
    assert printed == (county / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [
        ("--json", "--format", "xlsx", "-o", "out.xlsx"),
        ("--format", "csv", "-o", "out.csv"),
        ("--format", "xlsx", "-o", "no/out.xlsx"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_written(run, county, options):
    before = {path.name for path in county.iterdir()}
    assert run("register", "caseload", *options).exit_code == 2
    assert {path.name for path in county.iterdir()} == before


def test_reconciliation_is_handed_up_too(run):
    assert run("pay", "reconcile", "--format", "xlsx", "-o", "out.xlsx").exit_code in (0, 1)
    assert openpyxl.load_workbook("out.xlsx").sheetnames == ["Reconciliation", "Classes"]


def test_a_text_wider_than_the_widest_column_grows_its_row_and_is_not_cut(run):
    """What a flag says is longer than 48 digits, its rule is not."""
    headings, (line, *_) = rows_below_heading(sheet_named(run, "alerts", "--lang", "zh"))
    names = [cell.value for cell in headings]
    assert line[names.index("说明")].alignment.wrap_text
    assert not line[names.index("规则")].alignment.wrap_text


def test_no_text_becomes_a_formula_and_none_breaks_the_file():
    rows = [{"case": '=HYPERLINK("http://x")', "reason": "\x00\x1f" + "长" * 40_000}]
    table = SheetTable("a/b:c*?[]", columns_named("case", "reason"), rows)
    data = write_workbook(Sheet("=1+1", {"u": "=2+2"}, [table, table]))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert all(re.fullmatch(r"[^\[\]:*?/\\]{1,31}", name) for name in book.sheetnames)
    assert len(set(book.sheetnames)) == 2
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert any(cell.value == rows[0]["case"] for row in book.worksheets[0].iter_rows() for cell in row)
