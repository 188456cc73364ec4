"""A draw on PostgreSQL: the auditor announces and draws, the keeper of the key signs, everybody else is refused."""

import shutil
from pathlib import Path

import psycopg
import pytest

LOGINS = {
    "loader": ("system/import", ("intake", "survey", "confirm", "pay", "admin")),
    "zhang": ("staff/MZ0012", ("confirm",)),
    "shen": ("staff/SJ0003", ("audit",)),
    "guan": ("staff/MZ0001", ("admin",)),
}
ANNOUNCE = ("audit", "sample", "announce", "CJ-1", "--plan", "dibao", "--percent", "20", "--witness", "draws.vkey")


@pytest.fixture
def bureau(new_postgres_server, tmp_path, county_made_once, run_at):
    shutil.copytree(county_made_once / "files", tmp_path / "files")
    with new_postgres_server() as server:
        with psycopg.connect(server.url, autocommit=True) as root:
            root.execute("CREATE ROLE keeper LOGIN CREATEROLE")
            root.execute("CREATE DATABASE county OWNER keeper")
            root.execute("; ".join(f"CREATE ROLE {login} LOGIN" for login in LOGINS))

        def run(login, *arguments, code=0):
            address = ("--db", server.address("county", login)) if login else ()
            outcome = run_at(*arguments, *address, folder=tmp_path)
            assert outcome.exit_code == code, outcome.err
            return outcome

        run("keeper", "init")
        for login, (actor, duties) in LOGINS.items():
            run("keeper", "staff", "admit", login, "--as", actor, *[x for duty in duties for x in ("--duty", duty)])
        assert run_at("import", "files", "--db", server.address("county", "loader"), folder=tmp_path).exit_code < 2
        yield run


def test_auditor_draws_and_nobody_else(bureau, tmp_path: Path) -> None:
    (tmp_path / "log.vkey").write_text(bureau("guan", "key", "show", "--vkey").out)
    bureau(None, "witness", "init", "inspection.example/w1", "--dir", "w1")
    bureau(None, "witness", "trust", "log.vkey", "--dir", "w1")
    (tmp_path / "draws.vkey").write_text(bureau(None, "witness", "draws", "--dir", "w1").out)
    assert "duty" in bureau("zhang", *ANNOUNCE, code=2).err
    announced = bureau("shen", *ANNOUNCE, "--json").document
    assert announced["signed"] is False
    bureau("guan", "audit", "sample", "sign", "CJ-1")
    bureau("shen", "audit", "sample", "request", "CJ-1", "-o", "request")
    bureau(None, "witness", "cosign", "request", "--seed", "-o", "answer", "--dir", "w1")
    bureau("guan", "audit", "checkpoint", "attach", "answer", "--witness", "draws.vkey")
    bureau("zhang", "audit", "sample", "draw", "CJ-1", code=2)
    drawn = bureau("shen", "audit", "sample", "draw", "CJ-1", "--json").document["samples"]
    bureau("shen", "audit", "sample", "verify", "CJ-1")
    bureau("shen", "audit", "sample", "inspect", "CJ-1", drawn[0]["case"], "--outcome", "problem", "--on", "2027-01-04")
    finding = ("audit", "finding", "record", "CJ-1", drawn[0]["case"], "--kind", "papers", "--due", "2027-02-01")
    bureau("shen", *finding, "--on", "2027-01-04")
    rows = bureau("loader", "register", "inspections", "--as-of", "2027-03-01", "--json").document["rows"]
    assert (rows[0]["case"], rows[0]["status"], rows[0]["days_late"]) == (drawn[0]["case"], "overdue", 28)
    assert len(rows) == len(drawn)
    bureau("guan", "audit", "verify", code=3)  # all but the sealed parts, which this login may not open
