"""How fast entries are appended, one in a transaction and 10,000 in one, as ratios measured in the same run.

    python tests/postgres_server.py python -m benchmarks append

Against plain eventsourcing: both sides begin with the same facts in a pydantic event and end with them committed. The
library maps and saves events as its documentation shows; mingzhang records commands of one event each, which means
canonical bytes, the chain, dense positions, command ids that are recorded once, the tree, and its head. Against its
bare recorder, and against COPY into a table with the same columns and indexes, both sides begin with finished bytes.
Runs of the sides take turns, in the same database or in files of the same folder; PostgreSQL as the server's superuser,
whom triggers that ask for duties let pass. Against the bare recorder nothing is wanted; the ratio is told.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
from eventsourcing.persistence import ApplicationRecorder, EventStore, JSONTranscoder, Mapper, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from eventsourcing.utils import get_topic
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict

from benchmarks.row import Options, Row, measured
from benchmarks.server import new_database
from domain.events.payment import PaymentSettled
from domain.fields import Citation, Source
from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256
from ledger.ledger import Command, Draft, Ledger
from ledger.store import Store
from ledger.writer import PreparedEntry, prepared

ORIGIN = "county.example/ledger"
OFFICER = "staff/MZ0001"
STREAMS = 500
SINGLES = 300  # transactions of one entry in a run
BULK = 10_000  # entries in one transaction
LIBRARY_BATCH = 500  # in PostgreSQL the library waits for ever on some MB at once; more than this gains it little
AT = "2026-11-21T08:00:00.000000Z"

Append = Callable[[Sequence[Any]], object]


class Wanted(NamedTuple):
    """The ratios to plain eventsourcing that are asked for."""

    one: float
    bulk: float


SQLITE_WANTED = Wanted(0.7, 0.8)
POSTGRES_WANTED = Wanted(1.5, 5.0)
COPY_WANTED = 0.6
_TOLD_ONLY = 0.0


class Sides(NamedTuple):
    """What appends in one database: events on both sides, then finished bytes on both sides, and COPY where it is."""

    events: Append
    library_events: Append
    entries: Append
    library_entries: Append
    copy_entries: Append | None


class SettledInLibrary(BaseModel):
    """The facts of a settled payment as a project that uses only the library would declare and keep them."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    originator_id: str
    originator_version: int
    timestamp: datetime
    by: str
    command: str
    transfer: str
    batch: str
    cash_month: str
    occurred_on: date
    amount_fen: int
    case: str
    source: Source


class PydanticMapper(Mapper[str]):
    """Maps pydantic events as the documentation of the library does, with its own transcoder."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Return the event with its state as JSON."""
        state = self.transcoder.encode(domain_event.model_dump(mode="json"))
        topic = get_topic(type(domain_event))
        return StoredEvent(domain_event.originator_id, domain_event.originator_version, topic, state)


def rows(options: Options) -> Iterator[Row]:
    """Yield the rows of both stores; those of PostgreSQL only with a server."""
    with sqlite_sides(options.scratch) as sides:
        yield from _compared("SQLite", sides, SQLITE_WANTED, options)
    if options.postgres:
        with postgres_sides(options.postgres) as sides:
            yield from _compared("PostgreSQL", sides, POSTGRES_WANTED, options)


@contextmanager
def sqlite_sides(folder: Path) -> Iterator[Sides]:
    """Return the sides, ours with two ledgers and the library's with two files."""
    names = iter(("events", "entries"))
    library = [SQLiteDatastore(f"{folder}/library-{name}.db", originator_id_type="text") for name in names]
    url = f"sqlite:///{folder}/{{}}.db"
    with (
        Ledger.create(url.format("a"), ORIGIN, SHA256, None) as a,
        Ledger.create(url.format("b"), ORIGIN, SHA256, None) as b,
    ):
        yield _sides(a, b.store, [SQLiteApplicationRecorder(one) for one in library], None)
    for one in library:
        one.close()


@contextmanager
def postgres_sides(server: str) -> Iterator[Sides]:
    """Return the sides in two new databases: one for what begins with events, one for finished bytes."""
    with new_database(server) as for_events, new_database(server) as for_entries:
        library = [_library_datastore(url) for url in (for_events, for_entries)]
        recorders = [PostgresApplicationRecorder(one) for one in library]
        with (
            Ledger.create(for_events, ORIGIN, SHA256, None) as a,
            Ledger.create(for_entries, ORIGIN, SHA256, None) as b,
            psycopg.connect(for_entries) as raw,
        ):
            yield _sides(a, b.store, recorders, _copying(raw))
        for one in library:
            one.close()


# Private


def _compared(name: str, sides: Sides, wanted: Wanted, options: Options) -> Iterator[Row]:
    """Yield the rows of one store: each side goes on with what it appended in the runs before."""
    commands, library_events, entries = _commands(), _library_events(), _entries()
    singles, bulk = options.sized(SINGLES), options.sized(BULK)
    for what, count, size, floor in (("one entry", singles, 1, wanted.one), ("10,000", 1, bulk, wanted.bulk)):
        title = f"append {what}, {name}"
        ours: list[float] = []
        other: list[float] = []
        for _ in range(options.runs):
            ours.append(_rate(sides.events, commands, count, size))
            other.append(_rate(sides.library_events, library_events, count, size))
        yield measured(title, "plain eventsourcing", ours, other, "/s", floor)
        finished: list[list[float]] = [[], [], []]
        for _ in range(options.runs):
            same = list(islice(entries, count * size))
            for rates, append in zip(finished, sides[2:], strict=True):
                if append is not None and (append is not sides.copy_entries or size > 1):
                    rates.append(_rate(append, iter(same), count, size))
        yield measured(f"{title}, finished bytes", "its bare recorder", finished[0], finished[1], "/s", _TOLD_ONLY)
        if finished[2]:
            yield measured(f"{title}, finished bytes", "COPY of the rows", finished[0], finished[2], "/s", COPY_WANTED)


def _rate(append: Append, source: Iterator[Any], count: int, size: int) -> float:
    batches = [list(islice(source, size)) for _ in range(count)]
    began = time.perf_counter()
    for batch in batches:
        append(batch)
    return count * size / (time.perf_counter() - began)


def _sides(ledger: Ledger, store: Store, recorders: Sequence[ApplicationRecorder], copying: Append | None) -> Sides:
    for recorder in recorders:
        recorder.create_table()  # type: ignore[attr-defined]
    events: EventStore[str] = EventStore(PydanticMapper(JSONTranscoder()), recorders[0])

    def record(commands: Sequence[Command]) -> None:
        if len(commands) == 1:
            ledger.record_command(commands[0], lambda: datetime.now(UTC))
            return
        with ledger.recording(lambda: datetime.now(UTC)) as recording:
            recording.record_all(commands)

    def append(entries: Sequence[PreparedEntry]) -> None:
        store.write(lambda writer: writer.append(entries), len(entries))

    def insert(entries: Sequence[PreparedEntry]) -> None:
        recorders[1].insert_events([StoredEvent(one.stream, one.seq, one.type, one.entry) for one in entries])

    return Sides(record, _in_parts(events.put), append, _in_parts(insert), copying)


def _in_parts(append: Append) -> Append:
    def parts(whole: Sequence[Any]) -> None:
        for start in range(0, len(whole), LIBRARY_BATCH):
            append(whole[start : start + LIBRARY_BATCH])

    return parts


def _stream(number: int) -> str:
    return f"case/SQ520121{number % STREAMS:08d}"


def _facts(number: int) -> dict[str, Any]:
    return {
        "transfer": f"T{number:010}",
        "batch": f"FF-202610-{number % 1000:04}",
        "cash_month": "2026-10",
        "occurred_on": date(2026, 10, number % 28 + 1),
        "amount_fen": 80_000 + number % 9_999,
        "case": f"SQ52012120240{number % 10_000_000:07}",
        "source": Source(file=Citation(seq=1, stream="import/main"), row=number + 1, sheet=1),
    }


def _commands() -> Iterator[Command]:
    """Yield commands of one event each, without end."""
    number = 0
    while True:
        yield Command(str(uuid4()), OFFICER, (Draft(_stream(number), PaymentSettled(**_facts(number))),))
        number += 1


def _library_events() -> Iterator[SettledInLibrary]:
    """Yield events with the same facts, for the library."""
    number = 0
    while True:
        yield SettledInLibrary(
            originator_id=_stream(number),
            originator_version=number // STREAMS + 1,
            timestamp=datetime.now(UTC),
            by=OFFICER,
            command=str(uuid4()),
            **_facts(number),
        )
        number += 1


def _entries() -> Iterator[PreparedEntry]:
    """Yield finished entries without end, each the only one of its command."""
    prevs: dict[str, bytes] = {}
    number = 0
    while True:
        stream, seq = _stream(number), number // STREAMS + 1
        prev = prevs.get(stream, NO_PREVIOUS)
        event = PaymentSettled(**_facts(number))
        entry = Entry(
            SHA256.name,
            ORIGIN,
            stream,
            seq,
            event.TOPIC,
            prev,
            AT,
            OFFICER,
            str(uuid4()),
            1,
            1,
            None,
            event.open_part(),
        )
        data = encode_entry(entry)
        prevs[stream] = SHA256.leaf(data)
        yield prepared(SHA256, ORIGIN, entry, data, None)
        number += 1


def _copying(connection: psycopg.Connection[Any]) -> Append:
    """Return what copies rows into a table with the same columns and indexes, and nothing else."""
    connection.execute("CREATE TABLE plain (LIKE mingzhang.entries INCLUDING ALL)")
    connection.commit()
    numbers = iter(range(10**9))
    columns = "position, stream, seq, type, at, by, command, entry, n, blob"

    def append(entries: Sequence[PreparedEntry]) -> None:
        with connection.cursor().copy(f"COPY plain ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "text", "int8", "text", "text", "text", "text", "bytea", "int8", "bytea"])
            for one in entries:
                copy.write_row(
                    (next(numbers), one.stream, one.seq, one.type, one.at, one.by, one.command, one.entry, 1, one.blob)
                )
        connection.commit()

    return append


def _library_datastore(url: str) -> PostgresDatastore:
    parts = conninfo_to_dict(url)
    place = (str(parts.get(name) or "") for name in ("dbname", "host", "port", "user", "password"))
    return PostgresDatastore(*place, originator_id_type="text")
