"""Nothing that is sealed in a county's log stands anywhere else: not in the database, and in nothing a command says.

What to look for comes from the log itself: every sealed name, number, place and text is opened with the keys. A
command, or a form of output, is added as one line of `WAYS`.
"""

import io
import re
import shutil
import zipfile
from pathlib import Path

import psycopg
import pytest

import cli
from cli.register_list import REGISTERS
from domain.events.delivery import FileReceived
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.stores import open_store

NAMES = {"name", "head_name", "holder", "relative_name"}
NUMBERS = {"citizen_id", "head_citizen_id", "relative_citizen_id", "subject_citizen_id", "account", "telephone"}
PLACES = {"address", "village"}
TEXTS = {"opinion", "objection", "answer", "grounds", "place", "remark", "fact"}
OPEN_NUMBER = re.compile(r"SQ[0-9]+")  # a case, which a remark may name

WAYS = [
    ("status",),
    ("status", "--json"),
    ("case", "list", "--json"),
    *(("case", command, "CASE", *form) for command in ("show", "history", "replay") for form in ((), ("--json",))),
    ("case", "history", "CASE", "--html", "OUT/case.html"),
    ("case", "show", "CASE", "--lang", "zh"),
    ("case", "erase", "CASE", "--dry-run"),
    ("register", "caseload"),
    *(("register", name, "--json") for name in REGISTERS),
    ("register", "caseload", "--format", "csv"),
    *(("register", name, "--format", form, "-o", f"OUT/{name}.{form}") for name in REGISTERS
      for form in ("xlsx", "html")),
    ("pay", "reconcile", "--json"),
    ("projection", "status", "--json"),
    ("projection", "check"),
    ("audit", "verify", "--json"),
    ("audit", "flags"),
    ("audit", "flags", "--json"),
    ("audit", "report", "--html", "OUT/report"),
    ("audit", "checkpoint", "--heads", "-o", "OUT/checkpoint"),
    ("audit", "dossier", "CASE", "-o", "OUT/dossier.json"),
    ("audit", "prove", "CASE", "--with-entry", "-o", "OUT/proofs"),
    ("backup", "OUT/backup.db"),
    ("export", "tiles", "OUT/tiles"),
    ("export", "ocel", "-o", "OUT/ocel.json"),
    ("export", "xes", "-o", "OUT/cases.xes"),
]  # fmt: skip
PUBLISHED = {"publication"}
"""What the law wants published: the name of the head of a household stands there whole (民发〔2021〕57号 art 24)."""


@pytest.fixture(scope="module")
def made(tmp_path_factory, run_at):
    """A county of its own, imported; what the import said, and what must not be found anywhere."""
    folder = tmp_path_factory.mktemp("leaks")
    run_at("simulate", "files", "--households", 30, "--months", 3, "--seed", 7, folder=folder)
    assert run_at("init", folder=folder).exit_code == 0
    loaded = run_at("import", "files", folder=folder)
    told = run_at("import", "files", "--json", folder=folder)  # a second time: everything is there
    return folder, [loaded, told], secrets_of(folder)


def secrets_of(folder):
    """Every sealed value that says who somebody is, by sort; common words are left out."""
    found = {"name": set(), "number": set(), "place": set(), "text": set()}
    files = set()
    with (
        open_store(f"sqlite:///{folder / 'mingzhang.db'}", read_only=True) as store,
        KeyStore.open(folder / "mingzhang.db.keys", store.origin, store.suite) as keys,
    ):
        for recorded in Ledger(store, keys).events():
            if isinstance(recorded.event, FileReceived):
                files.add(recorded.event.name)
                continue
            for field, value in (recorded.event.sealed_part() if recorded.event else {}).items():
                for sort, fields in zip(found, (NAMES, NUMBERS, PLACES, TEXTS), strict=True):
                    if field in fields and isinstance(value, str) and not OPEN_NUMBER.fullmatch(value):
                        found[sort].add(value)
    ids = {one for one in found["number"] if re.fullmatch(r"[0-9]{17}[0-9X]", one)}
    births = {one[6:14] for one in ids if one[6:10] < "2000"}
    found["file"] = files  # shown as the source of an entry, and sealed in the log
    found["birth"] = births | {f"{one[:4]}-{one[4:6]}-{one[6:]}" for one in births}
    words = (Path(cli.__file__).parent / "locale/zh/LC_MESSAGES/mingzhang.po").read_text(encoding="utf-8")
    lengths = {"name": 2, "number": 10, "place": 6, "text": 6, "birth": 8, "file": 6}
    return {sort: {one for one in values if len(one) >= lengths[sort] and (sort == "file" or one not in words)}
            for sort, values in found.items()}  # fmt: skip


def leaks(data, secrets, sorts):
    """The secrets of these sorts that stand in some bytes, in any encoding that a file may have."""
    return [(sort, one) for sort in sorts for one in secrets[sort] if _stands_in(data, one)]


def _stands_in(data, secret):
    if secret.isdigit():  # a region and a year beside each other look like a village and one digit more
        return re.search(secret.encode() + rb"(?![0-9])", data) is not None
    return any(secret.encode(encoding) in data for encoding in ("utf-8", "utf-16-le", "gb18030"))


def written(folder):
    """The bytes of every file below a folder; what is packed in a workbook, unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield path, data
            if zipfile.is_zipfile(io.BytesIO(data)):
                with zipfile.ZipFile(io.BytesIO(data)) as packed:
                    yield from ((path / name, packed.read(name)) for name in packed.namelist())


def test_there_is_something_to_look_for(made):
    """Else the tests below find nothing because they look for nothing."""
    counts = {sort: len(values) for sort, values in made[2].items()}
    assert min(counts.values()) >= 10, counts
    assert leaks("张三丰".encode("gb18030"), {"name": {"张三丰"}}, ["name"])


def test_database_in_a_file_holds_nothing_outside_the_sealed_parts(made):
    """Its write-ahead log and its registers included."""
    folder, _, secrets = made
    for path, data in written(folder):
        if not _is_the_countys(folder, path):
            assert leaks(data, secrets, secrets) == [], path
    assert (folder / "rejects.csv").stat().st_mode & 0o077 == 0


def _is_the_countys(folder, path):
    """Whether a file is the delivery, or the rows of it that are handed back to whoever made it (mode 0600)."""
    return path.is_relative_to(folder / "files") or path.name == "rejects.csv"


def test_import_says_nothing_personal_on_either_stream(made):
    for outcome in made[1]:
        assert leaks((outcome.out + outcome.err).encode(), made[2], ("name", "number", "place", "birth")) == []


@pytest.fixture(scope="module")
def worked(made, tmp_path_factory, run_at):
    """A copy of the county, in which the commands run; the folder they write to."""
    folder = tmp_path_factory.mktemp("worked")
    shutil.copytree(made[0], folder, dirs_exist_ok=True)
    (folder / "out").mkdir()
    rows = run_at("case", "list", "--json", folder=folder).document["rows"]
    return folder, next(one["case"] for one in rows if one["status"] == "active")


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_what_a_command_says_and_writes_is_masked(made, worked, run_at, way):
    folder, case = worked
    shutil.rmtree(folder / "out")
    (folder / "out").mkdir()
    arguments = [part.replace("OUT", str(folder / "out")).replace("CASE", case) for part in way]
    outcome = run_at(*arguments, folder=folder)
    assert outcome.exit_code in (0, 1, 3) or "--dry-run" in way, outcome.err
    sorts = {"number", "birth", "place"} if PUBLISHED & set(way) else {"name", "number", "birth", "place"}
    said = (outcome.out + outcome.err).encode()
    assert leaks(said, made[2], sorts) == []
    for path, data in written(folder / "out"):
        assert leaks(data, made[2], sorts) == [], path


def test_key_folder_holds_no_personal_data(made):
    folder, _, secrets = made
    assert leaks(b"".join(data for _, data in written(folder / "mingzhang.db.keys")), secrets, secrets) == []


def test_database_of_a_server_holds_nothing_outside_the_sealed_parts(made, new_postgres, run_at):
    """Every row of every table of both schemas, as the server has them; after registers were made."""
    folder, _, secrets = made
    url = new_postgres()
    assert run_at("backup", "server.db", folder=folder).exit_code == 0
    restored = run_at("restore", "server.db", "--db", url, "--keys", "mingzhang.db.keys", folder=folder)
    assert restored.exit_code == 0, restored.err
    assert run_at("register", "caseload", "--db", url, "--keys", "mingzhang.db.keys", folder=folder).exit_code == 0
    with psycopg.connect(url, autocommit=True) as raw:
        tables = raw.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname LIKE 'mingzhang%'"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            with raw.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT binary)") as rows:
                assert leaks(b"".join(map(bytes, rows)), secrets, secrets) == [], table
