"""`mingzhang audit flags` and `audit disposition`: the documented shapes, exit codes, words, and what stays masked."""

import re
import shutil
from typing import Any

import pytest

from cli.flag_list import ranges

WHOLE_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X]")  # an id, or the beginning of an account
OWN_RULE = """
from audit.flags.flag import Flag
from audit.flags.rule import Certainty, Rule

RULE = Rule(
    id="BM01",
    title="本县重点核查",
    sentence="{amount_fen} 元，第 {count} 次{unknown}",
    source="内部规定",
    certainty=Certainty.POSSIBLE,
    next_step="入户核查",
    find=lambda case, county: iter([Flag.of("BM01", case.case, facts={"amount_fen": 123456, "count": 7})]),
)
"""


@pytest.fixture
def flags(county, run) -> list[dict[str, Any]]:
    outcome = run("audit", "flags", "--json")
    assert outcome.exit_code == 1
    assert list(outcome.document) == ["as_of", "flags", "known_at", "summary", "unchecked", "not_applicable"]
    found: list[dict[str, Any]] = outcome.document["flags"]
    return found


@pytest.fixture
def flag(flags) -> dict[str, Any]:
    """One flag, of the commonest rule of money."""
    return next(one for one in flags if one["rule"] == "RF20")


def test_flags_have_the_documented_shape(flags):
    first = ["rule", "case", "month", "ref", "amount_fen", "entries", "text", "certainty"]
    for one in flags:
        assert list(one) == [*first, "title", "source", "next", "disposition"]
        assert one["text"] and "{" not in one["text"]
        assert one["entries"] == sorted(set(one["entries"]))
        assert one["certainty"] in ("recorded", "likely", "possible")
    keys = [(one["rule"], one["case"], one["month"] or "", one["ref"] or "") for one in flags]
    assert keys == sorted(set(keys))


def test_nobodys_number_is_printed(run, flags):
    shown = run("audit", "flags", "--all").out + run("audit", "flags", "--lang", "zh").out + str(flags)
    assert "RF01" in shown
    assert WHOLE_NUMBER.findall(shown) == []


def test_the_table_says_it_in_both_languages(run, flag):
    english, chinese = run("audit", "flags", "--rule", "rf20"), run("audit", "flags", "--rule", "RF20", "--lang", "zh")
    assert english.out.startswith("RF20  Wrong amount (likely; somebody must look)\n")
    assert flag["text"] in english.out
    assert "金额不符" in chinese.out and "下一步：" in chinese.out
    assert "Entries searched" in english.err


def test_rules_region_programme_and_case_narrow_it(run, flags, flag):
    only = run("audit", "flags", "--rule", "RF20", "--rule", "RF01", "--json").document["flags"]
    assert only == [one for one in flags if one["rule"] in ("RF01", "RF20")]
    of_case = run("audit", "flags", "--case", flag["case"], "--json").document["flags"]
    assert of_case == [one for one in flags if one["case"] == flag["case"]]
    assert run("audit", "flags", "--region", "999999", "--json").document["flags"] == []


def test_summary_counts_what_is_listed(run, flags):
    summary = run("audit", "flags", "--json").document["summary"]
    assert sum(one["count"] for one in summary) == len(flags)
    assert sum(one["amount_fen"] for one in summary) == sum(one["amount_fen"] for one in flags)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rule", "RF99"),
        ("--region", "Yunling"),
        ("--region", "520121101202"),
        ("--case", "SQ00000000000000000"),
        ("--case", ""),
        ("--as-of", "yesterday"),
        ("--known-at", "9999999"),
        ("--rules", "no-such-folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(county, run, arguments):
    assert run("audit", "flags", *arguments).exit_code == 2


def test_nothing_found_and_everything_checked_is_sound(county, run):
    assert run("audit", "flags", "--rule", "RF21", "--as-of", "2000-01-31").exit_code == 0


def test_a_rule_that_has_nothing_to_test_is_told_and_ends_well(county, run):
    outcome = run("audit", "flags", "--rule", "RF08", "--json")
    (told,) = outcome.document["not_applicable"]
    assert (outcome.exit_code, outcome.document["unchecked"], told["rule"]) == (0, [], "RF08")
    assert "存款限额月数" in told["reason"]
    assert "RF08 does not apply here: " in run("audit", "flags", "--rule", "RF08").err


def test_without_keys_it_says_what_it_did_not_check(county, run, flags):
    shutil.rmtree(county / "mingzhang.db.keys")
    blind = run("audit", "flags", "--rule", "RF20", "--json")
    assert (blind.exit_code, blind.document["flags"]) == (3, [])
    assert [(one["rule"], one["cases"]) for one in blind.document["unchecked"]] == [("RF20", None)]
    both = run("audit", "flags")
    assert both.exit_code == 1
    assert "RF20 was not checked: the sealed parts it reads are closed" in both.err


def test_a_disposed_flag_is_silent_and_shown_when_all_are(county, run, flag):
    where = (flag["rule"], flag["case"], "--month", flag["month"])
    made = run("audit", "disposition", *where, "--outcome", "explained", "--reason", "已补差额", "--json")
    assert (made.exit_code, list(made.document)) == (0, ["rule", "case", "position"])
    left = run("audit", "flags", "--json").document["flags"]
    assert flag not in left
    with_all = run("audit", "flags", "--all", "--json").document["flags"]
    disposed = next(one for one in with_all if one["disposition"])
    assert disposed["disposition"].keys() == {"outcome", "on", "entry", "holds"}
    assert (disposed["disposition"]["outcome"], disposed["disposition"]["entry"]) == (
        "explained",
        made.document["position"],
    )
    assert {**disposed, "disposition": None} == flag
    told = run("audit", "flags", "--rule", "RF20")
    assert "1 more were disposed of" in told.err
    assert "explained" in run("audit", "flags", "--rule", "RF20", "--all").out


def test_the_same_disposition_is_recorded_once(county, run, flag):
    where = (flag["rule"], flag["case"], *(("--month", flag["month"]) if flag["month"] else ()))
    where = (*where, *(("--ref", flag["ref"]) if flag["ref"] else ()))
    said = ("audit", "disposition", *where, "--outcome", "explained", "--reason")
    assert run(*said, "已补差额").exit_code == 0
    again = run(*said, "已补差额")
    assert again.exit_code == 2
    assert "recorded already" in again.err
    assert run(*said, "已补差额，附凭证").exit_code == 0


def test_history_tells_the_disposition(county, run, flag):
    where = (flag["rule"], flag["case"], "--month", flag["month"])
    run("audit", "disposition", *where, "--outcome", "referred", "--reason", "移送纪检", "--by", "staff/SJ0003")
    last = run("case", "history", flag["case"], "--json").document["entries"][-1]
    assert (last["type"], last["by"]) == ("flag.disposed/1", "staff/SJ0003")
    assert "rule RF20" in last["summary"]


def test_a_person_is_named_as_the_list_shows_it(county, run, flags):
    flag = next(one for one in flags if one["ref"] and "*" in one["ref"])
    where = (flag["rule"], flag["case"], "--ref", flag["ref"])
    made = run("audit", "disposition", *where, "--outcome", "confirmed", "--reason", "属实")
    assert made.exit_code == 0
    assert flag not in run("audit", "flags", "--json").document["flags"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--month", "1999-01", "--reason", "x"), "There is no such flag"),
        (("--reason", " "), "A reason has words"),
    ],
)
def test_a_disposition_of_nothing_or_for_nothing_is_refused(county, run, flag, arguments, said):
    refused = run("audit", "disposition", flag["rule"], flag["case"], "--outcome", "explained", *arguments)
    assert (refused.exit_code, said in refused.err) == (2, True)


def test_a_rule_of_the_bureau_is_run_with_the_others(county, run):
    (county / "rules").mkdir()
    (county / "rules" / "bm01.py").write_text(OWN_RULE, encoding="utf-8")
    listed = run("audit", "flags", "--rules", "rules", "--rule", "BM01")
    assert listed.exit_code == 1
    assert "1,234.56 元，第 7 次{unknown}" in listed.out
    assert run("audit", "flags", "--rule", "BM01", MINGZHANG_RULES="rules").out == listed.out


def test_neighbouring_positions_are_joined():
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"
    assert ranges([]) == ""
