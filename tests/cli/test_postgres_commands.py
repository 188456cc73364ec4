"""Every command with `--db postgresql://…`: the same county gives the same registers as in SQLite."""

import psycopg
import pytest

REGISTERS = (
    ("register", "caseload"),
    ("register", "decisions"),
    ("register", "changes"),
    ("register", "payments"),
    ("register", "filings"),
    ("register", "recoveries"),
    ("register", "appeals"),
    ("register", "credit"),
    ("register", "deaths"),
    ("register", "verifications"),
    ("pay", "reconcile"),
    ("case", "list"),
)


@pytest.fixture
def database(county, run, new_postgres):
    """The address of a ledger in PostgreSQL that has loaded the county's files."""
    url = new_postgres()
    made = run("init", "--db", url, "--json")
    assert (made.exit_code, made.document["db"], made.document["size"]) == (0, url, 2)
    assert run("import", "files", "--db", url).exit_code in (0, 1)
    return url


def test_county_gives_the_same_registers_in_both_databases(run, database):
    for command in REGISTERS:
        in_sqlite, in_postgres = run(*command, "--json"), run(*command, "--json", "--db", database)
        assert in_postgres.exit_code == in_sqlite.exit_code, command
        assert in_postgres.document == in_sqlite.document, command
    flags, flags_there = run("audit", "flags", "--json"), run("audit", "flags", "--json", "--db", database)
    assert flags.document["flags"]
    assert (flags_there.exit_code, flags_there.document) == (flags.exit_code, flags.document)
    case = run("case", "list", "--json").document["rows"][0]["case"]
    for command in ("show", "history", "replay"):
        in_sqlite, in_postgres = run("case", command, case), run("case", command, case, "--db", database)
        assert (in_postgres.exit_code, in_postgres.out) == (0, in_sqlite.out)


def test_importing_again_adds_nothing(run, database):
    before = run("status", "--json", "--db", database).document
    again = run("import", "files", "--json", "--db", database).document
    assert (again["entries_added"], again["size"], again["root"]) == (0, before["size"], before["root"])


def test_second_init_is_refused_and_a_missing_ledger_is_named(run, database, new_postgres):
    assert (run("init", "--db", database).exit_code, run("status", "--db", database).exit_code) == (2, 0)
    missing = run("status", "--db", new_postgres())
    assert missing.exit_code == 2
    assert "mingzhang init" in missing.err


def test_projections_follow_and_are_rebuilt(run, database):
    assert run("projection", "status", "--json", "--db", database).document["current"] is False
    size = run("projection", "rebuild", "--json", "--db", database).document["size"]
    assert run("projection", "status", "--json", "--db", database).document == {
        "position": size,
        "size": size,
        "lag": 0,
        "behind_since": None,
        "current": True,
    }
    assert run("status", "--json", "--db", database).document["lag"] == 0


def test_sound_ledger_verifies_and_what_a_superuser_changed_is_found(run, database):
    assert run("audit", "checkpoint", "-o", "checkpoint.txt", "--db", database).exit_code == 0
    sound = run("audit", "verify", "--since", "checkpoint.txt", "--json", "--db", database)
    assert (sound.exit_code, sound.document["findings"], sound.document["anchor"]["kind"]) == (0, [], "since")
    with psycopg.connect(database, autocommit=True) as raw:
        raw.execute("ALTER TABLE mingzhang.entries DISABLE TRIGGER entries_change")
        raw.execute("UPDATE mingzhang.entries SET by = 'staff/MZ9999' WHERE position = 20")
        raw.execute("ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_change")
    found = run("audit", "verify", "--json", "--db", database)
    assert found.exit_code == 1
    assert [(one["position"], one["field"]) for one in found.document["findings"]] == [(20, "by")]


def test_unreachable_server_and_a_password_are_told_apart_from_findings(run):
    away = run("status", "--db", "postgresql://officer:secret@/ledger?host=/nowhere")
    assert away.exit_code == 3
    assert "postgresql://officer@/ledger" in away.err
    assert "secret" not in away.err
