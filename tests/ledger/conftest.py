"""Stores to test, one for each backend, and entries to put into them."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256, Suite
from ledger.store import Store
from ledger.stores import create_store, open_store
from ledger.writer import PreparedEntry, Writer, prepared

ORIGIN = "county.example/ledger"
AT = "2026-11-21T08:00:00.000000Z"


class Stores:
    """Makes new stores of one backend, and opens them again by their address."""

    def __init__(self, new_url: Callable[[], str]) -> None:
        self._new_url = new_url
        self._opened: list[Store] = []
        self.url = ""

    def __call__(self, suite: Suite = SHA256) -> Store:
        self.url = self._new_url()
        return self._kept(create_store(self.url, ORIGIN, suite))

    def open(self, url: str | None = None, *, read_only: bool = False) -> Store:
        return self._kept(open_store(url or self.url, read_only=read_only))

    def close(self) -> None:
        for store in self._opened:
            store.close()

    def _kept(self, store: Store) -> Store:
        self._opened.append(store)
        return store


@pytest.fixture
def make_sqlite(tmp_path: Path) -> Iterator[Stores]:
    """Stores in SQLite files."""
    numbers = iter(range(1_000))
    stores = Stores(lambda: f"sqlite:///{tmp_path}/ledger-{next(numbers)}.db")
    yield stores
    stores.close()


@pytest.fixture
def make_postgres(new_postgres: Callable[[], str]) -> Iterator[Stores]:
    """Stores in databases of a PostgreSQL server."""
    stores = Stores(new_postgres)
    yield stores
    stores.close()


@pytest.fixture(params=["sqlite", "postgres"])
def make_store(request: pytest.FixtureRequest) -> Stores:
    """Stores of each backend in turn."""
    stores: Stores = request.getfixturevalue(f"make_{request.param}")
    return stores


class Commands:
    """Commands of small unsealed entries, as a writer wants them."""

    @staticmethod
    def made(
        writer: Writer, streams: Sequence[str], command: str | None = None, at: str = AT, topic: str = "note.made/1"
    ) -> list[PreparedEntry]:
        """Return one command with an entry for each stream named."""
        command = command or str(uuid.uuid4())
        heads: dict[str, tuple[int, bytes]] = {}
        entries = []
        for k, stream in enumerate(streams, 1):
            seq, prev = heads.get(stream) or writer.head_of(stream) or (0, NO_PREVIOUS)
            entry = Entry(
                suite=writer.suite.name,
                log=writer.origin,
                stream=stream,
                seq=seq + 1,
                type=topic,
                prev=prev,
                at=at,
                by="staff/MZ0001",
                command=command,
                k=k,
                n=len(streams),
                seal=None,
                payload={"number": writer.size + k},
            )
            data = encode_entry(entry)
            heads[stream] = (seq + 1, writer.suite.leaf(data))
            entries.append(prepared(writer.suite, writer.origin, entry, data, None))
        return entries


@pytest.fixture
def commands() -> type[Commands]:
    return Commands
