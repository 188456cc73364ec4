"""Double-random inspection from the announcement to the last finding, with two real witnesses; and what is bent."""

import base64
import datetime
import json
import runpy
import shutil
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.draws.making import KIND, inspection_of
from audit.draws.pool import pool_of, selection_of, strata_of
from domain.draw import pool_digest, seed_of
from domain.events.base import Event
from domain.events.inspection import DrawMade, DrawWeighted, SampleDrawn
from domain.fields import CaseWeight, Citation, Recusal
from domain.vocabulary import RecusalGround
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger

Run = Callable[..., Any]
Honest = tuple[DrawMade, list[SampleDrawn]]
DRAW = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "independent_draw.py"))
WITNESSES = ("w1", "w2")
TWO_WITNESSES = ("--witness", "w1-draws.vkey", "--witness", "w2-draws.vkey")
PLAIN = ("--percent", "30", "--post", "监督", "--post", "调查")
DAY = ("--on", "2026-11-20")


def good(outcome: Any) -> Any:
    assert outcome.exit_code == 0, outcome.err
    return outcome


def cosigned_size(run: Run, name: str) -> int:
    return int(good(run("witness", "status", "--dir", name, "--json")).document["logs"][0]["size"])


def seeded(run: Run, number: str) -> None:
    """Let both witnesses give the seed."""
    for name in WITNESSES:
        good(run("audit", "sample", "request", number, "--for", cosigned_size(run, name), "-o", f"{name}.request"))
        good(run("witness", "cosign", f"{name}.request", "--seed", "-o", f"{name}.answer", "--dir", name))
        good(run("audit", "checkpoint", "attach", f"{name}.answer", "--policy", "draws.policy"))


@pytest.fixture(scope="module")
def witnessed_once(county_made_once: Path, tmp_path_factory: pytest.TempPathFactory, run_at: Run) -> Path:
    """A county's ledger, two witnesses that trust it, their keys for draws, a policy; and a draw ready to be made."""
    folder = tmp_path_factory.mktemp("witnessed")
    shutil.copytree(county_made_once, folder, dirs_exist_ok=True)

    def run(*arguments: object) -> Any:
        return run_at(*arguments, folder=folder)

    (folder / "log.vkey").write_text(good(run("key", "show", "--vkey")).out)
    policy = f"log {(folder / 'log.vkey').read_text()}"
    for name in WITNESSES:
        good(run("witness", "init", f"inspection.example/{name}", "--dir", name))
        good(run("witness", "trust", "log.vkey", "--dir", name))
        (folder / f"{name}-draws.vkey").write_text(good(run("witness", "draws", "--dir", name)).out)
        policy += f"witness {name} {(folder / f'{name}-draws.vkey').read_text()}"
    (folder / "draws.policy").write_text(f"{policy}group both all w1 w2\nquorum both\n")
    good(run("audit", "sample", "announce", "CJ-1", "--plan", "dibao", *PLAIN, *TWO_WITNESSES, *DAY))
    seeded(run, "CJ-1")
    return folder


@pytest.fixture
def witnessed(witnessed_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder which the test may change, and in which `run` runs."""
    shutil.copytree(witnessed_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def published(run: Run, number: str) -> dict[str, Any]:
    return json.loads(good(run("audit", "sample", "export", number)).out)


def test_whole_way_of_a_draw(witnessed: Path, run: Run) -> None:
    announced = run("audit", "sample", "verify", "CJ-1", "--json").document
    assert (announced["drawn"], announced["bent"]) == (False, False)
    drawn = good(run("audit", "sample", "draw", "CJ-1", "--by", "staff/MZ0031", "--json")).document
    verified = good(run("audit", "sample", "verify", "CJ-1", "--policy", "draws.policy", "--json")).document
    assert {one["verdict"] for one in verified["checks"]} == {"sound"}
    assert "policy" in {one["check"] for one in verified["checks"]}
    assert good(run("audit", "verify")).exit_code == 0
    document = published(run, "CJ-1")
    assert list(DRAW["faults"](document)) == []
    assert [one["case"] for one in document["drawn"]] == [one["case"] for one in drawn["samples"]]
    pool = {case for case, _, _ in document["pool"]}
    assert len(drawn["samples"]) == -(-30 * len(pool) // 100) and len(pool) > 10
    assert all(len(one["inspectors"]) == 2 for one in drawn["samples"])
    cases = good(run("case", "list", "--json")).document["rows"]
    assert pool == {one["case"] for one in cases if one["status"] in ("active", "grace")}


def test_publication_holds_nothing_personal(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "draw", "CJ-1"))
    text = good(run("audit", "sample", "export", "CJ-1")).out
    members = json.loads(good(run("case", "list", "--json")).out)["rows"]
    with Ledger.open(f"sqlite:///{witnessed / 'mingzhang.db'}", opened_keys(witnessed)) as ledger:
        sealed = set()
        for one in members:
            for recorded in ledger.stream(f"case/{one['case']}"):
                event = recorded.event
                sealed |= {getattr(event, name, None) for name in ("name", "citizen_id", "holder", "account")}
    sealed -= {None}
    assert len(sealed) > 50
    assert not [one for one in sealed if one in text]


KINDS: dict[str, tuple[str, ...]] = {
    "one-township": ("--cases", "4", "--region", "520199101", "--post", "调查"),
    "by-township": ("--cases", "9", "--stratify", "township", "--post", "调查", "--inspectors", "3"),
    "by-programme": ("--stratum-cases", "2", "--stratify", "programme", "--post", "调查", "--without", "MZ0001"),
    "by-both": ("--percent", "30", "--stratify", "乡镇和救助项目", "--post", "survey", "--per-case", "3"),
    "of-one-programme": ("--percent", "30", "--programme", "rural dibao", "--post", "调查", "--status", "active"),
    "weighted": ("--percent", "30", "--weights", "weights.csv", "--stratify", "township"),
    "by-flags": ("--percent", "30", "--by-flags", "--rule", "RF20", "--rule", "RF01"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_independent_script_repeats_every_kind_of_draw(witnessed: Path, run: Run, kind: str) -> None:
    cases = good(run("case", "list", "--json")).document["rows"]
    lines = [f"{one['case']},{1 + number % 7}" for number, one in enumerate(cases)]
    (witnessed / "weights.csv").write_text("\n".join(lines) + "\n", "utf-8")
    announced = run("audit", "sample", "announce", "CJ-2", "--plan", kind, *KINDS[kind], *TWO_WITNESSES)
    assert announced.exit_code == 0, announced.err
    seeded(run, "CJ-2")
    good(run("audit", "sample", "draw", "CJ-2"))
    good(run("audit", "sample", "verify", "CJ-2", "--policy", "draws.policy"))
    document = published(run, "CJ-2")
    assert list(DRAW["faults"](document)) == []
    assert document["drawn"]
    strata = {stratum for _, stratum, _ in document["pool"]}
    assert (len(strata) > 1) == ("--stratify" in KINDS[kind])
    assert (max(weight for _, _, weight in document["pool"]) > 1) == (kind in ("weighted", "by-flags"))


def test_independent_script_sees_what_was_changed_in_the_file(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "draw", "CJ-1"))
    document = published(run, "CJ-1")

    def faults(change: Callable[[dict[str, Any]], object]) -> list[str]:
        copy = json.loads(json.dumps(document))
        change(copy)
        return list(DRAW["faults"](copy))

    assert faults(lambda one: one["pool"].pop()) != []
    assert "other cases come out" in faults(lambda one: one["drawn"].reverse())
    assert "other inspectors go there" in faults(lambda one: one["drawn"][0]["inspectors"].reverse())
    assert "the announcement is not what its entry says" in faults(lambda one: one["announced"].update(each=1))
    assert "the sample sizes are not those that were announced" in faults(lambda one: one["strata"].update({"-": 1}))
    key = next(iter(document["seed"]["witnesses"]))
    unsigned = faults(lambda one: one["seed"]["witnesses"].update({key: "A" * 86 + "=="}))
    assert any("did not sign" in one for one in unsigned)
    assert "the announcement is not in the checkpoint" in faults(lambda one: one["proof"]["path"].reverse())


def test_asking_a_witness_again_gives_the_same_seed(witnessed: Path, run: Run) -> None:
    """Nobody can ask until he likes the answer: one key, one checkpoint, one signature."""
    lines = []
    for _ in range(3):
        answer = good(run("audit", "sample", "request", "CJ-1", "--for", cosigned_size(run, "w1"), "-o", "again"))
        answer = good(run("witness", "cosign", "again", "--seed", "--dir", "w1"))
        lines.append(next(line for line in answer.out.splitlines() if "/draws " in line))
    assert len(set(lines)) == 1
    assert "inspection.example/w1/draws" in lines[0]


def test_draw_waits_for_every_named_witness(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "announce", "CJ-2", "--plan", "other", "--cases", "3", *TWO_WITNESSES))
    early = run("audit", "sample", "draw", "CJ-2")
    assert early.exit_code == 3 and "w1/draws, inspection.example/w2/draws" in early.err
    good(run("audit", "sample", "request", "CJ-2", "--for", cosigned_size(run, "w1"), "-o", "request"))
    good(run("witness", "cosign", "request", "--seed", "-o", "answer", "--dir", "w1"))
    good(run("audit", "checkpoint", "attach", "answer", "--policy", "draws.policy"))
    half = run("audit", "sample", "draw", "CJ-2")
    assert half.exit_code == 3 and "none of inspection.example/w2/draws" in half.err


def test_an_ordinary_cosignature_is_no_seed(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "announce", "CJ-2", "--plan", "other", "--cases", "3", *TWO_WITNESSES))
    for name in WITNESSES:
        good(
            run(
                "audit",
                "sample",
                "request",
                "CJ-2",
                "--for",
                cosigned_size(run, name),
                "-o",
                "request",
            )
        )
        good(run("witness", "cosign", "request", "-o", "answer", "--dir", name))
        good(run("audit", "checkpoint", "attach", "answer", "--witness", f"{name}/witness.vkey"))
    assert run("audit", "sample", "draw", "CJ-2").exit_code == 3
    refused = run(
        "audit", "sample", "announce", "CJ-3", "--plan", "third", "--cases", "3", "--witness", "w1/witness.vkey"
    )
    assert refused.exit_code == 2 and "This key gives no seeds" in refused.err


def test_second_announcement_waits_until_the_first_is_ended_and_is_counted(witnessed: Path, run: Run) -> None:
    again = ("audit", "sample", "announce", "CJ-2", "--plan", "dibao", "--cases", "3", *TWO_WITNESSES)
    refused = run(*again)
    assert refused.exit_code == 2 and "CJ-1" in refused.err
    good(run("audit", "sample", "abandon", "CJ-1", "--ground", "no seed", *DAY))
    assert "given up" in run("audit", "sample", "draw", "CJ-1").err
    assert good(run(*again, "--json")).document["attempt"] == 2
    draws = good(run("register", "inspections", "--json")).document["draws"]
    assert [(one["number"], one["state"], one["attempt"]) for one in draws] == [
        ("CJ-1", "abandoned", 1),
        ("CJ-2", "announced", 2),
    ]
    assert draws[0]["given_up_for"] == "未取得见证"


def test_draw_is_made_once(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "draw", "CJ-1"))
    again = run("audit", "sample", "draw", "CJ-1")
    assert again.exit_code == 2 and "once and for all" in again.err
    assert run("audit", "sample", "abandon", "CJ-1", "--ground", "其他").exit_code == 2


def test_checkpoint_of_the_announcement_is_signed_though_more_was_recorded(witnessed: Path, run: Run) -> None:
    (witnessed / "away").mkdir()
    shutil.move(witnessed / "mingzhang.db.keys" / "signing.key", witnessed / "away")
    announced = run("audit", "sample", "announce", "CJ-2", "--plan", "other", "--cases", "3", *TWO_WITNESSES, "--json")
    assert announced.document["signed"] is False
    shutil.move(witnessed / "away" / "signing.key", witnessed / "mingzhang.db.keys")
    good(run("audit", "sample", "abandon", "CJ-1", "--ground", "其他"))  # something further is recorded
    signed = good(run("audit", "sample", "sign", "CJ-2", "--json")).document
    assert signed["size"] == announced.document["checkpoint_size"]
    seeded(run, "CJ-2")
    good(run("audit", "sample", "draw", "CJ-2"))
    good(run("audit", "sample", "verify", "CJ-2"))


def test_policy_of_a_reader_who_trusts_others_is_not_satisfied(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "draw", "CJ-1"))
    good(run("witness", "init", "inspection.example/w3", "--dir", "w3"))
    key = good(run("witness", "draws", "--dir", "w3")).out
    (witnessed / "mine.policy").write_text(f"log {(witnessed / 'log.vkey').read_text()}witness w3 {key}quorum w3\n")
    verdict = run("audit", "sample", "verify", "CJ-1", "--policy", "mine.policy", "--json")
    assert verdict.exit_code == 3
    assert [one["check"] for one in verdict.document["checks"] if one["verdict"] != "sound"] == ["policy"]


def test_without_keys_kinship_is_not_checked_and_all_else_is(witnessed: Path, run: Run) -> None:
    good(run("audit", "sample", "draw", "CJ-1"))
    shutil.rmtree(witnessed / "mingzhang.db.keys")
    verdict = run("audit", "sample", "verify", "CJ-1", "--json")
    assert verdict.exit_code == 3
    assert [one["check"] for one in verdict.document["checks"] if one["verdict"] != "sound"] == ["recusals"]


# What is bent, each by somebody who may record whatever he likes


def opened_keys(folder: Path) -> KeyStore:
    keys = KeyStore.open(folder / "mingzhang.db.keys", "mingzhang.local/ledger", SHA256)
    keys.unlock()
    return keys


def record(folder: Path, number: str, events: list[Event]) -> None:
    """Record events past every rule of the domain, as a program that somebody altered would."""
    with opened_keys(folder) as keys, Ledger.open(f"sqlite:///{folder / 'mingzhang.db'}", keys) as ledger:
        drafts = tuple(Draft(f"{KIND}/{number}", event) for event in events)
        ledger.record_command(
            Command(str(uuid.uuid4()), "system/audit", drafts), lambda: datetime.datetime.now(datetime.UTC)
        )


@pytest.fixture(scope="module")
def true_events(witnessed_once: Path, tmp_path_factory: pytest.TempPathFactory, run_at: Run) -> Honest:
    """What an honest draw of CJ-1 records."""
    folder = tmp_path_factory.mktemp("honest")
    shutil.copytree(witnessed_once, folder, dirs_exist_ok=True)
    good(run_at("audit", "sample", "draw", "CJ-1", folder=folder))
    with Ledger.open(f"sqlite:///{folder / 'mingzhang.db'}", None, read_only=True) as ledger:
        state = inspection_of(ledger, "CJ-1")
    assert state.made is not None
    return state.made, state.samples


Bend = Callable[[DrawMade, list[SampleDrawn]], list[Event]]


def _other_case(made: DrawMade, samples: list[SampleDrawn]) -> list[Event]:
    other = samples[0].model_copy(update={"case": "SQ00000000000000000"})
    return [made, other, *samples[1:]]


def _with_first(**changes: object) -> Bend:
    return lambda made, samples: [made, samples[0].model_copy(update=changes), *samples[1:]]


BENT: dict[str, tuple[Bend, set[str]]] = {
    "another case is drawn": (_other_case, {"cases"}),
    "one case less": (lambda made, samples: [made, *samples[:-1]], {"cases"}),
    "two cases change places": (
        lambda made, samples: [
            made,
            samples[0].model_copy(update={"case": samples[1].case}),
            samples[1].model_copy(update={"case": samples[0].case}),
            *samples[2:],
        ],
        {"cases"},
    ),
    "another seed": (lambda made, samples: [made.model_copy(update={"seed": "0" * 64}), *samples], {"seed", "cases"}),
    "a larger checkpoint": (
        lambda made, samples: [made.model_copy(update={"size": made.size + 1}), *samples],
        {"checkpoint"},
    ),
    "a checkpoint before the announcement": (
        lambda made, samples: [made.model_copy(update={"size": made.size - 1}), *samples],
        {"checkpoint"},
    ),
    "another root": (
        lambda made, samples: [made.model_copy(update={"root": "A" * 43 + "="}), *samples],
        {"history", "witnesses", "seed"},
    ),
    "a witness that did not sign": (
        lambda made, samples: [made.model_copy(update={"cosignatures": made.cosignatures[::-1]}), *samples],
        {"witnesses", "seed"},
    ),
    "a witness left out": (
        lambda made, samples: [made.model_copy(update={"cosignatures": made.cosignatures[:1]}), *samples],
        {"witnesses", "seed"},
    ),
    "another team": (
        lambda made, samples: [made.model_copy(update={"team": made.team[::-1]}), *samples],
        {"parties"},
    ),
    "a friend is sent": (_with_first(inspectors=("MZ9999", "MZ9998")), {"parties"}),
    "somebody is kept away as having handled it": (
        _with_first(recused=(Recusal(staff="MZ0004", ground=RecusalGround.HANDLED),)),
        {"recusals", "parties"},
    ),
}


@pytest.mark.parametrize("act", BENT)
def test_a_bent_draw_is_named(witnessed: Path, run: Run, true_events: Honest, act: str) -> None:
    bend, expected = BENT[act]
    record(witnessed, "CJ-1", bend(*true_events))
    verdict = run("audit", "sample", "verify", "CJ-1", "--json")
    bent = {one["check"] for one in verdict.document["checks"] if one["verdict"] == "bent"}
    assert (verdict.exit_code, verdict.document["bent"]) == (1, True)
    assert expected >= bent and bent & expected, bent


def test_a_second_draw_is_named_and_does_not_replace_the_first(witnessed: Path, run: Run, true_events: Honest) -> None:
    made, samples = true_events
    good(run("audit", "sample", "draw", "CJ-1"))
    record(witnessed, "CJ-1", [made, *samples[:3]])
    verdict = run("audit", "sample", "verify", "CJ-1", "--json")
    assert verdict.exit_code == 1
    assert [one["check"] for one in verdict.document["checks"] if one["verdict"] == "bent"] == ["order"]
    shown = good(run("audit", "sample", "show", "CJ-1", "--json")).document["samples"]
    assert len(shown) == len(samples)


BENT_ANNOUNCEMENTS: dict[str, tuple[dict[str, object], str]] = {
    "a pool of other cases": ({"pool_fingerprint": "0" * 64}, "pool"),
    "a pool of another month": ({"month": "2020-01"}, "pool"),
    "a pool from what came later": ({"known_at": 10**6}, "moment"),
    "an inspector left out": ({"inspectors": ("MZ0004",)}, "inspectors"),
    "a friend among the inspectors": ({"inspectors": ("MZ0004", "MZ0005", "MZ9999")}, "inspectors"),
    "a smaller sample than the rule gives": ({"size": 90}, "sizes"),
    "a first attempt that is none": ({"attempt": 1}, "plan"),
    "a method that nobody knows": ({"method": 7}, "method"),
}


@pytest.mark.parametrize("act", BENT_ANNOUNCEMENTS)
def test_a_bent_announcement_is_named(witnessed: Path, run: Run, act: str) -> None:
    change, question = BENT_ANNOUNCEMENTS[act]
    with Ledger.open(f"sqlite:///{witnessed / 'mingzhang.db'}", None, read_only=True) as ledger:
        announced = inspection_of(ledger, "CJ-1").announced
    assert announced is not None
    copy = announced.model_copy(update={"number": "CJ-9", "attempt": 2, **change})
    record(witnessed, "CJ-9", [copy])
    verdict = run("audit", "sample", "verify", "CJ-9", "--json")
    bent = {one["check"] for one in verdict.document["checks"] if one["verdict"] == "bent"}
    assert verdict.exit_code == 1
    assert question in bent and bent <= {question, "sizes"}


def test_weights_that_no_red_flag_gives_are_named(witnessed: Path, run: Run) -> None:
    flagged = ("--percent", "30", "--by-flags", "--rule", "RF20", "--rule", "RF01", "--plan", "risk")
    good(run("audit", "sample", "announce", "CJ-2", *flagged, *TWO_WITNESSES))
    assert good(run("audit", "sample", "verify", "CJ-2")).exit_code == 0
    with Ledger.open(f"sqlite:///{witnessed / 'mingzhang.db'}", None, read_only=True) as ledger:
        state = inspection_of(ledger, "CJ-2")
        assert state.announced is not None
        pool = pool_of(ledger, selection_of(state.announced), {})
    case = next(line.case for line in pool if line.case not in state.weights)
    weights = {**state.weights, case: 9}
    heavier = [line._replace(weight=weights.get(line.case, 1)) for line in pool]
    strata = strata_of(heavier, state.announced.size_rule, state.announced.size)
    bent = {"number": "CJ-9", "attempt": 2, "pool_fingerprint": pool_digest(heavier), "strata": strata}
    listed = tuple(CaseWeight(case=one, weight=weight) for one, weight in weights.items())
    record(witnessed, "CJ-9", [state.announced.model_copy(update=bent), DrawWeighted(number="CJ-9", weights=listed)])
    verdict = run("audit", "sample", "verify", "CJ-9", "--json")
    assert verdict.exit_code == 1
    (found,) = (one for one in verdict.document["checks"] if one["verdict"] == "bent")
    assert (found["check"], found["expected"], found["found"]) == ("weights", f"{case} 1", f"{case} 9")


def test_a_draw_without_any_witness_is_named(witnessed: Path, run: Run, true_events: Honest) -> None:
    """Whoever leaves the witnesses out can choose the seed: an announcement that names none is worth nothing."""
    with Ledger.open(f"sqlite:///{witnessed / 'mingzhang.db'}", None, read_only=True) as ledger:
        announced = inspection_of(ledger, "CJ-1").announced
        size = ledger.size + 1
    assert announced is not None
    record(witnessed, "CJ-9", [announced.model_copy(update={"number": "CJ-9", "attempt": 2, "witnesses": ()})])
    with Ledger.open(f"sqlite:///{witnessed / 'mingzhang.db'}", None, read_only=True) as ledger:
        root = base64.b64encode(ledger.head().root).decode()
    seed = seed_of("CJ-9", f"mingzhang.local/ledger\n{size}\n{root}\n", ())
    made, samples = true_events
    cites = Citation(seq=1, stream=f"{KIND}/CJ-9")
    bent = {"number": "CJ-9", "cites": cites, "size": size, "root": root, "cosignatures": (), "seed": seed}
    record(witnessed, "CJ-9", [made.model_copy(update=bent), *samples])
    verdict = run("audit", "sample", "verify", "CJ-9", "--json").document
    checks = {one["check"]: one["verdict"] for one in verdict["checks"]}
    assert (checks["witnesses"], checks["seed"], checks["history"]) == ("bent", "sound", "sound")


def test_a_case_altered_in_the_database_after_the_draw_is_named(witnessed: Path, run: Run) -> None:
    """The pool is taken from entries; whoever alters one contradicts the root that the seed was made from."""
    good(run("audit", "sample", "draw", "CJ-1"))
    with sqlite3.connect(witnessed / "mingzhang.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        sql = "SELECT position, entry FROM entries WHERE type = 'application.submitted/1' ORDER BY position LIMIT 1"
        position, entry = database.execute(sql).fetchone()
        altered = bytes(entry).replace("农村低保".encode(), "城市低保".encode()).replace(b"5201991", b"5201992")
        assert altered != bytes(entry)
        database.execute("UPDATE entries SET entry = ? WHERE position = ?", (altered, position))
    verdict = run("audit", "sample", "verify", "CJ-1", "--json")
    assert verdict.exit_code == 1
    assert "history" in {one["check"] for one in verdict.document["checks"] if one["verdict"] == "bent"}


# Findings


def test_findings_have_deadlines_and_the_overdue_come_first(witnessed: Path, run: Run) -> None:
    drawn = good(run("audit", "sample", "draw", "CJ-1", "--json")).document["samples"]
    first, second, third = (one["case"] for one in drawn[:3])
    early = run("audit", "finding", "record", "CJ-1", first, "--kind", "papers", "--due", "2026-12-31", *DAY)
    assert early.exit_code == 2 and "inspect" in early.err
    for case, outcome in ((first, "发现问题"), (second, "problem"), (third, "clean")):
        good(run("audit", "sample", "inspect", "CJ-1", case, "--outcome", outcome, "--on", "2026-11-21"))
    record_finding = ("audit", "finding", "record", "CJ-1")
    on = ("--on", "2026-11-22")
    good(run(*record_finding, first, "--kind", "程序缺失", "--due", "2026-12-01", "--fact", "无入户记录", *on))
    good(run(*record_finding, second, "--kind", "wrong amount", "--severity", "major", "--due", "2026-12-20", *on))
    assert run(*record_finding, "SQ-none", "--kind", "papers", "--due", "2026-12-01").exit_code == 2

    def rows(as_of: str) -> list[tuple[str, str, int]]:
        found = good(run("register", "inspections", "--as-of", as_of, "--json")).document["rows"]
        return [(one["case"], one["status"], one["days_late"]) for one in found][:4]

    assert rows("2026-11-30")[:2] == [(first, "to_rectify", 0), (second, "to_rectify", 0)]
    assert rows("2026-12-25")[:2] == [(first, "overdue", 24), (second, "overdue", 5)]
    assert run("audit", "finding", "accept", "CJ-1", "1", "--on", "2026-12-02").exit_code == 2  # nobody reported
    good(run("audit", "finding", "extend", "CJ-1", "2", "--due", "2027-01-20", "--on", "2026-12-10"))
    assert run("audit", "finding", "extend", "CJ-1", "2", "--due", "2027-01-10", "--on", "2026-12-10").exit_code == 2
    good(run("audit", "finding", "rectify", "CJ-1", "1", "--evidence", "文书", "--on", "2026-12-05"))
    assert (first, "to_accept", 4) in rows("2026-12-25")
    good(run("audit", "finding", "return", "CJ-1", "1", "--reason", "无签字", "--on", "2026-12-08"))
    assert rows("2026-12-25")[0] == (first, "overdue", 24)
    good(run("audit", "finding", "rectify", "CJ-1", "1", "--evidence", "photograph", "--on", "2026-12-09"))
    good(run("audit", "finding", "accept", "CJ-1", "1", "--on", "2026-12-15"))
    assert run("audit", "finding", "rectify", "CJ-1", "1", "--evidence", "文书", "--on", "2026-12-16").exit_code == 2
    good(run("audit", "sample", "publish", "CJ-1", "--place", "website", "--on", "2026-12-20"))
    document = good(run("register", "inspections", "--as-of", "2026-12-25", "--json")).document
    by_case = {one["case"]: one for one in document["rows"]}
    assert (by_case[first]["status"], by_case[first]["days_late"], by_case[first]["evidence"]) == ("closed", 8, "照片")
    assert (by_case[second]["status"], by_case[second]["extended"]) == ("to_rectify", 1)
    assert by_case[third]["status"] == "clean"
    draw = document["draws"][0]
    assert (draw["state"], draw["inspected"], draw["findings"], draw["overdue"]) == ("published", 3, 2, 0)
    good(run("audit", "verify"))
    good(run("projection", "rebuild"))
    assert good(run("register", "inspections", "--as-of", "2026-12-25", "--json")).document["rows"] == document["rows"]


def test_others_than_the_drawn_inspectors_go_for_a_reason_only(witnessed: Path, run: Run) -> None:
    case = good(run("audit", "sample", "draw", "CJ-1", "--json")).document["samples"][0]["case"]
    inspect = ("audit", "sample", "inspect", "CJ-1", case, "--outcome", "clean", "--inspector", "MZ0777")
    refused = run(*inspect)
    assert refused.exit_code == 2 and "--substitution" in refused.err
    good(run(*inspect, "--substitution", "病假"))
    rows = good(run("register", "inspections", "--json")).document["rows"]
    assert [one["others_went"] for one in rows if one["case"] == case] == [True]
    assert run(*inspect, "--substitution", "again").exit_code == 2


def test_every_step_is_told_in_chinese(witnessed: Path, run: Run) -> None:
    out = good(run("audit", "sample", "draw", "CJ-1", "--lang", "zh")).out
    assert "抽查事项" in out and "抽中对象" in out and "种子" in out
    assert "检查点恰以公告结尾" in good(run("audit", "sample", "verify", "CJ-1", "--lang", "zh")).out
    assert "双随机抽查" in good(run("register", "inspections", "--lang", "zh")).out
