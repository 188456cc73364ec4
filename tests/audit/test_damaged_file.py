"""A file that is broken below the tables: verification ends in findings or in CouldNotCheck, never otherwise."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from audit.errors import CouldNotCheck
from ledger.store_errors import StoreError

SEED = 20261122


def outcome(copy) -> str:
    try:
        return "sound" if copy.verify(keys=False).sound else "finding"
    except (CouldNotCheck, StoreError) as error:
        assert error.mend
        return "could not check"


def test_random_bytes_of_the_file_end_in_a_finding_or_in_could_not_check(copies: Callable, made) -> None:
    chance = random.Random(SEED)
    data = made.path.read_bytes()
    copy = copies()
    outcomes = set()
    for _ in range(120):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 8, 64))):
            broken[chance.randrange(100, len(broken))] ^= 1 << chance.randrange(8)
        copy.path.write_bytes(broken)
        outcomes.add(outcome(copy))
    assert "finding" in outcomes


@pytest.mark.parametrize("page", range(2, 22, 2))
def test_a_page_of_zeros_is_a_finding_or_could_not_be_checked(copy, made, page: int) -> None:
    data = bytearray(made.path.read_bytes())
    data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    copy.path.write_bytes(data)
    assert outcome(copy) in ("finding", "could not check")


def test_a_file_cut_short_is_a_finding_or_could_not_be_checked(copy, made) -> None:
    data = made.path.read_bytes()
    for size in range(4096, len(data), 3 * 4096):
        copy.path.write_bytes(data[:size])
        assert outcome(copy) in ("finding", "could not check")


@pytest.mark.parametrize("table", ["entries", "blobs", "commands", "heads", "tiles", "checkpoints"])
def test_a_missing_table_is_named(copy, table: str) -> None:
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute(f"DROP TABLE {table}")
        database.commit()
    result = copy.verify(keys=False)
    named = {finding.field for finding in result.findings if finding.kind == "schema"}
    assert not result.sound
    assert f"table {table}" in named
    assert any(finding.kind == "unreadable" and finding.field == table for finding in result.findings)
    assert any(table in text for text in result.unchecked)


@pytest.mark.parametrize("guard", ["entries_update", "tiles_update", "heads_insert", "log_delete", "blobs_delete"])
def test_a_guard_that_was_taken_away_is_named(copy, guard: str) -> None:
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute(f"DROP TRIGGER {guard}")
        database.commit()
    (finding,) = copy.verify(keys=False).findings
    assert (finding.kind, finding.field, finding.found) == ("schema", f"trigger {guard}", "missing")


def test_a_guard_that_was_weakened_is_named(copy) -> None:
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute("DROP TRIGGER entries_update")
        database.execute("CREATE TRIGGER entries_update BEFORE UPDATE ON entries WHEN 0 BEGIN SELECT 1; END")
        database.commit()
    (finding,) = copy.verify(keys=False).findings
    assert (finding.kind, finding.field, finding.found) == ("schema", "trigger entries_update", "changed")


def test_a_trigger_too_many_is_named(copy) -> None:
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute("CREATE TRIGGER quiet AFTER INSERT ON entries BEGIN SELECT 1; END")
        database.commit()
    (finding,) = copy.verify(keys=False).findings
    assert (finding.kind, finding.field) == ("schema", "trigger quiet")


LOOSENED = [
    "UPDATE entries SET stream = CAST(stream AS BLOB) WHERE position = 10",
    "UPDATE entries SET entry = CAST(entry AS TEXT) WHERE position = 10",
    "UPDATE entries SET seq = CAST(seq AS TEXT) WHERE position = 10",
    "UPDATE blobs SET blob = CAST(blob AS TEXT) WHERE position = (SELECT min(position) FROM blobs)",
    "UPDATE commands SET command = CAST(command AS BLOB) WHERE position = 11",
    "UPDATE heads SET root = CAST(root AS TEXT) WHERE size = 12",
    "UPDATE tiles SET hashes = CAST(hashes AS TEXT)",
    "UPDATE checkpoints SET note = CAST(note AS TEXT)",
    "UPDATE log SET value = CAST(value AS BLOB) WHERE key = 'schema'",
]


@pytest.mark.parametrize("statement", LOOSENED)
@pytest.mark.parametrize("hidden", [False, True])
def test_values_of_another_class_are_found_with_strict_removed_and_put_back(copy, statement: str, hidden: bool) -> None:
    """The text of the schema is edited in place; put back, the values still are of the wrong class."""

    def rewrite_schema(database: sqlite3.Connection, old: str, new: str) -> None:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table'", (old, new))
        database.commit()

    with closing(sqlite3.connect(copy.path)) as database:
        guards = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            database.execute(f"DROP TRIGGER {name}")
        # SQLite wants no affinity for a table that is not STRICT, lest it turns texts back into numbers.
        rewrite_schema(database, ") STRICT", ") /*LAX*/")
        if "seq" in statement:
            rewrite_schema(database, "seq INTEGER", "seq /*INT*/")
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(statement)
        if hidden:
            rewrite_schema(database, ") /*LAX*/", ") STRICT")
            rewrite_schema(database, "seq /*INT*/", "seq INTEGER")
        for _, text in guards:
            database.execute(text)
        database.commit()
    if "UPDATE log" in statement:
        assert outcome(copy) != "sound"
        return
    findings = copy.verify(keys=False).findings
    assert findings
    kinds = {one.kind for one in findings}
    assert "schema" in kinds if not hidden else kinds & {"pages", "edited-column"}
    if "SET entry" in statement:
        assert ("edited-column", 10, "entry") in {(one.kind, one.position, one.field) for one in findings}


def test_a_setting_too_many_is_found(copy) -> None:
    copy.run("INSERT INTO log VALUES ('note', 'x')")
    (finding,) = copy.verify(keys=False).findings
    assert (finding.kind, finding.field, finding.found) == ("schema", "table log", "another one, 'note'")


def test_a_view_in_the_place_of_a_table_is_found(copy) -> None:
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute("CREATE TABLE kept AS SELECT * FROM heads")
        database.execute("DROP TABLE heads")
        database.execute("CREATE VIEW heads AS SELECT * FROM kept")
        database.commit()
    missing = {one.field for one in copy.verify(keys=False).findings if one.found == "missing"}
    assert "table heads" in missing


def test_columns_of_any_type_are_findings_and_nothing_breaks(copy) -> None:
    """The tables are made again without their rules, as only the owner of the file can."""
    loose = {
        "entries": 'position, stream, seq, type, at, "by", command, entry',
        "blobs": "position, blob",
        "commands": "position, n, command",
        "heads": "size, root",
        "tiles": "level, idx, hashes",
        "checkpoints": "size, note",
    }
    for value in ("NULL", "'text'", "1.5", "X'00ff'", "9223372036854775807"):
        for table, columns in loose.items():
            for column in columns.split(", "):
                shutil.copyfile(copy.made.path, copy.path)
                with closing(sqlite3.connect(copy.path)) as database:
                    rows = database.execute(f"SELECT {columns} FROM {table}").fetchall()
                    database.execute(f"DROP TABLE {table}")
                    database.execute(f"CREATE TABLE {table} ({columns})")
                    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
                    database.execute(
                        f"UPDATE {table} SET {column} = {value} WHERE rowid = (SELECT max(rowid) FROM {table})"
                    )
                    database.commit()
                assert outcome(copy) == "finding", (table, column, value)


def test_text_that_is_not_utf8_is_a_finding_in_its_column(copy) -> None:
    copy.run("UPDATE entries SET stream = CAST(X'ff41' AS TEXT) WHERE position = 10")
    (finding,) = copy.verify(keys=False).findings
    assert (finding.kind, finding.position, finding.field) == ("edited-column", 10, "stream")
    assert finding.found == "\\udcffA"
