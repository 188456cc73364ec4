"""Registers, reconciliation and projections, asked from the command line."""

import csv
import io
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from cli.register_list import REGISTERS

SHAPES = {
    "caseload": ["as_of", "known_at", "rows", "totals"],
    "decisions": ["rows", "totals", "in_window"],
    "verifications": ["rows"],
    "changes": ["rows", "exits"],
    "payments": ["month", "rows", "totals"],
    "filings": ["filed", "unfiled", "rows"],
    "recoveries": ["rows"],
    "appeals": ["rows", "totals"],
    "credit": ["rows"],
    "deaths": ["rows"],
    "disclosures": ["known_at", "rows"],
    "imports": ["rows", "deliveries"],
    "entrustments": ["rows"],
    "intake": ["rows", "totals"],
    "publicity": ["rows", "totals"],
    "reviews": ["rows", "totals"],
    "standards": ["rows"],
    "temporary-aid": ["rows", "reserves"],
    "inspections": ["as_of", "known_at", "rows", "draws", "totals"],
}
ROWS = {
    "caseload": ["case", "programme", "region", "status", "persons", "due_fen", "since"],
    "filings": ["case", "staff", "relation", "filed_on", "visited_on", "status"],
    "recoveries": [
        *("order", "case", "cause", "decided", "refund_fen", "fine_fen", "ordered_fen"),
        *("repaid_fen", "waived_fen", "written_off_fen", "outstanding_fen"),
    ],
}


@pytest.mark.parametrize("name", REGISTERS)
def test_every_register_has_its_shape_as_json(run, county, name):
    outcome = run("register", name, "--json")
    assert outcome.exit_code == 0
    shape = SHAPES.get(name, ["rows"])
    assert [key for key in outcome.document if key in shape] == shape
    if outcome.document["rows"] and name in ROWS:
        assert list(outcome.document["rows"][0])[: len(ROWS[name])] == ROWS[name]
    assert run("register", name, "--format", "json").out == outcome.out


@pytest.mark.parametrize("name", REGISTERS)
def test_every_register_is_a_table_with_headings_in_both_languages(run, county, name):
    english, chinese = run("register", name).out.splitlines(), run("register", name, "--lang", "zh").out.splitlines()
    assert english[0].isascii()
    assert not chinese[0].isascii()
    if english[1].strip() != "none":
        assert english[1].isascii()
        assert "_" not in english[1]
        assert not any(word.isascii() for word in chinese[1].split() if word not in ("SHA-256",))


@pytest.mark.parametrize("arguments", [*((name,) for name in REGISTERS), ("payments", "--month", "2024-01")])
def test_a_table_leaves_out_nothing_that_json_has(run, county, arguments):
    rows = run("register", *arguments, "--json").document["rows"]
    shown = {column.key for column in REGISTERS[arguments[0]].columns}
    assert set(rows[0] if rows else ()) - shown == set()


@pytest.mark.parametrize("name", REGISTERS)
def test_csv_has_the_rows_of_json(run, county, name):
    outcome = run("register", name, "--format", "csv")
    assert outcome.out.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(outcome.out.removeprefix("\ufeff"))))
    assert len(lines) - 1 == len(run("register", name, "--json").document["rows"])
    assert all(len(line) == len(lines[0]) for line in lines)


def test_money_is_yuan_for_people_and_fen_for_machines(run, county):
    total = run("register", "caseload", "--json").document["totals"][0]["due_fen"]
    line = next(line for line in run("register", "caseload").out.split("Totals")[1].splitlines() if "urban" in line)
    assert f"{total // 100:,}.{total % 100:02d}" in line.split()


def test_a_programme_is_chosen_by_its_english_name_too(run, county):
    chinese = run("register", "caseload", "--programme", "农村低保", "--json").document
    assert chinese == run("register", "caseload", "--programme", "rural dibao", "--json").document
    assert {row["programme"] for row in chinese["rows"]} == {"农村低保"}
    assert run("register", "caseload", "--programme", "moon", "--json").exit_code == 2


def test_regions_add_up(run, county):
    whole = run("register", "caseload", "--json").document["rows"]
    regions = sorted({row["region"] for row in whole})
    assert len(regions) > 1
    parts = [run("register", "caseload", "--region", region, "--json").document["rows"] for region in regions]
    assert sorted(row["case"] for part in parts for row in part) == sorted(row["case"] for row in whole)


def test_known_at_takes_a_position_or_a_time(run, county):
    size = run("status", "--json").document["size"]
    assert run("register", "caseload", "--json").document["known_at"] == size
    assert run("register", "caseload", "--known-at", 2, "--json").document["rows"] == []
    assert run("register", "caseload", "--known-at", "2000-01-01", "--json").document["known_at"] == 0
    assert run("register", "caseload", "--known-at", "9000-01-01T00:00:00Z", "--json").document["known_at"] == size
    assert run("register", "caseload", "--known-at", size + 1).exit_code == 2
    assert run("register", "caseload", "--known-at", "yesterday").exit_code == 2


@pytest.mark.parametrize(
    ("option", "value"),
    [("--as-of", "2024-02-30"), ("--decided-by", "soon"), ("--region", "云岭"), ("--month", "2024-13")],
)
def test_a_value_that_cannot_be_meant_is_refused(run, county, option, value):
    outcome = run("register", "payments", option, value)
    assert (outcome.exit_code, outcome.out) == (2, "")
    assert value in outcome.err


def test_an_empty_roll_for_want_of_a_closing_date_is_not_passed_over_in_silence(run):
    """Nothing handed over named a day: the register must not look as if nobody received aid."""
    run("init")
    silent = run("register", "caseload")
    assert silent.exit_code == 0
    assert "--as-of" in silent.err
    assert "--as-of" not in run("register", "caseload", "--as-of", "2024-06-30").err


def test_a_month_is_refused_where_it_would_mean_nothing(run, county):
    assert run("register", "caseload", "--month", "2024-01").exit_code == 2
    assert run("register", "payments", "--month", "2024-01", "--json").document["month"] == "2024-01"


def test_the_classes_of_the_reconciliation_add_up_to_its_rows(run, county):
    document = run("pay", "reconcile", "--json").document
    assert list(document)[:2] == ["classes", "rows"]
    for name, sums in document["classes"].items():
        rows = [row for row in document["rows"] if row["class"] == name]
        assert sums["count"] == len(rows)
        assert sums["paid_fen"] == sum(row["paid_fen"] for row in rows)
    assert "Classes" in run("pay", "reconcile").out


def test_registers_that_were_deleted_are_made_again_the_same(run, county):
    before = {name: run("register", name, "--json").out for name in REGISTERS}
    with sqlite3.connect(county / "mingzhang.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'register%'")
        for (table,) in tables.fetchall():
            connection.execute(f"DROP TABLE {table}")
    connection.close()
    assert run("projection", "status", "--json").document["current"] is False
    assert {name: run("register", name, "--json").out for name in REGISTERS} == before
    assert run("audit", "verify").exit_code == 0


def test_a_rebuild_says_how_far_it_came(run, county):
    size = run("status", "--json").document["size"]
    document = run("projection", "rebuild", "--json").document
    assert document == {"position": size, "size": size, "lag": 0, "behind_since": None, "current": True}
    assert run("projection", "status", "--json").document == document
    assert run("projection", "rebuild", "--jobs", "2", "--json").document == document


def test_the_status_says_since_when_the_registers_are_behind(run, county):
    with sqlite3.connect(county / "mingzhang.db") as connection:
        connection.execute("UPDATE register_tracking SET position = 7")
        (at,) = connection.execute("SELECT at FROM entries WHERE position = 7").fetchone()
    connection.close()
    document = run("projection", "status", "--json").document
    assert (document["position"], document["lag"]) == (7, document["size"] - 7)
    assert document["behind_since"] == at
    assert at in run("projection", "status").out


def test_without_the_keys_a_register_says_what_it_could_not_check(run, county):
    shutil.move(county / "mingzhang.db.keys", county / "elsewhere")
    run("projection", "rebuild")
    outcome = run("register", "filings", "--json")
    assert outcome.exit_code == 3
    assert outcome.document["unfiled"] is None
    assert "Could not check" in outcome.err
    assert run("register", "filings", "--keys", "elsewhere").exit_code == 0


def keys_of(value) -> set[str]:
    if isinstance(value, dict):
        plain = {key for key in value if key.replace("_", "").isalpha() and key.isascii()}
        return plain.union(*(keys_of(one) for one in value.values()))
    return set().union(*(keys_of(one) for one in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    "arguments",
    [
        *(("register", name) for name in REGISTERS),
        ("register", "payments", "--month", "2024-01"),
        ("pay", "reconcile"),
        ("audit", "verify"),
        ("audit", "checkpoint"),
        ("status",),
        ("key", "show"),
        ("projection", "status"),
        ("import", "files"),
        ("case", "list"),
    ],
    ids=" ".join,
)
def test_every_key_of_the_json_is_told_in_the_documentation(run, county, arguments):
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    document = run(*arguments, "--json").document
    told = set(re.findall(r"[a-z][a-z0-9_]*", page))
    assert keys_of(document) - told == set()
