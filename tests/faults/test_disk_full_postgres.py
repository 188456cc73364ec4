"""No room on PostgreSQL's disks: a clear error, nothing half written, and everything goes on once there is room."""

import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from cli.main import mingzhang
from ledger.store_errors import DatabaseFull, ServerUnreachable, StoreError

MEBIBYTE = 1 << 20
COMMANDS_MAX = 400


class SmallDisk:
    """A file system in memory, nearly filled by one file; only root may make one."""

    def __init__(self, size):
        self.folder = Path(tempfile.mkdtemp(prefix="mingzhang-disk-"))
        self._ballast = self.folder / "ballast"
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.folder]
        try:
            subprocess.run(command, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            self.folder.rmdir()
            pytest.skip("no file system can be mounted here")

    def fill(self, left):
        free = os.statvfs(self.folder)
        self._ballast.write_bytes(bytes(free.f_bavail * free.f_bsize - left))

    def make_room(self):
        self._ballast.unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=True)
        self.folder.rmdir()


class SmallFiles:
    """A limit to which the server's files may grow: what a full disk is to a program, where nothing can be mounted."""

    def __init__(self, server):
        self._server = server

    def fill(self, left):
        largest = max(path.stat().st_size for path in (self._server.folder / "data" / "base").rglob("*"))
        self._restart(max(largest, MEBIBYTE) + left)

    def make_room(self):
        self._restart(None)

    def _restart(self, file_bytes_max):
        self._server.stop()
        self._server.file_bytes_max = file_bytes_max
        self._server.start()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "files"
    made = CliRunner().invoke(mingzhang, ["simulate", str(folder), "--households", "30", "--months", "3"])
    assert made.exit_code == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def small_disk():
    """Return what makes a small disk; it must be asked for before the server that uses it."""
    with ExitStack() as stack:

        def make(size):
            disk = SmallDisk(size)
            stack.callback(disk.close)
            return disk

        yield make


@pytest.fixture(scope="module")
def limited(small_disk, new_server):
    """A server whose log of transactions is in files smaller than the limit."""
    return new_server("fsync=off", "autovacuum=off", initdb=("--wal-segsize=1",))


@pytest.fixture
def disk(request, small_disk, limited):
    """A disk for the tables of a new database, and the database's address."""
    if request.param == "limit":
        disk = SmallFiles(limited)
        yield disk, limited.new_database()
        disk.make_room()
        return
    disk = small_disk(40 * MEBIBYTE)
    place = disk.folder / "tables"
    place.mkdir()
    limited.own(place)
    with psycopg.connect(limited.url, autocommit=True) as raw:
        raw.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        raw.execute("CREATE DATABASE small TABLESPACE small")
    yield disk, limited.address("small")
    disk.make_room()
    with psycopg.connect(limited.url, autocommit=True) as raw:
        raw.execute("DROP DATABASE small WITH (FORCE)")
        raw.execute("DROP TABLESPACE small")


def send_until_it_fails(desk, command, entries):
    """Record commands until one fails; return the error and how many entries were acknowledged."""
    for number in range(COMMANDS_MAX):
        try:
            desk.send(command(f"E{entries}N{number}", entries))
        except StoreError as error:
            return error, number * entries
    raise AssertionError("the disk never filled up")


@pytest.mark.parametrize("disk", ["limit", "file system"], indirect=True)
def test_a_disk_that_fills_up_leaves_nothing_half_written(disk, new_desk, command, files):
    disk, url = disk
    desk = new_desk(url)
    size = 300
    desk.send(command("FIRST", size))
    disk.fill(MEBIBYTE // 2)
    for entries in (400, 40, 2):
        error, recorded = send_until_it_fails(desk, command, entries)
        assert isinstance(error, DatabaseFull), error
        assert "room on the server's disk" in error.mend
        size += recorded
        assert desk.ledger.size == size
    assert desk.checked().size == size
    options = ["--db", url, "--keys", str(desk.home / "keys")]
    full = CliRunner().invoke(mingzhang, ["import", str(files), *options])
    assert (full.exit_code, "The disk of the database is full" in full.stderr) == (3, True)
    assert desk.checked().size == size
    disk.make_room()
    loaded = CliRunner().invoke(mingzhang, ["import", str(files), *options])
    assert loaded.exit_code in (0, 1), loaded.stderr
    desk.send(command("LAST"))
    assert desk.checked().size == desk.ledger.size > size + 2


def test_a_full_disk_of_the_servers_own_log_loses_nothing_that_was_acknowledged(
    small_disk, new_server, new_desk, command
):
    disk = small_disk(60 * MEBIBYTE)
    server = new_server("fsync=off", "max_wal_size=1GB", initdb=("--wal-segsize=1", f"--waldir={disk.folder}/log"))
    desk = new_desk(server.new_database())
    desk.send(command("FIRST", 300))
    disk.fill(MEBIBYTE)
    error, recorded = send_until_it_fails(desk, command, 400)
    assert isinstance(error, DatabaseFull | ServerUnreachable), error
    server.kill()  # it may be trying to start again
    disk.make_room()
    server.start()
    assert desk.checked().size == 300 + recorded
    desk.send(command("LAST"))
    assert desk.checked().size == 300 + recorded + 2
