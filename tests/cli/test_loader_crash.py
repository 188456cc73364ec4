"""kill -9 during an import, many times: nothing is half loaded, and the next run ends where one run would have."""

import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from audit.verification import verify
from cli.simulation.county import simulate

KILLS = 15
_PSEUDONYM = re.compile("person/[0-9a-f]{32}")
PROGRAM = textwrap.dedent("""
    import datetime, sys
    from pathlib import Path
    from cli.intake.loader import load_delivery
    from ledger.hashing import SHA256
    from ledger.keystore import KeyStore
    from ledger.ledger import Ledger
    home = Path(sys.argv[1])
    keys = KeyStore.open(home / "keys", "county.example/ledger", SHA256)
    ledger = Ledger.open(f"sqlite:///{home / 'ledger.db'}", keys)
    print("open", flush=True)
    load_delivery(ledger, keys, [Path(sys.argv[2])], by="system/import",
                  clock=lambda: datetime.datetime.now(datetime.UTC), progress=lambda name, count: None)
    print("done", flush=True)
""")


def started(home: Path, folder: Path) -> subprocess.Popen[str]:
    """Start an import in a process of its own, and wait until its ledger is open."""
    arguments = [sys.executable, "-c", PROGRAM, str(home), str(folder)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def facts(office: Any) -> list[str]:
    """Return what was recorded, without what keys decide: the pseudonyms of persons, and with them their order."""
    return sorted(
        _PSEUDONYM.sub("person/", f"{stream} {topic} {event}") for stream, _, topic, event in office.fingerprint()
    )


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county") / "files"
    simulate(folder, households=40, months=3, seed=5)
    return folder


def test_an_import_killed_anywhere_ends_the_same_when_it_is_run_again(
    office: Any, county: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = type(office)(tmp_path_factory.mktemp("whole"))
    before = time.perf_counter()
    size = whole.load(county).size
    duration = time.perf_counter() - before
    moments = Random(8)
    interrupted = 0
    for number in range(KILLS):  # later and later, so that the first ones surely interrupt
        process = started(office.home, county)
        time.sleep(moments.uniform(0, 1.1 * duration * (number + 1) / KILLS))
        process.kill()
        output = process.communicate()[0]
        assert office.ledger.size in (0, size)
        interrupted += office.ledger.size == 0
        assert "done" not in output or office.ledger.size == size
    assert interrupted
    again = office.load(county)
    assert again.size == size
    assert office.load(county).entries_added == 0
    assert facts(office) == facts(whole)
    found = verify(office.ledger.store, keys=office.keys)
    assert found.sound, found.findings[:3]
    assert all(recorded.opened for recorded in office.ledger.events())
    whole.close()


def test_of_two_imports_at_once_one_is_done_anew_and_adds_nothing(office: Any, county: Path) -> None:
    processes = [started(office.home, county) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert outputs == ["done\n", "done\n"]
    found = verify(office.ledger.store, keys=office.keys)
    assert found.sound and found.size == office.ledger.size
    assert len({r.stream for r in office.events() if r.stream.startswith("import/")}) == 1
