"""register statistics and register publication: figures that add up, and a public list that names no minor."""

import datetime

import pytest

from domain.ages import is_female, is_minor, years_old
from domain.identity import check_character
from domain.months import add_months, months_between


def citizen_id(born: str, sequence: int) -> str:
    digits = f"520121{born}{sequence:03d}"
    return digits + check_character(digits)


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [("20060630", "2024-06-29", 17), ("20060630", "2024-06-30", 18), ("20040229", "2024-02-28", 19)],
)
def test_years_are_completed_on_the_birthday(born, day, years):
    number = citizen_id(born, 11)
    assert years_old(number, datetime.date.fromisoformat(day)) == years
    assert is_minor(number, datetime.date.fromisoformat(day)) is (years < 18)
    assert not is_female(number)
    assert is_female(citizen_id(born, 12))


@pytest.fixture
def figures(run, county):
    return run("register", "statistics", "--json").document


def test_households_of_a_month_are_those_before_and_who_came_less_who_left(figures):
    rows = {(row["month"], row["programme"]): row for row in figures["rows"]}
    for (month, programme), row in rows.items():
        before = rows.get((add_months(month, -1), programme))
        if before is not None:
            came = row["new_households"] - row["left_households"]
            assert row["active_households"] == before["active_households"] + came


def test_the_figures_are_those_of_the_payments_and_a_year_is_its_months(run, figures):
    paid = {(r["month"], r["programme"]): r for r in run("register", "payments", "--json").document["rows"]}
    for row in figures["rows"]:
        said = paid[row["month"], row["programme"]]
        assert all(row[name] == said[name] for name in ("active_households", "active_persons", "due_fen", "paid_fen"))
    for year in figures["years"]:
        months = [r for r in figures["rows"] if r["month"][:4] == year["year"] and r["programme"] == year["programme"]]
        for name in ("due_fen", "paid_fen", "new_households", "left_persons"):
            assert year[name] == sum(row[name] for row in months)
        assert year["months"] == len(list(months_between(months[0]["month"], months[-1]["month"])))


def test_the_people_are_counted_once_each_and_only_in_the_month_asked_about(figures):
    latest = {row["programme"]: row for row in figures["rows"] if row["month"] == figures["month"]}
    for row in figures["people"]:
        assert row["persons"] == latest[row["programme"]]["active_persons"]
        assert row["severely_disabled"] <= row["disabled"] <= row["persons"]
        assert row["elderly"] + row["minors"] <= row["persons"]
    assert sum(row["women"] for row in figures["people"]) > 0


def test_without_the_keys_the_kinds_are_not_guessed(run, county, figures):
    closed = run("register", "statistics", "--json", "--keys", "none")
    assert closed.exit_code == 3
    assert closed.document["rows"] == figures["rows"]
    assert {row["women"] for row in closed.document["people"] if row["persons"]} == {None}
    assert closed.document["unchecked"]["members"] == sum(row["persons"] for row in closed.document["people"])


def test_the_public_list_says_name_head_count_and_amount_and_nothing_else(run, county):
    answer = run("register", "publication", "--json").document
    roll = run("register", "caseload", "--json").document
    assert {tuple(row) for row in answer["rows"]} == {("programme", "region", "head_name", "persons", "due_fen")}
    assert sum(row["due_fen"] for row in answer["rows"]) == sum(one["due_fen"] for one in roll["totals"])
    assert all(row["head_name"] is None or "*" in row["head_name"] for row in answer["rows"])
