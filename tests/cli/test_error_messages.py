"""What a person reads when something is wrong: every message says what to do, in both languages."""

import os
import sqlite3
import stat

import pytest

from cli.failures import TITLES
from cli.remedies import REMEDIES


def damage(path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()


def test_every_kind_of_error_has_a_remedy():
    assert set(REMEDIES) == set(TITLES)


def test_a_remedy_is_said_in_the_language_in_use(run, tmp_path):
    run("init")
    (tmp_path / "mingzhang.db.keys" / "signing.key").unlink()
    assert "从密钥文件夹的备份中放回该文件" in run("audit", "checkpoint", "--lang", "zh").err
    assert "Put back the file" in run("audit", "checkpoint").err


def test_a_missing_passphrase_is_told_with_the_option_that_gives_it(run, tmp_path):
    (tmp_path / "secret.txt").write_text("correct horse\n")
    run("init", "--passphrase-file", "secret.txt")
    assert "--passphrase-file FILE" in run("audit", "checkpoint").err


def test_a_group_without_a_command_shows_its_help(run):
    for path in ((), ("case",), ("audit",)):
        outcome = run(*path)
        assert (outcome.exit_code, outcome.out) == (2, "")
        assert outcome.err.startswith("Usage: ")
        assert "Error" not in outcome.err


@pytest.mark.parametrize("arguments", [("register",), ("register", "nope"), ("register", "--lang", "zh")])
def test_the_choices_are_named_on_one_line(run, arguments):
    last = run(*arguments).err.splitlines()[-1]
    assert "caseload" in last
    assert "imports" in last


def test_a_command_that_is_none_is_said_in_chinese(run):
    assert "没有命令 nope" in run("--lang", "zh", "nope").err


def test_what_was_given_in_place_of_a_choice_is_repeated(run):
    said = run("register", "nothere", "--lang", "zh").err
    assert "实为" in said
    assert "nothere" in said


def test_a_refusal_to_sign_says_why(run, county):
    run("audit", "checkpoint")
    (county / "mingzhang.db.keys" / "signer-state.json").unlink()
    outcome = run("audit", "checkpoint")
    assert outcome.exit_code == 3
    assert "found  is not there, so nobody knows what was signed last" in outcome.err
    assert "mend   sign nothing" in outcome.err


@pytest.mark.parametrize("name", ["signing.key", "index.key", "bureau-1.key", "sealing.db", "signing.vkey"])
@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_the_log_is_verified_although_a_key_cannot_be_used(run, county, name, harm):
    key = county / "mingzhang.db.keys" / name
    key.unlink() if harm == "gone" else key.write_bytes(b"harmed")
    outcome = run("audit", "verify", "--json")
    assert outcome.exit_code == 3
    assert outcome.document["sound"] is True
    assert "The keys cannot be used" in outcome.err
    damage(county / "mingzhang.db", "UPDATE entries SET type = 'ledger.opened/2' WHERE position = 40")
    assert run("audit", "verify").exit_code == 1


def test_keys_that_others_may_read_do_not_hinder_a_verification(run, county):
    (county / "mingzhang.db.keys" / "signing.key").chmod(0o644)
    outcome = run("audit", "verify")
    assert outcome.exit_code == 3
    assert "Others may read a key file" in outcome.err
    assert "Audit: " in outcome.out


def test_a_finding_ends_with_where_it_is_explained_and_what_to_do_next(run, county):
    run("audit", "checkpoint")
    damage(county / "mingzhang.db", "UPDATE entries SET type = 'ledger.opened/2' WHERE position = 40")
    lines = run("audit", "verify").out.splitlines()
    told = [index for index, line in enumerate(lines) if line.startswith("edited-column")]
    assert told
    assert lines[lines.index("", told[0]) - 1] == "  See docs/errors.md#edited-column"
    assert any(line.startswith("Next: sign nothing") for line in lines)
    assert "详见 docs/errors.md#edited-column" in run("audit", "verify", "--lang", "zh").out


def test_nobody_is_told_to_sign_a_log_that_was_changed(run, county):
    damage(county / "mingzhang.db", "UPDATE entries SET type = 'ledger.opened/2' WHERE position = 40")
    assert "Do not sign one" in run("audit", "verify").out


def test_a_dangling_link_in_a_delivery_is_passed_by(run, county, tmp_path):
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    (delivery / "申诉.xlsx").symlink_to("nothing")
    outcome = run("import", "delivery")
    assert outcome.exit_code == 2
    assert "Nothing could be read" in outcome.err


def test_a_file_that_cannot_be_read_is_told_on_a_line_of_its_own(run, county, tmp_path):
    (tmp_path / "申请.xls").write_bytes(b"old")
    (tmp_path / "复核.csv").write_bytes(b"")
    outcome = run("import", "申请.xls", "复核.csv")
    assert outcome.exit_code == 2
    assert len([line for line in outcome.err.splitlines() if line.startswith("Not read: ")]) == 2


def test_a_place_where_no_report_can_be_written_is_refused_before_loading(run, tmp_path, monkeypatch):
    run("init")
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "资料说明.csv").write_text("项,值\n县名称,云岭县\n", encoding="utf-8-sig")
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_options: (_ for _ in ()).throw(full))
    outcome = run("import", "delivery")
    assert outcome.exit_code == 2
    assert "A report cannot be written here" in outcome.err
    assert run("status", "--json").document["size"] == 2


def test_a_report_that_fails_after_loading_says_that_the_delivery_is_in(run, tmp_path, monkeypatch):
    run("init")
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "资料说明.csv").write_text("项,值\n县名称,云岭县\n", encoding="utf-8-sig")

    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cli.commands.import_delivery.write_rejects", refuse)
    outcome = run("import", "delivery", "--json")
    assert outcome.exit_code == 3
    assert outcome.document["entries_added"] > 0
    assert "The delivery was loaded" in outcome.err
    assert "where  rejects.csv" in outcome.err
    assert "nothing is loaded twice" in outcome.err


def test_a_ledger_that_may_only_be_read_has_a_status(run, county, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    monkeypatch.setattr("projections.sqlite.SQLiteDatabase.beside", None)
    assert run("status").exit_code == 0
    assert run("projection", "status").exit_code == 0


def test_an_error_leaves_stdout_empty_for_machines(run, county):
    for arguments in (
        ("case", "show", "SQ1"),
        ("register", "caseload", "--as-of", "x"),
        ("audit", "verify", "--vkey", "x"),
    ):
        outcome = run(*arguments, "--json")
        assert (outcome.exit_code, outcome.out) == (2, "")
        assert outcome.err


def test_the_list_of_what_was_not_loaded_is_for_its_owner_only(run, tmp_path):
    run("init")
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "资料说明.csv").write_text("项,值\n县名称,云岭县\n", encoding="utf-8-sig")
    run("import", "delivery")
    assert stat.S_IMODE((tmp_path / "rejects.csv").stat().st_mode) == 0o600


def test_a_register_answers_although_a_key_is_damaged(run, county):
    (county / "mingzhang.db.keys" / "sealing.db").write_bytes(b"harmed")
    assert run("projection", "rebuild").exit_code == 0
    caseload = run("register", "caseload", "--json")
    assert caseload.exit_code == 0
    assert caseload.document["rows"]
    assert "The keys cannot be used" in caseload.err
    assert run("register", "filings").exit_code == 3


def test_a_finding_is_told_in_chinese_with_what_was_expected(run, county):
    damage(county / "mingzhang.db", "UPDATE entries SET entry = CAST(entry || 'x' AS BLOB) WHERE position = 40")
    out = run("audit", "verify", "--lang", "zh").out
    assert "触发器 entries_update" in out
    assert "与本版本所建一致" in out
    assert "下一步：不要签名" in out
