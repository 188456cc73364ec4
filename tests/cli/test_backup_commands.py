"""backup and restore of files, upgrade, projection check: what they make, what they refuse, and what they leave."""

import sqlite3
import stat
import uuid

import pytest

from cli.commands import upgrade as upgrade_commands
from ledger import sqlite_upgrade
from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256
from ledger.ledger import Ledger
from ledger.sqlite_schema import SCHEMA_VERSION
from ledger.store_errors import UnsupportedSchema
from ledger.writer import prepared

ORIGIN = "mingzhang.local/ledger"
CHECK, UPGRADE = sqlite_upgrade.check_upgradable, sqlite_upgrade.upgrade


def status(run, *options: object) -> tuple[int, str]:
    found = run("status", "--json", *options).document
    return found["size"], found["root"]


def add_entries(folder, *entries: tuple[str, str, dict[str, object]], keys: str = "mingzhang.db.keys") -> None:
    """Record unsealed entries of any stream, topic and payload, one command each."""
    with Ledger.open(f"sqlite:///{folder}/mingzhang.db", None) as ledger, ledger.store.writer() as writer:
        for stream, topic, payload in entries:
            seq, prev = writer.head_of(stream) or (0, NO_PREVIOUS)
            command, at = str(uuid.uuid4()), writer.latest_at() or "2026-11-21T08:00:00.000000Z"
            entry = Entry(
                SHA256.name, ORIGIN, stream, seq + 1, topic, prev, at, "staff/MZ0001", command, 1, 1, None, payload
            )
            writer.append([prepared(SHA256, ORIGIN, entry, encode_entry(entry), None)])


def note(number: int) -> tuple[str, str, dict[str, object]]:
    return ("ledger/notes", "note.made/1", {"number": number})


def beside(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def desk(run, tmp_path):
    assert run("init").exit_code == 0
    add_entries(tmp_path, note(1), note(2))
    assert run("audit", "checkpoint", "-o", "first.checkpoint").exit_code == 0
    return tmp_path


# backup


def test_a_backup_says_what_to_keep_with_it(run, desk):
    add_entries(desk, note(3))
    out = run("backup", "copy.db").out
    assert (desk / "first.checkpoint").read_text().splitlines()[-1] in out
    assert "Keep this checkpoint of 4 entries" in out
    assert "Sign the newest entries" in out


def test_a_backup_is_one_file_and_leaves_nothing_beside_it(run, desk):
    (desk / "archive").mkdir()
    assert run("backup", "archive/copy.db").exit_code == 0
    assert beside(desk / "archive") == {"copy.db"}


def test_a_backup_never_overwrites(run, desk):
    (desk / "copy.db").write_text("something")
    assert run("backup", "copy.db").exit_code == 2
    assert (desk / "copy.db").read_text() == "something"
    assert run("backup", "mingzhang.db").exit_code == 2
    (desk / "other.db-wal").write_bytes(b"x")
    assert run("backup", "other.db").exit_code == 2
    assert not (desk / "other.db").exists()


def test_a_backup_is_taken_while_a_writer_is_at_work(run, desk):
    size, root = status(run)
    writing = sqlite3.connect(desk / "mingzhang.db", isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    outcome = run("backup", "copy.db", "--json")
    writing.close()
    assert (outcome.document["size"], outcome.document["root"]) == (size, root)


def test_keys_are_copied_only_apart_from_the_copy(run, desk):
    (desk / "archive").mkdir()
    for near in ("archive", "archive/keys"):
        assert run("backup", "archive/copy.db", "--with-keys", near).exit_code == 2
    assert beside(desk / "archive") == set()
    assert run("backup", "archive/copy.db", "--with-keys", "safe").exit_code == 0
    own = {path.name for path in (desk / "mingzhang.db.keys").iterdir()}
    assert beside(desk / "safe") == {n for n in own if n != "signer-state.lock" and not n.startswith("sealing.db-")}
    assert stat.S_IMODE((desk / "safe").stat().st_mode) == 0o700
    secret = (path for path in (desk / "safe").iterdir() if path.name != "signing.vkey")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secret)
    assert run("audit", "verify", "--db", "archive/copy.db", "--keys", "safe").exit_code == 0
    assert run("audit", "checkpoint", "--db", "archive/copy.db", "--keys", "safe").exit_code == 0


# restore


def test_a_ledger_too_damaged_to_be_read_is_replaced_and_kept(run, desk):
    assert run("backup", "copy.db").exit_code == 0
    before = status(run)
    (desk / "mingzhang.db").write_bytes(b"no database" * 100)
    outcome = run("restore", "copy.db", "--replace", "--json")
    assert outcome.exit_code == 0, outcome.err
    assert outcome.document["replaced"]["readable"] is False
    assert (desk / outcome.document["replaced"]["kept"]).read_bytes() == b"no database" * 100
    assert status(run) == before
    assert run("audit", "verify").exit_code == 0


def test_a_ledger_in_use_is_not_replaced(run, desk):
    assert run("backup", "copy.db").exit_code == 0
    using = sqlite3.connect(desk / "mingzhang.db", isolation_level=None)
    using.execute("BEGIN")
    using.execute("SELECT count(*) FROM entries").fetchone()
    outcome = run("restore", "copy.db", "--replace")
    using.close()
    assert outcome.exit_code == 3
    assert "Another process" in outcome.err
    assert run("restore", "copy.db", "--replace").exit_code == 0


# upgrade


def test_upgrade_has_nothing_to_do_at_the_current_version(run, desk):
    before = (desk / "mingzhang.db").read_bytes()
    outcome = run("upgrade")
    assert outcome.exit_code == 0
    assert "Nothing to do" in outcome.out
    assert (desk / "mingzhang.db").read_bytes() == before


@pytest.fixture
def next_version(monkeypatch):
    """This program with tables of one version more, reached by a step that changes nothing that is compared."""

    def use(step):
        steps = {SCHEMA_VERSION: step}
        following = SCHEMA_VERSION + 1
        monkeypatch.setattr("ledger.sqlite.SCHEMA_VERSION", following)
        monkeypatch.setattr(upgrade_commands, "SCHEMA_VERSION", following)
        check, upgrade = CHECK, UPGRADE
        monkeypatch.setattr(
            sqlite_upgrade, "check_upgradable", lambda path, *_, target=0: check(path, steps, following)
        )
        monkeypatch.setattr(sqlite_upgrade, "upgrade", lambda path, target: upgrade(path, steps, following))

    return use


def test_an_older_ledger_is_upgraded_with_a_backup_first_and_by_no_other_command(run, desk, next_version):
    before = status(run)
    next_version(lambda connection: connection.execute("CREATE TABLE added (one TEXT)"))
    refused = run("status")
    assert refused.exit_code == 3
    assert "mingzhang upgrade" in refused.err
    outcome = run("upgrade", "--json")
    assert outcome.exit_code == 0, outcome.err
    assert (outcome.document["from"], outcome.document["to"]) == (SCHEMA_VERSION, SCHEMA_VERSION + 1)
    assert status(run) == before
    assert sqlite_upgrade.stored_version(desk / outcome.document["backup"]) == SCHEMA_VERSION
    assert run("upgrade", "--json").document["backup"] is None


def test_an_upgrade_whose_step_fails_or_spoils_a_guard_changes_nothing(run, desk, next_version):
    def fail(connection):
        connection.execute("CREATE TABLE added (one TEXT)")
        raise sqlite3.OperationalError("disk I/O error")

    def spoil(connection):
        connection.execute("DROP TRIGGER entries_delete")

    for step in (fail, spoil):
        next_version(step)
        assert run("upgrade").exit_code == 3
        assert sqlite_upgrade.stored_version(desk / "mingzhang.db") == SCHEMA_VERSION
        connection = sqlite3.connect(desk / "mingzhang.db")
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        connection.close()
        assert "added" not in names and "entries_delete" in names


def test_a_newer_ledger_is_refused(desk):
    with pytest.raises(UnsupportedSchema, match="or a later one"):
        sqlite_upgrade.check_upgradable(desk / "mingzhang.db", target=SCHEMA_VERSION - 1)


def test_a_version_without_a_step_is_refused(desk):
    with pytest.raises(UnsupportedSchema, match="no step from 1"):
        sqlite_upgrade.upgrade(desk / "mingzhang.db", {}, SCHEMA_VERSION + 1)


# projection check


def test_registers_that_are_what_the_log_says_are_the_same(run, county):
    outcome = run("projection", "check", "--json")
    assert outcome.exit_code == 0, outcome.err
    document = outcome.document
    assert document["same"] and document["differences"] == []
    assert document["rows"] > 100
    assert document["position"] == status(run)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_transfer SET amount_fen = amount_fen + 1 WHERE rowid = 3",
        "DELETE FROM register_transfer WHERE rowid = 3",
        "INSERT INTO register_transfer SELECT * FROM register_transfer WHERE rowid = 3",
    ],
    ids=["changed", "removed", "doubled"],
)
def test_a_changed_removed_or_doubled_row_is_shown_and_rebuilt(run, county, statement):
    connection = sqlite3.connect(county / "mingzhang.db")
    connection.execute(statement)
    connection.commit()
    connection.close()
    outcome = run("projection", "check", "--json")
    assert outcome.exit_code == 1
    assert {one["table"] for one in outcome.document["differences"]} == {"transfer"}
    assert len(outcome.document["differences"]) == (2 if statement.startswith("UPDATE") else 1)
    assert "by the log" in run("projection", "check").out
    assert run("projection", "rebuild").exit_code == 0
    assert run("projection", "check").exit_code == 0


def test_registers_without_their_keys_or_not_there_cannot_be_compared(run, county, desk_without_registers):
    (county / "mingzhang.db.keys").rename(county / "away")
    outcome = run("projection", "check")
    assert outcome.exit_code == 3
    assert "without the keys" in outcome.err
    assert desk_without_registers("projection", "check").exit_code == 3


@pytest.fixture
def desk_without_registers(run):
    run("init", "--db", "other.db")
    return lambda *arguments: run(*arguments, "--db", "other.db")
