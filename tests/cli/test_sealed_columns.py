"""Personal columns of the registers: opened when they are printed, masked, empty without the keys."""

import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from cli.register_list import REGISTERS
from domain.vocabulary import CheckItem

MASKED_ID = re.compile(r"[0-9]{6}\*{8}[0-9]{3}[0-9X]")
MASKED_NAME = re.compile(r".\*+")
ASKED = [*((name,) for name in REGISTERS), ("payments", "--month", "2024-01"), ("changes", "--kind", "granted")]


def people_of(folder: Path) -> tuple[set[str], set[str]]:
    """Return the names, and the ids and accounts, that stand in the files of a county; headers and words left out."""
    names, numbers = set(), set()
    for path in folder.glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path, read_only=True):
            for line in sheet.iter_rows(values_only=True):
                numbers |= {str(cell) for cell in line if re.fullmatch(r"[0-9]{17}[0-9X]|[0-9]{19}", str(cell))}
                where = [place for place, cell in enumerate(line) if re.fullmatch(r"[0-9]{17}[0-9X]", str(cell))]
                names |= {str(line[place - 1]) for place in where if place}
    return {name for name in names if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name)}, numbers


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_no_register_prints_a_whole_name_id_or_account(run, county, form):
    names, numbers = people_of(county / "files")
    assert len(names) > 20
    assert len(numbers) > 60
    for arguments in ASKED:
        printed = run("register", *arguments, "--format", form).out
        assert not [number for number in numbers if number in printed], arguments
        assert not [name for name in names if name in printed], arguments


def test_the_roll_shows_the_head_masked_and_the_income_it_was_judged_by(run, county):
    rows = run("register", "caseload", "--json").document["rows"]
    confirmed = [row for row in rows if row["starts_from"]]
    assert confirmed
    for row in confirmed:
        assert MASKED_NAME.fullmatch(row["head_name"])
        assert MASKED_ID.fullmatch(row["head_citizen_id"])
        assert row["standard_fen"] > 0
        assert (row["care_grade"] is not None) == (row["programme"] == "特困供养")


def test_the_roll_says_of_income_and_grade_what_the_fold_of_the_case_says(run, county):
    """Two ways through the log: the tables with one opened entry here, all entries of the case there."""
    rows = [row for row in run("register", "caseload", "--json").document["rows"] if row["starts_from"]][:15]
    told = [run("case", "show", row["case"], "--json").document["state"] for row in rows]
    assert [row["income_fen"] for row in rows] == [state["income_fen"] for state in told]
    assert [row["care_grade"] for row in rows] == [state["care_grade"] for state in told]
    assert sum(row["income_fen"] is not None for row in rows) > 10


def test_the_roll_shows_what_a_gap_payment_is_made_of(office, run_at):
    """The sample's case: S = 365 yuan, n = 2, Y = 200 yuan."""
    office.start()
    asked = (
        "--db",
        office.url,
        "--keys",
        office.home / "keys",
        "--as-of",
        "2024-08-31",
        "--programme",
        "rural",
        "--json",
    )
    (row,) = run_at("register", "caseload", *asked).document["rows"]
    assert (row["standard_fen"], row["persons"], row["income_fen"]) == (36_500, 2, 20_000)


def test_a_means_test_answer_is_shown_as_a_word_and_never_as_a_figure(run, county):
    rows = run("register", "verifications", "--json").document["rows"]
    assert {row["finding"] for row in rows} <= {"hit", "no_hit", "reported", "unreadable"}
    deposits = [row for row in rows if row["item"] == CheckItem.DEPOSITS]
    assert deposits
    assert not {row["finding"] for row in deposits} & {"hit", "unreadable"}


def test_a_name_inside_a_free_text_is_masked(office, run_at):
    changed = {**office.sample["变更"][0], "原因": "罗国强进城务工,电话19900012345"}
    office.load_rows({**office.sample, "变更": [changed]})
    asked = ("--db", office.url, "--keys", office.home / "keys")
    (row,) = run_at("register", "changes", *asked, "--json").document["rows"]
    assert row["reason"] == "罗**进城务工,电话199****2345"


def test_without_the_keys_the_columns_are_empty_a_note_says_so_and_the_answer_stands(run, county):
    whole = run("register", "caseload", "--json")
    shutil.move(county / "mingzhang.db.keys", county / "elsewhere")
    blind = run("register", "caseload", "--json")
    assert blind.exit_code == 0
    assert "sealed cells stay empty" in blind.err
    opened = {"head_name", "head_citizen_id", "income_fen", "care_grade"}
    for row, other in zip(whole.document["rows"], blind.document["rows"], strict=True):
        assert {key for key in row if row[key] != other[key]} <= opened
        assert other["head_name"] is None
    assert whole.document["totals"] == blind.document["totals"]


def test_new_entries_are_a_kind_of_change_and_an_unknown_kind_is_refused(run, county):
    decisions = run("register", "decisions", "--json").document["rows"]
    entered = run("register", "changes", "--kind", "granted", "--json").document["rows"]
    assert [row["case"] for row in entered] == [row["case"] for row in decisions if row["outcome"] == "confirmed"]
    stops = run("register", "changes", "--kind", "stop", "--json").document
    assert stops == run("register", "changes", "--kind", "停发", "--json").document
    assert {row["kind"] for row in stops["rows"]} <= {"停发"}
    refused = run("register", "changes", "--kind", "surprise")
    assert (refused.exit_code, refused.out) == (2, "")
    assert "new entry, increase" in refused.err
    assert run("register", "credit", "--kind", "停发").exit_code == 2


def test_every_answer_says_what_it_was_asked(run, county):
    keys = ("as_of", "known_at", "region", "programme", "kind", "decided_by")
    for name in REGISTERS:
        document = json.loads(run("register", name, "--programme", "rural", "--json").out)
        assert [document[key] for key in keys[2:]] == [None, "农村低保", None, None], name
        assert name == "inspections" or document["as_of"] == "2024-03-31", name  # which are dated by today


def test_the_heading_names_what_narrows_the_rows(run, county):
    first = run("register", "changes", "--programme", "rural", "--decided-by", "2024-02-29", "--kind", "停发").out
    heading = first.splitlines()[0]
    assert "rural dibao  stop  decided by 2024-02-29" in heading
