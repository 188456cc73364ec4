"""Faults on demand: a statement, a message or a call of the operating system fails before or after it is done."""

import datetime
import importlib.util
import re
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest

from audit.verification import Verification, verify
from domain.events.application import ApplicationAccepted, ApplicationSubmitted
from domain.vocabulary import Channel, Programme
from ledger.checkpoint import Checkpoint
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.signer_state import sign_checkpoint
from ledger.tiles import root_from_tiles

ORIGIN = "county.example/ledger"
DAY = datetime.date(2024, 3, 4)

When = Literal["before", "after"]
"""Not persisted, or persisted but reported failed."""

CODES = {sqlite3.SQLITE_IOERR: "disk I/O error", sqlite3.SQLITE_FULL: "database or disk is full"}


@dataclass
class Faults:
    """At most one fault is armed; it strikes the first statement or call that it fits, once."""

    folder: Path
    pattern: re.Pattern[str] | None = None
    when: When = "before"
    struck: list[str] = field(default_factory=list)
    code: int = sqlite3.SQLITE_IOERR

    @contextmanager
    def armed(self, pattern: str, when: When, code: int = sqlite3.SQLITE_IOERR) -> Iterator[None]:
        """Let the first statement that begins with `pattern` fail; it must come."""
        self.pattern, self.when, self.code = re.compile(pattern), when, code
        self.struck.clear()
        try:
            yield
        finally:
            self.pattern = None
        assert self.struck, f"nothing came that fits {pattern}"

    def pass_through(self, what: str, run: Callable[[], Any]) -> Any:
        """Run a step; raise before or after it when the armed fault fits."""
        if self.pattern is None or not self.pattern.match(what):
            return run()
        self.pattern = None
        self.struck.append(what)
        if self.when == "after":
            run()
        raise self._failure(what)

    def new_url(self) -> str:
        """Return the address of a ledger that can be made."""
        return f"sqlite:///{tempfile.mkdtemp(dir=self.folder)}/ledger.db"

    def direct(self, url: str) -> str:
        """Return the same address without faults."""
        return url

    def _failure(self, what: str) -> Exception:
        if what.startswith("os."):
            return OSError(5, "Input/output error")
        error = sqlite3.OperationalError(CODES[self.code])
        error.sqlite_errorcode = self.code
        return error


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Faults:
    """Faults in every SQLite connection made from now on, and in the calls that make a file durable."""
    made = Faults(tmp_path)

    class FaultyCursor(sqlite3.Cursor):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return made.pass_through(sql, lambda: super(FaultyCursor, self).execute(sql, *parameters))

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return made.pass_through(sql, lambda: super(FaultyCursor, self).executemany(sql, *parameters))

    class FaultyConnection(sqlite3.Connection):
        def cursor(self, factory: type[sqlite3.Cursor] = FaultyCursor) -> sqlite3.Cursor:
            return super().cursor(factory)

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return self.cursor().execute(sql, *parameters)

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return self.cursor().executemany(sql, *parameters)

        def commit(self) -> None:
            made.pass_through("commit()", super().commit)  # how the store commits

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{"factory": FaultyConnection, **k}))
    for name in ("fsync", "replace", "link"):
        original = getattr(__import__("os"), name)
        monkeypatch.setattr(f"os.{name}", _faulty(made, f"os.{name}", original))
    return made


@pytest.fixture(scope="session")
def proxy(postgres_server: Any) -> Iterator[Any]:
    """A proxy before the session's PostgreSQL server; a fault of it is armed as one of SQLite is."""
    with tempfile.TemporaryDirectory(prefix="mingzhang-proxy-") as folder:
        made = _loaded(Path(__file__).with_name("postgres_proxy.py")).PostgresProxy(postgres_server, Path(folder))
        yield made
        made.close()


@pytest.fixture(scope="module")
def new_server() -> Iterator[Callable[..., Any]]:
    """Return what starts a PostgreSQL server of the module's own, which may be killed, starved and started again."""
    module = _loaded(Path(__file__).parents[1] / "postgres_server.py")
    with ExitStack() as stack:

        def start(*settings: str, **options: Any) -> Any:
            try:
                server = module.PostgresServer(*settings, **options)
            except RuntimeError as error:  # only a server that somebody else runs
                pytest.skip(str(error))
            return stack.enter_context(server)

        yield start


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Any:
    """Where a ledger is made whose steps can be made to fail: `sqlite` or `postgres`, as the test's parameter says."""
    return request.getfixturevalue({"sqlite": "faults", "postgres": "proxy"}[request.param])


class Desk:
    """A ledger with its keys, which can be closed and opened again, as a new process would."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        KeyStore.create(home / "keys", ORIGIN, SHA256).close()
        Ledger.create(self.url, ORIGIN, SHA256, None).close()
        self._open()

    def reopen(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self.ledger.close()
        self.keys.close()

    def send(self, command: Command) -> None:
        """Record a command as a careful client does: once, whatever became of the first attempt."""
        with self.ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
            if recording.find(command.id) is None:
                recording.record(command)

    def checked(self) -> Verification:
        found = verify(self.ledger.store, keys=self.keys)
        assert found.sound, found.findings[:3]
        assert found.size == self.ledger.size
        assert all(one.opened for one in self.ledger.events())
        return found

    def sign(self) -> bytes:
        store = self.ledger.store
        head = store.head()
        asked = Checkpoint(ORIGIN, head.size, head.root)
        note = sign_checkpoint(self.keys, asked, lambda size: root_from_tiles(SHA256, size, store.tile))
        store.add_checkpoint(head.size, note)
        return note

    def _open(self) -> None:
        self.keys = KeyStore.open(self.home / "keys", ORIGIN, SHA256)
        self.ledger = Ledger.open(self.url, self.keys)


@pytest.fixture
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Desk]]:
    """Return what makes a ledger at an address, with keys of its own."""
    yield from _desks(tmp_path_factory)


@pytest.fixture(scope="module")
def module_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Desk]]:
    """Return the same for a ledger that the tests of a module have in common."""
    yield from _desks(tmp_path_factory)


def make_command(case: str, count: int = 2) -> Command:
    submitted = ApplicationSubmitted(
        programme=Programme.RURAL, channel=Channel.OWN, occurred_on=DAY, region="520121101", head_name="罗国强"
    )
    drafts = [Draft(f"case/{case}", submitted)]
    drafts += [Draft(f"case/{case}", ApplicationAccepted(occurred_on=DAY)) for _ in range(count - 1)]
    return Command(str(uuid.uuid4()), "staff/MZ0001", tuple(drafts))


@pytest.fixture(scope="session")
def command() -> Callable[..., Command]:
    """Return what makes a command of so many entries, of which the first is sealed."""
    return make_command


def _faulty(made: Faults, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return made.pass_through(name, lambda: original(*arguments, **options))

    return call


def _desks(folders: pytest.TempPathFactory) -> Iterator[Callable[[str], Desk]]:
    made: list[Desk] = []

    def make(url: str) -> Desk:
        made.append(Desk(folders.mktemp("desk"), url))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


def _loaded(path: Path) -> ModuleType:
    """Load a module that no package holds: test folders are none."""
    spec = importlib.util.spec_from_file_location(f"mingzhang_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module
