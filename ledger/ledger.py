"""The ledger: a store and, where personal data is to be sealed or opened, its keys."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from domain.recorded import Recorded
from ledger.errors import LedgerError
from ledger.hashing import Suite
from ledger.keystore import KeyStore
from ledger.late_writer import EarlierLog, LateWriter, late_writer
from ledger.opening import Opener
from ledger.recording import Command, Draft, Recording
from ledger.store import Reader, Record, Store, TreeHead
from ledger.store_errors import RaceLost
from ledger.stores import create_store, open_store
from ledger.topics import TOPICS
from ledger.writer import Writer

__all__ = ["Command", "Draft", "KeysForeign", "Ledger", "Recording"]

LATE_ATTEMPTS: Final = 2

Result = TypeVar("Result")


class KeysForeign(LedgerError):
    """The keys that were given are those of another ledger."""


class Ledger:
    """Recording and reading events; without keys, what is sealed stays closed."""

    def __init__(self, store: Store, keys: KeyStore | None) -> None:
        if keys is not None and (keys.origin, keys.suite.name) != (store.origin, store.suite.name):
            raise KeysForeign(
                f"keys: expected those of {store.origin} ({store.suite.name}), "
                f"found those of {keys.origin} ({keys.suite.name}); give the key folder made with this ledger"
            )
        self.store = store
        self.keys = keys
        self._opener = Opener(store.suite, store.origin, keys)

    @classmethod
    def create(cls, url: str, origin: str, suite: Suite, keys: KeyStore | None) -> Self:
        """Make an empty ledger; raises StoreError when its place is taken or cannot be."""
        return cls(create_store(url, origin, suite), keys)

    @classmethod
    def open(cls, url: str, keys: KeyStore | None, *, read_only: bool = False) -> Self:
        """Open a ledger that exists; raises StoreError when there is none, KeysForeign for another's keys."""
        store = open_store(url, read_only=read_only)
        try:
            return cls(store, keys)
        except LedgerError:
            store.close()
            raise

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.store.origin

    @property
    def suite(self) -> Suite:
        """The hash suite of the log."""
        return self.store.suite

    @property
    def size(self) -> int:
        """The number of entries that are committed."""
        return self.store.head().size

    def head(self) -> TreeHead:
        """Return the tree head of the last committed transaction."""
        return self.store.head()

    @contextmanager
    def recording(self, clock: Callable[[], datetime], *, late: bool = False) -> Iterator[Recording]:
        """Record commands in one transaction, committed when the context ends, rolled back on any exception.

        The lock of the one writer is taken at the beginning, or, when `late`, at the end, for the time of writing
        alone; then RaceLost may leave the context instead, with nothing written. New sealing keys are durable before
        the entries that they sealed, so no committed entry lacks its key.
        """
        if late:
            with late_writer(self.store) as late_one:
                yield self._recording(late_one, late_one.earlier, clock)
                self._flush_keys()
        else:
            with self.store.writer() as writer:
                yield self._recording(writer, self.store, clock)
                self._flush_keys()

    def record(self, clock: Callable[[], datetime], work: Callable[[Recording], Result]) -> Result:
        """Do `work` in one transaction that takes the lock late; return what it returns.

        When others were first, the work is done anew from its beginning: late once more, then with the lock taken
        first, so that it ends. `work` may therefore run up to three times, and only its last run counts.
        """
        for _ in range(LATE_ATTEMPTS):
            with suppress(RaceLost), self.recording(clock, late=True) as recording:
                return work(recording)
        with self.recording(clock) as recording:
            return work(recording)

    def record_command(self, command: Command, clock: Callable[[], datetime]) -> tuple[Recorded, ...]:
        """Record one command in a transaction of its own, faster than `recording` where nobody else writes.

        Raises what `Recording.record` raises.
        """

        def body(writer: Writer) -> tuple[Recorded, ...]:
            recorded = self._recording(writer, self.store, clock).record(command)
            self._flush_keys()
            return recorded

        return self.store.write(body, len(command.drafts))

    def events(self, start: int = 0, stop: int | None = None, *, open_sealed: bool = True) -> Iterator[Recorded]:
        """Yield the events of positions start … stop - 1 in order, streaming."""
        for record in self.store.records(start, stop):
            yield self._opener.recorded(record, open_sealed=open_sealed)

    def stream(self, name: str, *, open_sealed: bool = True) -> Iterator[Recorded]:
        """Yield the events of one stream in order."""
        for record in self.store.stream(name):
            yield self._opener.recorded(record, open_sealed=open_sealed)

    def events_of_type(self, topic: str, *, open_sealed: bool = True) -> Iterator[Recorded]:
        """Yield the events of one topic in the order of position."""
        for record in self.store.records_of_type(topic):
            yield self._opener.recorded(record, open_sealed=open_sealed)

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Recorded]:
        """Yield the events of these topics among positions start … stop - 1; sealed parts only of those in `opened`.

        For whoever reads many: the type column selects, and `Opener.glanced` reads.
        """
        stored = [name for name, event_class in TOPICS.items() if event_class.TOPIC in topics]
        yield from map(self._opener.glanced, self.store.selected(stored, self._with_blobs(opened), start, stop))

    def by_stream(self, prefix: str, opened: Collection[str], stop: int) -> Iterator[Recorded]:
        """Yield the events before position `stop` of all streams that begin with `prefix`, stream after stream.

        Sealed parts only of the topics in `opened`. For whoever reads many; see `Opener.glanced`.
        """
        yield from map(self._opener.glanced, self.store.by_stream(prefix, self._with_blobs(opened), stop))

    def at(self, positions: Collection[int], opened: Collection[str] | None = None) -> Iterator[Recorded]:
        """Yield the events at these positions, in any order, as `by_stream` reads them; all opened unless told."""
        if opened is None:
            yield from map(self._opener.glanced, self.store.records_at(positions))
            return
        with_blobs = frozenset(self._with_blobs(opened))
        for record in self.store.records_at(positions):
            yield self._opener.glanced(record if record.type in with_blobs else record._replace(blob=None))

    def event(self, position: int) -> Recorded | None:
        """Return the event at a position, None when there is none."""
        record = self.store.record(position)
        return self._opener.recorded(record) if record else None

    def find(self, command_id: str) -> tuple[Recorded, ...] | None:
        """Return all entries of a recorded command, None when there is none of that id."""
        found = self.store.command(command_id)
        return tuple(self.events(found.position, found.position + found.n)) if found else None

    def open_strictly(self, record: Record) -> tuple[dict[str, Any], bytes]:
        """Return the sealed object of a row and its salt S; raises KeyGone or SealError where it cannot be."""
        return self._opener.open_strictly(record)

    def close(self) -> None:
        """Give back the store's connections; the keys stay with whoever opened them."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Private

    def _with_blobs(self, opened: Collection[str]) -> list[str]:
        """Return the stored topics whose sealed parts are to be read along: none without keys."""
        return (
            [name for name, event_class in TOPICS.items() if event_class.TOPIC in opened]
            if self.keys is not None
            else []
        )

    def _recording(
        self, writer: Writer | LateWriter, earlier: Reader | EarlierLog, clock: Callable[[], datetime]
    ) -> Recording:
        return Recording(writer, earlier, self._opener, self.keys, clock)

    def _flush_keys(self) -> None:
        if self.keys is not None:
            self.keys.flush()
