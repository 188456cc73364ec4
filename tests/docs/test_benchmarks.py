"""`make bench` works: each benchmark of the table runs on little data and gives rows whose ratios are numbers.

Nothing is said of how large they are: speed is measured in benchmarks, not in tests.
"""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("append", "verify", "prove", "rebuild", "import_delivery", "flags", "storage")


@pytest.mark.parametrize("name", NAMES)
def test_benchmark_gives_a_row_for_each_store_with_a_finite_ratio(name, new_postgres):
    lines = _printed(name, new_postgres()).splitlines()
    machine, header, rows = lines[0], lines[2], lines[4:]
    assert all(word in machine for word in ("cores", "Python", "SQLite", "PostgreSQL", "medians of 1 runs"))
    assert [cell.strip() for cell in header.strip("|").split("|")][:5] == [
        *("what", "against", "mingzhang", "the other", "ratio"),
    ]
    for store in ("SQLite", "PostgreSQL"):
        assert any(store in row for row in rows)
    for row in rows:
        ratio = float(row.split("|")[5])
        assert math.isfinite(ratio) and ratio > 0, row


def test_unknown_benchmark_is_refused():
    done = _run("no-such-thing")
    assert (done.returncode, "no-such-thing is none of append, " in done.stderr) == (2, True)


# Private


def _printed(name: str, postgres: str) -> str:
    done = _run("--quick", "--markdown", name, MINGZHANG_TEST_PG=postgres)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
