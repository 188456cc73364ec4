"""Whatever ends a backup or a restore midway, nothing half made is ever taken for a ledger; run again, it is right."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.verification import verify
from ledger.copying import copy_log
from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256
from ledger.postgres_new_log import holds_ledger, postgres_new_log
from ledger.store_errors import DatabaseFailed
from ledger.stores import create_store, open_store
from ledger.urls import PostgresAddress, parse_url
from ledger.writer import prepared

ROOT = Path(__file__).parents[2]
ORIGIN = "county.example/ledger"
AT = "2026-11-21T08:00:00.000000Z"
ENTRIES = 3_000
KILLS = 6
KINDS = ("sqlite", "postgres")


class Commands:
    """Commands in processes that can be killed."""

    def __init__(self) -> None:
        self.output = ""
        self._server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("command_server.py")],
            env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(
        self, folder: Path, *arguments: object, file_bytes_max: int | None = None, killed_after: float | None = None
    ) -> int:
        """Run a command in a folder, killed after so many seconds unless it has ended; return its exit code."""
        assert self._server.stdin and self._server.stdout
        request = {"arguments": [str(one) for one in arguments], "folder": str(folder)}
        limits = {"file_bytes_max": file_bytes_max, "killed_after": killed_after}
        self._server.stdin.write(json.dumps({**request, **limits}) + "\n")
        self._server.stdin.flush()
        answer = json.loads(self._server.stdout.readline())
        self.output = answer["output"]
        assert "Traceback" not in self.output, self.output
        return int(answer["code"])

    def close(self) -> None:
        self._server.communicate()


@pytest.fixture(scope="module")
def commands_run() -> Iterator[Commands]:
    made = Commands()
    yield made
    made.close()


def record(store: Any, count: int, *, filler: Callable[[int], str] = str) -> None:
    """Record entries, 50 in a transaction."""
    for first in range(0, count, 50):
        with store.writer() as writer:
            for number in range(first, min(first + 50, count)):
                stream = f"case/{number % 7}"
                seq, prev = writer.head_of(stream) or (0, NO_PREVIOUS)
                entry = Entry(
                    *(SHA256.name, ORIGIN, stream, seq + 1, "note.made/1", prev, AT, "staff/MZ0001"),
                    *(f"00000000-0000-4000-8000-{writer.size:012d}", 1, 1, None, {"text": filler(number)}),
                )
                writer.append([prepared(SHA256, ORIGIN, entry, encode_entry(entry), None)])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, postgres_server: Any) -> dict[str, str]:
    """The same log in both stores, by kind."""
    urls = {
        "sqlite": f"sqlite:///{tmp_path_factory.mktemp('source')}/ledger.db",
        "postgres": postgres_server.new_database(),
    }
    for url in urls.values():
        with create_store(url, ORIGIN, SHA256) as store:
            record(store, ENTRIES)
    return urls


def sound_size(url: str) -> int:
    """Return the number of entries of a ledger that verifies as a whole."""
    with open_store(url, read_only=True) as store:
        found = verify(store)
    assert found.sound, found.findings[:3]
    return found.size


def is_there(url: str) -> bool:
    address = parse_url(url)
    return holds_ledger(address) if isinstance(address, PostgresAddress) else address.path.exists()


def moments(run: Callable[[], int]) -> list[float]:
    """Return random seconds within the time that a command takes undisturbed, which is measured once."""
    begin = time.monotonic()
    assert run() == 0
    lasted = time.monotonic() - begin
    return [random.uniform(0, lasted) for _ in range(KILLS)]


@pytest.fixture
def new_place(tmp_path: Path, new_postgres: Callable[[], str]) -> Callable[[str], str]:
    numbers = iter(range(1_000))

    def make(kind: str) -> str:
        return new_postgres() if kind == "postgres" else f"sqlite:///{tmp_path}/place-{next(numbers)}.db"

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_backup_killed_at_any_moment_is_whole_or_not_there(commands_run, source, tmp_path, kind):
    undisturbed = moments(lambda: commands_run(tmp_path, "backup", "first.db", "--db", source[kind]))
    for number, seconds in enumerate(undisturbed):
        copy = tmp_path / f"copy-{number}.db"
        commands_run(tmp_path, "backup", copy, "--db", source[kind], killed_after=seconds)
        if not copy.exists():
            assert commands_run(tmp_path, "backup", copy, "--db", source[kind]) == 0
        assert sound_size(f"sqlite:///{copy}") == ENTRIES
    assert sound_size(source[kind]) == ENTRIES


@pytest.mark.parametrize("kind", KINDS)
def test_restore_killed_at_any_moment_is_whole_or_not_there(commands_run, source, tmp_path, new_place, kind):
    backup = tmp_path / "backup.db"
    assert commands_run(tmp_path, "backup", backup, "--db", source[kind]) == 0
    undisturbed = moments(lambda: commands_run(tmp_path, "restore", backup, "--db", new_place(kind)))
    place = new_place(kind)
    for seconds in undisturbed:
        commands_run(tmp_path, "restore", backup, "--db", place, killed_after=seconds)
        if is_there(place):
            assert sound_size(place) == ENTRIES
            place = new_place(kind)
    assert commands_run(tmp_path, "restore", backup, "--db", place) == 0
    assert sound_size(place) == ENTRIES


@pytest.mark.parametrize("kind", KINDS)
def test_replacing_killed_at_any_moment_leaves_the_old_ledger_or_the_new(
    commands_run, source, tmp_path, new_place, kind
):
    backup, place = tmp_path / "backup.db", new_place(kind)
    assert commands_run(tmp_path, "backup", backup, "--db", source[kind]) == 0
    with create_store(place, ORIGIN, SHA256) as store:
        record(store, 100)
    replace = ("restore", backup, "--replace", "--db", place)
    for seconds in moments(lambda: commands_run(tmp_path, *replace)):
        with open_store(place) as store:
            record(store, 100)
            before = store.head().size
        commands_run(tmp_path, *replace, killed_after=seconds)
        assert sound_size(place) in (before, ENTRIES)
    assert commands_run(tmp_path, *replace) == 0
    assert sound_size(place) == ENTRIES


@pytest.mark.parametrize("kind", KINDS)
def test_full_disk_at_the_target_leaves_nothing_of_a_backup(commands_run, source, tmp_path, kind):
    archive = tmp_path / "archive"
    archive.mkdir()
    arguments = ("backup", archive / "copy.db", "--db", source[kind])
    for room in (0, 8_192, 300_000, 1_000_000):
        assert commands_run(tmp_path, *arguments, file_bytes_max=room) == 3
        assert list(archive.iterdir()) == []
    assert commands_run(tmp_path, *arguments) == 0
    assert [path.name for path in archive.iterdir()] == ["copy.db"]


def test_full_disk_at_the_target_leaves_nothing_of_a_restore_into_a_file(commands_run, source, tmp_path):
    backup, place = tmp_path / "backup.db", tmp_path / "place"
    place.mkdir()
    assert commands_run(tmp_path, "backup", backup, "--db", source["sqlite"]) == 0
    arguments = ("restore", backup, "--db", f"sqlite:///{place}/ledger.db")
    for room in (0, 8_192, 1_000_000):
        assert commands_run(tmp_path, *arguments, file_bytes_max=room) == 3
        assert list(place.iterdir()) == []
    assert commands_run(tmp_path, *arguments) == 0
    assert sound_size(f"sqlite:///{place}/ledger.db") == ENTRIES


@pytest.mark.parametrize("kind", KINDS)
def test_backup_of_a_ledger_that_is_written_to_is_one_moment_of_it(commands_run, tmp_path, new_place, kind):
    url, done = new_place(kind), threading.Event()
    with create_store(url, ORIGIN, SHA256) as store:
        record(store, 500)

    def write_on() -> None:
        with open_store(url) as store:
            while not done.is_set():
                record(store, 50)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        for number in range(4):
            assert commands_run(tmp_path, "backup", f"copy-{number}.db", "--db", url) == 0
    finally:
        done.set()
        writer.join()
    with open_store(url, read_only=True) as store:
        heads = dict(store.heads())
        assert len(heads) > 11
    for number in range(4):
        copy = f"sqlite:///{tmp_path}/copy-{number}.db"
        assert sound_size(copy) >= 500
        with open_store(copy, read_only=True) as store:
            head = store.head()
        assert heads[head.size] == head.root


# A server of their own, because it is killed, or its disk is full


@pytest.fixture
def own_server(new_postgres_server: Callable[..., Any]) -> Iterator[Any]:
    with new_postgres_server() as server:
        yield server


def test_server_killed_during_a_restore_has_nothing_of_it(source, own_server):
    address = parse_url(own_server.new_database())
    assert isinstance(address, PostgresAddress)
    with open_store(source["sqlite"], read_only=True) as backup:
        for moment in (1_000, ENTRIES, None):
            with (
                pytest.raises(DatabaseFailed),
                postgres_new_log(address, backup.origin, backup.suite) as target,
            ):
                copy_log(backup, target, lambda done, total: own_server.kill() if done == moment else None)  # noqa: B023
                assert moment is None
                assert verify(target).sound
                own_server.kill()
            own_server.start()
            assert not holds_ledger(address)
        with postgres_new_log(address, backup.origin, backup.suite) as target:
            copy_log(backup, target)
    assert sound_size(address.url) == ENTRIES


def test_full_disk_of_the_server_leaves_nothing_of_a_restore(commands_run, tmp_path, own_server):
    backup, url = tmp_path / "large.db", own_server.new_database()
    with create_store(f"sqlite:///{backup}", ORIGIN, SHA256) as store:
        record(store, 500, filler=lambda number: random.Random(number).randbytes(25_000).hex())  # does not compress
    own_server.stop()
    own_server.file_bytes_max = 16 * 1024 * 1024  # a segment of its journal, and less than the entries take
    own_server.start()
    assert commands_run(tmp_path, "restore", backup, "--db", url) == 3
    address = parse_url(url)
    assert isinstance(address, PostgresAddress)
    assert not holds_ledger(address)
    own_server.stop()
    own_server.file_bytes_max = None
    own_server.start()
    assert commands_run(tmp_path, "restore", backup, "--db", url) == 0
    assert sound_size(url) == 500
