"""Sections 9.1 and 10.1 of docs/format.md: the tables are those of the ledger, and what the page says of them holds."""

import contextlib
import datetime
import importlib.util
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from domain.events.application import PayeeRegistered
from domain.events.ledger import KeyAnnounced, LedgerOpened
from ledger.checkpoint import Checkpoint
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import root
from ledger.postgres_inspection import faults
from ledger.postgres_roles import make_roles
from ledger.postgres_schema import guard_statements, table_statements, triggers
from ledger.signer_state import sign_checkpoint
from ledger.sqlite_schema import statements as sqlite_statements

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
TABLES = PAGE.split("\n### 9.1 The tables in PostgreSQL\n")[1].split("\n## 10. ")[0]
READING = PAGE.split("\n### 10.1 Reading everything in PostgreSQL\n")[1].split("\n## 11. ")[0]
CREATE, ONE_TILE, VIEW = re.findall(r"```sql\n(.*?)```", TABLES, re.DOTALL)
OPENING, BEGIN = re.findall(r"```sql\n(.*?)```", READING, re.DOTALL)
READ = dict(re.findall(r"^\| (\w+)[^|]* \| `(SELECT [^`]*)` \|$", READING, re.MULTILINE))

ORIGIN = "county.example/ledger"
NOW = datetime.datetime(2026, 3, 2, 1, tzinfo=datetime.UTC)
ZEROS = "decode(repeat('00', 32), 'hex')"
TABLE_NAMES = ("log", "entries", "heads", "tiles", "checkpoints", "actors", "duties", "openings")

# In the log of this test, 272 entries: what section 9.1 says is refused, and what it says is let in.
REFUSED = [
    *(f"UPDATE mingzhang.{table} SET {column} = {column} WHERE false" for table, column in
      zip(TABLE_NAMES, ("value", "blob", "root", "start", "note", "actor", "role", "purpose"), strict=True)),
    *(f"DELETE FROM mingzhang.{table} WHERE false" for table in TABLE_NAMES),
    *(f"TRUNCATE mingzhang.{table}" for table in TABLE_NAMES),
    "SET LOCAL session_replication_role = replica; DELETE FROM mingzhang.heads",
    "INSERT INTO mingzhang.log VALUES ('origin', 'a') ON CONFLICT (key) DO UPDATE SET value = 'b'",
    "MERGE INTO mingzhang.heads AS h USING (VALUES (2)) AS v (size) ON h.size = v.size WHEN MATCHED THEN DELETE",
    f"INSERT INTO mingzhang.heads VALUES (400, {ZEROS})",
    f"INSERT INTO mingzhang.heads VALUES (5, {ZEROS})",
    f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 1, 18, {ZEROS})",
    f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 9, 0, {ZEROS})",
    "INSERT INTO mingzhang.log VALUES ('new', 'row')",
    "INSERT INTO mingzhang.checkpoints VALUES (900, 'no note')",
    "INSERT INTO mingzhang.entries SELECT 273, 1, 1, 'case/new', type, at, by, 'new', entry FROM mingzhang.entries"
    " WHERE position = 9",
    "INSERT INTO mingzhang.entries SELECT 272, 2, 1, 'case/new', type, at, by, 'new', entry FROM mingzhang.entries"
    " WHERE position = 9",
]  # fmt: skip
LET_IN = [
    "INSERT INTO mingzhang.checkpoints VALUES (7, 'no note')",
    "INSERT INTO mingzhang.entries SELECT 272, 1, 7, 'case/new', type, at, by, 'new', 'no entry' FROM mingzhang.entries"
    " WHERE position = 9",
]


class Written:
    """A ledger in PostgreSQL of 272 entries: tiles of one part and of many, a full one, a checkpoint."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.keys = KeyStore.create(folder / "ledger.keys", ORIGIN, SHA256)
        self.ledger = Ledger.create(url, ORIGIN, SHA256, self.keys)
        self._commands = 0
        announced = KeyAnnounced(purpose="log-signing", vkey=self.keys.verifier_key())
        self._record((Draft("ledger/main", LedgerOpened()), Draft("ledger/main", announced)))
        self._record(*((self._payee(number),) for number in range(250)))
        for number in range(20):
            self._record((self._payee(number),))
        head, leaves = self.ledger.head(), self.leaves()
        checkpoint = Checkpoint(ORIGIN, head.size, head.root)
        note = sign_checkpoint(self.keys, checkpoint, lambda size: root(SHA256, leaves[:size]))
        self.ledger.store.add_checkpoint(head.size, note)

    def leaves(self) -> list[bytes]:
        return [SHA256.leaf(record.entry) for record in self.ledger.store.records()]

    def _record(self, *commands: tuple[Draft, ...]) -> None:
        with self.ledger.recording(lambda: NOW) as recording:
            for drafts in commands:
                self._commands += 1
                recording.record(Command(self.keys.command_id(str(self._commands)), "staff/MZ0001", drafts))

    def _payee(self, number: int) -> Draft:
        payee = PayeeRegistered(bank="测试银行", account="6200000000000000000", holder="测试甲")
        return Draft(f"case/SQ{number:04}", payee)


@pytest.fixture(scope="module")
def written(postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    made = Written(postgres_server.new_database(), tmp_path_factory.mktemp("written"))
    yield made
    made.ledger.close()
    made.keys.close()


@pytest.fixture
def raw(written: Written) -> Iterator[psycopg.Connection[Any]]:
    """A connection of somebody who has the page alone."""
    with psycopg.connect(written.url, autocommit=True) as connection:
        yield connection


def test_postgres_tables_of_the_page_are_those_of_the_ledger() -> None:
    """Schemas, tables, indexes and storage word for word; functions and triggers are told in words."""
    shown = [one.strip() for one in CREATE.split(";") if one.strip()]
    assert shown == table_statements()
    assert " ".join(VIEW.rstrip(";\n").split()) in {" ".join(one.split()) for one in guard_statements()}


def test_statements_of_the_page_make_the_tables(new_postgres: Callable[[], str]) -> None:
    """Run by a stranger, they leave nothing to wish for but the guards."""
    with psycopg.connect(new_postgres(), autocommit=True) as connection:
        make_roles("a database", connection)
        connection.execute(CREATE)
        found = [one for one in faults(connection.cursor()) if not one.object.startswith("table duties, ")]
    assert {one.expected for one in found} == {"as this version makes it", "granted"}
    assert {one.object.split()[0] for one in found} == {"trigger", "function", "view", "privilege"}


def test_columns_and_types_of_the_page_are_those_of_the_database(raw: psycopg.Connection[Any]) -> None:
    """The table of columns names each column once with its type; text is in C, and nothing else may be NULL."""
    columns = [row for row in raw.execute(READ["columns"]).fetchall() if row[0] != "opened_entries"]
    assert {(table, name) for table, name, *_, null in columns if null == "YES"} == {
        ("entries", "n"),
        ("entries", "blob"),
        ("actors", "actor"),
    }
    assert {collation for _, _, kind, collation, _ in columns if kind == "text"} == {"C"}
    assert sorted(_told_columns()) == sorted((table, name, kind) for table, name, kind, *_ in columns)
    tables = raw.execute(READ["tables"]).fetchall()
    kinds = {**dict.fromkeys(TABLE_NAMES, "r"), "opened_entries": "v"}
    assert tables == [(name, kinds[name], "p", False, False) for name in sorted(kinds)]
    assert raw.execute(READ["rewriting"]).fetchall() == [("mingzhang.opened_entries", "_RETURN")]


def test_what_the_page_reads_verifies_as_a_ledger_in_sqlite(
    written: Written, raw: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Read in one transaction with the page's statements: every hash and the root agree."""
    raw.execute(OPENING)
    raw.execute(BEGIN)
    mode = raw.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
    assert mode.fetchone() == ("repeatable read", "on")
    _copy(raw, tmp_path / "copy.db")
    raw.execute("COMMIT")
    result = _verifier().verify(tmp_path / "copy.db", [written.keys.verifier_key()])
    assert result.findings == []
    assert (result.size, result.root) == written.ledger.head()
    assert (result.size, result.leaves) == (272, written.leaves())


def test_reading_sees_one_moment_while_a_writer_goes_on(new_postgres: Callable[[], str], tmp_path: Path) -> None:
    """What is committed after the first statement is seen by none; nor is the writer held up."""
    url = new_postgres()
    with (
        KeyStore.create(tmp_path / "ledger.keys", ORIGIN, SHA256) as keys,
        Ledger.create(url, ORIGIN, SHA256, keys) as ledger,
        psycopg.connect(url, autocommit=True) as reader,
    ):
        reader.execute(OPENING)
        reader.execute(BEGIN)
        assert len(reader.execute(READ["settings"]).fetchall()) == 3
        with ledger.recording(lambda: NOW) as recording:
            recording.record(Command(keys.command_id("one"), "staff/MZ0001", (Draft("ledger/main", LedgerOpened()),)))
        assert ledger.head().size == 1
        assert (reader.execute(READ["heads"]).fetchall(), reader.execute(READ["entries"]).fetchall()) == ([], [])
        reader.execute("COMMIT")
        assert len(reader.execute(READ["heads"]).fetchall()) == 1


def test_statement_for_one_tile_gives_full_and_partial_ones(written: Written, raw: psycopg.Connection[Any]) -> None:
    """Tile (0, 1) has 16 parts, tile (0, 0) is full, tile (0, 2) is none; each start counts what is before it."""
    leaves = written.leaves()
    assert raw.execute(ONE_TILE).fetchone() == (b"".join(leaves[256:]),)
    assert raw.execute(ONE_TILE.replace("idx = 1", "idx = 0")).fetchone() == (b"".join(leaves[:256]),)
    assert raw.execute(ONE_TILE.replace("idx = 1", "idx = 2")).fetchone() == (None,)
    widths: dict[tuple[int, int], int] = {}
    for level, index, start, hashes in raw.execute(READ["parts"]).fetchall():
        assert start == widths.get((level, index), 0)
        widths[level, index] = start + len(hashes) // 32
    assert widths == {(0, 0): 256, (0, 1): 16, (1, 0): 1}
    assert raw.execute("SELECT count(*) FROM mingzhang.tiles WHERE level = 0 AND idx = 1").fetchone() == (16,)


def test_guards_of_the_page_are_those_of_the_ledger() -> None:
    """Every trigger is named with its tables, and no other."""
    told = dict(re.findall(r"^\| `(<?\w+>?\w*)` \| (all eight tables|`\w+`) \| .* \|$", TABLES, re.MULTILINE))
    named = {
        name.replace("<table>", table)
        for name, of in told.items()
        for table in TABLE_NAMES
        if of in (f"`{table}`", "all eight tables")
    }
    assert named == {name for table in TABLE_NAMES for name in triggers(table)}


@pytest.mark.parametrize("statement", REFUSED)
def test_guards_refuse_what_the_page_says(raw: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only") as refused, raw.transaction():
        raw.execute(statement)
    assert refused.value.sqlstate == "23000"


@pytest.mark.parametrize("statement", LET_IN)
def test_guards_let_in_what_the_page_says(raw: psycopg.Connection[Any], statement: str) -> None:
    with raw.transaction() as transaction:
        assert raw.execute(statement).rowcount == 1
        raise psycopg.Rollback(transaction)


def test_only_a_login_with_a_duty_reads_and_says_first_what_for(raw: psycopg.Connection[Any]) -> None:
    """Another login reads nothing; one with the duty everything, once it has said what for, and writes nothing."""
    role = "mingzhang_page_reader"
    with raw.transaction() as transaction:
        raw.execute(f"CREATE ROLE {role} LOGIN")
        raw.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
        _refused(raw, READ["heads"])
        raw.execute("RESET SESSION AUTHORIZATION")
        raw.execute(f"GRANT mingzhang_audit TO {role}")
        raw.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
        _refused(raw, READ["entries"].replace("opened_entries", "entries"))
        with pytest.raises(psycopg.DatabaseError) as unsaid, raw.transaction():
            raw.execute("SELECT set_config('mingzhang.opening', '', false)")
            raw.execute(READ["entries"])
        assert unsaid.value.sqlstate == "MZ003"
        raw.execute(OPENING)
        assert len(raw.execute(READ["entries"]).fetchall()) == 272
        assert raw.execute(READ["logins"]).fetchall() == []
        _refused(raw, LET_IN[0])
        raw.execute("RESET SESSION AUTHORIZATION")
        raise psycopg.Rollback(transaction)


# Private


def _told_columns() -> Iterator[tuple[str, str, str]]:
    """Yield table, column, type as section 9.1 tells them."""
    table = ""
    rows = re.findall(r"^\| (`\w+`|)(?:, [^|]*)? ?\| ((?:`\w+`,? ?)+)\| ([a-z, ]+) \| .* \|$", TABLES, re.MULTILINE)
    for named, columns, kinds in rows:
        table = named.strip("`") or table
        names, types = re.findall(r"\w+", columns), kinds.split(", ")
        yield from ((table, name, types[min(at, len(types) - 1)]) for at, name in enumerate(names))


def _copy(source: psycopg.Connection[Any], path: Path) -> None:
    """Copy what the page reads into the tables of section 9."""
    with contextlib.closing(sqlite3.connect(path)) as copy, copy:
        copy.execute("PRAGMA journal_mode = WAL")
        for statement in sqlite_statements():
            if not statement.startswith("CREATE TRIGGER"):
                copy.execute(statement)
        settings = {**dict(source.execute(READ["settings"]).fetchall()), "schema": "1"}  # that of section 9's tables
        copy.executemany("INSERT INTO log VALUES (?, ?)", settings.items())
        for *columns, blob in source.execute(READ["entries"]):
            copy.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", columns)
            if blob is not None:
                copy.execute("INSERT INTO blobs VALUES (?, ?)", (columns[0], blob))
        copy.executemany("INSERT INTO commands VALUES (?, ?, ?)", source.execute(READ["commands"]))
        copy.executemany("INSERT INTO heads VALUES (?, ?)", source.execute(READ["heads"]))
        copy.executemany("INSERT INTO tiles VALUES (?, ?, ?)", source.execute(READ["tiles"]))
        copy.executemany("INSERT INTO checkpoints VALUES (?, ?)", source.execute(READ["checkpoints"]))


def _refused(connection: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
        connection.execute(statement)


def _verifier() -> ModuleType:
    """Load the module beside this one: test folders are no packages."""
    path = Path(__file__).with_name("independent_verifier.py")
    spec = importlib.util.spec_from_file_location("independent_verifier", path)
    assert spec is not None and spec.loader is not None
    module = sys.modules["independent_verifier"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
