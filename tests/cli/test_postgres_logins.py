"""Logins of a bureau, on a server that nothing was prepared on: each does what its duty is, and is refused the rest."""

import shutil

import psycopg
import pytest

OFFICERS = {
    "loader": ("system/import", ("intake", "survey", "confirm", "pay", "admin")),
    "zhang": ("staff/MZ0012", ("intake",)),
    "kuang": ("staff/MZ0013", ("pay",)),
    "shen": ("staff/SJ0003", ("audit",)),
    "guan": ("staff/MZ0001", ("admin",)),
}


class Bureau:
    """A ledger that a login with CREATEROLE made and loaded, and its officers' logins."""

    def __init__(self, server, folder, invoke):
        self.server, self.folder, self._invoke = server, folder, invoke
        with psycopg.connect(server.url, autocommit=True) as root:
            root.execute("CREATE ROLE keeper LOGIN CREATEROLE; CREATE ROLE nobody LOGIN")
            root.execute("CREATE DATABASE county OWNER keeper")
            root.execute("; ".join(f"CREATE ROLE {login} LOGIN" for login in OFFICERS))
        self.opened = self("keeper", "init")
        for login, (actor, duties) in OFFICERS.items():
            given = [part for duty in duties for part in ("--duty", duty)]
            assert self("keeper", "staff", "admit", login, "--as", actor, *given).exit_code == 0

    def url(self, login):
        return self.server.address("county", login)

    def __call__(self, login, *arguments):
        return self._invoke(*arguments, "--db", self.url(login), folder=self.folder)

    def root(self):
        return psycopg.connect(self.url("postgres"), autocommit=True)


@pytest.fixture(scope="module")
def bureau(bare_postgres, tmp_path_factory, county_made_once, run_at):
    folder = tmp_path_factory.mktemp("bureau")
    shutil.copytree(county_made_once / "files", folder / "files")
    made = Bureau(bare_postgres, folder, run_at)
    made.loaded = made("loader", "import", "files")
    return made


def test_owner_without_superuser_makes_ledger_and_roles(bureau):
    assert bureau.opened.exit_code == 0, bureau.opened.err
    with bureau.root() as root:
        made = root.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'mingzhang%' AND NOT rolcanlogin").fetchall()
    assert len(made) == 7


def test_county_is_imported_by_a_login_that_holds_the_duties(bureau):
    assert bureau.loaded.exit_code in (0, 1), bureau.loaded.err
    assert bureau("loader", "status", "--json").document["size"] > 300
