"""`mingzhang case`: the documented shapes, words for people, two clocks, and the registers as a check on replay."""

import re
from pathlib import Path
from typing import Any

import pytest

from audit.replay import standing
from domain.case import entitlement_of
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from projections.follower import Follower
from projections.reconciliation import reconcile
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase


@pytest.fixture
def rows(county: Path, run: Any) -> list[dict[str, Any]]:
    outcome = run("case", "list", "--json")
    assert outcome.exit_code == 0
    found: list[dict[str, Any]] = outcome.document["rows"]
    return found


@pytest.fixture
def case(rows: list[dict[str, Any]]) -> str:
    """A case that is paid."""
    return str(next(row["case"] for row in rows if row["status"] == "active"))


def test_list_has_the_documented_shape(rows: list[dict[str, Any]]) -> None:
    assert rows
    assert all(list(row) == ["case", "programme", "region", "status", "since", "due_fen"] for row in rows)


def test_list_is_narrowed_by_its_options(rows: list[dict[str, Any]], run: Any) -> None:
    first = rows[0]
    narrowed = run(
        "case", "list", "--json", "--region", first["region"], "--programme", first["programme"],
        "--status", first["status"],
    )  # fmt: skip
    same = [row for row in rows if all(row[key] == first[key] for key in ("region", "programme", "status"))]
    assert narrowed.document == {"rows": same}
    assert f"Cases: {len(rows)}" in run("case", "list").out
    assert run("case", "list", "--known-at", "0", "--json").document == {"rows": []}


@pytest.mark.parametrize("command", ["show", "replay"])
def test_state_has_the_documented_shape(case: str, run: Any, command: str) -> None:
    document = run("case", command, case, "--json").document
    assert list(document) == ["case", "as_of", "known_at", "state"]
    assert (document["case"], document["state"]["month"]) == (case, document["as_of"][:7])
    assert document["state"]["status"] == "active"


def test_state_agrees_with_the_list(rows: list[dict[str, Any]], run: Any) -> None:
    for row in rows[:8]:
        state = run("case", "show", row["case"], "--json").document["state"]
        assert (state["status"], state["due_fen"]) == (row["status"], row["due_fen"])
        assert state["since"] in (row["since"], None)


def test_history_has_the_documented_shape(case: str, run: Any) -> None:
    document = run("case", "history", case, "--json").document
    keys = ["position", "stream", "seq", "type", "at", "by", "occurred_on", "summary", "source", "changes"]
    assert list(document) == ["case", "entries"]
    assert all(list(entry) == keys for entry in document["entries"])
    accepted = next(entry for entry in document["entries"] if entry["type"] == "application.accepted/1")
    assert accepted["summary"].startswith(f"{accepted['occurred_on']} application accepted, officer ")
    assert accepted["source"]["file"] == "申请.xlsx"
    assert accepted["changes"]["application.accepted_on"] == [None, accepted["occurred_on"]]
    positions = [entry["position"] for entry in document["entries"]]
    assert positions == sorted(positions)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["show", "history", "replay"])
def test_text_tells_the_case_and_masks_persons(county: Path, case: str, run: Any, command: str, language: str) -> None:
    outcome = run("case", command, case, "--lang", language)
    assert outcome.exit_code == 0
    assert case in outcome.out
    assert ("农村低保" in outcome.out or "城市低保" in outcome.out or "特困供养" in outcome.out) == (language == "zh")
    assert re.search(r"[0-9]{6}\*{8}[0-9]{3}[0-9X]", outcome.out)
    secrets = secrets_of(county, case)
    assert secrets
    assert not any(secret in outcome.out for secret in secrets)


def test_replay_on_an_early_day_leaves_later_entries_out(case: str, run: Any) -> None:
    entries = run("case", "history", case, "--json").document["entries"]
    accepted = next(entry["occurred_on"] for entry in entries if entry["type"] == "application.accepted/1")
    outcome = run("case", "replay", case, "--as-of", accepted)
    assert "pending" in outcome.out
    assert f"happened after {accepted} and are left out" in outcome.err
    early = run("case", "replay", case, "--as-of", accepted, "--json").document
    assert (early["as_of"], early["state"]["status"], early["state"]["transfers"]) == (accepted, "pending", [])
    nothing = run("case", "replay", case, "--known-at", "0", "--json").document
    assert (nothing["known_at"], nothing["state"]["events"]) == (0, 0)


def test_unknown_case_is_refused_with_near_ones(case: str, run: Any) -> None:
    wrong = case[:-1] + ("0" if case[-1] != "0" else "1")
    for command in ("show", "history", "replay"):
        outcome = run("case", command, wrong[:-1] + "X")
        assert outcome.exit_code == 2
        assert "There is no such case" in outcome.err
        assert case[:-1] in outcome.err


def test_bad_day_and_position_are_refused(case: str, run: Any) -> None:
    assert run("case", "show", case, "--as-of", "2024-02-30").exit_code == 2
    assert run("case", "replay", case, "--known-at", "soon").exit_code == 2


def test_without_keys_the_sheet_says_what_it_could_not_open(county: Path, case: str, run: Any) -> None:
    (county / "mingzhang.db.keys").rename(county / "elsewhere")
    outcome = run("case", "show", case)
    assert outcome.exit_code == 0
    assert "sealed part that was not opened" in outcome.err


def secrets_of(folder: Path, case: str) -> set[str]:
    """Return the names and citizen ids of the people of a case."""
    url = f"sqlite:///{folder}/mingzhang.db"
    with Ledger.open(url, None, read_only=True) as closed:
        keys = KeyStore.open(folder / "mingzhang.db.keys", closed.origin, closed.suite)
    with keys, Ledger.open(url, keys, read_only=True) as ledger:
        members = standing(ledger, case).state.members.values()
        return {secret for one in members for secret in (one.name, one.citizen_id) if secret}


# Replay and the registers are two ways from the same log: they must agree.


def test_replay_and_reconciliation_agree_on_every_case_and_month(county: Path) -> None:
    with Ledger.open(f"sqlite:///{county}/mingzhang.db", None, read_only=True) as ledger:
        database = SQLiteDatabase.private()
        Follower(ledger, database).catch_up(lambda position, size: None)
        lines = reconcile(database, Scope())["rows"]
        lines = [line for line in lines if line["class"] != "unknown_case"]
        states = {case: standing(ledger, case).state for case in {line["case"] for line in lines}}
        database.close()
    assert lines
    for line in lines:
        state = states[line["case"]]
        due_fen, paid_fen = entitlement_of(state).due_fen(line["month"]), state.paid_fen(line["month"])
        assert (due_fen, paid_fen) == (line["due_fen"], line["paid_fen"]), line


def test_every_home_visit_is_on_the_sheet(county: Path, rows: list[dict[str, Any]], run: Any) -> None:
    states = {row["case"]: run("case", "show", row["case"], "--json").document["state"] for row in rows}
    case, state = max(states.items(), key=lambda item: len(item[1]["surveys"]))
    sheet = run("case", "show", case).out
    assert state["surveys"]
    assert sheet.count("home visit") == len(state["surveys"])
    assert all(survey["surveyed_on"] in sheet for survey in state["surveys"])
    refused = next(found for found in states.values() if found["decision"] and found["decision"]["reason"])
    case = next(number for number, found in states.items() if found is refused)
    assert refused["decision"]["reason"] in run("case", "show", case).out
