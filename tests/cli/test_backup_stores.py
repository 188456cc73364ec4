"""backup and restore over both stores: the same promises, and the move of a ledger from one to the other and back."""

import json
import sqlite3
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.store import Reader
from ledger.stores import open_store
from ledger.urls import parse_url
from ledger.writer import prepared

ORIGIN = "mingzhang.local/ledger"
OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


class Desk:
    """A folder and a ledger, in a file of it or on a server; commands run there."""

    def __init__(self, run: Any, folder: Path, url: str) -> None:
        self._run = run
        self.folder = folder
        self.url = url
        self.keys = folder / parse_url(url).keys_directory

    def __call__(self, *arguments: object) -> Any:
        return self._run(*arguments, MINGZHANG_DB=self.url)

    @property
    def is_postgres(self) -> bool:
        return self.url.startswith("postgresql:")

    def elsewhere(self, url: str) -> "Desk":
        """Return the same folder with another ledger, whose keys are those of this one."""
        there = Desk(lambda *a, **k: self._run(*a, "--keys", self.keys, **k), self.folder, url)
        there.keys = self.keys
        return there

    def add(self, *entries: tuple[str, str, dict[str, object]]) -> None:
        """Record unsealed entries of any stream, topic and payload, one command each."""
        with self.opened(read_only=False) as store, store.writer() as writer:
            for stream, topic, payload in entries:
                seq, prev = writer.head_of(stream) or (0, NO_PREVIOUS)
                command, at = str(uuid.uuid4()), writer.latest_at() or "2026-11-21T08:00:00.000000Z"
                entry = Entry(
                    SHA256.name, ORIGIN, stream, seq + 1, topic, prev, at, "staff/MZ0001", command, 1, 1, None, payload
                )
                writer.append([prepared(SHA256, ORIGIN, entry, encode_entry(entry), None)])

    def opened(self, *, read_only: bool = True) -> Any:
        return open_store(self.place, read_only=read_only)

    @property
    def place(self) -> str:
        """The address as it is from outside the folder."""
        return self.url if self.is_postgres else f"sqlite:///{self.folder}/{self.url.removeprefix('sqlite:///')}"

    def spoil(self) -> None:
        """Change an entry as whoever owns the database can."""
        if self.is_postgres:
            with psycopg.connect(self.url, autocommit=True) as raw:
                raw.execute("ALTER TABLE mingzhang.entries DISABLE TRIGGER USER")
                raw.execute("UPDATE mingzhang.entries SET by = 'staff/MZ9999' WHERE position = 3")
                raw.execute("ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_change")
        else:
            spoil_file(self.folder / self.url.removeprefix("sqlite:///"))

    def evidence(self) -> Any:
        (path,) = [path for path in self.folder.iterdir() if "restore-refused" in path.name]
        return json.loads(path.read_text(encoding="utf-8"))

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def note(number: int) -> tuple[str, str, dict[str, object]]:
    return ("ledger/notes", "note.made/1", {"number": number})


def spoil_file(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entries_update")
    connection.execute("UPDATE entries SET \"by\" = 'staff/MZ9999' WHERE position = 3")
    connection.commit()
    connection.close()


def contents(log: Reader) -> dict[str, object]:
    """Return every row of a log: two logs with the same are the same, byte for byte."""
    return {
        "log": (log.origin, log.suite.name),
        "head": log.head(),
        "entries": list(log.records()),
        "commands": list(log.commands()),
        "heads": list(log.heads()),
        "tiles": list(log.tiles()),
        "checkpoints": list(log.checkpoints()),
    }


def contents_at(place: str) -> dict[str, object]:
    with open_store(place, read_only=True) as store:
        return contents(store)


def head_of(desk: Desk) -> tuple[int, str]:
    found = desk("status", "--json").document
    return found["size"], found["root"]


@pytest.fixture
def new_url(tmp_path, new_postgres) -> Any:
    """Return what makes the address of an empty place: of this store, in the folder of the test or on the server."""
    numbers = iter(range(1_000))

    def make(store: str) -> str:
        return new_postgres() if store == "postgres" else f"sqlite:///ledger-{next(numbers)}.db"

    return make


@pytest.fixture(params=["sqlite", "postgres"])
def store(request) -> str:
    return str(request.param)


@pytest.fixture
def desk(run, tmp_path, store, new_url) -> Iterator[Desk]:
    made = Desk(run, tmp_path, new_url(store))
    assert made("init").exit_code == 0
    made.add(note(1), note(2))
    assert made("audit", "checkpoint", "-o", "first.checkpoint").exit_code == 0
    return made


# backup


def test_a_backup_is_a_ledger_in_one_file_that_verifies_without_a_server(desk):
    outcome = desk("backup", "copy.db", "--json")
    assert outcome.exit_code == 0, outcome.err
    size, root = head_of(desk)
    checkpoint = {"size": size, "note": (desk.folder / "first.checkpoint").read_text()}
    assert outcome.document == {
        "backup": "copy.db",
        "size": size,
        "root": root,
        "checkpoint": checkpoint,
        "keys": None,
    }
    copy = desk.elsewhere("sqlite:///copy.db")
    verified = copy("audit", "verify", "--since", "first.checkpoint", "--json")
    assert verified.exit_code == 0, verified.out
    assert (verified.document["size"], verified.document["root"]) == (size, root)
    assert contents_at(copy.place) == contents_at(desk.place)
    assert stat.S_IMODE((desk.folder / "copy.db").stat().st_mode) & 0o077 == 0 or not desk.is_postgres
    assert not [name for name in desk.names() if name.startswith(".")]


def test_a_backup_never_overwrites_and_needs_its_folder(desk):
    (desk.folder / "copy.db").write_text("something")
    assert desk("backup", "copy.db").exit_code == 2
    assert (desk.folder / "copy.db").read_text() == "something"
    assert desk("backup", "nowhere/copy.db").exit_code == 2


def test_a_backup_of_a_damaged_ledger_is_not_kept(desk):
    desk.spoil()
    before = desk.names()
    outcome = desk("backup", "copy.db")
    assert outcome.exit_code == 1, outcome.err
    assert "edited-column" in outcome.err
    assert desk.names() == before


def test_rows_that_no_ledger_can_hold_make_no_backup(run, tmp_path, new_postgres):
    desk = Desk(run, tmp_path, new_postgres())
    assert desk("init").exit_code == 0
    with psycopg.connect(desk.url, autocommit=True) as raw:
        raw.execute("ALTER TABLE mingzhang.entries DISABLE TRIGGER USER")
        raw.execute("ALTER TABLE mingzhang.entries DROP CONSTRAINT entries_stream_seq_key")
        raw.execute("UPDATE mingzhang.entries SET seq = 1, stream = 'ledger/main'")
    before = desk.names()
    outcome = desk("backup", "copy.db")
    assert outcome.exit_code == 1
    assert "UNIQUE constraint failed" in outcome.err
    assert desk.names() == before


def test_keys_are_copied_apart_from_the_copy_of_either_store(desk):
    (desk.folder / "archive").mkdir()
    assert desk("backup", "archive/copy.db", "--with-keys", "archive/keys").exit_code == 2
    assert desk("backup", "archive/copy.db", "--with-keys", "safe").exit_code == 0
    copy = ("--db", "archive/copy.db", "--keys", "safe")
    assert desk("audit", "verify", *copy).exit_code == 0
    assert desk("audit", "checkpoint", *copy).exit_code == 0


# restore


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_restore_into_an_empty_place_of_either_store_is_the_same_ledger(desk, new_url, target):
    assert desk("backup", "copy.db").exit_code == 0
    there = desk.elsewhere(new_url(target))
    outcome = there("restore", "copy.db", "--since", "first.checkpoint", "--json")
    assert outcome.exit_code == 0, outcome.err
    assert outcome.document["held"] == [{"source": "since", "size": 4}, {"source": "signer-state", "size": 4}]
    assert outcome.document["replaced"] is None
    assert contents_at(there.place) == contents_at(desk.place)
    assert there("audit", "verify", "--since", "first.checkpoint").exit_code == 0
    there.add(note(3))
    assert there("audit", "checkpoint").exit_code == 0
    assert there("audit", "verify").exit_code == 0


def test_a_county_moves_to_production_and_back_with_every_byte_of_its_log(run, county, new_postgres):
    office = Desk(run, county, "sqlite:///mingzhang.db")
    assert office("audit", "checkpoint", "-o", "kept.checkpoint").exit_code == 0
    bureau = office.elsewhere(new_postgres())
    assert bureau("restore", "mingzhang.db", "--since", "kept.checkpoint").exit_code == 0
    before = contents_at(office.place)
    assert contents_at(bureau.place) == before
    assert bureau("audit", "verify", "--since", "kept.checkpoint").exit_code == 0
    again = bureau("import", "files", "--json")
    assert again.document["entries_added"] == 0
    assert bureau("register", "caseload", "--json").document == office("register", "caseload", "--json").document
    assert bureau("backup", "back.db").exit_code == 0
    back = office.elsewhere("sqlite:///back.db")
    assert contents_at(back.place) == before
    assert back("import", "files", "--json").document["entries_added"] == 0
    assert back("audit", "verify", "--since", "kept.checkpoint").exit_code == 0


def test_an_existing_ledger_is_replaced_only_when_asked_and_is_kept(desk):
    assert desk("backup", "copy.db").exit_code == 0
    signed = head_of(desk)
    desk.add(note(3))
    longer = head_of(desk)
    refused = desk("restore", "copy.db")
    assert (refused.exit_code, "--replace" in refused.err) == (2, True)
    assert head_of(desk) == longer
    outcome = desk("restore", "copy.db", "--replace", "--json")
    assert outcome.exit_code == 0, outcome.err
    assert head_of(desk) == signed
    replaced = outcome.document["replaced"]
    assert (replaced["readable"], replaced["size"], replaced["fork"]) == (True, longer[0], signed[0])
    if desk.is_postgres:
        with psycopg.connect(desk.url, autocommit=True) as raw:
            assert raw.execute(f"SELECT count(*) FROM {replaced['kept']}.entries").fetchone() == (longer[0],)
            with pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
                raw.execute(f"DELETE FROM {replaced['kept']}.entries")
    else:
        assert head_of(desk.elsewhere(f"sqlite:///{replaced['kept']}")) == longer
    desk.add(note(4))
    assert desk("audit", "verify").exit_code == 0
    assert desk("projection", "rebuild").exit_code == 0


def test_a_backup_shorter_than_what_was_signed_is_refused_with_the_evidence(desk):
    assert desk("backup", "copy.db").exit_code == 0
    desk.add(note(3))
    assert desk("audit", "checkpoint").exit_code == 0
    before = head_of(desk)
    outcome = desk("restore", "copy.db", "--replace")
    assert outcome.exit_code == 1
    assert "shorter than what was signed" in outcome.err
    assert "from entry 4 on" in outcome.err
    assert head_of(desk) == before
    evidence = desk.evidence()
    assert (evidence["backup"]["size"], evidence["replaced"]["size"], evidence["replaced"]["fork"]) == (4, 5, 4)
    found = {one["source"]: one for one in evidence["contradictions"]}
    assert set(found) == {"signer-state", "replaced-ledger"}
    assert all((one["size"], one["later"]) == (5, "statement") for one in found.values())
    assert found["replaced-ledger"]["note"].startswith(ORIGIN)
    assert desk("audit", "verify").exit_code == 0


def test_a_backup_that_breaks_a_checkpoint_kept_elsewhere_makes_nothing_in_an_empty_place(desk, new_url, store):
    assert desk("backup", "copy.db").exit_code == 0
    desk.add(note(3))
    assert desk("audit", "checkpoint", "-o", "second.checkpoint").exit_code == 0
    for target in (store, OTHER[store]):
        url = new_url(target)
        stranger = Desk(desk._run, desk.folder, url)  # without keys
        assert stranger("restore", "copy.db", "--since", "second.checkpoint").exit_code == 1
        assert stranger("status").exit_code == 2
        assert stranger("restore", "copy.db", "--since", "first.checkpoint").exit_code == 0


def test_another_history_of_the_same_length_is_refused_and_the_fork_is_named(desk, new_url, store):
    assert desk("backup", "copy.db").exit_code == 0
    there = desk.elsewhere(new_url(OTHER[store]))
    assert there("restore", "copy.db").exit_code == 0
    there.add(note(30), note(31))
    assert there("backup", "other.db").exit_code == 0
    desk.add(note(40), note(41))
    assert desk("audit", "checkpoint").exit_code == 0
    outcome = desk("restore", "other.db", "--replace")
    assert outcome.exit_code == 1
    assert "another history" in outcome.err
    assert "from entry 4 on" in outcome.err
    assert {(one["later"], one["part"]) for one in desk.evidence()["contradictions"]} == {
        ("neither", "checkpoint root")
    }


def test_a_damaged_backup_is_refused_before_anything_is_made(desk, new_url, store):
    assert desk("backup", "copy.db").exit_code == 0
    spoil_file(desk.folder / "copy.db")
    before = head_of(desk)
    assert desk("restore", "copy.db", "--replace").exit_code == 1
    assert desk.evidence()["findings"]
    assert head_of(desk) == before
    there = desk.elsewhere(new_url(OTHER[store]))
    assert there("restore", "copy.db").exit_code == 1
    assert there("status").exit_code == 2
    cut = (desk.folder / "copy.db").read_bytes()
    (desk.folder / "cut.db").write_bytes(cut[: len(cut) // 2])
    assert there("restore", "cut.db").exit_code in (1, 3)
    assert there("status").exit_code == 2
    assert not [name for name in desk.names() if name.startswith(".")]


def test_a_ledger_too_damaged_to_be_read_is_replaced_and_kept(run, tmp_path, new_postgres):
    desk = Desk(run, tmp_path, new_postgres())
    assert desk("init").exit_code == 0
    assert desk("backup", "copy.db").exit_code == 0
    before = head_of(desk)
    with psycopg.connect(desk.url, autocommit=True) as raw:
        raw.execute("DROP TABLE mingzhang.heads")
    outcome = desk("restore", "copy.db", "--replace", "--json")
    assert outcome.exit_code == 0, outcome.err
    assert outcome.document["replaced"]["readable"] is False
    assert head_of(desk) == before
    assert desk("audit", "verify").exit_code == 0


def test_a_ledger_in_use_is_not_replaced(run, tmp_path, new_postgres):
    desk = Desk(run, tmp_path, new_postgres())
    assert desk("init").exit_code == 0
    assert desk("backup", "copy.db").exit_code == 0
    with psycopg.connect(desk.url, autocommit=True) as using:
        using.execute("SELECT 1")
        outcome = desk("restore", "copy.db", "--replace")
    assert outcome.exit_code == 3
    assert "nobody else" in outcome.err
    assert desk("restore", "copy.db", "--replace").exit_code == 0


def test_the_ledger_of_another_log_is_not_replaced(desk, new_url, store):
    other = desk.elsewhere(new_url(OTHER[store]))
    assert desk("backup", "copy.db").exit_code == 0
    assert desk._run("init", "--origin", "other.example/log", "--keys", "others", MINGZHANG_DB=other.url).exit_code == 0
    outcome = other("restore", "copy.db", "--replace")
    assert outcome.exit_code == 2
    assert "another log" in outcome.err


def test_erased_keys_do_not_come_back(desk):
    with KeyStore.open(desk.keys, ORIGIN, SHA256) as keys:
        kid = keys.key_for("case/SQ1").kid
        keys.flush()
    assert desk("backup", "before.db", "--with-keys", f"../{desk.folder.name}-safe").exit_code == 0
    desk.add(
        ("ledger/main", "ledger.erasure-requested/1", {"kid": kid}),
        ("ledger/main", "ledger.erasure-effective/1", {"kid": kid}),
    )
    outcome = desk("restore", "before.db", "--replace", "--json")  # the log that records the erasure is replaced
    assert outcome.exit_code == 0, outcome.err
    assert (outcome.document["destroyed"], outcome.document["erasures_not_in_backup"]) == ([kid], [kid])
    with KeyStore.open(desk.keys, ORIGIN, SHA256) as keys:
        assert keys.key_by_id(kid) is None


def test_an_owner_who_is_no_superuser_restores(run, tmp_path, postgres_server, new_postgres):
    """Guards sleep while the rows go in, and duties are not asked for: owning the database is enough."""
    url = new_postgres()
    database = parse_url(url).database
    owner = f"owner_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute(f"CREATE ROLE {owner} LOGIN")
        raw.execute(f"ALTER DATABASE {database} OWNER TO {owner}")
    desk = Desk(run, tmp_path, "sqlite:///ledger.db")
    assert desk("init").exit_code == 0
    assert run("init", "--db", new_postgres(), "--keys", "others").exit_code == 0  # whatever a server needs once
    with psycopg.connect(url, autocommit=True) as raw:
        for (role,) in raw.execute("SELECT rolname FROM pg_roles WHERE rolname ^@ 'mingzhang_'").fetchall():
            raw.execute(f"GRANT {role} TO {owner} WITH ADMIN OPTION")
    there = desk.elsewhere(postgres_server.address(database, owner))
    outcome = there("restore", "ledger.db")
    assert outcome.exit_code == 0, outcome.err
    assert there("audit", "verify").exit_code == 0
    assert contents_at(there.place) == contents_at(desk.place)
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute(f"REASSIGN OWNED BY {owner} TO postgres")
        raw.execute(f"DROP ROLE {owner}")


def test_logins_that_the_log_admits_are_those_of_the_restored_database(run, tmp_path, postgres_server, new_postgres):
    desk = Desk(run, tmp_path, new_postgres())
    assert desk("init").exit_code == 0
    payload = {"actor": "staff/MZ0007", "duties": ["pay"], "login": "nobody_here"}
    desk.add(("ledger/main", "ledger.login-admitted/1", payload))
    assert desk("backup", "copy.db").exit_code == 0
    there = desk.elsewhere(new_postgres())
    outcome = there("restore", "copy.db")
    assert outcome.exit_code == 0, outcome.err
    with psycopg.connect(there.url) as raw:
        assert raw.execute("SELECT login, actor FROM mingzhang.actors").fetchall() == [("nobody_here", "staff/MZ0007")]
    assert there("audit", "verify").exit_code == 0


def test_login_that_may_not_read_sealed_parts_makes_no_backup(run, tmp_path, postgres_server, new_postgres):
    desk = Desk(run, tmp_path, new_postgres())
    assert desk("init").exit_code == 0
    login = f"administrator_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(desk.url, autocommit=True) as raw:
        raw.execute(f"CREATE ROLE {login} LOGIN IN ROLE mingzhang_admin")
    refused = desk.elsewhere(postgres_server.address(parse_url(desk.url).database, login))("backup", "copy.db")
    assert refused.exit_code == 3
    assert "sealed parts" in refused.err
    with psycopg.connect(desk.url, autocommit=True) as raw:
        raw.execute(f"DROP ROLE {login}")
