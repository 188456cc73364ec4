"""What a store of the log promises, whatever database is below it.

A store holds rows, and these are all of them: entries with their index columns, sealed blobs, command ids, one tree
head per committed transaction, the tiles of the tree, and checkpoints. Positions are dense from 0. Everything that
one writer appends becomes visible together, with its tree head and tiles, or not at all; nothing is changed or
removed afterwards. Reading streams in constant memory and sees one moment of the log from its first row to its last.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

from ledger.hashing import Suite
from ledger.store_errors import StoreDamaged

BATCH_ROWS = 512

Result = TypeVar("Result")
Row = tuple[Any, ...]  # the columns of a Record, of whatever type they are found to be

if TYPE_CHECKING:
    from ledger.writer import Writer

# Rows are named tuples because millions of them are made in one reading.


class Record(NamedTuple):
    """One stored entry: the index columns as they stand beside the bytes, the bytes, and the sealed blob."""

    position: int
    stream: str
    seq: int
    type: str
    at: str
    by: str
    command: str
    entry: bytes
    blob: bytes | None


class TreeHead(NamedTuple):
    """The tree of the first `size` entries: its RFC 6962 root."""

    size: int
    root: bytes


class StoredCommand(NamedTuple):
    """A recorded command id, with the position of its first entry and the number of its entries."""

    command: str
    position: int
    n: int


class StoredTile(NamedTuple):
    """One tile of the tree: up to 256 hashes of 32 bytes, joined."""

    level: int
    idx: int
    hashes: bytes


class StoredCheckpoint(NamedTuple):
    """A signed note over the tree of the first `size` entries."""

    size: int
    note: bytes


class DatabaseFault(NamedTuple):
    """What a database says of itself that must not be: which object, what was expected of it, what it is."""

    object: str
    expected: str
    found: str


def batched(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    """Yield rows in batches; where reading fails, first what was read until then."""
    batch: list[Row] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
    except StoreDamaged:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


class Reader(ABC):
    """Reading the log. Each call sees one moment of it; a `Store.snapshot` sees the same moment in all calls."""

    @property
    @abstractmethod
    def origin(self) -> str:
        """The name of the log, which stands in every entry."""

    @property
    @abstractmethod
    def suite(self) -> Suite:
        """The hash suite that the log keeps for ever."""

    @property
    def withholds_sealed(self) -> bool:
        """Whether rows come without their sealed parts, because whoever reads may not open them."""
        return False

    @abstractmethod
    def head(self) -> TreeHead:
        """Return the tree head of the last committed transaction; size 0 and H("") when there is none."""

    @abstractmethod
    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield the rows of positions start … stop - 1 in order; to the end of the log when stop is None."""

    @abstractmethod
    def stream(self, name: str, start_seq: int = 1) -> Iterator[Record]:
        """Yield the rows of one stream in the order of seq."""

    @abstractmethod
    def last_of(self, stream: str) -> Record | None:
        """Return the last row of a stream, or None when there is no such stream."""

    @abstractmethod
    def records_of_type(self, topic: str) -> Iterator[Record]:
        """Yield the rows of one topic in the order of position."""

    @abstractmethod
    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Record]:
        """Yield the rows of these topics among positions start … stop - 1 in order; blobs only of those in `opened`."""

    def by_stream(self, prefix: str, opened: Collection[str], stop: int) -> Iterator[Record]:
        """Yield the rows of all streams that begin with `prefix`, stream after stream, each in the order of seq.

        Streams come ascending by bytes. Only rows before position `stop`; blobs only of the topics in `opened`.
        """
        rows = (row for name in self.stream_names(prefix) for row in self.stream(name) if row.position < stop)
        return (row if row.type in opened else row._replace(blob=None) for row in rows)

    @abstractmethod
    def record(self, position: int) -> Record | None:
        """Return one row, or None when there is none at that position."""

    @abstractmethod
    def stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the name of each stream that begins with `prefix`, each once, ascending by bytes."""

    @abstractmethod
    def blob_positions(self, start: int | None = None, stop: int | None = None) -> Iterator[int]:
        """Yield the positions, start … stop - 1, that have a sealed blob, ascending; also of blobs of no entry."""

    @abstractmethod
    def commands(self, start: int | None = None, stop: int | None = None) -> Iterator[StoredCommand]:
        """Yield the command ids that are recorded at positions start … stop - 1, in the order of position."""

    @abstractmethod
    def command(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, or None when it is not."""

    # Of many at once, for whoever knows what will be asked; a store to which each question is a journey asks once.

    def commands_among(self, commands: Collection[str]) -> Iterator[StoredCommand]:
        """Yield where these commands are recorded, those that are, in any order."""
        return (found for command in commands if (found := self.command(command)) is not None)

    def last_of_each(self, streams: Collection[str]) -> Iterator[tuple[str, int, bytes]]:
        """Yield name, seq and bytes of the last entry of these streams, those that there are, in any order."""
        return ((last.stream, last.seq, last.entry) for name in streams if (last := self.last_of(name)) is not None)

    def records_at(self, positions: Collection[int]) -> Iterator[Record]:
        """Yield the rows at these positions, those that there are, in any order."""
        return (found for position in positions if (found := self.record(position)) is not None)

    @abstractmethod
    def heads(self, start: int | None = None, stop: int | None = None) -> Iterator[TreeHead]:
        """Yield the tree head of each committed transaction, of sizes start … stop - 1, ascending by size."""

    @abstractmethod
    def tiles(self) -> Iterator[StoredTile]:
        """Yield the tiles, ascending by level and index."""

    @abstractmethod
    def tile(self, level: int, index: int) -> bytes | None:
        """Return the hashes of one tile, joined, or None when it is not stored."""

    @abstractmethod
    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Yield the checkpoints, ascending by size, and in the order of their notes' bytes within one size."""


class Inspection(Reader):
    """A snapshot for an auditor: text that is no UTF-8 is handed out with its bytes escaped, not refused.

    Columns are handed out as they are found, of whatever type. StoreDamaged means that a part cannot be read.
    """

    derived: bool = False
    """Whether columns come from the entries' own bytes, there is no table of commands, and blobs may be left out."""

    @property
    def moment(self) -> str:
        """What `Store.inspection` needs to see the same moment as long as this one lasts, in another process too."""
        return ""

    def batches(self, start: int, stop: int | None = None) -> Iterator[Sequence[Row]]:
        """Yield what `records` yields, `BATCH_ROWS` at a time and perhaps as plain tuples."""
        return batched(self.records(start, stop))

    @abstractmethod
    def faults(self) -> Iterator[DatabaseFault]:
        """Yield tables, guards and pages that are missing, changed or broken, as the database tells it."""


class Inspectable(Protocol):
    """Whatever can be verified: a store, or a log that is just being made."""

    def inspection(self) -> AbstractContextManager[Inspection]:
        """Return a reader of one moment of the log for somebody who trusts neither rows nor tables."""


class Store(Reader):
    """A log in a database: reading it, appending to it, and keeping checkpoints beside it."""

    read_only: bool

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Reader]:
        """Return a reader that sees one moment of the log until the context ends."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The address by which this store can be opened again; it may hold a password."""

    @abstractmethod
    def inspection(self, moment: str = "") -> AbstractContextManager[Inspection]:
        """Return a reader of one moment of the log for somebody who trusts neither rows nor tables.

        It is the `moment` of another inspection where the database can go back to one; otherwise, the latest.
        """

    @abstractmethod
    def watched(self) -> AbstractContextManager[Callable[[], bool]]:
        """Return a question: do inspections begun since now, with one `moment`, all see the same of the log?"""

    @abstractmethod
    def writer(self) -> AbstractContextManager["Writer"]:
        """Return the only writer there is at this moment: one transaction, committed when the context ends.

        An exception that leaves the context rolls everything back. Raises DatabaseBusy when another process holds
        the lock too long, StoreReadOnly when the store was opened for reading, and StoreDamaged when the last tree
        head and the entries do not agree.
        """

    def write(self, body: Callable[["Writer"], Result], entries: int) -> Result:
        """Run `body` with a writer, commit, and return what it returned; `entries` says how many it will append.

        A store may first try without the lock, which is faster while nobody else writes. Where that fails nothing is
        left of it, and `body` is run once more with the lock: it must do nothing but with the writer. Refuses what
        `writer` and `Writer.append` refuse.
        """
        with self.writer() as writer:
            return body(writer)

    @abstractmethod
    def check_may_add_checkpoint(self) -> None:
        """Raise StoreReadOnly or DutyMissing when `add_checkpoint` would be refused: ask before anything is signed."""

    @abstractmethod
    def add_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed note over the first `size` entries; the same note again changes nothing.

        Raises AppendRefused when the log is shorter than `size`.
        """

    @abstractmethod
    def close(self) -> None:
        """Give back the connections; the store cannot be used afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
