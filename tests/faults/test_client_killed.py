"""kill -9 of programs that write to PostgreSQL: nothing is half done, and the same command again ends as one would."""

import contextlib
import datetime
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from cli.main import mingzhang
from ledger.ledger import Ledger
from ledger.stores import open_store

FORK = multiprocessing.get_context("fork")
ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; from cli.main import main; sys.argv[0] = 'mingzhang'; main()"
REGISTERS = ("caseload", "decisions", "changes", "payments", "recoveries")
RANDOM_KILLS = 3

COMMIT = r"\bCOMMIT\b"
IMPORT_STEPS = [
    (r"^BEGIN", "before", 1),
    (r"^COPY mingzhang\.entries", "before", 1),
    (r"CopyData 1 of", "after", 1),
    (r"CopyDone of", "after", 1),
    (r"INSERT INTO mingzhang\.heads", "after", 1),
    (COMMIT, "before", None),  # the one that follows the tree head
    (COMMIT, "after", None),
]
REBUILD_STEPS = [
    (r"CREATE TABLE register_next_", "after", 3),
    (r"CopyData 1 of COPY register_next_", "after", 2),
    (r"DROP TABLE register_(?!next)", "after", 3),
    (r"\bCOMMIT\b", "before", 4),
    (r"\bCOMMIT\b", "after", 4),
]


def started(folder, *arguments):
    """Start a command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def run(folder, *arguments):
    """Run a command here, and return what it says."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(mingzhang, arguments, env={"LC_ALL": "C.UTF-8"}, catch_exceptions=False)
    assert done.exit_code in (0, 1), done.stderr
    return done.stdout


def killed_at(proxy, folder, url, arguments, step, when, number):
    """Run a command by way of the proxy and kill it, before or after the server has done a step."""
    process = None
    with proxy.armed(step, when, number, then=lambda: process.kill()):
        process = started(folder, *arguments, "--db", proxy.address(url))
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


def status(folder, url):
    return json.loads(run(folder, "status", "--json", "--db", url))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("desk")
    run(made, "simulate", "files", "--households", "20", "--months", "2")
    return made


@pytest.fixture(scope="module")
def undisturbed(proxy, folder, postgres_server):
    """What an import does that nobody kills: its seconds, entries and registers, and which COMMIT makes it last."""
    url = postgres_server.new_database()
    run(folder, "init", "--db", url)
    proxy.seen.clear()
    before = time.perf_counter()
    assert started(folder, "import", "files", "--db", proxy.address(url)).wait(60) in (0, 1)
    duration = time.perf_counter() - before
    head = max(number for number, text in enumerate(proxy.seen) if "INSERT INTO mingzhang.heads" in text)
    commits = 1 + sum(bool(re.search(COMMIT, text)) for text in proxy.seen[:head])
    return duration, status(folder, url)["size"], registers_of(folder, url), commits


def registers_of(folder, url):
    return {name: json.loads(run(folder, "register", name, "--json", "--db", url))["rows"] for name in REGISTERS}


def assert_as_undisturbed(folder, url, undisturbed):
    assert json.loads(run(folder, "import", "files", "--json", "--db", url))["entries_added"] == 0
    assert status(folder, url)["size"] == undisturbed[1]
    assert json.loads(run(folder, "audit", "verify", "--json", "--db", url))["sound"] is True
    assert registers_of(folder, url) == undisturbed[2]


def test_an_import_killed_at_any_step_ends_the_same_when_it_is_run_again(proxy, folder, postgres_server, undisturbed):
    url = postgres_server.new_database()
    run(folder, "init", "--db", url)
    for step, when, number in IMPORT_STEPS:
        killed_at(proxy, folder, url, ("import", "files"), step, when, number or undisturbed[3])
        persisted = "COMMIT" in step and when == "after"
        with open_store(url) as store:
            assert store.head().size == (undisturbed[1] if persisted else 2), step
    assert_as_undisturbed(folder, url, undisturbed)


def test_an_import_killed_at_any_moment_ends_the_same_when_it_is_run_again(folder, postgres_server, undisturbed):
    url = postgres_server.new_database()
    run(folder, "init", "--db", url)
    moments = Random(5)
    for _ in range(RANDOM_KILLS):
        process = started(folder, "import", "files", "--db", url)
        time.sleep(moments.uniform(0.3, 1) * undisturbed[0])
        process.kill()
        process.communicate()
        with open_store(url) as store:
            assert store.head().size in (2, undisturbed[1])
    run(folder, "import", "files", "--db", url)
    assert_as_undisturbed(folder, url, undisturbed)


def test_a_rebuild_killed_at_any_step_leaves_the_old_registers_and_goes_on(proxy, folder, postgres_server, undisturbed):
    url = postgres_server.new_database()
    run(folder, "init", "--db", url)
    run(folder, "import", "files", "--db", url)
    run(folder, "projection", "rebuild", "--db", url)
    for step, when, number in REBUILD_STEPS:
        killed_at(proxy, folder, url, ("projection", "rebuild"), step, when, number)
        assert json.loads(run(folder, "projection", "check", "--json", "--db", url))["same"] is True, step
    run(folder, "projection", "rebuild", "--db", url)
    assert registers_of(folder, url) == undisturbed[2]


def test_of_officers_killed_at_any_moment_every_acknowledged_command_is_there_once(
    postgres_server, module_desk, command
):
    desk = module_desk(postgres_server.new_database())
    desk.close()
    moments = Random(7)
    acknowledged = []
    for number in range(3):
        reading, writing = os.pipe()
        officers = [
            FORK.Process(target=record_and_tell, args=(desk.url, command, f"{number}N{name}", writing))
            for name in range(8)
        ]
        for officer in officers:
            officer.start()
        os.close(writing)
        with os.fdopen(reading) as told:
            acknowledged += [told.readline().strip() for _ in range(8)]  # so that they are at work
            for officer in officers:
                time.sleep(moments.uniform(0, 0.1))
                officer.kill()
                officer.join()
            acknowledged += told.read().split()
    desk.reopen()
    found = [one.command for one in desk.ledger.store.commands()]
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
    assert len(found) <= len(acknowledged) + 3 * 8
    assert desk.checked().size == len(found)


def record_and_tell(url, command, name, writing):
    """Record one command after the other, without sealed parts, and say so when it is acknowledged."""
    with Ledger.open(url, None) as ledger:
        number = 0
        while True:
            number += 1
            wanted = command(f"{name}N{number}", 2)
            wanted = type(wanted)(wanted.id, wanted.by, wanted.drafts[1:])
            with ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
                recording.record(wanted)
            os.write(writing, f"{wanted.id}\n".encode())
