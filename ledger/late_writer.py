"""A writer that takes the lock of the one writer at its end only: optimistic recording.

Everything that an entry's bytes need (its stream's last entry, the command ids, the time) is read from one moment of
the log, its base, without any lock, and what is appended waits in a spool. At the end the lock is taken, what others
recorded since the base is looked at, and everything is appended and committed, or RaceLost is raised and nothing is.
This is optimistic concurrency control with backward validation (Kung and Robinson, ACM TODS 6:2, 1981).

In a log that is only appended to, what was there stays there. What others record can therefore make wrong only what
a recording wrote, or found to be absent, or read to its end:

    a stream or a command of its own                  recorded by others since the base
    a stream or a command that it looked for          was absent, and is no more
    a stream, a topic, names of streams, all read     others added to them
    the clock, the keys                               a correction, or a request to erase, came in between

Positions are provisional until then: base size + i. Those that are appended follow what others recorded. No entry's
bytes and no citation holds a position, so that nothing else is changed by that. Times are what they were when each
command was recorded, which the rule of the clock allows up to 300 s behind what others recorded; what waited longer
is dated anew, and chained anew, before the lock is taken. No seal is bound to either.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import chain

from ledger.chain import BEHIND_MAX, CLOCK_CORRECTED, ERASURE_REQUESTED
from ledger.entry import format_time, parse_time
from ledger.look_ahead import LookAhead
from ledger.spool import Spool
from ledger.store import Reader, Record, Store, StoredCommand
from ledger.store_errors import CommandRepeated, RaceLost, StoreDamaged, StoreReadOnly
from ledger.writer import PreparedEntry, StreamHead

APPEND_ROWS = 2_000
CACHED_NAMES_MAX = 100_000
REDATED_MAX = timedelta(days=1)  # a clock that is further ahead is wrong, and no time is taken from it


@contextmanager
def late_writer(store: Store) -> Iterator["LateWriter"]:
    """Return a writer for one recording; what it was given is appended and committed when the context ends.

    An exception that leaves the context leaves nothing in the log. Raises RaceLost when somebody else was first, with
    nothing written, and what `Store.writer` raises.
    """
    if store.read_only:
        mend = "open the ledger for writing"
        raise StoreReadOnly(where=store.origin, expected="a store open for writing", found="a reader", mend=mend)
    with ExitStack() as spools:
        with store.snapshot() as base:
            size = base.head().size
            _check_size(base, size)
            writer = LateWriter(base, spools.enter_context(Spool(size)))
            yield writer
        writer.commit(store)


class EarlierLog:
    """The log as it was before a recording; what is read to its end here must not have grown when it is committed."""

    def __init__(self, base: Reader) -> None:
        self._base = base
        self.topics = {CLOCK_CORRECTED, ERASURE_REQUESTED}  # time and keys rest on what these say
        self.prefixes: set[str] = set()

    def records_of_type(self, topic: str) -> Iterator[Record]:
        """Yield the rows of one topic in the order of position."""
        self.topics.add(topic)
        return self._base.records_of_type(topic)

    def stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the name of each stream that begins with `prefix`, each once, ascending by bytes."""
        self.prefixes.add(prefix)
        return self._base.stream_names(prefix)


class LateWriter:
    """What a recording needs of a writer, without the lock; see `ledger.writer.Writer`, whose words these are."""

    def __init__(self, base: Reader, spool: Spool) -> None:
        self.origin = base.origin
        self.suite = base.suite
        self.earlier = EarlierLog(base)
        self._base = base
        self._ahead = LookAhead(base, spool.start)
        self._spool = spool
        self._stream_heads: dict[str, StreamHead] = {}
        self._seen = spool.start  # what others recorded below this position was looked at
        self._absent: set[str] = set()  # streams and commands that are still absent
        self._latest_at: str | None = None
        self._earliest_at = ""  # of what was appended here

    @property
    def size(self) -> int:
        """The size of the base and what was appended here: the provisional position that comes next."""
        return self._spool.stop

    def head_of(self, stream: str) -> StreamHead | None:
        """Return the last entry of a stream, or None when the stream is new."""
        head = self._stream_heads.get(stream)
        if head is None and stream not in self._absent:
            last = self._spool.last_of(stream) or self._ahead.last_of(stream)
            if last is None:
                self._note_absent(stream)
            else:
                head = self._stream_heads[stream] = StreamHead(last[0], self.suite.leaf(last[1]))
        return head

    def latest_at(self) -> str | None:
        """Return the `at` of the last entry, or None when the log is empty."""
        if self._latest_at is None and self._spool.start:
            last = self._base.record(self._spool.start - 1)
            self._latest_at = last.at if last else None
        return self._latest_at

    def command_position(self, command: str) -> StoredCommand | None:
        """Return where a command is recorded, provisionally if it was here; None when it is new."""
        if command in self._absent:
            return None
        found = self._spool.command(command) or self._ahead.command(command)
        if found is None:
            self._note_absent(command)
        return found

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:
        """Ask of the base at once what the next questions will be; only what is then asked here is relied on."""
        self._ahead.expect(streams, commands)

    def append(self, entries: Sequence[PreparedEntry]) -> range:
        """Keep whole commands and return their provisional positions.

        Raises CommandRepeated. That commands are whole and streams are followed is checked when they are appended for
        good.
        """
        for one in entries:
            if one.k == 1 and (recorded := self.command_position(one.command)) is not None:
                raise CommandRepeated(
                    where=f"command {one.command}",
                    expected="an id that is not recorded yet",
                    found=f"its entries at position {recorded.position}",
                    mend="nothing to do when it is the same command again; otherwise give the new one its own id",
                )
        positions = self._spool.add(entries)
        for one in entries:
            self._stream_heads[one.stream] = StreamHead(one.seq, self.suite.leaf(one.entry))
            self._absent.discard(one.stream)
            self._absent.discard(one.command)
            self._latest_at = one.at
            self._earliest_at = min(self._earliest_at or one.at, one.at)
        if len(self._stream_heads) > CACHED_NAMES_MAX:
            self._stream_heads.clear()
        return positions

    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1, provisional ones included."""
        size = self._spool.start
        before = self._ahead.records(start, min(stop, size)) if start < size else ()
        return [*before, *(self._spool.records(start, stop) if stop > size else ())]

    def stream(self, name: str) -> list[Record]:
        """Return the rows of one stream in the order of seq, with what was appended here."""
        self._spool.keep_names((name,))
        return [*self._base.stream(name), *self._spool.stream(name)]

    def records_of_type(self, topic: str) -> list[Record]:
        """Return the rows of one topic in the order of position, with what was appended here."""
        return [*self.earlier.records_of_type(topic), *self._spool.records_of_type(topic)]

    def later_than(self, at: str) -> Iterator[tuple[str, str, int]]:
        """Yield at, stream and seq of each entry whose `at` is later, the latest first; reads the whole log.

        Unlike the writer in a database, this holds all of them in memory: entries dated later than the clock are few.
        """
        rows = chain(self._base.records(), self._spool.records(self._spool.start, self._spool.stop))
        later = [(row.at, row.stream, row.seq) for row in rows if row.at > at]
        yield from sorted(later, key=lambda one: one[0], reverse=True)

    def commit(self, store: Store) -> None:
        """Take the lock, check that what was read still holds, append everything and commit.

        What others recorded is looked at before the lock is taken, so that little of it is left for the time after.
        """
        if self._spool.stop == self._spool.start:
            return
        self._spool.keep_names(self._absent)
        self._keep_up(self._check_apart(store.records(self._spool.start)))
        latest = _plus(self._earliest_at, BEHIND_MAX)
        with store.writer() as writer:
            for start in range(self._seen, writer.size, APPEND_ROWS):
                rows = writer.records(start, min(start + APPEND_ROWS, writer.size))
                if (found := self._check_apart(rows)) and found.at > latest:
                    raise _lost(found, f"time {found.at}")
            for commands in self._spool.commands(APPEND_ROWS):
                writer.append(commands)

    # Private

    def _note_absent(self, name: str) -> None:
        self._absent.add(name)
        if len(self._absent) > CACHED_NAMES_MAX:
            self._spool.keep_names(self._absent)
            self._absent.clear()

    def _check_apart(self, rows: Iterable[Record]) -> Record | None:
        """Return the row of the latest `at` of what others recorded; None when they recorded nothing.

        Raises RaceLost when one of them touches what this recording wrote or relied on.
        """
        latest = None
        for row in rows:
            if (where := self._touched_by(row)) is not None:
                raise _lost(row, where)
            latest = row if latest is None or row.at > latest.at else latest
            self._seen = row.position + 1
        return latest

    def _touched_by(self, row: Record) -> str | None:
        spool, earlier = self._spool, self.earlier
        if spool.last_of(row.stream) or spool.has_name(row.stream):
            return f"stream {row.stream}"
        if spool.command(row.command) or spool.has_name(row.command):
            return f"command {row.command}"
        if row.type in earlier.topics:
            return f"type {row.type}"
        return f"streams like {row.stream}" if row.stream.startswith(tuple(earlier.prefixes)) else None

    def _keep_up(self, found: Record | None) -> None:
        """Date what waits anew when others, meanwhile, recorded so much later that the rule of the clock forbids it.

        A correction of the clock is not, nor is anything taken a day ahead: the recording is done anew instead.
        """
        if found is None or found.at <= _plus(self._earliest_at, BEHIND_MAX):
            return
        if found.at > _plus(self._earliest_at, REDATED_MAX) or self._spool.records_of_type(CLOCK_CORRECTED):
            raise _lost(found, f"time {found.at}")
        self._spool.date_from(found.at, self.suite)
        self._earliest_at = found.at


# Private


def _check_size(base: Reader, size: int) -> None:
    """Refuse before the work what a writer would refuse after it: a tree head that is not of the stored entries."""
    if (size and base.record(size - 1) is None) or base.record(size) is not None:
        raise StoreDamaged(
            where="tree head",
            expected="a head over all stored entries and no others",
            found=f"a head of size {size}",
            mend="run `mingzhang audit verify`; restore the database from a copy that verifies",
        )


def _plus(at: str, duration: timedelta) -> str:
    return format_time(parse_time(at) + duration)


def _lost(record: Record, where: str) -> RaceLost:
    return RaceLost(
        where=where,
        expected="nothing recorded by others between the first reading and the lock that this relies on",
        found=f"entry {record.position}, {record.stream} {record.seq}, recorded by {record.by}",
        mend="read again and record anew; nothing was written",
    )
