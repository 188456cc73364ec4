"""How long a county's delivery takes to import, against reading the same files with the same reader.

    python tests/postgres_server.py python -m benchmarks import_delivery

Both sides find and recognise the files and read every row of every workbook and CSV. One side stops there. The other
is `mingzhang import` into an empty ledger: each row is normalised, checked, looked up, mapped to events, sealed under
the key of its stream, chained, and committed in one transaction with the tree. Runs of the sides take turns.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

from benchmarks.county import load, make_county, new_ledger
from benchmarks.row import Options, Row, measured
from benchmarks.server import new_database
from cli.intake.files import discover, read_rows

WANTED = 3.0  # times as long as reading
AGAINST = "reading the same files"


def rows(options: Options) -> Iterator[Row]:
    """Yield a row for each store; that of PostgreSQL only with a server."""
    county = make_county(options)
    yield _compared("import a county, SQLite", options, county, _import_to_sqlite)
    if options.postgres:
        yield _compared("import a county, PostgreSQL", options, county, _import_to_postgres)


# Private


def _compared(what: str, options: Options, county: Path, run: Callable[[Options, Path], float]) -> Row:
    reading, importing = [], []
    for _ in range(options.runs):
        reading.append(_read(county))
        importing.append(run(options, county))
    return measured(what, AGAINST, importing, reading, "s", WANTED, at_most=True)


def _read(county: Path) -> float:
    began = time.perf_counter()
    for source in discover([county]).files:
        for _ in read_rows(source):
            pass
    return time.perf_counter() - began


def _import_to_sqlite(options: Options, county: Path) -> float:
    return _import(options, county, f"sqlite:///{options.scratch}/{uuid4().hex}.db")


def _import_to_postgres(options: Options, county: Path) -> float:
    with new_database(str(options.postgres)) as url:
        return _import(options, county, url)


def _import(options: Options, county: Path, url: str) -> float:
    with ExitStack() as stack:
        ledger, keys = stack.enter_context(new_ledger(options, url))
        began = time.perf_counter()
        load(ledger, keys, county)
        return time.perf_counter() - began
