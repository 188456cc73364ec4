"""Appending: the part that is the same in every database.

A writer lives in one transaction. It checks that each entry follows its stream and that each command is whole and
new, gives dense positions, and grows the tree. Rows leave in chunks and full tiles as they fill, so that an import
of millions of entries in one transaction needs no more memory than a small one; `finish` writes the right edge of
the tree and the tree head, and the store commits.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from ledger.entry import NO_PREVIOUS, Entry
from ledger.errors import FormatError
from ledger.hashing import Suite
from ledger.store import Record, StoredCommand, TreeHead
from ledger.store_errors import CommandIncomplete, CommandRepeated, StoreDamaged, StreamConflict
from ledger.tiles import Tile, TileReader, TreeWriter

CHUNK_ROWS = 2_000
CACHED_STREAMS_MAX = 100_000


class PreparedEntry(NamedTuple):
    """An entry ready to append: its bytes, and what the writer needs to know of them."""

    stream: str
    seq: int
    type: str
    prev: bytes
    at: str
    by: str
    command: str
    k: int
    n: int
    entry: bytes
    blob: bytes | None


class StreamHead(NamedTuple):
    """The last entry of a stream: its seq, and its leaf hash, which is the next entry's `prev`."""

    seq: int
    leaf: bytes


class Tip(NamedTuple):
    """What a writer knew when it had committed: of use to the next one if nobody wrote in between."""

    head: TreeHead
    tree: TreeWriter
    stream_heads: dict[str, StreamHead]
    at: str | None


class Writer(ABC):
    """One appending transaction; a database supplies the abstract methods.

    A `known` tip is gone on from where its head is that of the log: whatever has the same root has the same entries.
    """

    def __init__(
        self, origin: str, suite: Suite, head: TreeHead, rows: int, read_tile: TileReader, known: Tip | None = None
    ) -> None:
        if rows != head.size:
            raise StoreDamaged(
                where="tree head",
                expected=f"a head of size {rows}, the number of stored entries",
                found=f"a head of size {head.size}",
                mend="run `mingzhang audit verify`; restore the database from a copy that verifies",
            )
        self.origin = origin
        self.suite = suite
        if known is None or known.head != head:
            known = Tip(head, TreeWriter.restored(suite, head.size, read_tile), {}, None)
        self._head, self._tree, self._stream_heads, self._latest_at = known
        self._size = head.size
        self._failed = False
        self._unrecorded: set[str] = set()  # commands that are known to be absent from the database
        self._clear()

    def goes_on_from(self, known: Tip) -> bool:
        """Say whether nobody wrote since this tip."""
        return self._tree is known.tree

    @property
    def size(self) -> int:
        """The number of entries, those of this transaction included: the position that comes next."""
        return self._size

    def head_of(self, stream: str) -> StreamHead | None:
        """Return the last entry of a stream, or None when the stream is new."""
        head = self._stream_heads.get(stream)
        if head is None:
            last = self._select_last_of(stream)
            if last is not None:
                head = self._stream_heads[stream] = StreamHead(last[0], self.suite.leaf(last[1]))
        return head

    def latest_at(self) -> str | None:
        """Return the `at` of the last entry, or None when the log is empty."""
        if self._latest_at is None and self._size:
            self._latest_at = self._select_at(self._size - 1)
        return self._latest_at

    def command_position(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, by this transaction or an earlier one; None when it is new."""
        position = self._new_commands.get(command)
        if position is None:
            return self._select_command(command)
        return StoredCommand(command, position, self._waiting[position - self._first_waiting].n)

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:  # noqa: B027 where it costs none
        """Be told what the next appends will be about; where a question costs a journey, all are asked at once."""

    def append(self, entries: Sequence[PreparedEntry]) -> range:
        """Append whole commands and return their positions; nothing is appended when anything is refused.

        Raises CommandIncomplete, CommandRepeated and StreamConflict.
        """
        leaves = self._hashed(entries)
        commands = self._checked_commands(entries)
        stream_heads = self._chained(entries, leaves)
        first = self._size
        self._new_commands.update({one.command: first + i for i, one in enumerate(entries) if one.k == 1})
        self._waiting += entries
        self._leaves += leaves
        self._stream_heads.update(stream_heads)
        self._size += len(entries)
        self._unrecorded -= commands
        if entries:
            self._latest_at = entries[-1].at
        if len(self._waiting) >= CHUNK_ROWS:
            self.flush()
        return range(first, self._size)

    def flush(self) -> None:
        """Hand the waiting rows to the database, still inside the transaction."""
        self._failed = True  # until proved otherwise: a caller that swallows the error must not commit a part
        if self._waiting:
            self._insert_rows(self._first_waiting, self._waiting, self._grow)
            self._put_tiles(self._tree.take_full())
        self._failed = False
        self._clear()
        if len(self._stream_heads) > CACHED_STREAMS_MAX:
            self._stream_heads.clear()

    def finish(self) -> TreeHead:
        """Write everything that is waiting, the right edge of the tree and the tree head; the store commits next."""
        if self._failed:
            raise StoreDamaged(
                where="transaction",
                expected="every row of the transaction written",
                found="an earlier failure that the caller went on from",
                mend="let the error leave the writer's context, so that the transaction is rolled back",
            )
        self.flush()
        head = TreeHead(self._size, self._tree.root())
        if self._size > self._head.size:
            self._put_tiles(self._tree.take_changed())
            self._insert_head(head)
            self._head = head
        return head

    def tip(self) -> Tip:
        """Return what the next writer may go on from, once this one is finished and committed."""
        return Tip(self._head, self._tree, self._stream_heads, self._latest_at)

    # What a database supplies

    @abstractmethod
    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1, those of this transaction included."""

    @abstractmethod
    def stream(self, name: str) -> list[Record]:
        """Return the rows of one stream in the order of seq, those of this transaction included."""

    @abstractmethod
    def records_of_type(self, topic: str) -> list[Record]:
        """Return the rows of one topic in the order of position, those of this transaction included."""

    @abstractmethod
    def later_than(self, at: str) -> Iterator[tuple[str, str, int]]:
        """Yield at, stream and seq of each entry whose `at` is later, the latest first; reads the whole log."""

    @abstractmethod
    def _select_last_of(self, stream: str) -> tuple[int, bytes] | None:
        """Return (seq, entry) of the last stored row of a stream."""

    @abstractmethod
    def _select_at(self, position: int) -> str | None:
        """Return the `at` of a stored row."""

    @abstractmethod
    def _select_command(self, command: str) -> StoredCommand | None:
        """Return a stored command."""

    @abstractmethod
    def _insert_rows(self, first: int, entries: Sequence[PreparedEntry], meanwhile: Callable[[], None]) -> None:
        """Insert the rows of positions first, first + 1, …, and what is beside them.

        Calls `meanwhile` once: where rows are inserted elsewhere, while they are.
        """

    @abstractmethod
    def _put_tiles(self, tiles: Sequence[Tile]) -> None:
        """Insert each tile, or grow it when its `stored_width` is not 0."""

    @abstractmethod
    def _insert_head(self, head: TreeHead) -> None:
        """Insert the tree head of this transaction."""

    # Private

    def _hashed(self, entries: Sequence[PreparedEntry]) -> list[bytes]:
        """Return the leaf hashes; a database reads beside it what the checks of many will ask."""
        return self.suite.leaves([one.entry for one in entries])

    @property
    def _first_waiting(self) -> int:
        return self._size - len(self._waiting)

    def _grow(self) -> None:
        self._tree.extend(self._leaves)

    def _clear(self) -> None:
        self._waiting: list[PreparedEntry] = []
        self._new_commands: dict[str, int] = {}  # position of the first entry
        self._leaves: list[bytes] = []

    def _checked_commands(self, entries: Sequence[PreparedEntry]) -> set[str]:
        """Return the ids of the commands; CommandIncomplete, or CommandRepeated when one is not new."""
        firsts = _firsts_of_commands(entries)
        ids = {first.command for first in firsts}
        if len(ids) == len(firsts) and ids <= self._unrecorded and ids.isdisjoint(self._new_commands):
            return ids
        seen: set[str] = set()
        for first in firsts:
            recorded = self.command_position(first.command)
            if recorded is not None or first.command in seen:
                raise CommandRepeated(
                    where=f"command {first.command}",
                    expected="an id that is not recorded yet",
                    found=f"its entries at position {recorded.position}" if recorded else "it twice in one append",
                    mend="nothing to do when it is the same command again; otherwise give the new one its own id",
                )
            seen.add(first.command)
        return ids

    def _chained(self, entries: Sequence[PreparedEntry], leaves: Sequence[bytes]) -> dict[str, StreamHead]:
        """Return the stream heads after these entries; StreamConflict when one does not follow."""
        stream_heads: dict[str, StreamHead] = {}
        for one, leaf in zip(entries, leaves, strict=True):
            stream = one.stream
            head = stream_heads.get(stream) or self.head_of(stream)
            seq, prev = (head.seq + 1, head.leaf) if head else (1, NO_PREVIOUS)
            if one.seq != seq or one.prev != prev:
                raise StreamConflict(
                    where=f"stream {stream}",
                    expected=f"seq {seq} after {prev.hex()}",
                    found=f"seq {one.seq} after {one.prev.hex()}",
                    mend="read the stream again and decide anew: somebody else may have recorded something first",
                )
            stream_heads[stream] = _new(StreamHead, (seq, leaf))
        return stream_heads


def prepared(suite: Suite, origin: str, entry: Entry, data: bytes, blob: bytes | None) -> PreparedEntry:
    """Return an entry ready to append; `data` is its bytes.

    Raises FormatError when it belongs to another log, or when its blob is missing, not its own, or too much.
    """
    if (entry.suite, entry.log) != (suite.name, origin):
        raise FormatError("log", f"expected {suite.name} {origin}, found {entry.suite} {entry.log}")
    if (entry.seal is None) != (blob is None):
        raise FormatError("sealed", "expected a blob exactly where the entry names one")
    if entry.seal is not None and blob is not None and suite.hash(blob) != entry.seal.blob_hash:
        raise FormatError("sealed", "the blob is not the one that the entry names")
    return PreparedEntry(
        entry.stream, entry.seq, entry.type, entry.prev, entry.at, entry.by, entry.command, entry.k, entry.n, data, blob
    )


# Private

_new = tuple.__new__  # a StreamHead without the detour by keywords, for one is made for each entry


def _firsts_of_commands(entries: Sequence[PreparedEntry]) -> Sequence[PreparedEntry]:
    """Return the first entry of each command; CommandIncomplete when one is not whole."""
    if len([one for one in entries if one.k == 1 and one.n == 1]) == len(entries):
        return entries
    firsts, start = [], 0
    while start < len(entries):
        first = entries[start]
        end = start + first.n
        for k, one in enumerate(entries[start:end], 1):
            if (one.command, one.k, one.n, one.at, one.by) != (first.command, k, first.n, first.at, first.by):
                raise _incomplete(first, f"{one.k}/{one.n} of command {one.command} in place {k}")
        if end > len(entries):
            raise _incomplete(first, f"only {len(entries) - start}")
        firsts.append(first)
        start = end
    return firsts


def _incomplete(first: PreparedEntry, found: str) -> CommandIncomplete:
    return CommandIncomplete(
        where=f"command {first.command}",
        expected=f"its {first.n} entries in order, with the same time and officer",
        found=found,
        mend="append all entries of a command in one call",
    )
