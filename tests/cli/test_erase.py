"""case erase: refused until its time, then gone from every byte of the keys, with proofs and totals as they were."""

import datetime
import json
import shutil
import signal
import subprocess
import sys

import pytest

from audit.erasure import outstanding, reach_of
from cli.register_list import REGISTERS
from domain.events.application import PayeeRegistered
from domain.events.erasure import ErasureOrdered
from domain.events.ledger import ErasureEffective, ErasureRequested
from ledger.key_erasure import erase_keys
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.stores import open_store

REASON = "保管期满"
ERASED = ("--reason", REASON, "--by", "staff/MZ0001")

ADOPTED = ("--approval-years", 3, "--management-years", 5, "--effective-on", "2016-01-01", "--document", "县局档案办法")


@pytest.fixture(scope="module")
def made(tmp_path_factory, run_at):
    """A county of ten years ago, imported, signed, with registers; the cases that nothing forbids to erase."""
    folder = tmp_path_factory.mktemp("old")
    run_at("simulate", "files", "--households", 40, "--months", 6, "--first-month", "2016-01", folder=folder)
    assert run_at("init", folder=folder).exit_code == 0
    assert run_at("import", "files", folder=folder).exit_code in (0, 1)
    assert run_at("audit", "checkpoint", "-o", "before.checkpoint", folder=folder).exit_code == 0
    rows = run_at("case", "list", "--json", folder=folder).document["rows"]
    ended = [one["case"] for one in rows if one["status"] in ("refused", "stopped")]
    may = [case for case in ended if run_at("case", "erase", case, "--dry-run", folder=folder).exit_code == 0]
    assert len(may) >= 3, may
    return folder, may


@pytest.fixture
def old(made, tmp_path):
    """A copy of that county in the folder in which `run` runs; its erasable cases."""
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    return made[1]


class Opened:
    """The ledger of a folder with its keys, for a look inside."""

    def __init__(self, folder):
        self.store = open_store(f"sqlite:///{folder / 'mingzhang.db'}")
        self.keys = KeyStore.open(folder / "mingzhang.db.keys", self.store.origin, self.store.suite)
        self.ledger = Ledger(self.store, self.keys)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.keys.close()
        self.store.close()

    def of(self, event_class):
        return [one for one in self.ledger.events_of_type(event_class.TOPIC) if one.event is not None]


def refused(run, case):
    outcome = run("case", "erase", case, *ERASED)
    assert outcome.exit_code == 2, outcome.out
    return outcome.err


def registers(run, known_at):
    """Every register and the flags as they stood at a position, as JSON."""
    found = {}
    for name in REGISTERS:
        outcome = run("register", name, "--known-at", known_at, "--json")
        found[name] = (outcome.exit_code, outcome.document)
    found["reconciliation"] = (0, run("pay", "reconcile", "--known-at", known_at, "--json").document)
    flags = run("audit", "flags", "--all", "--known-at", known_at, "--json").document["flags"]
    found["flags"] = (0, {"rows": flags})
    return found


def without(document, personal):
    """The document without the cells that say that they were erased, and those cells of the other one."""
    rows = [{key: None if (number, key) in personal else value for key, value in row.items()}
            for number, row in enumerate(document.get("rows", []))]  # fmt: skip
    return json.dumps({**document, "rows": rows}, ensure_ascii=False, sort_keys=True)


def test_a_case_is_refused_before_its_time_with_the_day_from_which_it_may_be_erased(run, county):
    rows = run("case", "list", "--json").document["rows"]
    case = next(one["case"] for one in rows if one["status"] == "refused")
    decided = run("case", "show", case, "--json").document["state"]["decision"]["decided_on"]
    err = refused(run, case)
    years = int(decided[:4]) + 5
    assert f"kept until {years}-" in err
    assert run("status", "--json").document["size"] == run("audit", "verify", "--json").document["size"]


def test_what_is_not_settled_or_has_not_ended_is_not_erased(run, old, tmp_path):
    rows = {one["case"]: one["status"] for one in run("case", "list", "--json").document["rows"]}
    active = next(case for case, status in rows.items() if status == "active")
    assert "has not ended (active)" in refused(run, active)
    said = "".join(refused(run, case) for case, status in rows.items()
                   if status in ("stopped", "refused", "pending") and case not in old)  # fmt: skip
    for part in ("recovery ZJ", "appeal SS", "red flag RF", "has not ended (pending)"):
        assert part in said
    with Opened(tmp_path) as opened:
        assert opened.of(ErasureRequested) == []


def test_erased_case_is_gone_and_everything_else_is_as_it_was(run, old, tmp_path):
    size = run("status", "--json").document["size"]
    then = registers(run, size)
    case = old[0]
    with Opened(tmp_path) as opened:
        reach = reach_of(opened.ledger, opened.keys, [case])
        secrets = [opened.keys.key_by_id(one.kid) for one in reach.keys]
    assert reach.keys[0].stream.startswith("case/")
    outcome = run("case", "erase", case, *ERASED, "--json")
    assert outcome.exit_code == 0, outcome.err
    assert outcome.document["keys"] == len(reach.keys)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "mingzhang.db.keys").iterdir())
    for one, secret in zip(reach.keys, secrets, strict=True):
        assert one.kid.encode() not in everything
        assert secret not in everything
    verified = run("audit", "verify", "--since", "before.checkpoint", "--json")
    assert (verified.exit_code, verified.document["findings"]) == (0, [])
    with Opened(tmp_path) as opened:
        (ordered,) = opened.of(ErasureOrdered)
        assert (ordered.by, ordered.event.case, ordered.event.reason) == ("staff/MZ0001", case, REASON)
        asked, done = opened.of(ErasureRequested), opened.of(ErasureEffective)
        assert [(one.stream, one.event.kid) for one in asked] == [tuple(one) for one in reach.keys]
        assert [one.event.kid for one in done] == [one.event.kid for one in asked]
        assert max(one.position for one in asked) < min(one.position for one in done)
    shown = run("case", "show", case)
    assert shown.exit_code == 0
    assert "What was sealed in this case was erased" in shown.err
    now = registers(run, size)
    gone = 0
    for name, (code, document) in then.items():
        assert now[name][0] == code, name
        rows = list(zip(document.get("rows", []), now[name][1].get("rows", []), strict=True))
        personal = {(number, key) for number, (_, row) in enumerate(rows) for key, value in row.items()
                    if value == "erased"}  # fmt: skip
        gone += len(personal)
        assert without(document, personal) == without(now[name][1], personal), name
    assert gone > 0


def test_what_is_sealed_in_the_stream_afterwards_gets_another_key(run, old, tmp_path):
    case = old[0]
    assert run("case", "erase", case, *ERASED).exit_code == 0
    with Opened(tmp_path) as opened:
        event = PayeeRegistered(bank="测试银行", account="6200000000000000000", holder="测试甲")
        command = Command(opened.keys.command_id("later"), "staff/MZ0001", (Draft(f"case/{case}", event),))
        opened.ledger.record_command(command, lambda: datetime.datetime.now(datetime.UTC))
        assert list(opened.ledger.stream(f"case/{case}"))[-1].event.holder == "测试甲"
    assert run("audit", "verify").exit_code == 0


def test_several_at_once_and_a_second_time_nothing_is_left_to_do(run, old):
    outcome = run("case", "erase", *old[:3], *ERASED, "--json")
    assert (outcome.exit_code, outcome.document["cases"]) == (0, old[:3])
    again = run("case", "erase", old[0], *ERASED)
    assert again.exit_code == 2
    assert "nothing to erase" in again.err
    assert run("audit", "verify").exit_code == 0


def test_without_a_reason_nothing_is_erased_and_a_trial_run_only_tells(run, old, tmp_path):
    assert run("case", "erase", old[0]).exit_code == 2
    tried = run("case", "erase", old[0], "--dry-run", "--json")
    assert (tried.exit_code, tried.document["erased"]) == (0, False)
    assert tried.document["keys"] >= 1
    with Opened(tmp_path) as opened:
        assert opened.of(ErasureOrdered) == []


def test_rows_that_were_left_out_and_persons_go_with_their_case_and_others_stay(run, old, tmp_path):
    """Rows of a delivery have a key each, so that some go and the others stay."""
    cases = [one["case"] for one in run("case", "list", "--json").document["rows"]]
    with Opened(tmp_path) as opened:
        reached = {case: reach_of(opened.ledger, opened.keys, [case]) for case in cases}
        kinds = {case: {one.stream.partition("/")[0] for one in reach.keys} for case, reach in reached.items()}
        case = next(case for case in cases if kinds[case] >= {"case", "import", "person"})
        assert {reach.rows_kept for reach in reached.values()} == {0}
        before = [one.position for one in opened.ledger.events() if not one.opened]
        erase_keys(opened.keys, [one.kid for one in reached[case].keys])
    with Opened(tmp_path) as opened:
        gone = [one for one in opened.ledger.events() if not one.opened and one.position not in before]
        rows = [one for one in gone if one.stream.startswith("import/")]
        assert len(rows) == sum(one.stream.startswith("import/") for one in reached[case].keys)
        assert {one.stream for one in gone} == {one.stream for one in reached[case].keys}
        other = next(one for one in cases if one != case and "import" in kinds[one])
        assert reach_of(opened.ledger, opened.keys, [other]) == reached[other]


def test_keys_put_back_from_before_are_found_and_destroyed_again_by_a_restore(run, old, tmp_path):
    keys = tmp_path / "mingzhang.db.keys"
    assert run("case", "retention", *ADOPTED).exit_code == 0  # seals with the key that the order is sealed with
    shutil.copytree(keys, tmp_path / "before.keys")
    assert run("case", "erase", old[0], *ERASED).exit_code == 0
    assert run("backup", "after.db").exit_code == 0
    shutil.rmtree(keys)
    shutil.copytree(tmp_path / "before.keys", keys)
    found = run("audit", "verify", "--json")
    assert found.exit_code == 1
    assert {one["kind"] for one in found.document["findings"]} == {"key-kept"}
    restored = run("restore", "after.db", "--replace", "--json")
    assert restored.exit_code == 0, restored.err
    assert len(restored.document["destroyed"]) >= 1
    assert run("audit", "verify").exit_code == 0


KILLED = """
import os, signal, sys
from cli.main import mingzhang
import cli.commands.case_erase as erase
from ledger.key_erasure import erase_keys
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
step, *arguments = sys.argv[1:]
when, name, count = step.split()
place = {"retire": KeyStore, "record_command": Ledger}.get(name, erase)
done, left = getattr(place, name), [int(count)]
def killed(*given, **named):
    left[0] -= 1
    if left[0] == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = done(*given, **named)
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(place, name, killed)
mingzhang(arguments)
"""
STEPS = ["after retire 1", "before record_command 1", "after record_command 1", "before erase_keys 1",
         "after erase_keys 1", "before record_command 2", "after record_command 2", "before registers 1"]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_same_command_goes_on(run, old, tmp_path, step):
    case = old[0]
    command = [sys.executable, "-c", KILLED, step, "case", "erase", case, *ERASED]
    killed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert run("audit", "verify").exit_code == 0
    again = run("case", "erase", case, *ERASED)
    finished = step in ("after record_command 2", "before registers 1")
    assert (again.exit_code == 2) if finished else (again.exit_code == 0), again.err
    with Opened(tmp_path) as opened:
        assert outstanding(opened.ledger) == []
        assert len(opened.of(ErasureOrdered)) == 1
        asked, done = opened.of(ErasureRequested), opened.of(ErasureEffective)
        assert [one.event.kid for one in asked] == [one.event.kid for one in done]
        assert opened.keys.holds([one.event.kid for one in asked]) is False
        assert sorted(path.name for path in opened.keys.directory.glob("bureau-*.key")) == ["bureau-2.key"]
    assert run("audit", "verify").exit_code == 0
    assert run("register", "filings").exit_code == 0


def test_retention_is_adopted_from_a_day_with_a_document_and_never_shorter(run, old):
    assert run("case", "retention", "--json").document == {
        "approval_years": 3,
        "management_years": 5,
        "adopted": False,
    }
    adopted = ("case", "retention", "--effective-on", "2026-01-01", "--document", "县档〔2025〕9号")
    shorter = run(*adopted, "--approval-years", "2", "--management-years", "5")
    assert shorter.exit_code == 2
    assert "at least 3 and 5 years" in shorter.err
    assert run("case", "retention", "--approval-years", "3").exit_code == 2
    longer = run(*adopted, "--approval-years", "3", "--management-years", "30", "--by", "staff/MZ0001", "--json")
    assert longer.document == {"approval_years": 3, "management_years": 30, "adopted": True}
    assert "kept until 204" in refused(run, old[0])
    assert run("audit", "verify").exit_code == 0


def test_erasure_in_postgresql_needs_who_opens_and_administers(run, made, new_postgres, tmp_path):
    url = new_postgres()
    assert run("backup", "copy.db", "--db", f"sqlite:///{made[0] / 'mingzhang.db'}").exit_code == 0
    shutil.copytree(made[0] / "mingzhang.db.keys", tmp_path / "k")
    assert run("restore", "copy.db", "--db", url, "--keys", tmp_path / "k").exit_code == 0
    outcome = run("case", "erase", made[1][0], *ERASED, "--db", url, "--keys", tmp_path / "k")
    assert outcome.exit_code == 0, outcome.err
    verified = run("audit", "verify", "--db", url, "--keys", tmp_path / "k", "--json")
    assert (verified.exit_code, verified.document["findings"]) == (0, [])
