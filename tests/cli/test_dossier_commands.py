"""audit checkpoint --heads, audit dossier, audit verify-dossier: what they make, what they say, how they end."""

import datetime
import json
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import cli.commands.checkpoint
from audit.dossier_check import CHECKS
from cli.dossier_words import CHECKS as CHECK_WORDS
from cli.heads import sealed_size
from domain.events.application import TruthPledged
from ledger.ledger import Command, Draft, Ledger

GOLDEN = Path(__file__).parents[1] / "golden" / "dossier"
KILLED = """
import os, signal, cli.signing
from cli.main import mingzhang
cli.signing.sign_checkpoint = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
mingzhang(["audit", "checkpoint", "--heads"])
"""


@pytest.fixture
def golden(tmp_path):
    """The golden dossiers in the folder in which `run` runs."""
    shutil.copytree(GOLDEN, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def case(run, county):
    """A county whose stream heads are sealed and signed; the number of one of its cases."""
    assert run("audit", "checkpoint", "--heads").exit_code == 0
    (county / "log.vkey").write_text(run("key", "show", "--vkey").out, encoding="utf-8")
    return run("case", "list", "--as-of", "2024-03-31", "--json").document["rows"][0]["case"]


def test_heads_are_recorded_and_signed_right_after(run, county):
    before = run("status", "--json").document["size"]
    signed = run("audit", "checkpoint", "--heads", "--json").document
    assert signed["size"] == before + 1
    assert run("audit", "verify").exit_code == 0
    assert run("audit", "checkpoint", "--heads", "--json").document == signed, "nothing came after it"


def test_a_run_that_was_killed_before_it_signed_is_taken_up_again(run, county):
    before = run("status", "--json").document["size"]
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=county, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert run("status", "--json").document["size"] == before + 1
    signed = run("audit", "checkpoint", "--heads", "--json")
    assert signed.exit_code == 0
    assert signed.document["size"] == before + 1
    assert run("audit", "verify").exit_code == 0


def test_what_others_append_before_the_signature_is_not_in_it(run, county, monkeypatch):
    def busy(store, keys, by):
        size = sealed_size(store, keys, by)
        event = TruthPledged(occurred_on=datetime.date(2024, 3, 4))
        command = Command(keys.command_id("busy"), "staff/MZ0001", (Draft("case/BUSY", event),))
        Ledger(store, keys).record_command(command, lambda: datetime.datetime.now(datetime.UTC))
        return size

    monkeypatch.setattr(cli.commands.checkpoint, "sealed_size", busy)
    before = run("status", "--json").document["size"]
    assert run("audit", "checkpoint", "--heads", "--json").document["size"] == before + 1
    assert run("status", "--json").document["size"] == before + 2
    assert run("audit", "dossier", "BUSY", "-o", "d.json", "--json").document["entries"] == 0
    assert "1 entries were recorded after the checkpoint" in run("audit", "dossier", "BUSY", "-o", "d.json").err


def test_a_name_that_no_officer_can_have_is_refused_and_nothing_recorded(run, county):
    before = run("status", "--json").document["size"]
    assert run("audit", "checkpoint", "--heads", "--by", "nobody").exit_code == 2
    assert run("status", "--json").document["size"] == before


def test_without_heads_there_is_no_dossier_and_the_command_is_named(run, county):
    run("audit", "checkpoint")
    outcome = run("audit", "dossier", "SQ1", "-o", "d.json")
    assert (outcome.exit_code, outcome.out) == (3, "")
    assert "mingzhang audit checkpoint --heads" in outcome.err
    assert not (county / "d.json").exists()


def test_a_dossier_is_valid_and_tells_what_the_case_history_tells(run, county, case):
    assert run("audit", "dossier", case, "-o", "d.json").exit_code == 0
    outcome = run("audit", "verify-dossier", "d.json", "--vkey", "log.vkey", "--json")
    assert outcome.exit_code == 0
    document = outcome.document
    assert (document["verdict"], document["completeness"]) == ("valid", "asserted")
    assert [one["check"] for one in document["checks"]] == list(CHECKS)
    own = [one for one in run("case", "history", case, "--json").document["entries"] if one["stream"] == f"case/{case}"]
    told = [(one["position"], one["type"], one["occurred_on"]) for one in document["entries"]]
    assert told == [(one["position"], one["type"], one["occurred_on"]) for one in own]


def test_a_dossier_needs_neither_ledger_nor_keys(run, county, case):
    run("audit", "dossier", case, "-o", "d.json")
    (county / "mingzhang.db").unlink()
    shutil.rmtree(county / "mingzhang.db.keys")
    assert run("audit", "verify-dossier", "d.json", "--vkey", "log.vkey").exit_code == 0


def test_a_case_that_does_not_exist_gives_a_proof_of_that(run, county, case):
    assert "there is no such case" in run("audit", "dossier", "NOBODY", "-o", "n.json").out
    outcome = run("audit", "verify-dossier", "n.json", "--vkey", "log.vkey")
    assert outcome.exit_code == 0
    assert "have none of case/NOBODY" in outcome.out


def test_personal_data_is_for_its_owner_only_and_masked(run, county, case):
    plain = run("audit", "dossier", case, "-o", "plain.json")
    assert plain.err == ""
    outcome = run("audit", "dossier", case, "-o", "personal.json", "--with-personal-data", "--reason", "a test")
    assert "0600" in outcome.err
    modes = [stat.S_IMODE((county / name).stat().st_mode) for name in ("plain.json", "personal.json")]
    assert modes == [0o644, 0o600]
    masked = run("audit", "verify-dossier", "personal.json", "--vkey", "log.vkey", "--json").document["disclosed"]
    whole = run("audit", "verify-dossier", "personal.json", "--vkey", "log.vkey", "--json", "--reveal").document
    ids = [one["value"] for one in whole["disclosed"] if one["field"] == "citizen_id"]
    assert ids
    assert all(len(one) == 18 for one in ids)
    assert [one["value"] for one in masked if one["field"] == "citizen_id"] == [
        f"{one[:6]}{'*' * 8}{one[-4:]}" for one in ids
    ]
    shown = run("audit", "verify-dossier", "personal.json", "--vkey", "log.vkey").out
    assert not any(one in shown for one in ids)


def test_single_fields_are_disclosed_without_the_others(run, county, case):
    run("audit", "dossier", case, "-o", "d.json", "--disclose", "holder", "--reason", "a test")
    shown = run("audit", "verify-dossier", "d.json", "--vkey", "log.vkey", "--json").document["disclosed"]
    assert {one["field"] for one in shown} == {"holder"}
    refused = run("audit", "dossier", case, "-o", "e.json", "--disclose", "hodler", "--reason", "a test")
    assert refused.exit_code == 2
    assert "hodler" in refused.err
    assert not (county / "e.json").exists()


def test_personal_data_without_keys_is_refused(run, county, case):
    shutil.rmtree(county / "mingzhang.db.keys")
    outcome = run("audit", "dossier", case, "-o", "d.json", "--with-personal-data", "--reason", "a test")
    assert outcome.exit_code in (2, 3)
    assert not (county / "d.json").exists()
    assert run("audit", "dossier", case, "-o", "d.json").exit_code == 0


def test_an_earlier_checkpoint_gives_the_dossier_of_then(run, county, case):
    first = run("audit", "dossier", case, "-o", "first.json", "--json").document["checkpoint"]["size"]
    with_more = run("audit", "dossier", case, "-o", "again.json", "--checkpoint", first)
    assert with_more.exit_code == 0
    assert (county / "first.json").read_bytes() == (county / "again.json").read_bytes()
    missing = run("audit", "dossier", case, "-o", "none.json", "--checkpoint", first - 1)
    assert missing.exit_code == 3
    assert f"of size {first - 1}" in missing.err


@pytest.mark.parametrize(
    ("name", "options", "code", "said"),
    [
        ("valid.json", ("--policy", "policy.txt"), 0, "cosigned by prefecture (2026-03-03T01:06:41Z), province"),
        ("valid.json", ("--policy", "policy.txt"), 0, "asserted by the bureau"),
        ("attested.json", ("--policy", "policy.txt", "--heads-policy", "heads-policy.txt"), 0, "attested by replay"),
        ("valid.json", ("--vkey", "log.vkey"), 0, "rests on the key of the log alone"),
        ("valid.json", (), 3, "COULD NOT CHECK: policy"),
        ("one-witness.json", ("--policy", "policy.txt"), 3, "no cosignature of prefecture"),
        ("unattested.json", ("--policy", "policy.txt", "--heads-policy", "heads-policy.txt"), 3, "COULD NOT CHECK"),
        ("bad/entry-edited.json", ("--policy", "policy.txt"), 1, "INVALID: entries, inclusion"),
        ("bad/byte-changed.json", ("--policy", "policy.txt"), 1, "INVALID: file"),
        ("policy.txt", ("--policy", "policy.txt"), 1, "INVALID: file"),
        ("sm3/valid.json", ("--policy", "sm3/policy.txt"), 0, "VALID."),
    ],
)
def test_golden_dossier_ends_as_it_must(run, golden, name, options, code, said):
    outcome = run("audit", "verify-dossier", name, *options)
    assert (outcome.exit_code, outcome.err) == (code, "")
    assert said in outcome.out


def test_an_invalid_dossier_tells_no_history(run, golden):
    assert "application submitted" in run("audit", "verify-dossier", "valid.json").out
    outcome = run("audit", "verify-dossier", "bad/entry-edited.json", "--policy", "policy.txt")
    assert "application submitted" not in outcome.out
    machines = run("audit", "verify-dossier", "bad/entry-edited.json", "--policy", "policy.txt", "--json")
    assert machines.document["entries"] == []


def test_a_policy_and_a_key_are_not_both_taken(run, golden):
    outcome = run("audit", "verify-dossier", "valid.json", "--policy", "policy.txt", "--vkey", "log.vkey")
    assert (outcome.exit_code, outcome.out) == (2, "")


def test_a_verification_is_told_in_chinese(run, golden):
    out = run("audit", "verify-dossier", "valid.json", "--policy", "policy.txt", "--lang", "zh").out
    assert "由条目与路径" not in out
    for text in ("有效。", "各流映射", "止于第 5 条", "经办机关的声明", "提出申请"):
        assert text in out
    broken = run("audit", "verify-dossier", "bad/entry-edited.json", "--policy", "policy.txt", "--lang", "zh").out
    assert "由条目与路径推算不出检查点的树根" in broken


def test_every_check_has_words():
    assert list(CHECK_WORDS) == list(CHECKS)


def test_a_dossier_is_one_line_of_json(run, county, case):
    run("audit", "dossier", case, "-o", "d.json")
    data = (county / "d.json").read_bytes()
    assert data.count(b"\n") == 1
    assert json.loads(data)["format"] == "mingzhang/dossier/1"
