"""audit prove, audit check-proof, export tiles, audit verify --tiles: from a ledger to somebody who has only files."""

import base64
import datetime
import sqlite3
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from domain.events.ledger import LedgerOpened
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.hashing import SHA256, SM3
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.note import TYPE_COSIGNATURE, Signer, add_cosignature, sign_note
from ledger.proof_text import format_inclusion, parse_consistency, parse_inclusion
from ledger.stores import open_store

WITNESS = Signer("witness.example/a", TYPE_COSIGNATURE, bytes(range(32)))
FORGER_SEED = bytes(32)


@pytest.fixture
def signed(county, run):
    """A county's ledger with a checkpoint at `early`, and one at the end in `now`; the log's key in `vkey`."""
    assert run("audit", "checkpoint", "-o", "early").exit_code == 0
    (county / "vkey").write_text(run("key", "show", "--vkey").out)
    return county


@pytest.fixture
def grown(signed, run):
    """The same after one more delivery of entries, with a second checkpoint."""
    assert run("simulate", "more", "--households", 3, "--months", 1, "--seed", 7).exit_code == 0
    assert run("import", "more").exit_code in (0, 1)
    assert run("audit", "checkpoint", "-o", "now").exit_code == 0
    return signed


def case_of(run) -> str:
    number: str = run("case", "list", "--json").document["rows"][0]["case"]
    return number


def altered(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


# Inclusion


def test_a_position_gives_one_proof_that_checks_with_files_alone(signed, run):
    outcome = run("audit", "prove", 5, "--with-entry", "-o", "five.tlog-proof")
    assert outcome.exit_code == 0
    (signed / "mingzhang.db").rename(signed / "elsewhere.db")
    checked = run(
        "audit", "check-proof", "five.tlog-proof", "--entry", "five.tlog-proof.entry", "--vkey", "vkey", "--json"
    )
    assert checked.exit_code == 0
    document = checked.document
    assert (document["proof"], document["valid"], document["position"]) == ("inclusion", True, 5)
    assert document["signed_by"] == (signed / "vkey").read_text().strip()
    assert document["leaf"] == base64.b64encode(SHA256.leaf((signed / "five.tlog-proof.entry").read_bytes())).decode()
    assert document["fault"] is None


def test_without_a_file_the_proof_is_printed_byte_for_byte(signed, run):
    proof = parse_inclusion(run("audit", "prove", 0).out.encode())
    assert proof.index == 0
    assert proof.note == (signed / "early").read_bytes()


def test_a_case_gives_one_proof_for_each_entry(signed, run):
    case = case_of(run)
    outcome = run("audit", "prove", case, "--with-entry", "-o", "proofs", "--json")
    assert outcome.exit_code == 0
    proofs = outcome.document["proofs"]
    assert [one["seq"] for one in proofs] == list(range(1, len(proofs) + 1))
    assert {one["stream"] for one in proofs} == {f"case/{case}"}
    for one in proofs:
        assert Path(one["file"]).name == f"case-{case}-{one['seq']}.tlog-proof"
        checked = run("audit", "check-proof", one["file"], "--entry", one["entry_file"], "--vkey", "vkey")
        assert checked.exit_code == 0


def test_any_stream_can_be_proved(signed, run):
    outcome = run("audit", "prove", "ledger/main", "--json")
    assert [one["position"] for one in outcome.document["proofs"]][:2] == [0, 1]


def test_several_proofs_need_a_folder(signed, run):
    outcome = run("audit", "prove", case_of(run))
    assert outcome.exit_code == 2
    assert "-o" in outcome.err


@pytest.mark.parametrize("target", ["SQ0000", "case/none", "999999", "Case"])
def test_what_is_not_there_is_bad_input(signed, run, target):
    assert run("audit", "prove", target).exit_code == 2


@pytest.mark.parametrize("arguments", [(), (3, "--since", "early"), (3, "--with-entry")])
def test_options_that_do_not_go_together_are_refused(signed, run, arguments):
    assert run("audit", "prove", *arguments).exit_code == 2


def test_without_a_checkpoint_nothing_is_proved(run):
    run("init")
    outcome = run("audit", "prove", 0)
    assert outcome.exit_code == 3
    assert "mingzhang audit checkpoint" in outcome.err


def test_an_entry_newer_than_the_checkpoint_asks_for_a_new_one(grown, run):
    size = run("status", "--json").document["size"]
    outcome = run("audit", "prove", size - 1, "--checkpoint", "early")
    assert outcome.exit_code == 3
    assert "mingzhang audit checkpoint" in outcome.err
    assert run("audit", "prove", size - 1).exit_code == 0


def test_a_checkpoint_of_another_key_is_refused_with_evidence(signed, run):
    text, _, _ = (signed / "early").read_bytes().partition(b"\n\n")
    name = text.split(b"\n")[0].decode()
    (signed / "forged").write_bytes(sign_note(text + b"\n", Signer(name, 1, FORGER_SEED)))
    outcome = run("audit", "prove", 0, "--checkpoint", "forged")
    assert outcome.exit_code == 1
    assert "key id" in outcome.err


def test_a_checkpoint_of_another_history_is_refused_with_both_roots(signed, run):
    signer = _signer(signed)
    origin, size = _said(signed / "early")
    fork = sign_note(checkpoint_text(Checkpoint(origin, size, bytes(32))), signer)
    (signed / "fork").write_bytes(fork)
    for arguments in ((0, "--checkpoint", "fork"), ("--since", "fork")):
        outcome = run("audit", "prove", *arguments)
        assert outcome.exit_code == 1
        assert base64.b64encode(bytes(32)).decode() in outcome.err


# Checking


@pytest.mark.parametrize("name", ["five", "five.entry"])
def test_no_byte_of_a_proof_or_entry_can_be_changed(signed, run, name):
    run("audit", "prove", 5, "--with-entry", "-o", "five")
    data = (signed / name).read_bytes()
    for at in range(0, len(data), 23):
        altered(signed / name, at)
        outcome = run("audit", "check-proof", "five", "--entry", "five.entry", "--vkey", "vkey")
        assert outcome.exit_code in (1, 3), at
        (signed / name).write_bytes(data)


def test_another_entry_is_invalid_and_says_what_does_not_fit(signed, run):
    run("audit", "prove", 5, "--with-entry", "-o", "five")
    run("audit", "prove", 6, "--with-entry", "-o", "six")
    outcome = run("audit", "check-proof", "five", "--entry", "six.entry", "--vkey", "vkey", "--json")
    assert outcome.exit_code == 1
    assert outcome.document["fault"]["part"] == "path"
    assert not outcome.document["valid"]


def test_a_missing_quorum_could_not_be_checked(signed, run):
    policy = f"log {(signed / 'vkey').read_text().strip()}\nwitness a {WITNESS.verifier.text}\nquorum a\n"
    (signed / "policy").write_text(policy)
    run("audit", "prove", 5, "--with-entry", "-o", "five")
    check = ("audit", "check-proof", "five", "--entry", "five.entry", "--policy", "policy")
    outcome = run(*check)
    assert outcome.exit_code == 3
    assert "missing are a" in outcome.err
    proof = parse_inclusion((signed / "five").read_bytes())
    cosigned = replace(proof, note=add_cosignature(proof.note, WITNESS, 1_770_000_000))
    (signed / "five").write_bytes(format_inclusion(cosigned))
    outcome = run(*check, "--json")
    assert outcome.exit_code == 0
    assert outcome.document["cosigned_at"] == {"a": 1_770_000_000}


@pytest.mark.parametrize(
    "arguments", [("--entry", "vkey"), ("--vkey", "vkey"), ("--vkey", "vkey", "--old", "early"), ()]
)
def test_a_check_needs_a_key_and_what_is_proved(signed, run, arguments):
    run("audit", "prove", 5, "-o", "five")
    assert run("audit", "check-proof", "five", *arguments).exit_code == 2


# Consistency


def test_a_consistency_proof_is_a_request_to_a_witness(grown, run):
    outcome = run("audit", "prove", "--since", "early", "-o", "request")
    assert outcome.exit_code == 0
    request = parse_consistency((grown / "request").read_bytes())
    assert request.note == (grown / "now").read_bytes()
    assert request.old_size == _said(grown / "early")[1]
    checked = run("audit", "check-proof", "request", "--old", "early", "--vkey", "vkey", "--json")
    assert checked.exit_code == 0
    assert (checked.document["proof"], checked.document["valid"]) == ("consistency", True)
    assert run("audit", "check-proof", "request", "--old", "now", "--vkey", "vkey").exit_code == 1


def test_between_equal_sizes_the_proof_is_empty(signed, run):
    outcome = run("audit", "prove", "--since", "early", "-o", "request")
    assert outcome.exit_code == 0
    assert parse_consistency((signed / "request").read_bytes()).path == ()
    assert run("audit", "check-proof", "request", "--old", "early", "--vkey", "vkey").exit_code == 0


def test_from_nothing_there_is_nothing_to_prove(signed, run):
    signer = _signer(signed)
    origin, _ = _said(signed / "early")
    (signed / "zero").write_bytes(sign_note(checkpoint_text(Checkpoint(origin, 0, SHA256.empty_root)), signer))
    assert run("audit", "prove", "--since", "zero", "-o", "request").exit_code == 0
    assert parse_consistency((signed / "request").read_bytes()).path == ()
    assert run("audit", "check-proof", "request", "--old", "zero", "--vkey", "vkey").exit_code == 0
    (signed / "zero").write_bytes(sign_note(checkpoint_text(Checkpoint(origin, 0, bytes(32))), signer))
    assert run("audit", "prove", "--since", "zero").exit_code == 1
    assert run("audit", "check-proof", "request", "--old", "zero", "--vkey", "vkey").exit_code == 1


def test_a_log_that_was_cut_is_told(grown, run):
    size = _said(grown / "early")[1]
    with sqlite3.connect(grown / "mingzhang.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM heads WHERE size > ?", (size,))
        connection.execute("DELETE FROM checkpoints WHERE size > ?", (size,))
    connection.close()
    outcome = run("audit", "prove", "--since", "now")
    assert outcome.exit_code == 1
    assert "the end was cut off" in outcome.err


# Folders of tiles


def test_a_folder_is_exported_continued_and_verified_without_the_ledger(signed, run):
    first = run("export", "tiles", "public", "--json")
    assert first.exit_code == 0
    assert (first.document["from"], first.document["newer_entries"]) == (0, 0)
    run("simulate", "more", "--households", 3, "--months", 1, "--seed", 7)
    run("import", "more")
    assert "newer entries" in run("export", "tiles", "public").err
    run("audit", "checkpoint")
    second = run("export", "tiles", "public", "--json").document
    assert second["from"] == first.document["size"]
    (signed / "mingzhang.db").rename(signed / "elsewhere.db")
    outcome = run("audit", "verify", "--tiles", "public", "--vkey", "vkey", "--since", "early", "--json")
    assert outcome.exit_code == 0
    document = outcome.document
    assert (document["size"], document["root"]) == (second["size"], second["root"])
    assert document["anchor"] == {"kind": "since", "size": first.document["size"]}
    assert any(text.startswith("index columns") for text in document["unchecked"])


def test_sealed_parts_are_exported_only_when_asked_for(signed, run):
    run("export", "tiles", "public")
    assert not (signed / "public/blobs").exists()
    with_blobs = run("export", "tiles", "public", "--with-blobs", "--json").document
    blobs = [path for path in (signed / "public/blobs").rglob("*") if path.is_file()]
    with open_store(f"sqlite:///{signed / 'mingzhang.db'}", read_only=True) as store:
        assert len(blobs) == with_blobs["blobs"] == len(list(store.blob_positions())) > 0
    assert run("audit", "verify", "--tiles", "public", "--vkey", "vkey").exit_code == 0


def test_a_changed_byte_in_the_folder_is_a_finding_with_its_file(signed, run):
    run("export", "tiles", "public")
    altered(signed / "public/tile/entries/000", 700)
    outcome = run("audit", "verify", "--tiles", "public", "--vkey", "vkey", "--json")
    assert outcome.exit_code == 1
    assert outcome.document["findings"][0]["file"] == "tile/entries/000"
    told = run("audit", "verify", "--tiles", "public", "--vkey", "vkey")
    assert "tile/entries/000" in told.out


def test_a_folder_by_a_policy_ends_with_3_until_the_quorum_is_there(signed, run):
    run("export", "tiles", "public")
    policy = f"log {(signed / 'vkey').read_text().strip()}\nwitness a {WITNESS.verifier.text}\nquorum a\n"
    (signed / "policy").write_text(policy)
    outcome = run("audit", "verify", "--tiles", "public", "--policy", "policy")
    assert outcome.exit_code == 3
    assert "missing are a" in outcome.err
    note = signed / "public/checkpoint"
    note.write_bytes(add_cosignature(note.read_bytes(), WITNESS, 1_770_000_000))
    outcome = run("audit", "verify", "--tiles", "public", "--policy", "policy", "--json")
    assert outcome.exit_code == 0
    assert outcome.document["anchor"]["kind"] == "quorum"
    assert outcome.document["quorum_satisfied"]


def test_a_policy_of_another_log_makes_a_finding(signed, run):
    run("export", "tiles", "public")
    (signed / "policy").write_text(f"log {Signer('other.example/log', 1, FORGER_SEED).verifier.text}\nquorum none\n")
    assert run("audit", "verify", "--tiles", "public", "--policy", "policy").exit_code == 1


def test_a_folder_of_another_log_is_not_continued(signed, run):
    run("export", "tiles", "public")
    before = (signed / "public/checkpoint").read_bytes()
    run("init", "--db", "other.db", "--origin", "other.example/log")
    run("audit", "checkpoint", "--db", "other.db")
    outcome = run("export", "tiles", "public", "--db", "other.db")
    assert outcome.exit_code == 1
    assert (signed / "public/checkpoint").read_bytes() == before


def test_a_log_of_sm3_is_proved_exported_and_verified(run, tmp_path):
    origin = "county.example/sm3"
    with (
        KeyStore.create(tmp_path / "mingzhang.db.keys", origin, SM3) as keys,
        Ledger.create(f"sqlite:///{tmp_path}/mingzhang.db", origin, SM3, keys) as ledger,
    ):
        (tmp_path / "vkey").write_text(keys.verifier_key())
        drafts = tuple(Draft("ledger/main", LedgerOpened()) for _ in range(3))
        with ledger.recording(lambda: datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)) as recording:
            recording.record(Command(str(uuid.uuid4()), "staff/MZ0001", drafts))
    assert run("audit", "checkpoint").exit_code == 0
    run("audit", "prove", 1, "--with-entry", "-o", "one")
    assert run("audit", "check-proof", "one", "--entry", "one.entry", "--vkey", "vkey").exit_code == 0
    assert run("export", "tiles", "public").exit_code == 0
    assert run("audit", "verify", "--tiles", "public", "--vkey", "vkey").exit_code == 0


# Private


def _said(path: Path) -> tuple[str, int]:
    origin, size = path.read_text().split("\n")[:2]
    return origin, int(size)


def _signer(folder: Path) -> Signer:
    """Return the log's own signer, as whoever holds the key folder has it."""
    origin, _ = _said(folder / "early")
    with KeyStore.open(folder / "mingzhang.db.keys", origin, SHA256) as keys:
        return keys.signer()
