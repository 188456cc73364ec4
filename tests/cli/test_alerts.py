"""`register alerts`: the flags of `audit flags` with what became of them."""

import shutil

import pytest


@pytest.fixture(scope="module")
def flagged(run_at, county_made_once, tmp_path_factory):
    """A county with flags, and what runs a command there."""
    folder = tmp_path_factory.mktemp("alerts")
    shutil.copytree(county_made_once, folder, dirs_exist_ok=True)
    return lambda *arguments: run_at(*arguments, folder=folder)


def test_alerts_are_the_flags_with_programme_and_region(flagged):
    flags = flagged("audit", "flags", "--json").document["flags"]
    rows = flagged("register", "alerts", "--json").document["rows"]
    keys = ("rule", "case", "month", "ref", "amount_fen", "text", "entries")
    assert len(flags) > 3
    assert [[row[key] for key in keys] for row in rows] == [[flag[key] for key in keys] for flag in flags]
    assert {row["status"] for row in rows} == {"unhandled"}
    cases = {row["case"]: row for row in flagged("case", "list", "--json").document["rows"]}
    assert all((row["programme"], row["region"]) == _place(cases[row["case"]]) for row in rows)
    narrowed = flagged("register", "alerts", "--programme", "rural", "--json").document["rows"]
    assert narrowed == [row for row in rows if row["programme"] == "农村低保"]


def test_a_disposition_names_its_handler_and_leaves_a_later_view_of_the_past_alone(flagged):
    size = flagged("status", "--json").document["size"]
    flag = next(one for one in flagged("register", "alerts", "--json").document["rows"] if one["month"])
    chosen = (flag["rule"], flag["case"], "--month", flag["month"], *(("--ref", flag["ref"]) if flag["ref"] else ()))
    said = ("--outcome", "explained", "--reason", "补发停发前的救助金", "--by", "staff/SJ0003")
    assert flagged("audit", "disposition", *chosen, *said).exit_code == 0
    (handled,) = flagged("register", "alerts", "--kind", "handled", "--json").document["rows"]
    assert (handled["rule"], handled["case"], handled["month"]) == (flag["rule"], flag["case"], flag["month"])
    assert (handled["handler"], handled["disposition"], handled["reason"]) == (
        *("staff/SJ0003", "已说明"),
        "补发停发前的救助金",
    )
    assert flagged("register", "alerts", "--kind", "handled", "--known-at", size, "--json").document["rows"] == []
    assert (
        flagged("register", "alerts", "--kind", "handled", "--decided-by", "2001-01-01", "--json").document["rows"]
        == []
    )


def test_without_the_keys_alerts_say_what_could_not_be_checked(run, county):
    shutil.move(county / "mingzhang.db.keys", county / "elsewhere")
    blind = run("register", "alerts", "--json")
    assert blind.exit_code == 3
    assert blind.document["unchecked"]["facts_of_rules"] > 3
    assert {one["rule"] for one in blind.document["untested"]} >= {"RF02", "RF10"}


# Private


def _place(row):
    return row["programme"], row["region"]
