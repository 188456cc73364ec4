"""All benchmarks in one table: `make bench`, or `python -m benchmarks [NAME…]`.

    python tests/postgres_server.py python -m benchmarks            with a new PostgreSQL server
    python -m benchmarks append verify --runs 3                     two of them, three runs
    python -m benchmarks --quick                                    seconds, to see that all of them work

Every row is a ratio measured in the same run on the same machine with the same data. Rows of PostgreSQL need
MINGZHANG_TEST_PG, the address of a server on which databases may be made.
"""

import argparse
import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import psycopg

from benchmarks.row import HEADER, Options, Row, cells, markdown_line, text_line

NAMES = (
    "append",
    "verify",
    "prove",
    "rebuild",
    "import_delivery",
    "flags",
    "storage",
)  # each a module with `rows(options)`
LONG = ("memory", "memory_rebuild", "memory_flags")  # with millions of entries: run only when they are named


def main() -> None:
    """Measure what was asked for and print each row as soon as it is known."""
    options = _options()
    server = os.environ.get("MINGZHANG_TEST_PG")
    line = markdown_line if options.markdown else text_line
    print(f"{machine()}; {versions(server)}; medians of {options.runs} runs", end="\n\n", flush=True)
    print(line(HEADER))
    if options.markdown:
        print(line(["---"] * len(HEADER)))
    for name in options.names or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            for row in _rows(name, Options(options.runs, Path(folder), server, options.quick)):
                print(line(cells(row)), flush=True)


def machine() -> str:
    """Return processor, number of cores and kernel."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def versions(server: str | None) -> str:
    """Return the versions of what is measured; PostgreSQL's, where there is a server, as it says itself."""
    found = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if server is None:
        return f"{found}, no PostgreSQL"
    with psycopg.connect(server) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return f"{found}, PostgreSQL {row[0] if row else '?'}"


# Private


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; all unless given")
    parser.add_argument("--runs", type=int, help="runs of each side; medians are printed; 5, or 1 when quick")
    parser.add_argument("--quick", action="store_true", help="little data: that it works, not how fast")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/performance.md has it")
    options = parser.parse_args()
    for name in options.names:
        if name not in (*NAMES, *LONG):
            parser.error(f"{name} is none of {', '.join((*NAMES, *LONG))}")
    options.runs = options.runs or (1 if options.quick else 5)
    return options


def _processor() -> str:
    """Return the model of the processor as Linux tells it, elsewhere its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _rows(name: str, options: Options) -> Iterator[Row]:
    rows: Iterator[Row] = import_module(f"benchmarks.{name}").rows(options)
    return rows


if __name__ == "__main__":
    main()
