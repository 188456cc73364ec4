"""What is printed is whole, aligned, harmless, and the same facts in every form."""

import csv
import io
import json

import pytest

from cli import output, words
from cli.columns import Column, columns_named, yuan
from domain.vocabulary import AppealKind

ROWS = [
    {"case": "SQ52012120240300017", "programme": "农村低保", "persons": 3, "due_fen": 123456, "since": "2024-03"},
    {"case": "SQ52012120240300018", "programme": "特困供养", "persons": 1, "due_fen": 5, "since": None},
]
COLUMNS = columns_named("case", "programme", "persons", "due_fen", "since")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def chinese():
    words.choose("zh")
    yield
    words.choose("en")


def test_money_is_shown_in_yuan_to_the_fen():
    assert [yuan(fen) for fen in (0, 5, 82500, 123456789, -5, -100000)] == [
        "0.00",
        "0.05",
        "825.00",
        "1,234,567.89",
        "-0.05",
        "-1,000.00",
    ]


def test_a_time_is_shown_to_the_second_and_kept_whole_for_programs():
    (column,) = columns_named("at")
    row = {"at": "2026-11-22T09:07:36.037147Z"}
    assert column.cell(row) == "2026-11-22 09:07:36 UTC"
    assert column.plain(row) == "2026-11-22T09:07:36.037147Z"


def test_a_plain_table_is_aligned_and_money_is_right(capsys):
    output.print_table(COLUMNS, ROWS, "Caseload")
    title, heading, first, second = capsys.readouterr().out.splitlines()
    assert title == "Caseload"
    assert heading.split() == ["case", "programme", "persons", "due", "(yuan)", "since"]
    assert first.split() == ["SQ52012120240300017", "rural", "dibao", "3", "1,234.56", "2024-03"]
    assert first.index("1,234.56") + len("1,234.56") == second.index("0.05") + len("0.05")


def test_a_plain_table_counts_chinese_characters_as_two_columns(capsys, chinese):
    output.print_table(columns_named("programme", "case"), ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["救助项目  申请编号", "农村低保  SQ52012120240300017", "特困供养  SQ52012120240300018"]


def test_a_table_without_rows_says_so(capsys):
    output.print_table(COLUMNS, [], "Caseload")
    assert capsys.readouterr().out == "Caseload\n  none\n"


def test_a_drawn_table_cuts_no_id_short(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "20")
    output.print_table(COLUMNS, ROWS)
    assert "SQ52012120240300017" in terminal.getvalue()
    assert "1,234.56" in terminal.getvalue()


def test_control_characters_and_markup_of_a_file_stay_text(capsys):
    rows = [{"fact": "a\x1b[31mred\u202e[bold]b[/bold]"}]
    output.print_table(columns_named("fact"), rows)
    assert capsys.readouterr().out.splitlines()[1] == "a�[31mred�[bold]b[/bold]"


def test_csv_has_a_byte_order_mark_headings_and_plain_money(capfdbinary):
    output.print_csv(COLUMNS, ROWS)
    data = capfdbinary.readouterr().out
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert lines[0] == ["case", "programme", "persons", "due (yuan)", "since"]
    assert lines[1] == ["SQ52012120240300017", "rural dibao", "3", "1234.56", "2024-03"]
    assert lines[2][-1] == ""


def test_csv_gives_a_spreadsheet_no_formula():
    assert Column("fact").plain({"fact": "=HYPERLINK(1)"}) == "'=HYPERLINK(1)"
    assert Column("due_fen").plain({"due_fen": -5}) == "-0.05"


def test_json_keeps_the_order_and_the_chinese(capsys):
    output.print_json({"b": "农村低保", "a": 1})
    text = capsys.readouterr().out
    assert list(json.loads(text)) == ["b", "a"]
    assert "农村低保" in text


def test_a_closed_list_can_be_named_where_a_key_means_another():
    (column,) = columns_named("kind", kind=AppealKind)
    assert column.cell({"kind": "诉讼"}) == "lawsuit"


def test_progress_off_a_terminal_is_one_final_line_on_stderr(capsys):
    with output.progress("Reading", 1500) as advance:
        advance(1000)
        advance(500)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Reading: 1,500\n")


def test_progress_on_a_terminal_is_drawn_on_stderr(capsys, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with output.progress("Reading", 2) as advance:
        advance(2)
    assert "Reading" in terminal.getvalue()
    assert capsys.readouterr().out == ""
