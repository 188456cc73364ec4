"""The tables that versions 1 and 2 made in PostgreSQL, kept as they were: upgraded by one command, by nothing else."""

import shutil
from pathlib import Path

import pytest

from ledger.postgres_schema import SCHEMA_VERSION
from ledger.urls import parse_url

GOLDEN = Path(__file__).parent
STATEMENTS = {1: (GOLDEN / "postgres_v1.sql").read_text(encoding="utf-8")}
ROWS = [line for line in STATEMENTS[1].splitlines() if line.startswith("INSERT INTO ")]
STATEMENTS[2] = (
    (GOLDEN / "postgres_v2.sql")
    .read_text(encoding="utf-8")
    .replace("-- ROWS\n", "\n".join(ROWS).replace("('schema', '1')", "('schema', '2')"))
)


@pytest.fixture(params=sorted(STATEMENTS))
def version(request):
    """Each version that an upgrade begins from."""
    return request.param


@pytest.fixture
def old(version, new_postgres, superuser, tmp_path):
    """The address of a ledger of that version, with its keys where commands look for them."""
    url = new_postgres()
    superuser(url).execute(STATEMENTS[version])
    keys = tmp_path / f"{parse_url(url).database}.keys"
    shutil.copytree(GOLDEN / "v1" / "ledger.keys", keys)
    keys.chmod(0o700)
    for path in keys.iterdir():
        path.chmod(0o600)
    return url


def _everything(connection):
    orders = {"entries": "position", "heads": "size", "tiles": "level, idx, start", "checkpoints": "size, note"}
    query = "SELECT * FROM mingzhang.{} ORDER BY {}"
    return [connection.execute(query.format(table, order)).fetchall() for table, order in orders.items()]


@pytest.mark.parametrize(
    "command",
    [("status",), ("audit", "verify"), ("import", "files"), ("register", "caseload"), ("staff", "logins")],
)
def test_every_other_command_says_to_upgrade_and_changes_nothing(run, old, version, superuser, tmp_path, command):
    (tmp_path / "files").mkdir()
    before = _everything(superuser(old))
    refused = run(*command, "--db", old)
    assert refused.exit_code == 2
    assert "run `mingzhang upgrade`" in refused.err
    assert f"version {version}" in refused.err
    assert _everything(superuser(old)) == before


def test_upgraded_ledger_verifies_keeps_every_byte_and_takes_a_delivery(run, old, version, superuser, county_made_once):
    superuser(old).execute("CREATE TABLE mingzhang_registers.register_old (position bigint)")
    before = _everything(superuser(old))
    done = run("upgrade", "--db", old, "--json")
    assert (done.exit_code, done.document["from"], done.document["to"]) == (0, version, SCHEMA_VERSION), done.err
    assert _everything(superuser(old)) == before
    settings = dict(superuser(old).execute("SELECT key, value FROM mingzhang.log").fetchall())
    assert settings["schema"] == str(SCHEMA_VERSION)
    assert settings[f"upgrade-{SCHEMA_VERSION}"].startswith(f"from {version} at 20")
    verified = run("audit", "verify", "--db", old, "--json")
    assert (verified.exit_code, verified.document["findings"]) == (0, []), verified.err
    assert run("import", county_made_once / "files", "--db", old).exit_code in (0, 1)
    assert run("audit", "verify", "--db", old, "--json").document["findings"] == []
    assert run("projection", "rebuild", "--db", old).exit_code == 0
    again = run("upgrade", "--db", old)
    assert (again.exit_code, "Nothing to do" in again.out) == (0, True)


def test_upgrade_is_one_transaction_and_is_refused_where_the_result_would_be_wrong(run, old, version, superuser):
    raw = superuser(old)
    raw.execute("ALTER TABLE mingzhang.heads ADD COLUMN more text")
    refused = run("upgrade", "--db", old)
    assert refused.exit_code == 3
    assert "column heads.more" in refused.err
    assert raw.execute("SELECT value FROM mingzhang.log WHERE key = 'schema'").fetchone() == (str(version),)
    assert (raw.execute("SELECT to_regclass('mingzhang.actors')").fetchone() == (None,)) == (version == 1)


def test_list_of_duties_that_lacks_topics_is_renewed_and_one_that_says_otherwise_is_left(run, new_postgres, superuser):
    """As a program makes it that knows a topic fewer; and as nobody should have changed it."""
    url = new_postgres()
    raw = superuser(url)
    assert run("init", "--db", url).exit_code == 0
    unguarded = (
        "ALTER TABLE mingzhang.duties DISABLE TRIGGER ALL; {}; ALTER TABLE mingzhang.duties ENABLE ALWAYS TRIGGER"
    )
    unguarded += " duties_change; ALTER TABLE mingzhang.duties ENABLE ALWAYS TRIGGER duties_truncate"
    raw.execute(
        unguarded.format("DELETE FROM mingzhang.duties WHERE type IN ('survey.completed/1', 'ledger.opened/1')")
    )
    found = run("audit", "verify", "--db", url, "--json")
    assert {one["field"] for one in found.document["findings"]} == {
        "table duties, survey.completed/1", "table duties, ledger.opened/1"
    }  # fmt: skip
    assert run("upgrade", "--db", url).exit_code == 0
    assert run("audit", "verify", "--db", url, "--json").document["findings"] == []
    raw.execute(unguarded.format("UPDATE mingzhang.duties SET role = 'mingzhang_pay' WHERE type = 'ledger.opened/1'"))
    assert "Nothing to do" in run("upgrade", "--db", url).out
    found = run("audit", "verify", "--db", url, "--json")
    assert [one["field"] for one in found.document["findings"]] == ["table duties, ledger.opened/1"]


def test_a_newer_version_is_not_upgraded(run, old, superuser):
    raw = superuser(old)
    raw.execute(
        "ALTER TABLE mingzhang.log DISABLE TRIGGER ALL; UPDATE mingzhang.log SET value = '99' WHERE key = 'schema'"
    )
    refused = run("upgrade", "--db", old)
    assert refused.exit_code == 3
    assert "version 99" in refused.err


def test_owner_without_superuser_upgrades_and_another_login_does_not(run, old, superuser, postgres_server):
    raw, database = superuser(old), parse_url(old).database
    owner, other = f"o_{database}", f"x_{database}"
    raw.execute(f"CREATE ROLE {owner} LOGIN; CREATE ROLE {other} LOGIN")
    raw.execute(f"ALTER SCHEMA mingzhang OWNER TO {owner}; ALTER SCHEMA mingzhang_registers OWNER TO {owner}")
    for (name,) in raw.execute("SELECT relname FROM pg_class WHERE relnamespace = 'mingzhang'::regnamespace"
                               " AND relkind = 'r'").fetchall():  # fmt: skip
        raw.execute(f"ALTER TABLE mingzhang.{name} OWNER TO {owner}")
    for (function,) in raw.execute(
        "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'mingzhang'::regnamespace"
    ).fetchall():
        raw.execute(f"ALTER FUNCTION {function} OWNER TO {owner}")
    raw.execute(f"GRANT USAGE ON SCHEMA mingzhang TO {other}; GRANT SELECT ON mingzhang.log TO {other}")
    as_other = run("upgrade", "--db", postgres_server.address(database, other))
    assert as_other.exit_code == 2
    assert f"the owner of the tables, {owner}" in as_other.err
    url = postgres_server.address(database, owner)
    told = run("upgrade", "--db", url)
    if told.exit_code:  # the roles are there from another test, and this login may not grant them yet
        raw.execute(told.err.partition("an administrator runs: ")[2])
        told = run("upgrade", "--db", url)
    assert told.exit_code == 0, told.err
    assert run("status", "--db", postgres_server.address(database, other)).exit_code == 2  # what was granted by hand
    assert run("status", "--db", url, "--json").document["actors"] == ["system/import"]
    assert run("audit", "verify", "--db", url, "--json").document["findings"] == []
    raw.execute(f"REASSIGN OWNED BY {owner}, {other} TO CURRENT_USER; DROP OWNED BY {owner}, {other}")
    raw.execute(f"DROP ROLE {owner}, {other}")
