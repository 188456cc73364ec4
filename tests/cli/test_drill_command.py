"""`mingzhang audit drill` on both databases: its table, its JSON, its exit codes."""

import sqlite3

import pytest

from audit.drill_acts import ACTS
from cli.commands.drill import NAMES


def test_every_act_has_a_name_to_show():
    assert list(NAMES) == [act.name for act in ACTS]


def test_drill_of_a_county_finds_everything(run, county):
    before = (county / "mingzhang.db").read_bytes()
    outcome = run("audit", "drill", "--rounds", 1, "--json")
    document = outcome.document
    assert (outcome.exit_code, document["passed"], document["false_alarms"]) == (0, True, 0)
    assert [one["act"] for one in document["acts"]] == [act.name for act in ACTS]
    assert all(one["tried"] == one["detected"] == one["named"] == 1 for one in document["acts"][:-1])
    assert (document["acts"][-1]["tried"], document["acts"][-1]["by"]) == (0, "nothing in the ledger")
    assert (county / "mingzhang.db").read_bytes() == before


@pytest.mark.parametrize(("language", "said"), [("en", "restored old backup"), ("zh", "放回旧备份")])
def test_drill_of_an_empty_ledger_in_postgresql_says_what_could_not_be_tried(run, new_postgres, language, said):
    url = new_postgres()
    assert run("init", "--db", url, "--hash", "sm3").exit_code == 0
    outcome = run("audit", "drill", "--rounds", 1, "--db", url, "--lang", language)
    assert outcome.exit_code == 0
    assert said in outcome.out


def test_a_ledger_that_does_not_verify_is_not_drilled(run, county):
    with sqlite3.connect(county / "mingzhang.db") as raw:
        raw.execute("DROP TRIGGER entries_update")
        raw.execute("UPDATE entries SET type = 'x.y/1' WHERE position = 5")
    raw.close()
    outcome = run("audit", "drill", "--rounds", 1)
    assert outcome.exit_code == 3
    assert "audit verify" in outcome.err
