"""A ledger of SM3 through every command, on both databases: it works as any other, and says what it is not."""

import json

import psycopg
import pytest

from ledger.note import Verifier

SM3 = "mingzhang/v1-sm3"


@pytest.fixture
def files(county):
    """The folder with the county's files; the ledger of SHA-256 that has loaded them stays beside it to compare."""
    return county


@pytest.fixture(params=["sqlite", "postgres"])
def sm3(request, files, run):
    """The address of a ledger of SM3 that has loaded the county's files."""
    url = request.getfixturevalue("new_postgres")() if request.param == "postgres" else "sqlite:///sm3.db"
    made = run("init", "--hash", "sm3", "--db", url, "--json")
    assert (made.exit_code, made.document["suite"]) == (0, SM3)
    assert run("import", "files", "--db", url).exit_code in (0, 1)
    return url


def test_county_gives_the_same_registers_under_both_hashes(run, sm3):
    for command in (("register", "caseload"), ("register", "payments"), ("register", "filings"), ("pay", "reconcile")):
        expected, found = run(*command, "--json"), run(*command, "--json", "--db", sm3)
        assert (found.exit_code, found.document) == (expected.exit_code, expected.document), command
    case = run("case", "list", "--json").document["rows"][0]["case"]
    assert run("case", "replay", case, "--db", sm3).out == run("case", "replay", case).out
    size = run("projection", "rebuild", "--json", "--db", sm3).document["size"]
    assert run("status", "--json", "--db", sm3).document["size"] == size == run("status", "--json").document["size"]


def test_importing_again_adds_nothing(run, sm3):
    before = run("status", "--json", "--db", sm3).document
    again = run("import", "files", "--json", "--db", sm3).document
    assert (again["entries_added"], again["root"]) == (0, before["root"])
    assert before["root"] != run("status", "--json").document["root"]


def test_checkpoint_is_signed_under_the_type_of_our_own_and_verifies(run, sm3, tmp_path):
    assert run("audit", "checkpoint", "-o", "sm3.checkpoint", "--db", sm3).exit_code == 0
    key = Verifier.parse(run("key", "show", "--vkey", "--db", sm3).out)
    assert (key.signature_type, key.key_id in (tmp_path / "sm3.checkpoint").read_bytes()) == (0xFF, False)
    verified = run("audit", "verify", "--since", "sm3.checkpoint", "--json", "--db", sm3)
    assert (verified.exit_code, verified.document["anchor"]["kind"]) == (0, "since")
    assert run("audit", "verify", "--since", "sm3.checkpoint").exit_code == 1
    in_two = run("audit", "verify", "--jobs", 2, "--json", "--db", sm3)
    assert (in_two.exit_code, in_two.document["root"]) == (0, verified.document["root"])


def test_backup_is_restored_with_its_suite(run, files):
    assert run("init", "--hash", "sm3", "--db", "sm3.db").exit_code == 0
    assert run("import", "files", "--db", "sm3.db").exit_code in (0, 1)
    assert run("audit", "checkpoint", "--db", "sm3.db", "-o", "sm3.checkpoint").exit_code == 0
    (files / "copies").mkdir()
    kept = run("backup", "copies/copy.db", "--with-keys", "safe", "--db", "sm3.db")
    assert kept.exit_code == 0, kept.err
    restored = run("restore", "copies/copy.db", "--db", "again.db", "--keys", "safe")
    assert restored.exit_code == 0, restored.err
    verified = run("audit", "verify", "--since", "sm3.checkpoint", "--json", "--db", "again.db", "--keys", "safe")
    assert (verified.exit_code, verified.document["anchor"]["kind"]) == (0, "since")
    assert run("status", "--json", "--db", "again.db").document["suite"] == SM3


def test_what_was_changed_is_found(run, files, new_postgres):
    url = new_postgres()
    assert run("init", "--hash", "sm3", "--db", url).exit_code == 0
    assert run("import", "files", "--db", url).exit_code in (0, 1)
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute("ALTER TABLE mingzhang.entries DISABLE TRIGGER entries_change")
        raw.execute(
            "UPDATE mingzhang.entries SET entry = set_byte(entry, octet_length(entry) - 3, 64) WHERE position = 40"
        )
        raw.execute("ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_change")
    found = run("audit", "verify", "--json", "--db", url)
    assert found.exit_code == 1
    assert (found.document["findings"][0]["kind"], found.document["findings"][0]["position"]) == ("edited-entry", 40)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_are_told_what_it_is_not(run, language):
    made = run("init", "--hash", "sm3", "--lang", language).out
    shown = run("key", "show", "--lang", language).out
    for text in (made, shown):
        for word in ("SM3", "C2SP", "SHA-256", "Ed25519", "SM2", "AES-256-GCM", "SM4", SM3):
            assert word in text, word
        assert ("不是完整的国密算法套件" if language == "zh" else "not a complete suite of national algorithms") in text
    status = run("status", "--lang", language).out
    assert f"SM3, {SM3}: outside the C2SP tools" in status or f"SM3，{SM3}：不在 C2SP 工具范围内" in status
    assert json.loads(run("key", "show", "--json").out)["suite"] == SM3


def test_a_ledger_of_sha256_says_nothing_of_it(run):
    assert run("init").exit_code == 0
    for command in (("status",), ("key", "show")):
        out = run(*command).out
        assert "SM3" not in out
        assert "SHA-256, mingzhang/v1\n" in out


def test_another_hash_is_refused_before_anything_is_made(run, tmp_path):
    outcome = run("init", "--hash", "md5")
    assert (outcome.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "sm3" in outcome.err


def test_keys_of_the_other_hash_are_not_taken_up(run, tmp_path):
    assert run("init").exit_code == 0
    (tmp_path / "mingzhang.db").unlink()
    outcome = run("init", "--hash", "sm3")
    assert (outcome.exit_code, (tmp_path / "mingzhang.db").exists()) == (2, False)
    assert "keys of another ledger" in outcome.err
