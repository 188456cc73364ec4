"""register alerts: the flags of `audit flags`, those that wait first, and what supervision made of them."""

import shutil

import pytest


@pytest.fixture(scope="module")
def flagged(run_at, county_made_once, tmp_path_factory):
    """A county with flags, and what runs a command there."""
    folder = tmp_path_factory.mktemp("alerts")
    shutil.copytree(county_made_once, folder, dirs_exist_ok=True)
    return lambda *arguments: run_at(*arguments, folder=folder)


def test_alerts_are_the_flags_and_a_disposition_moves_one_down(run, county):
    flags = run("audit", "flags", "--json").document["flags"]
    before = run("register", "alerts", "--json").document
    told = [(row["rule"], row["case"], row["month"], row["ref"], row["amount_fen"]) for row in before["rows"]]
    assert told == [(one["rule"], one["case"], one["month"], one["ref"], one["amount_fen"]) for one in flags]
    first = next(row for row in before["rows"] if row["ref"] is None)
    month = ("--month", first["month"]) if first["month"] else ()
    about = (first["rule"], first["case"], *month)
    disposed = run(
        "audit", "disposition", *about, "--outcome", "explained", "--reason", "reason", "--by", "staff/MZ0001"
    )
    assert disposed.exit_code == 0, disposed.err
    after = run("register", "alerts", "--json").document
    moved = [row for row in after["rows"] if row["result"] != "open"]
    assert after["rows"][-1:] == moved
    assert (moved[0]["rule"], moved[0]["case"], moved[0]["result"]) == (first["rule"], first["case"], "explained")
    assert moved[0]["handler"] == "staff/MZ0001"
    assert sum(row["open"] for row in after["totals"]) == len(flags) - 1


def test_without_the_keys_the_register_says_what_it_could_not_test(run, county):
    closed = run("register", "alerts", "--json", "--keys", "none")
    assert closed.exit_code == 3
    assert closed.document["unchecked"]["rules"] == len({one["rule"] for one in closed.document["untested"]}) > 0


def test_what_does_not_apply_is_told_and_is_no_failure(run, county):
    alerts = run("register", "alerts", "--json")
    assert alerts.exit_code == 0
    assert "unchecked" not in alerts.document and alerts.document["untested"] == []
    assert "RF08" in {one["rule"] for one in alerts.document["not_applicable"]}
    assert "What does not apply here" in run("register", "alerts").out


def test_an_alert_says_the_programme_and_region_of_its_case(flagged):
    flags = flagged("audit", "flags", "--json").document["flags"]
    rows = flagged("register", "alerts", "--json").document["rows"]
    keys = ("rule", "case", "month", "ref", "amount_fen", "text", "entries")
    assert len(flags) > 3
    assert [[row[key] for key in keys] for row in rows] == [[flag[key] for key in keys] for flag in flags]
    assert {row["result"] for row in rows} == {"open"}
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
    (handled,) = flagged("register", "alerts", "--kind", "explained", "--json").document["rows"]
    assert (handled["rule"], handled["case"], handled["month"]) == (flag["rule"], flag["case"], flag["month"])
    assert (handled["handler"], handled["reason"]) == ("staff/SJ0003", "补发停发前的救助金")
    assert flagged("register", "alerts", "--kind", "explained", "--known-at", size, "--json").document["rows"] == []
    assert (
        flagged("register", "alerts", "--kind", "explained", "--decided-by", "2001-01-01", "--json").document["rows"]
        == []
    )


# Private


def _place(row):
    return row["programme"], row["region"]


def test_a_flag_found_true_is_not_said_as_a_benefit_confirmed(run, county):
    first = next(row for row in run("register", "alerts", "--json").document["rows"] if row["ref"] is None)
    month = ("--month", first["month"]) if first["month"] else ()
    disposed = ("audit", "disposition", first["rule"], first["case"], *month, "--outcome", "confirmed")
    assert run(*disposed, "--reason", "查证属实").exit_code == 0
    shown = run("register", "alerts", "--kind", "confirmed", "--lang", "zh").out
    assert "  属实  " in shown
    assert "予以确认" not in shown
    assert run("register", "alerts", "--kind", "属实", "--lang", "zh").out == shown
