"""All benchmarks in one table: `make bench`, or `python -m benchmarks [NAME…]`.

    python tests/postgres_server.py python -m benchmarks            with a new PostgreSQL server
    python -m benchmarks append verify --runs 3                     two of them, three runs

Every row is a ratio measured in the same run on the same machine with the same data. Rows of PostgreSQL need
MINGZHANG_TEST_PG, the address of a server on which databases may be made.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.row import Options, Row, print_rows

NAMES = ("append", "verify", "rebuild", "import_delivery", "storage")  # each a module with `rows(options)`
LONG_NAMES = ("memory",)  # that take so long that they must be asked for


def main() -> None:
    """Measure what was asked for and print each row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}, all unless given; {', '.join(LONG_NAMES)}"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each side; medians are printed")
    options = parser.parse_args()
    for name in options.names:
        if name not in NAMES + LONG_NAMES:
            parser.error(f"{name} is none of {', '.join(NAMES + LONG_NAMES)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in options.names or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Options(options.runs, Path(folder), os.environ.get("MINGZHANG_TEST_PG"))
            for row in _rows(name, scratch):
                print_rows([row])


# Private


def _rows(name: str, options: Options) -> Iterator[Row]:
    rows: Iterator[Row] = import_module(f"benchmarks.{name}").rows(options)
    return rows


if __name__ == "__main__":
    main()
