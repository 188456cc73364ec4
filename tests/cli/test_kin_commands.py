"""Relatives from files to the register: implied, confirmed, ruled out, recused; the scope that reaches them."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OFFICER, SISTER, MOTHER, HEAD, SURVEYOR = 5, 21, 22, 23, 24
FIRST, SECOND = "SQ52012120240300017", "SQ52012120240300018"
BY = ("--by", "staff/MZ0002")


class Bureau:
    """An office whose ledger commands are run on."""

    def __init__(self, office: Any, run_at: Callable[..., Any], home: Path) -> None:
        self.office = office
        self.home = home
        self._run_at = run_at
        self.ids = {
            number: office.citizen_id(number, "19720304") for number in (OFFICER, SISTER, MOTHER, HEAD, SURVEYOR)
        }

    def run(self, *arguments: object) -> Any:
        place = ("--db", self.office.url, "--keys", self.home / "keys")
        return self._run_at(*arguments, *place, folder=self.home)

    def rows(self, *statuses: str) -> list[dict[str, Any]]:
        document = self.run("register", "filings", "--json").document
        return [row for row in document["rows"] if row["status"] in statuses or not statuses]

    def staff_row(self, number: str, person: int, post: str, **cells: str) -> dict[str, object]:
        row = {**self.office.sample["工作人员"][0], "工号": number, "身份证号": self.ids[person], "岗位": post}
        return {**row, "姓名": "周敏", "单位": "青石镇人民政府", **cells}

    def members(self, case: str, *people: tuple[int, str, str]) -> list[dict[str, object]]:
        sample = self.office.sample["家庭成员"][0]
        return [
            {**sample, "申请编号": case, "身份证号": self.ids[person], "姓名": name, "与户主关系": relation}
            for person, name, relation in people
        ]


@pytest.fixture
def bureau(office: Any, run_at: Callable[..., Any], tmp_path: Path) -> Bureau:
    """MZ0001 declared his sister; she and their mother are a household; the mother's own case was not filed."""
    made = Bureau(office, run_at, tmp_path)
    applications = [
        {**row, "户主身份证号": made.ids[head], "户主姓名": name, "受理人工号": "MZ0001"}
        for row, head, name in zip(office.sample["申请"], (SISTER, MOTHER), ("罗秀英", "罗玉兰"), strict=True)
    ]
    applications[1]["救助项目"] = "农村低保"
    decision = office.sample["审核确认"][0]
    office.load_rows(
        {
            "资料说明": office.sample["资料说明"],
            "工作人员": [made.staff_row("MZ0001", OFFICER, "受理"), made.staff_row("MZ0002", SURVEYOR, "审核确认")],
            "近亲属申报": [{**office.sample["近亲属申报"][0], "亲属身份证号": made.ids[SISTER], "亲属姓名": "罗秀英"}],
            "近亲属备案": [{**office.sample["近亲属备案"][0], "申请编号": FIRST}],
            "申请": applications,
            "家庭成员": [
                *made.members(FIRST, (SISTER, "罗秀英", "本人"), (MOTHER, "罗玉兰", "父母")),
                *made.members(SECOND, (MOTHER, "罗玉兰", "本人")),
            ],
            "审核确认": [{**decision, "申请编号": case} for case in (FIRST, SECOND)],
        }
    )
    return made


def test_a_relative_nobody_declared_is_found_in_files_and_shown_masked(bureau: Bureau) -> None:
    (row,) = bureau.rows("implied_unfiled")
    assert (row["case"], row["staff"], row["relation"], row["certainty"]) == (SECOND, "MZ0001", "父母", "likely")
    assert (row["relative"], row["staff_office"], row["days_late"]) == ("罗**", "青石镇人民政府", 284)
    handled = bureau.rows("handled_by_kin")
    assert [(one["case"], one["handled_as"]) for one in handled] == [(FIRST, ["intake"]), (SECOND, ["intake"])]
    table = bureau.run("register", "filings", "--lang", "zh").out
    assert "未备案（推定）" in table and "MZ0001 申报（条目" in table and f"同户 {FIRST}" in table
    english = bureau.run("register", "filings").out
    assert "not filed (implied)" in english and "parent" in english
    for personal in (*bureau.ids.values(), "罗玉兰", "罗秀英"):
        assert personal not in table + english


def test_what_is_ruled_out_is_silent_and_what_is_confirmed_is_a_fact(bureau: Bureau) -> None:
    ruled_out = bureau.run(
        "staff", "kin", "reject", "MZ0001", "--case", SECOND, "--member", 1, "--reason", "非其生母", *BY
    )
    assert ruled_out.exit_code == 0, ruled_out.err
    assert bureau.rows("implied_unfiled") == []
    confirmed = bureau.run("staff", "kin", "discover", "MZ0001", "--case", SECOND, "--member", 1, "--relation", "57")
    assert "Recorded as entry" in confirmed.out
    refused = bureau.run("staff", "kin", "discover", "MZ0001", "--case", SECOND, "--member", 1, "--relation", "父母")
    assert refused.exit_code == 2
    (row,) = bureau.rows("discovered_unfiled")
    assert (row["case"], row["relation"], row["certainty"]) == (SECOND, "父母", "certain")
    assert bureau.run("audit", "verify").exit_code == 0


def test_a_later_delivery_changes_the_answer_for_old_cases(bureau: Bureau) -> None:
    known_at = bureau.run("status", "--json").document["size"]
    gone = bureau.staff_row("MZ0001", OFFICER, "受理", 离任日期="2023-12-31")
    bureau.office.load_rows({"工作人员": [gone]})
    assert bureau.rows("implied_unfiled") == []
    then = bureau.run("register", "filings", "--known-at", known_at, "--json").document
    assert then["implied"] == 1


def test_recusals_and_closings_are_recorded_and_shown(bureau: Bureau) -> None:
    recused = bureau.run("staff", "kin", "recuse", FIRST, "MZ0001", "--on", "2024-03-06", "--json")
    assert list(recused.document) == ["case", "staff", "position"]
    closed = bureau.run("staff", "kin", "close", FIRST, "MZ0001", "--on", "2024-12-30", "--reason", "已停发", *BY)
    assert closed.exit_code == 0, closed.err
    (row,) = bureau.rows("filed")
    assert (row["recused_on"], row["closed_on"], row["visit"]) == ("2024-03-06", "2024-12-30", "unvisited")
    history = bureau.run("case", "history", FIRST).out
    assert "recusal recorded, staff MZ0001" in history and "filing closed" in history
    state = bureau.run("case", "show", FIRST, "--json").document["state"]
    assert state["recusals"][0]["recused_on"] == "2024-03-06"
    assert state["filings"][0]["closed_on"] == "2024-12-30"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("discover", "MZ0099", "--case", SECOND, "--member", "1", "--relation", "岳父"), "no appointment"),
        (("discover", "MZ0001", "--case", "SQ1", "--member", "1", "--relation", "岳父"), "one of its members: none"),
        (("discover", "MZ0001", "--case", SECOND, "--member", "9", "--relation", "岳父"), "9"),
        (("discover", "MZ0001", "--case", FIRST, "--member", "1", "--relation", "岳父"), "a declared relative"),
        (("discover", "MZ0001", "--case", SECOND, "--member", "1", "--relation", "朋友"), "朋友"),
        (("discover", "MZ0001", "--case", SECOND, "--relation", "岳父"), "who is meant"),
        (("discover", "MZ0001", "--relation", "岳父"), "Nobody is named"),
        (("reject", "MZ0001", "--case", SECOND, "--member", "1", "--reason", " "), "A reason has words"),
        (
            ("reject", "MZ0001", "--case", SECOND, "--member", "1", "--reason", "无", "--by", "staff/MZ0001"),
            "the staff member himself",
        ),
        (("recuse", "SQ1", "MZ0001"), "no application"),
        (("recuse", FIRST, "MZ0001", "--on", "2999-01-01"), "2999-01-01"),
        (("recuse", FIRST, "MZ0001", "--on", "yesterday"), "yesterday"),
        (("close", SECOND, "MZ0001"), "a filing of a relative of MZ0001"),
        (("close", FIRST, "MZ0001", "--by", "me"), "This is not a name"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(bureau: Bureau, arguments: Any, said: str) -> None:
    size = bureau.run("status", "--json").document["size"]
    outcome = bureau.run("staff", "kin", *arguments)
    assert outcome.exit_code == 2
    assert said in outcome.err
    assert bureau.run("status", "--json").document["size"] == size


def test_a_citizen_id_comes_from_a_file_or_stdin_and_is_sealed(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    place = bureau.home / "id.txt"
    place.write_text(bureau.ids[HEAD] + "\n", encoding="utf-8")
    told = bureau.run("staff", "kin", "discover", "MZ0001", "--citizen-id-file", place, "--relation", "岳父")
    assert told.exit_code == 0, told.err
    database = (bureau.home / "ledger.db").read_bytes()
    assert bureau.ids[HEAD].encode() not in database and "岳父".encode() not in database
    place.write_bytes(b"\xff\xfe")
    assert (
        bureau.run("staff", "kin", "discover", "MZ0001", "--citizen-id-file", place, "--relation", "岳父").exit_code
        == 2
    )

    from cli import kin_recording

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{bureau.ids[HEAD].lower()}\n"))
    work = kin_recording.Acting(bureau.office.ledger, "staff/MZ0002", None, None)  # type: ignore[arg-type]
    assert kin_recording.person_meant(work, None, None, "-").citizen_id == bureau.ids[HEAD]


def test_a_scope_is_adopted_by_a_document_and_shown(bureau: Bureau) -> None:
    nothing = bureau.run("staff", "scope", "--json").document
    assert (nothing["scope"], nothing["rows"]) == ("core", [])
    adopt = ("staff", "scope", "adopt", "recusal", "--from", "2024-01-01", "--region", "520121")
    assert bureau.run(*adopt, "--document", "云民发〔2023〕15号").exit_code == 0
    assert bureau.run(*adopt, "--document", "云民发〔2023〕15号").exit_code == 2
    assert (
        bureau.run("staff", "scope", "adopt", "core", "--from", "2025-01-01", "--document", "会议纪要").exit_code == 0
    )
    shown = bureau.run("staff", "scope", "--region", "520121101", "--as-of", "2024-06-30", "--json").document
    assert shown["scope"] == "recusal"
    assert [(row["scope"], row["document"]) for row in shown["rows"]] == [
        ("recusal", "云民发〔2023〕15号"),
        ("core", "会议纪要"),
    ]
    assert bureau.run("staff", "scope", "--as-of", "2024-06-30", "--json").document["scope"] == "core"
    assert "回避" in bureau.run("staff", "scope", "--region", "520121", "--lang", "zh").out
    assert bureau.run("staff", "scope", "--region", "52").exit_code == 2
    assert bureau.run("staff", "scope", "adopt", "all", "--from", "2024-01-01", "--document", "x").exit_code == 2


def test_without_keys_the_register_claims_nothing_and_nothing_can_be_recorded(bureau: Bureau) -> None:
    shutil.move(bureau.home / "keys", bureau.home / "elsewhere")
    outcome = bureau.run("register", "filings", "--json")
    assert outcome.exit_code == 3
    assert outcome.document["unfiled"] is None
    assert outcome.document["unchecked"] == {"members": 3, "relatives": 1, "officers": 2}
    assert bureau.run("staff", "kin", "recuse", FIRST, "MZ0001").exit_code != 0


def test_a_scope_in_postgresql_is_recorded_and_the_register_follows_it(
    run: Callable[..., Any], new_postgres: Callable[[], str]
) -> None:
    url = new_postgres()
    place = ("--db", url, "--keys", "keys")
    assert run("init", *place).exit_code == 0
    adopted = run(
        "staff", "scope", "adopt", "extended", "--from", "2024-01-01", "--document", "云民发〔2023〕15号", *place
    )
    assert adopted.exit_code == 0, adopted.err
    assert run("staff", "scope", "--json", *place).document["scope"] == "extended"
    assert run("register", "filings", "--json", *place).document["rows"] == []
    assert run("audit", "verify", *place).exit_code == 0


@pytest.mark.parametrize("seed", [3])
def test_in_a_simulated_county_the_register_the_flags_and_the_answer_key_agree(
    run: Callable[..., Any], tmp_path: Path, seed: int
) -> None:
    made = ("simulate", "files", "--households", 90, "--months", 1, "--seed", seed, "--key", "key.json")
    assert run(*made).exit_code == 0
    assert run("init").exit_code == 0
    assert run("import", "files").exit_code in (0, 1)
    answers = json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))
    found = run("register", "filings", "--json").document
    assert {name: found[name] for name in ("filed", "unfiled")} == answers["filings"]
    flags = run("audit", "flags", "--rule", "RF10", "--rule", "RF11", "--rule", "RF24", "--json").document["flags"]

    def named(rule: str) -> set[tuple[str, str]]:
        return {(flag["case"], flag["ref"]) for flag in flags if flag["rule"] == rule}

    def rows(test: Callable[[dict[str, Any]], bool]) -> set[tuple[str, str]]:
        return {(row["case"], row["staff"]) for row in found["rows"] if test(row)}

    assert rows(lambda row: row["status"] == "unfiled") == named("RF10") != set()
    assert rows(lambda row: row["visit"] in ("unvisited", "visited_late")) == named("RF11") != set()
    declared = rows(lambda row: row["status"] == "handled_by_kin" and "confirmation" in row["handled_as"])
    assert declared <= named("RF24")

    assert run("staff", "scope", "adopt", "extended", "--from", "2000-01-01", "--document", "x").exit_code == 0
    wider = run("register", "filings", "--json").document
    assert {name: wider[name] for name in ("filed", "unfiled")} == answers["filings"]
    assert wider["wider"] >= found["wider"]
