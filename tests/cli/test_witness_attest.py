"""A witness that attests the map of stream heads: from its making to a dossier whose completeness is attested."""

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest

import audit
from domain.events.application import TruthPledged
from domain.events.ledger import HeadsSealed
from ledger.hashing import SHA256
from ledger.heads_map import HEADS_STREAM, heads_below, map_root
from ledger.heads_recording import heads_event
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.note import Verifier, split_note
from ledger.stores import open_store

SCRIPT = Path(audit.__file__).with_name("verifiers") / "verify_dossier.py"
NAME = "inspection.example/w1"


@pytest.fixture
def witness(run, county):
    """A county whose log a witness trusts; the verifier keys and policies lie in the folder."""
    made = run("witness", "init", NAME, "--dir", "w1", "--json").document
    (county / "log.vkey").write_text(run("key", "show", "--vkey").out)
    run("witness", "trust", "log.vkey", "--dir", "w1")
    write_policies(county, made)
    return made


@pytest.fixture
def sealed(run, county, witness):
    """The same, its heads sealed, signed and exported."""
    assert run("audit", "checkpoint", "--heads").exit_code == 0
    assert run("export", "tiles", "tiles").exit_code == 0
    return county


def write_policies(folder: Path, keys) -> None:
    log = f"log {(folder / 'log.vkey').read_text().strip()}\n"
    for name, key in (("policy", keys["vkey"]), ("heads-policy", keys["heads_vkey"])):
        (folder / name).write_text(f"{log}witness w1 {key}\nquorum w1\n")


def attest(run, *more: str):
    return run("witness", "cosign", "--tiles", "tiles", "--attest-heads", "-o", "answer", "--dir", "w1", *more)


def attached(run) -> None:
    assert attest(run).exit_code == 0
    keys = ("--witness", "w1/witness.vkey", "--witness", "w1/heads.vkey")
    kept = run("audit", "checkpoint", "attach", "answer", *keys, "--json").document
    assert [one["witness"] for one in kept["attached"]] == [NAME, f"{NAME}/heads"]


def append(folder: Path, stream: str, event) -> None:
    """Record an event as whoever holds the database and the keys can."""
    with open_store(f"sqlite:///{folder}/mingzhang.db") as store:
        keys = KeyStore.open(folder / "mingzhang.db.keys", store.origin, store.suite)
        command = Command(keys.command_id("test", stream), "staff/MZ0001", (Draft(stream, event),))
        Ledger(store, keys).record_command(command, lambda: datetime.datetime.now(datetime.UTC))


def test_an_attested_map_makes_a_dossier_complete_for_every_verifier(run, sealed):
    attached(run)
    case = run("case", "list", "--as-of", "2024-03-31", "--json").document["rows"][0]["case"]
    for number in (case, "NOBODY"):
        run("audit", "dossier", number, "-o", "d.json")
        policies = ("--policy", "policy", "--heads-policy", "heads-policy")
        verdict = run("audit", "verify-dossier", "d.json", *policies, "--json").document
        assert (verdict["verdict"], verdict["completeness"], list(verdict["attested_at"])) == (
            "valid",
            "attested",
            ["w1"],
        )
        script = subprocess.run(
            [sys.executable, "-I", SCRIPT, "d.json", *policies, "--json"], cwd=sealed, capture_output=True, check=False
        )
        told = json.loads(script.stdout)
        assert (script.returncode, told["verdict"], told["completeness"]) == (0, "valid", "attested")


def test_a_cosignature_of_the_growing_log_attests_no_map(run, sealed):
    run("witness", "cosign", "--tiles", "tiles", "-o", "answer", "--dir", "w1")
    assert [line.name for line in split_note(b"text\n\n" + (sealed / "answer").read_bytes())[1]] == [NAME]
    keys = ("--witness", "w1/witness.vkey", "--witness", "w1/heads.vkey")
    run("audit", "checkpoint", "attach", "answer", *keys)
    run("audit", "dossier", "NOBODY", "-o", "d.json")
    assert run("audit", "verify-dossier", "d.json", "--policy", "policy").exit_code == 0
    both = run("audit", "verify-dossier", "d.json", "--policy", "policy", "--heads-policy", "heads-policy", "--json")
    assert (both.exit_code, both.document["completeness"]) == (3, "asserted")
    attached(run)
    run("audit", "dossier", "NOBODY", "-o", "d.json")
    assert (
        run("audit", "verify-dossier", "d.json", "--heads-policy", "heads-policy", "--policy", "policy").exit_code == 0
    )


def test_a_false_map_is_refused_with_evidence_and_nothing_cosigned(run, county, witness):
    size = run("status", "--json").document["size"]
    with open_store(f"sqlite:///{county}/mingzhang.db", read_only=True) as store:
        heads = list(heads_below(store, size))
    left_out = heads_event(map_root(SHA256, heads[:-1]))
    append(county, HEADS_STREAM, left_out)
    run("audit", "checkpoint")
    run("export", "tiles", "tiles")
    refused = attest(run)
    assert (refused.exit_code, (county / "answer").exists()) == (1, False)
    assert f"{len(heads)} streams" in refused.err
    (evidence,) = county.glob("heads-false-*.json")
    told = json.loads(evidence.read_text("utf-8"))
    assert told["found"] == f"{left_out.streams} streams, root {left_out.root}"
    assert told["expected"].startswith(f"{len(heads)} streams, root ")
    assert run("witness", "status", "--dir", "w1", "--json").document["logs"][0]["size"] == 0


def test_a_map_over_other_entries_than_those_right_before_it_is_false(run, county, witness):
    """The true map of the log as it was one entry earlier."""
    run("audit", "checkpoint", "--heads")
    size = run("status", "--json").document["size"]
    with open_store(f"sqlite:///{county}/mingzhang.db", read_only=True) as store:
        event = heads_event(map_root(SHA256, heads_below(store, size)))
    append(county, "case/LATE", TruthPledged(occurred_on=datetime.date(2024, 3, 4)))
    append(county, HEADS_STREAM, HeadsSealed(root=event.root, streams=event.streams))
    run("audit", "checkpoint")
    run("export", "tiles", "tiles")
    assert attest(run).exit_code == 1


def test_a_checkpoint_that_does_not_end_with_a_map_is_refused(run, sealed):
    append(sealed, "case/LATE", TruthPledged(occurred_on=datetime.date(2024, 3, 4)))
    run("audit", "checkpoint")
    run("export", "tiles", "tiles")
    refused = attest(run)
    assert (refused.exit_code, (sealed / "answer").exists()) == (2, False)
    assert "audit checkpoint --heads" in refused.err
    assert run("witness", "cosign", "--tiles", "tiles", "-o", "answer", "--dir", "w1").exit_code == 0


def test_the_next_map_is_computed_from_the_first_entry_on(run, sealed):
    attached(run)
    append(sealed, "case/LATE", TruthPledged(occurred_on=datetime.date(2024, 3, 4)))
    run("audit", "checkpoint", "--heads")
    run("export", "tiles", "tiles")
    attached(run)
    run("audit", "dossier", "LATE", "-o", "d.json")
    both = ("--policy", "policy", "--heads-policy", "heads-policy")
    assert run("audit", "verify-dossier", "d.json", *both, "--json").document["completeness"] == "attested"


def test_a_witness_of_before_gets_its_second_key_when_it_is_wanted(run, sealed):
    for name in ("heads.vkey", "heads.key"):
        (sealed / "w1" / name).unlink()
    assert run("witness", "status", "--dir", "w1", "--json").document["heads_vkey"] is None
    assert attest(run).exit_code == 0
    keys = run("witness", "status", "--dir", "w1", "--json").document
    first, second = Verifier.parse(keys["vkey"]), Verifier.parse(keys["heads_vkey"])
    assert (second.name, second.signature_type) == (f"{NAME}/heads", 0x04)
    assert second.public_key != first.public_key
    (sealed / "w1" / "heads.vkey").unlink()  # as a run that was killed between the two files leaves it
    assert attest(run).exit_code == 0
    assert run("witness", "status", "--dir", "w1", "--json").document == {
        **keys,
        "cosigned_at": run("witness", "status", "--dir", "w1", "--json").document["cosigned_at"],
    }


def test_a_second_key_that_was_lost_or_is_the_first_is_not_used(run, sealed):
    key = sealed / "w1" / "heads.key"
    kept = key.read_bytes()
    key.unlink()
    assert attest(run).exit_code in (2, 3)
    key.write_bytes(kept)
    key.chmod(0o600)
    (sealed / "w1" / "heads.vkey").write_bytes((sealed / "w1" / "witness.vkey").read_bytes())
    assert attest(run).exit_code in (2, 3)
    assert not (sealed / "answer").exists()


def test_a_passphrase_protects_both_keys(run, county):
    run("witness", "init", NAME, "--dir", "w2", MINGZHANG_PASSPHRASE="of the witness")
    kinds = [
        json.loads((county / "w2" / name).read_text())["protection"]["kind"] for name in ("witness.key", "heads.key")
    ]
    assert kinds == ["scrypt", "scrypt"]


def test_a_map_is_attested_from_tiles_only(run, sealed):
    run("audit", "checkpoint", "request", "-o", "request")
    assert run("witness", "cosign", "request", "--attest-heads", "--dir", "w1").exit_code == 2
