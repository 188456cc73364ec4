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
        made = root.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'mingzhang%' AND NOT rolcanlogin"
        ).fetchall()
    assert len(made) == 7


def test_county_is_imported_by_a_login_that_holds_the_duties(bureau):
    assert bureau.loaded.exit_code in (0, 1), bureau.loaded.err
    assert bureau("loader", "status", "--json").document["size"] > 300


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("register", "caseload"),
        ("pay", "reconcile"),
        ("case", "list"),
        ("projection", "status"),
        ("projection", "check"),
        ("audit", "verify"),
        ("key", "show"),
    ],
)
def test_officer_and_auditor_read_with_their_own_logins(bureau, command):
    """What they print is what the importing login prints, but for who they are."""
    bureau("loader", "projection", "rebuild")
    expected = bureau("loader", *command, "--json")
    assert expected.exit_code == 0, expected.err
    own = ("login", "actors", "duties", "is_superuser")
    for login in ("zhang", "shen"):
        found = bureau(login, *command, "--json")
        assert found.exit_code == 0, found.err
        without = [
            {name: value for name, value in one.document.items() if name not in own} for one in (found, expected)
        ]
        assert without[0] == without[1]


def test_auditor_opens_sealed_parts_and_is_recorded_by_name_and_purpose(bureau):
    before = len(bureau("shen", "staff", "openings", "--json").document["rows"])
    verified = bureau("shen", "audit", "verify", "--json")
    assert (verified.exit_code, verified.document["unchecked"]) == (0, [])
    case = bureau("shen", "case", "list", "--json").document["rows"][0]["case"]
    assert "sealed" not in bureau("shen", "case", "history", case).err
    rows = bureau("guan", "staff", "openings", "--json").document["rows"]
    assert [(one["login"], one["purpose"]) for one in rows[before:]] == [
        ("shen", "mingzhang audit verify"),
        ("shen", "mingzhang case list"),
        ("shen", "mingzhang case history"),
    ]
    assert [one["id"] for one in rows] == list(range(1, len(rows) + 1))


def test_admin_may_not_open_and_is_told_what_was_not_read(bureau):
    verified = bureau("guan", "audit", "verify", "--json")
    assert (verified.exit_code, verified.document["findings"]) == (3, [])
    assert any("this login may not open them" in text for text in verified.document["unchecked"])
    case = bureau("shen", "case", "list", "--json").document["rows"][0]["case"]
    assert "may not open sealed facts" in bureau("guan", "case", "history", case).err
    assert "本登录名无权" in bureau("guan", "case", "history", case, "--lang", "zh").err


def test_admin_signs_checkpoints_and_an_officer_does_not(bureau):
    assert bureau("guan", "audit", "checkpoint").exit_code == 0
    assert bureau("guan", "staff", "admit", "kuang", "--as", "staff/MZ0055").exit_code == 0
    state = next(bureau.folder.rglob("signer-state.json"))
    signed = state.read_bytes()
    refused = bureau("zhang", "audit", "checkpoint")
    assert refused.exit_code == 2
    assert "does not hold the duty" in refused.err
    assert state.read_bytes() == signed
    assert bureau("shen", "audit", "verify", "--json").document["anchor"]["kind"] == "own"


def test_import_by_a_login_without_the_duties_names_role_and_topic(bureau, tmp_path):
    (tmp_path / "资料说明.csv").write_text("项,值\n县名称,云岭县\n资料截止日期,2031-01-31\n", encoding="utf-8-sig")
    (tmp_path / "银行回单-2024-12.csv").write_bytes((bureau.folder / "files" / _one(bureau, "银行回单")).read_bytes())
    size = bureau("loader", "status", "--json").document["size"]
    foreign = bureau("zhang", "import", tmp_path)
    assert foreign.exit_code == 2
    assert "zhang, which may not record as system/import" in foreign.err
    assert "one of staff/MZ0012" in foreign.err
    wrong = bureau("zhang", "import", tmp_path, "--by", "staff/MZ0013")
    assert "may not record as staff/MZ0013" in wrong.err
    reader = bureau("shen", "import", tmp_path, "--by", "staff/SJ0003")
    assert (wrong.exit_code, reader.exit_code) == (2, 2)
    assert bureau("loader", "status", "--json").document["size"] == size


def test_login_that_nobody_admitted_reads_nothing(bureau):
    for command in (("status",), ("audit", "verify"), ("register", "caseload")):
        refused = bureau("nobody", *command)
        assert refused.exit_code == 2
        assert "does not hold the duty" in refused.err


def test_auditor_sees_registers_as_far_as_they_go_and_is_told(bureau):
    bureau("loader", "register", "caseload")
    before = bureau("shen", "register", "caseload", "--json")
    assert bureau("guan", "staff", "admit", "zhang", "--as", "staff/MZ0099").exit_code == 0
    after = bureau("shen", "register", "caseload", "--json")
    assert (after.exit_code, after.document) == (0, before.document)
    assert "lack the last 1 entries" in after.err
    assert bureau("shen", "status", "--json").document["lag"] == 1
    assert bureau("loader", "register", "caseload", "--json").document["rows"] == before.document["rows"]
    assert "lack" not in bureau("shen", "register", "caseload").err


def test_logins_are_listed_admitted_once_and_dismissed(bureau):
    with bureau.root() as root:
        root.execute("CREATE ROLE wu LOGIN")
    assert bureau("guan", "staff", "admit", "wu", "--as", "staff/MZ0077", "--duty", "survey").exit_code == 0
    again = bureau("guan", "staff", "admit", "wu", "--as", "staff/MZ0077", "--duty", "survey", "--json")
    assert (again.exit_code, again.document["position"]) == (0, None)
    rows = {one["login"]: one for one in bureau("shen", "staff", "logins", "--json").document["rows"]}
    assert rows["wu"] == {"login": "wu", "actors": ["staff/MZ0077"], "duties": ["survey"]}
    assert set(rows) >= {*OFFICERS, "keeper"}
    assert bureau("wu", "status", "--json").document["actors"] == ["staff/MZ0077"]
    dismissed = bureau("guan", "staff", "dismiss", "wu", "--json")
    assert dismissed.exit_code == 0
    assert bureau("wu", "status").exit_code == 2
    assert bureau("guan", "staff", "dismiss", "wu").exit_code == 2
    with bureau.root() as root:
        query = "SELECT convert_from(entry, 'UTF8') FROM mingzhang.entries WHERE position = %s"
        entry = root.execute(query, (dismissed.document["position"],)).fetchone()[0]
    assert "\nby staff/MZ0001\n" in entry
    assert bureau("shen", "audit", "verify").exit_code == 0


def test_only_an_admin_admits_and_only_a_login_that_is_there(bureau):
    asked = ("zhang", "staff", "admit", "zhang", "--as", "staff/MZ0012", "--duty", "pay")
    refused = bureau(*asked, "--by", "staff/MZ0012")
    assert refused.exit_code == 2
    assert "a member of mingzhang_admin" in refused.err
    absent = bureau("guan", "staff", "admit", "absent", "--as", "staff/MZ0012")
    assert absent.exit_code == 2
    assert 'CREATE ROLE "absent" LOGIN' in absent.err
    for arguments in (("Zhang", "--as", "staff/MZ0012"), ("zhang", "--as", "case/SQ1")):
        assert bureau("guan", "staff", "admit", *arguments).exit_code == 2


@pytest.mark.parametrize(
    "command", [("logins",), ("openings",), ("dismiss", "zhang"), ("admit", "z", "--as", "staff/1")]
)
def test_logins_are_not_for_a_file(run, county, command):
    refused = run("staff", *command)
    assert refused.exit_code == 2
    assert "Logins are for a ledger in PostgreSQL" in refused.err


def test_init_without_roles_or_the_right_to_make_them_says_the_statements(bare_postgres, run, tmp_path):
    with psycopg.connect(bare_postgres.url, autocommit=True) as root:
        root.execute("CREATE ROLE plain LOGIN")
        root.execute("CREATE DATABASE plain OWNER plain")
    url = bare_postgres.address("plain", "plain")
    refused = run("init", "--db", url)
    assert refused.exit_code == 2
    assert list(tmp_path.iterdir()) == []
    statements = refused.err.partition("an administrator runs: ")[2].strip()
    assert "mingzhang_intake" in statements
    with psycopg.connect(bare_postgres.url, autocommit=True) as root:
        root.execute(statements)
    made = run("init", "--db", url, "--json")
    assert (made.exit_code, made.document["size"]) == (0, 3)
    assert run("staff", "logins", "--db", url, "--json").document["rows"][0]["actors"] == ["system/import"]


def test_what_a_superuser_did_to_guards_and_history_is_found_by_the_auditor(bureau):
    """The guards are put back afterwards; the bytes tell. The last test of this ledger: it is broken then."""
    with bureau.root() as root:
        root.execute("DROP TRIGGER entries_insert ON mingzhang.entries; GRANT UPDATE ON mingzhang.entries TO PUBLIC")
        root.execute("INSERT INTO mingzhang.actors VALUES (99999, 'kuang', 'staff/MZ0001')")
        found = bureau("shen", "audit", "verify", "--json")
        assert found.exit_code == 1
        assert {one["field"] for one in found.document["findings"]} == {
            "trigger entries_insert",
            "privilege UPDATE on table entries to PUBLIC",
            "login kuang",
        }
        guard = "CREATE TRIGGER entries_insert AFTER INSERT ON mingzhang.entries REFERENCING NEW TABLE AS fresh"
        root.execute(f"{guard} FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.entries_insert()")
        root.execute("ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_insert")
        root.execute("REVOKE UPDATE ON mingzhang.entries FROM PUBLIC")
        for table in ("actors", "entries"):
            root.execute(f"ALTER TABLE mingzhang.{table} DISABLE TRIGGER {table}_change")
        root.execute("DELETE FROM mingzhang.actors WHERE position = 99999")
        root.execute("SET session_replication_role = replica")
        changed = "overlay(entry PLACING '9' FROM length(entry) - 1)"
        root.execute(f"UPDATE mingzhang.entries SET entry = {changed} WHERE position = 40")
        for table in ("actors", "entries"):
            root.execute(f"ALTER TABLE mingzhang.{table} ENABLE ALWAYS TRIGGER {table}_change")
    found = bureau("shen", "audit", "verify", "--json")
    assert found.exit_code == 1
    assert {one["position"] for one in found.document["findings"]} == {40}


# Private


def _one(bureau, prefix):
    return next(path.name for path in sorted((bureau.folder / "files").iterdir()) if path.name.startswith(prefix))
