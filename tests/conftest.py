"""What tests of several folders share: counties, offices that hand files over, commands to run, a PostgreSQL server."""

import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

# openpyxl is to write what it writes where pm4py, which brings lxml, is not installed: bad sheets are made with it.
os.environ["OPENPYXL_LXML"] = "False"

from cli import words
from cli.main import mingzhang


@dataclass(frozen=True)
class Outcome:
    """What one command printed, and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on stdout."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


def run_command(*arguments: object, folder: Path | None = None, **environment: str) -> Outcome:
    """Run `mingzhang` with these arguments, in a folder, in English and in no special environment."""
    before = Path.cwd()
    blank = {"MINGZHANG_DB": None, "MINGZHANG_PASSPHRASE": None, "MINGZHANG_DEBUG": None, "LC_ALL": None}
    try:
        if folder is not None:
            os.chdir(folder)
        result = CliRunner().invoke(
            mingzhang,
            [str(argument) for argument in arguments],
            env={**blank, "LC_MESSAGES": None, "LANG": "C.UTF-8", **environment},
            catch_exceptions=False,
        )
    finally:
        os.chdir(before)
        words.choose("en")
    return Outcome(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run commands in a folder of the test's own."""

    def run_here(*arguments: object, **environment: str) -> Outcome:
        return run_command(*arguments, folder=tmp_path, **environment)

    return run_here


@pytest.fixture(scope="session")
def run_at() -> Run:
    """Run commands in any folder."""
    return run_command


@pytest.fixture(scope="session")
def county_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a county, and a ledger `mingzhang.db` that has loaded them."""
    folder = tmp_path_factory.mktemp("county")
    made = run_command("simulate", "files", "--households", 30, "--months", 3, folder=folder)
    assert made.exit_code == 0, made.err
    assert run_command("init", folder=folder).exit_code == 0
    loaded = run_command("import", "files", folder=folder)
    assert loaded.exit_code in (0, 1), loaded.err
    assert run_command("projection", "rebuild", folder=folder).exit_code == 0
    return folder


@pytest.fixture
def county(county_made_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder which the test may change; it is the folder in which `run` runs."""
    shutil.copytree(county_made_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


# Offices that hand files over


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Any]:
    """An office with an empty ledger."""
    made = _module_beside("office").Office(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def new_office() -> Iterator[Callable[[Path], Any]]:
    """Return what opens an office with an empty ledger in a folder, for tests that share one."""
    opened: list[Any] = []

    def open_office(home: Path) -> Any:
        opened.append(_module_beside("office").Office(home))
        return opened[-1]

    yield open_office
    for office in opened:
        office.close()


@pytest.fixture
def changed() -> Callable[..., dict[str, object]]:
    """Return a sample row of a kind with some cells changed."""
    sample = _module_beside("office").SAMPLE

    def change(kind: str, cells: Mapping[str, object] | None = None, *, of: int = 0) -> dict[str, object]:
        return {**sample[kind][of], **(cells or {})}

    return change


# Bureaus that record their work live


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Any]:
    """A bureau with an empty ledger, in whose window every kind of file has come: 2024."""
    made = _module_beside("bureau").Bureau(tmp_path)
    made.open_window()
    yield made
    made.close()


@pytest.fixture
def new_bureau(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return what opens a bureau with an empty ledger, at an address if one is given; no delivery has come yet."""
    opened: list[Any] = []

    def open_bureau(url: str | None = None) -> Any:
        home = tmp_path / f"bureau-{len(opened)}"
        home.mkdir()
        opened.append(_module_beside("bureau").Bureau(home, url))
        return opened[-1]

    yield open_bureau
    for bureau in opened:
        bureau.close()


# A browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium with one page, for all tests of pages; skipped where there is none, unless CI is set."""
    module = _module_beside("chromium")
    program = module.found()
    if program is None:
        assert not os.environ.get("CI"), "no Chromium: `apt-get install chromium`"
        pytest.skip("no Chromium on this machine")
    with module.Chromium(program) as opened:
        yield opened


# PostgreSQL


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """The server of this session: the one MINGZHANG_TEST_PG names, else a new one, which each test worker has alone."""
    module = _module_beside("postgres_server")
    named = os.environ.get("MINGZHANG_TEST_PG")
    server = module.GivenServer(named) if named else module.PostgresServer(*module.NOT_DURABLE)
    with server:
        yield server


@pytest.fixture(scope="module")
def bare_postgres() -> Iterator[Any]:
    """A server on which nothing was prepared: no role of a ledger is there."""
    module = _module_beside("postgres_server")
    with module.PostgresServer(*module.NOT_DURABLE) as server:
        yield server


@pytest.fixture
def new_postgres_server() -> Callable[[], Any]:
    """Return what makes a server of the test's own, which it may kill."""
    module = _module_beside("postgres_server")
    return lambda: module.PostgresServer(*module.NOT_DURABLE)


@pytest.fixture
def new_postgres(postgres_server: Any) -> Callable[[], str]:
    """Return what makes an empty database and returns its address, as the superuser."""
    new_database: Callable[[], str] = postgres_server.new_database
    return new_database


@pytest.fixture
def superuser(postgres_server: Any) -> Iterator[Callable[[str], Any]]:
    """Return what connects to a database as nobody's program would: with all rights and none of our settings."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(url: str) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(url, autocommit=True))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


# Private


@cache
def _module_beside(name: str) -> ModuleType:
    """Load a module beside this one, once: test folders are no packages."""
    spec = importlib.util.spec_from_file_location(f"mingzhang_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
