"""How fast the registers are made anew, against a replay of the same events by `eventsourcing`, on each store.

The log is a county's: 2,000 simulated households over 24 months, imported once. The library holds the same events in
its own tables of the same kind of database, as JSON of pydantic classes, nothing sealed. It replays them as a project
does with what it brings: `select_notifications` page by page, a mapper that reads each event with pydantic, then the
same handlers, the same rows and one transaction for each page. (Its `ProjectionRunner` needs a subscription, which
SQLite lacks, and commits event by event, which is twenty times slower.) The caseload is the registers that it is
asked of; the library replays all events, or only those topics where the row says so.
"""

import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from psycopg.conninfo import conninfo_to_dict

from benchmarks.county_ledger import CountyLedger, copy_ledger, make_county
from benchmarks.row import Options, Row, measured
from benchmarks.server import new_database
from domain.events.base import Event
from domain.recorded import Recorded
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.topics import TOPICS
from projections.batch import BatchMaker
from projections.databases import open_database
from projections.follower import Follower
from projections.register import Register
from projections.registers.case_facts import CASE_FACTS
from projections.registers.delivery_facts import DELIVERY_FACTS
from projections.registry import REGISTERS

CASELOAD = (DELIVERY_FACTS, CASE_FACTS)
PAGE_EVENTS = 5_000
_LIBRARY_BATCH = 500  # see benchmarks/append.py


def rows(options: Options) -> Iterator[Row]:
    """Yield the rows of SQLite, then those of PostgreSQL where there is a server."""
    county = make_county(options)
    with closing(SQLiteDatastore(str(options.scratch / "library.db"), originator_id_type="text")) as datastore:
        yield from _compared("SQLite", county, county.url, SQLiteApplicationRecorder(datastore), options.runs)
    if options.postgres is not None:
        with new_database(options.postgres) as url, closing(_postgres_datastore(url)) as postgres:
            copy_ledger(county.url, url)
            yield from _compared("PostgreSQL", county, url, PostgresApplicationRecorder(postgres), options.runs)


@dataclass(frozen=True)
class LibraryEvent:
    """An event as the library's mapper gives it out: with the id and version of its originator."""

    originator_id: str
    originator_version: int
    event: Event


class PydanticMapper(Mapper[str]):
    """Writes events as JSON by pydantic and reads them with all their checks, as the library's guide shows."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Return the row of an event."""
        state = domain_event.event.model_dump_json(exclude_none=True).encode()
        place = (domain_event.originator_id, domain_event.originator_version)
        return StoredEvent(*place, domain_event.event.TOPIC, state)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Return the event of a row."""
        event = TOPICS[stored_event.topic].model_validate_json(stored_event.state)
        return LibraryEvent(str(stored_event.originator_id), stored_event.originator_version, event)


class LibrarySource:
    """The library's tables as a source of events: read page by page and mapped, all topics or those that are asked."""

    def __init__(self, recorder: Any, keys: KeyStore) -> None:
        self._recorder = recorder
        self._mapper = PydanticMapper(JSONTranscoder())
        self.keys = keys  # for the pseudonyms of persons
        self.filters = False
        recorder.create_table()

    @property
    def size(self) -> int:
        """The number of events."""
        return self._recorder.max_notification_id() or 0

    def fill(self, ledger: Ledger) -> None:
        """Insert the events of a ledger, opened, under ids that are their positions and one."""
        events = ledger.events()
        while held := list(islice(events, _LIBRARY_BATCH)):
            known = (LibraryEvent(one.stream, one.seq, one.event) for one in held if one.event is not None)
            self._recorder.insert_events([self._mapper.to_stored_event(one) for one in known])

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Recorded]:
        """Yield the events of one page."""
        asked = tuple(topics) if self.filters else ()
        for notification in self._recorder.select_notifications(start + 1, stop - start, stop, asked):
            found = self._mapper.to_domain_event(notification)
            place = (notification.id - 1, found.originator_id, found.originator_version, notification.topic)
            yield Recorded(*place, _MOMENT, _ACTOR, _COMMAND, found.event, True)


def library_seconds(source: LibrarySource, url: str, registers: Sequence[Register]) -> float:
    """Return how long a replay into new tables takes, a transaction for each page; the tables are dropped after it."""
    tables = [table for register in registers for table in register.tables]
    maker, size = BatchMaker(source, registers), source.size
    with closing(open_database(url)) as database:
        started = time.perf_counter()
        with database.writing():
            for table in tables:
                database.run(table.create(_PREFIX, database.types))
        for start in range(0, size, PAGE_EVENTS):
            found = maker.batch(start, min(start + PAGE_EVENTS, size)).rows
            with database.writing():
                for table in tables:
                    database.run_many(table.insert(_PREFIX), found.get(table.name, ()))
        taken = time.perf_counter() - started
        with database.writing():
            for table in tables:
                database.run(f"DROP TABLE {_PREFIX}{table.name}")
    return taken


def our_seconds(url: str, keys: KeyStore | None, registers: Sequence[Register]) -> float:
    """Return how long a rebuild takes, indexes and swap included."""
    with Ledger.open(url, keys, read_only=True) as ledger, closing(open_database(url)) as database:
        started = time.perf_counter()
        Follower(ledger, database, registers).rebuild()
        return time.perf_counter() - started


# Private

_PREFIX = "library_"
_MOMENT, _ACTOR, _COMMAND = datetime.now(UTC), "system/import", str(uuid.UUID(int=0))


def _compared(store: str, county: CountyLedger, url: str, recorder: Any, runs: int) -> Iterator[Row]:
    with county.open_keys() as keys:
        source = LibrarySource(recorder, keys)
        with Ledger.open(url, keys, read_only=True) as ledger:
            source.fill(ledger)
            size = ledger.size
        assert source.size == size
        for what, registers, wanted in (("the caseload", CASELOAD, 5.0), ("all registers", REGISTERS, 2.0)):
            seconds: dict[str, list[float]] = {"every": [], "asked": [], "opened": [], "closed": []}
            for _ in range(runs):
                for way, filters in (("every", False), ("asked", True)):
                    source.filters = filters
                    seconds[way].append(library_seconds(source, url, registers))
                for way, at_hand in (("opened", keys), ("closed", None)):
                    seconds[way].append(our_seconds(url, at_hand, registers))
            rates = {way: [size / one for one in taken] for way, taken in seconds.items()}
            for way, note in (("opened", "sealed facts opened"), ("closed", "without keys")):
                title = f"rebuild {what}, {store}, {note}"
                yield measured(title, "eventsourcing's replay", rates[way], rates["every"], "/s", wanted)
                yield measured(title, "its replay of those topics alone", rates[way], rates["asked"], "/s", 1.0)


def _postgres_datastore(url: str) -> PostgresDatastore:
    parts = conninfo_to_dict(url)
    place = (str(parts.get(name) or "") for name in ("dbname", "host", "port", "user", "password"))
    return PostgresDatastore(*place, originator_id_type="text")
