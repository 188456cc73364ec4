"""How many bytes a log takes, against a table of the same events that proves nothing.

    python tests/postgres_server.py python -m benchmarks storage

Our side is a ledger that has loaded a simulated county: entries, sealed blobs, commands, tree and heads. The other is
a table with the same columns and the same indexes whose state is the plain JSON of the whole event, open and sealed
members together: no header, no chain, no tree, no commitments, nothing encrypted. The ids of commands are unique on
both sides. Both databases are compacted before they are measured; bytes do not vary, so one run is enough.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg

from benchmarks.county import load, make_county, new_ledger
from benchmarks.row import Options, Row, measured
from benchmarks.server import new_database
from ledger.canonical import encode
from ledger.ledger import Ledger

WANTED = 1.5
AGAINST = "same events and indexes, plain"

_PLAIN_SQLITE = """
CREATE TABLE plain (
  position INTEGER NOT NULL PRIMARY KEY, stream TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL,
  at TEXT NOT NULL, "by" TEXT NOT NULL, command TEXT NOT NULL, state BLOB NOT NULL, UNIQUE (stream, seq)
) STRICT;
CREATE INDEX plain_by_type ON plain (type);
CREATE TABLE commands (
  position INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL, command TEXT NOT NULL UNIQUE
) STRICT;
"""
_PLAIN_POSTGRES = """
CREATE TABLE plain.entries (
  position bigint NOT NULL PRIMARY KEY, seq bigint NOT NULL, n bigint, stream text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL, at text COLLATE "C" NOT NULL, by text COLLATE "C" NOT NULL,
  command text COLLATE "C" NOT NULL, state bytea NOT NULL, UNIQUE (stream, seq)
);
CREATE INDEX ON plain.entries (type, position);
CREATE UNIQUE INDEX ON plain.entries (command) WHERE n IS NOT NULL;
"""
_SIZE_OF_SCHEMA = """
SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace = %s::regnamespace
"""

PlainRow = tuple[int, str, int, int | None, str, str, str, str, bytes]


def rows(options: Options) -> Iterator[Row]:
    """Yield a row for each store; that of PostgreSQL only with a server."""
    county = make_county(options)
    yield _in_sqlite(options, county)
    if options.postgres:
        with new_database(options.postgres) as url:
            yield _in_postgres(options, county, url)


# Private


def _in_sqlite(options: Options, county: Path) -> Row:
    ours, plain = options.scratch / "ledger.db", options.scratch / "plain.db"
    with new_ledger(options, f"sqlite:///{ours}") as (ledger, keys), closing(sqlite3.connect(plain)) as other:
        load(ledger, keys, county)
        other.executescript(_PLAIN_SQLITE)
        for position, stream, seq, n, topic, at, by, command, state in _plain_rows(ledger):
            row = (position, stream, seq, topic, at, by, command, state)
            other.execute("INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            if n is not None:
                other.execute("INSERT INTO commands VALUES (?, ?, ?)", (position, n, command))
        other.commit()
    return measured(
        "storage, SQLite", AGAINST, [_compacted_bytes(ours)], [_compacted_bytes(plain)], "bytes", WANTED, at_most=True
    )


def _in_postgres(options: Options, county: Path, url: str) -> Row:
    with new_ledger(options, url) as (ledger, keys), psycopg.connect(url, autocommit=True) as connection:
        load(ledger, keys, county)
        connection.execute("CREATE SCHEMA plain")
        connection.execute(_PLAIN_POSTGRES)
        with connection.cursor().copy(
            "COPY plain.entries (position, stream, seq, n, type, at, by, command, state) FROM STDIN"
        ) as copy:
            for row in _plain_rows(ledger):
                copy.write_row(row)
        connection.execute("VACUUM FULL")
        sizes = [connection.execute(_SIZE_OF_SCHEMA, (schema,)).fetchone() for schema in ("mingzhang", "plain")]
    ours, other = (float(size[0]) for size in sizes if size)
    return measured("storage, PostgreSQL", AGAINST, [ours], [other], "bytes", WANTED, at_most=True)


def _plain_rows(ledger: Ledger) -> Iterator[PlainRow]:
    """Yield position, stream, seq, n of the command on its first entry, type, at, by, command and the event's JSON."""
    first_of = {command.position: command.n for command in ledger.store.commands()}
    for record, item in zip(ledger.store.records(), ledger.events(), strict=True):
        event = item.event
        if event is None:
            raise SystemExit(f"entry {item.position}: expected an event of this version, found {item.topic}")
        state = encode({**event.open_part(), **event.sealed_part()})
        yield (
            *(record.position, record.stream, record.seq, first_of.get(record.position)),
            *(record.type, record.at, record.by, record.command, state),
        )


def _compacted_bytes(path: Path) -> float:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return float(path.stat().st_size)
