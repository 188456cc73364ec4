"""Tables of another version of this program: registers are made anew with a word about it, the log's never change."""

import sqlite3
import uuid

import psycopg
import pytest

from ledger.urls import parse_url

COMMANDS = (
    ("status",),
    ("register", "caseload"),
    ("import", "files"),
    ("audit", "verify"),
    ("audit", "checkpoint"),
    ("projection", "status"),
    ("projection", "rebuild"),
    ("projection", "check"),
    ("backup", "copy.db"),
)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, county, run, new_postgres) -> tuple[str, ...]:
    """The options that name the county's ledger, registers included, in each store in turn."""
    if request.param == "sqlite":
        return ("--db", "sqlite:///mingzhang.db", "--keys", "mingzhang.db.keys")
    options = ("--db", new_postgres(), "--keys", "mingzhang.db.keys")
    assert run("restore", "mingzhang.db", *options).exit_code == 0
    assert run("projection", "rebuild", *options).exit_code == 0
    return options


@pytest.fixture
def execute(place, county):
    """Return what runs a statement in the ledger's database, as its owner, with the names of the schemas put in."""

    def run_statement(statement: str) -> list[tuple[object, ...]]:
        if place[1].startswith("sqlite:"):
            connection = sqlite3.connect(county / "mingzhang.db", isolation_level=None)
            rows = connection.execute(statement.format(registers="main", log="main")).fetchall()
            connection.close()
            return rows
        with psycopg.connect(place[1], autocommit=True) as raw:
            cursor = raw.execute(statement.format(registers="mingzhang_registers", log="mingzhang"))
            return cursor.fetchall() if cursor.description else []

    return run_statement


def test_registers_of_another_version_are_told_of_and_made_anew_only_when_one_is_asked_for(run, place, execute):
    wanted = run("register", "caseload", "--json", *place)
    assert wanted.exit_code == 0
    execute("UPDATE {registers}.register_tracking SET schema_version = 'of another version'")
    told = run("projection", "status", "--json", *place)
    assert (told.exit_code, told.document["current"]) == (0, False)
    assert ["tables", "of", "this", "version", "no"] in [
        line.split() for line in run("projection", "status", *place).out.splitlines()
    ]
    assert run("projection", "check", *place).exit_code == 3
    assert run("status", *place).exit_code == 0
    assert execute("SELECT schema_version FROM {registers}.register_tracking") == [("of another version",)]
    asked = run("register", "caseload", "--json", *place)
    assert (asked.exit_code, asked.document) == (0, wanted.document)
    assert "of another version" in asked.err
    assert "made anew" in asked.err
    assert run("projection", "status", "--json", *place).document["current"] is True
    assert "made anew" not in run("register", "caseload", "--json", *place).err


def test_no_command_changes_the_tables_of_a_log_of_another_version(run, place, execute, county):
    tables = "SELECT key, value FROM {log}.log ORDER BY key"
    if place[1].startswith("sqlite:"):
        execute("DROP TRIGGER log_update")
    else:
        execute("ALTER TABLE {log}.log DISABLE TRIGGER USER")
    execute("UPDATE {log}.log SET value = '99' WHERE key = 'schema'")
    before = execute(tables)
    for command in COMMANDS:
        refused = run(*command, *place)
        assert refused.exit_code == 3, command
        assert "another version" in refused.err or "version 99" in refused.err, command
    assert execute(tables) == before
    assert not (county / "copy.db").exists()


def test_backup_of_another_version_is_not_restored(run, county, new_postgres):
    connection = sqlite3.connect(county / "mingzhang.db")
    connection.execute("DROP TRIGGER log_update")
    connection.execute("UPDATE log SET value = '99' WHERE key = 'schema'")
    connection.commit()
    connection.close()
    for url in ("sqlite:///new.db", new_postgres()):
        refused = run("restore", "mingzhang.db", "--db", url)
        assert refused.exit_code == 3
        assert "version 99" in refused.err
        assert run("status", "--db", url).exit_code == 2


def test_login_that_may_only_read_is_not_told_that_registers_were_made_anew(run, county, new_postgres, postgres_server):
    url = new_postgres()
    assert run("restore", "mingzhang.db", "--db", url, "--keys", "mingzhang.db.keys").exit_code == 0
    reader, database = f"reader_{uuid.uuid4().hex[:8]}", parse_url(url).database
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute(f"CREATE ROLE {reader} LOGIN")
        raw.execute(f"GRANT USAGE ON SCHEMA mingzhang, mingzhang_registers TO {reader}")
        raw.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA mingzhang TO {reader}")
    options = ("--db", postgres_server.address(database, reader), "--keys", "mingzhang.db.keys")
    refused = run("projection", "rebuild", *options)
    assert (refused.exit_code, refused.out) == (3, "")
    assert "only be read" in refused.err
    assert run("register", "caseload", "--json", *options).exit_code == 0
    assert run("backup", "copy.db", *options).exit_code == 0
    with psycopg.connect(url, autocommit=True) as raw:
        raw.execute(f"DROP OWNED BY {reader}")
        raw.execute(f"DROP ROLE {reader}")
