"""init, status, key, audit: what they make, what they say, how they end."""

import json
import shutil
import sqlite3
import stat

import pytest

from ledger.checkpoint import open_checkpoint
from ledger.note import Verifier


def damage(path, statement: str, *parameters: object) -> None:
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, parameters)
    connection.close()


def test_init_makes_a_ledger_and_keys_that_only_their_owner_reads(run, tmp_path):
    outcome = run("init", "--origin", "county.example/ledger", "--json")
    assert outcome.exit_code == 0
    document = outcome.document
    assert list(document) == ["db", "keys", "origin", "vkey", "size", "root"]
    assert (document["origin"], document["size"]) == ("county.example/ledger", 2)
    assert Verifier.parse(document["vkey"]).name == "county.example/ledger"
    keys = tmp_path / "mingzhang.db.keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in keys.iterdir() if path.name != "signing.vkey")


def test_init_says_what_losing_each_key_means(run):
    out = run("init").out
    assert "mingzhang.db.keys" in out
    assert "Back up the keys now" in out
    assert "sealing keys" in out
    assert "signing key" in out


def test_a_second_init_is_refused_and_changes_nothing(run, tmp_path):
    run("init")
    before = (tmp_path / "mingzhang.db").read_bytes()
    outcome = run("init")
    assert outcome.exit_code == 2
    assert "There is a ledger here already" in outcome.err
    assert (tmp_path / "mingzhang.db").read_bytes() == before


def test_an_interrupted_init_is_taken_up_again(run, tmp_path):
    first = run("init", "--json").document
    (tmp_path / "mingzhang.db").unlink()
    second = run("init", "--json")
    assert second.exit_code == 0
    assert second.document["vkey"] == first["vkey"]
    assert run("audit", "verify").exit_code == 0
    assert run("audit", "verify", "--jobs", "2").exit_code == 0
    assert run("audit", "verify", "--jobs", "0").exit_code == 2


def test_keys_that_have_signed_are_not_taken_up_for_a_new_ledger(run, tmp_path):
    run("init")
    run("audit", "checkpoint")
    (tmp_path / "mingzhang.db").unlink()
    outcome = run("init")
    assert outcome.exit_code == 2
    assert "There are keys here already" in outcome.err
    assert not (tmp_path / "mingzhang.db").exists()


@pytest.mark.parametrize("origin", ["County.example", "county example", "a//b", "../x", ""])
def test_an_impossible_origin_is_refused_before_anything_is_made(run, tmp_path, origin):
    outcome = run("init", "--origin", origin)
    assert outcome.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_protects_the_keys(run, tmp_path):
    (tmp_path / "secret.txt").write_text("correct horse\n", encoding="utf-8")
    assert run("init", "--passphrase-file", "secret.txt").exit_code == 0
    refused = run("audit", "checkpoint")
    assert refused.exit_code == 2
    assert "The keys need a passphrase" in refused.err
    wrong = run("audit", "checkpoint", MINGZHANG_PASSPHRASE="wrong")
    assert wrong.exit_code == 2
    assert "The passphrase is wrong" in wrong.err
    assert run("audit", "checkpoint", MINGZHANG_PASSPHRASE="correct horse").exit_code == 0
    assert run("key", "show").exit_code == 0
    unopened = run("audit", "verify")
    assert unopened.exit_code == 0
    assert "need a passphrase" in unopened.err


def test_an_empty_passphrase_file_is_refused(run, tmp_path):
    (tmp_path / "secret.txt").write_text("\n")
    assert run("init", "--passphrase-file", "secret.txt").exit_code == 2


def test_the_keys_of_another_ledger_are_told(run):
    run("init", "--db", "one.db", "--origin", "one.example")
    run("init", "--db", "two.db", "--origin", "two.example")
    outcome = run("audit", "checkpoint", "--db", "one.db", "--keys", "two.db.keys")
    assert outcome.exit_code == 2
    assert "keys of another ledger" in outcome.err


def test_lost_keys_are_told(run, tmp_path):
    run("init")
    shutil.rmtree(tmp_path / "mingzhang.db.keys")
    outcome = run("audit", "checkpoint")
    assert outcome.exit_code == 2
    assert "A key file is missing" in outcome.err


def test_status_counts_what_the_ledger_holds(run, county):
    document = run("status", "--json").document
    assert list(document) == ["log", "size", "root", "deliveries", "checkpoints", "unanchored_entries", "lag", "keys"]
    assert document["deliveries"] == 1
    assert document["lag"] == 0
    assert document["unanchored_entries"] == document["size"] > 100
    run("audit", "checkpoint")
    after = run("status", "--json").document
    assert (after["checkpoints"], after["unanchored_entries"]) == (1, 0)
    assert "entries after the last checkpoint  0" in run("status").out


def test_a_checkpoint_is_a_note_that_the_verifier_key_opens(run, county):
    vkey = run("key", "show", "--vkey").out.strip()
    document = run("audit", "checkpoint", "-o", "kept.checkpoint", "--json").document
    note = (county / "kept.checkpoint").read_bytes()
    assert note.decode() == document["note"]
    checkpoint = open_checkpoint(note, Verifier.parse(vkey)).checkpoint
    assert (checkpoint.origin, checkpoint.size) == (document["log"], document["size"])
    assert run("audit", "checkpoint", "--json").document["note"] == document["note"]
    assert run("status", "--json").document["root"] == document["root"]


def test_a_history_that_was_changed_is_not_signed(run, county):
    run("audit", "checkpoint", "-o", "first.checkpoint")
    ledger = county / "mingzhang.db"
    with sqlite3.connect(ledger) as connection:
        (entry,) = connection.execute("SELECT entry FROM entries WHERE position = 40").fetchone()
    damage(ledger, "UPDATE entries SET entry = ? WHERE position = 40", entry[:-3] + b"x" + entry[-2:])
    outcome = run("audit", "checkpoint", "-o", "second.checkpoint")
    assert (outcome.exit_code, outcome.out) == (1, "")
    assert "nothing was signed" in outcome.err
    assert not (county / "second.checkpoint").exists()


def test_a_tail_that_was_cut_off_is_not_signed(run, county, tmp_path):
    run("audit", "checkpoint")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    run("init", "--db", "fresh/mingzhang.db", "--keys", "mingzhang.db.keys.copy")
    shutil.copy(county / "mingzhang.db.keys" / "signer-state.json", county / "mingzhang.db.keys.copy")
    outcome = run("audit", "checkpoint", "--db", "fresh/mingzhang.db", "--keys", "mingzhang.db.keys.copy")
    assert outcome.exit_code == 1
    assert "The key must not sign this" in outcome.err


def test_a_checkpoint_for_a_folder_that_is_not_there_is_refused_before_signing(run, county):
    assert run("audit", "checkpoint", "-o", "nowhere/c").exit_code == 2
    assert run("status", "--json").document["checkpoints"] == 0


def test_a_sound_log_without_checkpoint_is_sound_and_unanchored(run, county):
    outcome = run("audit", "verify")
    assert outcome.exit_code == 0
    assert "BROKEN" not in outcome.out
    assert "No checkpoint speaks for this log" in outcome.out
    document = run("audit", "verify", "--json").document
    assert list(document) == [
        "sound",
        "log",
        "size",
        "root",
        "anchor",
        "unanchored_entries",
        "unchecked",
        "checkpoints",
        "findings",
    ]
    assert document["sound"] is True
    assert document["anchor"] == {"kind": "none", "size": 0}
    assert document["unanchored_entries"] == document["size"]


def test_a_verification_says_what_it_is_anchored_to(run, county):
    run("audit", "checkpoint", "-o", "kept.checkpoint")
    document = run("audit", "verify", "--json").document
    assert document["anchor"] == {"kind": "own", "size": document["size"]}
    assert document["checkpoints"] == [{"size": document["size"], "signed": True, "ok": True}]
    since = run("audit", "verify", "--since", "kept.checkpoint", "--json").document
    assert since["anchor"] == {"kind": "since", "size": document["size"]}
    assert "those of the checkpoint that was handed in" in run("audit", "verify", "--since", "kept.checkpoint").out


def test_the_verifier_key_may_be_a_file_or_text(run, county):
    run("audit", "checkpoint", "-o", "kept.checkpoint")
    vkey = run("key", "show", "--vkey").out
    (county / "county.vkey").write_text(vkey)
    for given in ("county.vkey", vkey.strip()):
        arguments = ("--since", "kept.checkpoint", "--vkey", given, "--keys", "none", "--json")
        assert run("audit", "verify", *arguments).document["anchor"]["kind"] == "since"
    assert run("audit", "verify", "--vkey", "nonsense").exit_code == 2


def test_a_changed_entry_is_named_and_ends_with_1(run, county):
    ledger = county / "mingzhang.db"
    damage(ledger, "UPDATE entries SET type = 'ledger.opened/2' WHERE position = 40")
    outcome = run("audit", "verify")
    assert outcome.exit_code == 1
    assert "entry 40" in outcome.out
    assert "entries" in next(line for line in outcome.out.splitlines() if "BROKEN" in line and "entries" in line)
    document = run("audit", "verify", "--json")
    assert document.exit_code == 1
    assert 40 in [finding["position"] for finding in document.document["findings"]]


def test_a_database_that_cannot_be_read_ends_with_3(run, county):
    ledger = county / "mingzhang.db"
    ledger.write_bytes(ledger.read_bytes()[:3000])
    outcome = run("audit", "verify")
    assert (outcome.exit_code, outcome.out) == (3, "")
    assert "could not be checked" in outcome.err


def test_a_note_that_is_none_ends_with_3(run, county):
    (county / "not.checkpoint").write_text("hello\n")
    assert run("audit", "verify", "--since", "not.checkpoint").exit_code == 3


def test_a_verification_in_chinese_has_no_english_check(run, county):
    outcome = run("audit", "verify", "--lang", "zh")
    for line in outcome.out.splitlines()[:9]:
        name, state, detail = line.split(maxsplit=2)
        assert not (name + state).isascii()
        assert not detail.isascii()


def test_key_show_prints_what_others_need(run):
    run("init")
    document = json.loads(run("key", "show", "--json").out)
    assert list(document) == ["origin", "key_id", "vkey"]
    assert document["vkey"].split("+")[1] == document["key_id"]
    assert run("key", "show", "--vkey").out == document["vkey"] + "\n"
    assert document["key_id"] in run("key", "show").out
