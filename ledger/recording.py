"""Recording: commands become sealed, chained entries in one transaction.

A command is what one officer did at one moment: its entries are consecutive, share `at` and `by`, and are recorded
once. The event's type decides what is open and what is sealed; a sealed part gets the key of its stream, a fresh
salt and a fresh nonce. `at` is the clock's time, but never before that of the last entry; a correction of the clock
is not dated by the entry that it takes out.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.events.base import Event
from domain.events.ledger import ClockCorrected
from domain.recorded import Recorded
from ledger.chain import BEHIND_MAX, CLOCK_CORRECTED, corrected_entries
from ledger.entry import NO_PREVIOUS, Entry, Seal, encode_entry, format_time, header_through_type, parse_time
from ledger.keyring import SealingKey
from ledger.keystore import KeyStore
from ledger.late_writer import EarlierLog, LateWriter
from ledger.opening import Opener
from ledger.sealing import NONCE_BYTES, SALT_BYTES, seal
from ledger.store import Reader
from ledger.store_errors import AppendRefused, ClockAhead, CommandIncomplete
from ledger.writer import PreparedEntry, StreamHead, Writer

CLOCK_AHEAD_MAX = timedelta(days=1)

OF_MANY_PEOPLE = ("import/", "batch/")
"""Streams whose commands are about different people: each command gets a key of its own, to be erased by itself."""

_NEW_STREAM = StreamHead(0, NO_PREVIOUS)


class Draft(NamedTuple):
    """An event that is to be recorded in a stream."""

    stream: str
    event: Event


class Command(NamedTuple):
    """What is recorded together, once: `id` is a uuid, `by` the name of the officer or program that did it."""

    id: str
    by: str
    drafts: tuple[Draft, ...]


class Recording:
    """One transaction of the ledger, as the commands in it see it: with what they themselves recorded.

    `earlier` is the log without that. What a late writer gives out is provisional: positions grow by the number of
    entries that others record before the lock is taken, and a time may become theirs (see `ledger.late_writer`).
    """

    def __init__(
        self,
        writer: Writer | LateWriter,
        earlier: Reader | EarlierLog,
        opener: Opener,
        keys: KeyStore | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._writer = writer
        self._earlier = earlier
        self._opener = opener
        self._keys = keys
        self._clock = clock
        self._latest: datetime | None = None

    @property
    def size(self) -> int:
        """The number of entries, those of this transaction included."""
        return self._writer.size

    def record(self, command: Command) -> tuple[Recorded, ...]:
        """Append a command; return its events as they were recorded.

        Raises CommandRepeated when its id is recorded already, ClockAhead, FormatError for a name or value that has
        no form in the log or an entry over 65,535 bytes, and AppendRefused when something is to be sealed and there
        are no keys.
        """
        moment = self._moment_of(command)
        entries = self._prepare(command, format_time(moment))
        positions = self._writer.append(entries)
        self._latest = moment
        return _recorded(command, entries, moment, positions.start)

    def record_all(self, commands: Sequence[Command]) -> list[tuple[Recorded, ...]]:
        """Append commands in turn, each as it would be by `record`, with fewer questions to the database.

        Raises what `record` raises; nothing is appended then, unless a correction of the clock is among them.
        """
        self.expect(
            {draft.stream for command in commands for draft in command.drafts}, {command.id for command in commands}
        )
        if any(isinstance(draft.event, ClockCorrected) for command in commands for draft in command.drafts):
            return [self.record(command) for command in commands]  # what follows is dated by what it takes out
        before = self._latest
        try:
            return self._record_at_once(commands)
        except BaseException:
            self._latest = before
            raise

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:
        """Say which streams and commands, some hundred at most, are asked for next: the database is asked at once."""
        self._writer.expect(streams, commands)

    def is_recorded(self, command_id: str) -> bool:
        """Say whether a command is recorded, by this transaction or before it."""
        return self._writer.command_position(command_id) is not None

    def find(self, command_id: str) -> tuple[Recorded, ...] | None:
        """Return all entries of a command, opened where the keys allow; None when it is not recorded."""
        found = self._writer.command_position(command_id)
        if found is None:
            return None
        records = self._writer.records(found.position, found.position + found.n)
        return tuple(self._opener.recorded(record) for record in records)

    def stream(self, name: str) -> Iterator[Recorded]:
        """Yield the events of one stream in order, those of this transaction included."""
        return map(self._opener.recorded, self._writer.stream(name))

    def head_of(self, stream: str) -> StreamHead | None:
        """Return seq and leaf hash of the last entry of a stream, None when it is new."""
        return self._writer.head_of(stream)

    def earlier_events_of_type(self, topic: str) -> Iterator[Recorded]:
        """Yield the events of one topic that were in the log before this transaction, in the order of position."""
        return map(self._opener.recorded, self._earlier.records_of_type(topic))

    def earlier_stream_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of the streams before this transaction that begin with `prefix`, ascending by bytes."""
        return self._earlier.stream_names(prefix)

    # Private

    def _record_at_once(self, commands: Sequence[Command]) -> list[tuple[Recorded, ...]]:
        prepared: list[tuple[Command, list[PreparedEntry], datetime]] = []
        heads: dict[str, StreamHead] = {}
        for command in commands:
            self._latest = moment = self._moment_of(command)
            prepared.append((command, self._prepare(command, format_time(moment), heads), moment))
        position = self._writer.append([one for _, entries, _ in prepared for one in entries]).start
        recorded = []
        for command, entries, moment in prepared:
            recorded.append(_recorded(command, entries, moment, position))
            position += len(entries)
        return recorded

    def _moment_of(self, command: Command) -> datetime:
        """Return the time of a command: the clock's, or the earliest that the entries before it allow when later."""
        if not command.drafts:
            mend = "record at least one event"
            raise CommandIncomplete(where=f"command {command.id}", expected="1 event", found="none", mend=mend)
        now = self._clock()
        corrections = [event for _, event in command.drafts if isinstance(event, ClockCorrected)]
        if len(corrections) == len(command.drafts):
            return self._moment_of_corrections(command.id, corrections, now)
        latest = self._latest_moment()
        if latest is None:
            return now
        if latest - now > CLOCK_AHEAD_MAX:
            raise ClockAhead(
                where=f"command {command.id}",
                expected=f"a clock at or after {format_time(latest - CLOCK_AHEAD_MAX)}, a day before the latest entry",
                found=format_time(now),
                mend="set this machine's clock; if it is right, record a clock correction that cites the wrong entry",
            )
        return max(now, latest)

    def _moment_of_corrections(self, command_id: str, corrections: list[ClockCorrected], now: datetime) -> datetime:
        """Return the time of a command that only corrects: the clock's, as far as the rule of the clock lets it.

        It must not take the wrong time over. But what neither it nor an earlier correction cites still counts, and
        the command may be 300 s behind that at most, or it would be a fault of the log itself.
        """
        counted = self._latest_counted(corrections, now + BEHIND_MAX)
        if counted is None:
            return now
        at, stream, seq = counted
        earliest = parse_time(at) - BEHIND_MAX
        if earliest - now > CLOCK_AHEAD_MAX:
            raise ClockAhead(
                where=f"command {command_id}",
                expected=f"no entry left in the log that is dated more than a day after {format_time(now)}",
                found=f"{stream} {seq} of {at}, which is cited by no correction",
                mend="cite every entry of a wrong time, one event for each, in one and the same command",
            )
        return earliest

    def _latest_counted(self, corrections: list[ClockCorrected], after: datetime) -> tuple[str, str, int] | None:
        """Return at, stream and seq of the latest entry after a time that no correction takes out, None without one."""
        taken_out = corrected_entries(record.entry for record in self._writer.records_of_type(CLOCK_CORRECTED))
        taken_out |= {(one.cites.stream, one.cites.seq) for one in corrections}
        later = self._writer.later_than(format_time(after))
        return next((one for one in later if one[1:] not in taken_out), None)

    def _latest_moment(self) -> datetime | None:
        if self._latest is None:
            latest = self._writer.latest_at()
            self._latest = parse_time(latest) if latest else None
        return self._latest

    def _prepare(self, command: Command, at: str, known: dict[str, StreamHead] | None = None) -> list[PreparedEntry]:
        """Return the entries of a command; `known` are heads after commands before it, and grow where they are given.

        Where they are not, the last entry has nothing after it that its hash is needed for.
        """
        entries = []
        heads = {} if known is None else known
        singles: dict[str, SealingKey] = {}
        suite, origin, n = self._writer.suite, self._writer.origin, len(command.drafts)
        for k, (stream, event) in enumerate(((draft.stream, draft.event) for draft in command.drafts), 1):
            head = heads.get(stream) or self._writer.head_of(stream) or _NEW_STREAM
            seq, prev, topic, payload = head.seq + 1, head.leaf, event.TOPIC, event.open_part()
            blob, sealed = self._seal(stream, seq, event, singles)
            by, command_id = command.by, command.id
            entry = Entry(suite.name, origin, stream, seq, topic, prev, at, by, command_id, k, n, sealed, payload)
            data = encode_entry(entry)
            entries.append(_new(PreparedEntry, (stream, seq, topic, prev, at, by, command_id, k, n, data, blob)))
            if k < n or known is not None:
                heads[stream] = StreamHead(seq, suite.leaf(data))
        return entries

    def _seal(
        self, stream: str, seq: int, event: Event, singles: dict[str, SealingKey]
    ) -> tuple[bytes | None, Seal | None]:
        sealed_part = event.sealed_part()
        if not sealed_part:
            return None, None
        if self._keys is None:
            mend = "give the ledger's key folder with --keys"
            expected = "keys, because this event has a part to seal"
            raise AppendRefused(where=f"stream {stream}", expected=expected, found="no keys", mend=mend)
        suite, topic = self._writer.suite, event.TOPIC
        aad = header_through_type(suite.name, self._writer.origin, stream, seq, topic)
        if stream.startswith(OF_MANY_PEOPLE):
            if stream not in singles:
                singles[stream] = self._keys.single_key(stream)
            key = singles[stream].key
        else:
            key = self._keys.key_for(stream).key
        return seal(suite, key, aad, sealed_part, os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES))


# Private

_new = tuple.__new__  # a named tuple without the detour by keywords, for some are made for each entry


def _recorded(command: Command, entries: Sequence[PreparedEntry], moment: datetime, first: int) -> tuple[Recorded, ...]:
    """Return the events of a command as they stand in the log from position `first` on."""
    placed = enumerate(zip(entries, command.drafts, strict=True), first)
    return tuple(
        [
            _new(Recorded, (position, one.stream, one.seq, one.type, moment, one.by, one.command, draft.event, True))
            for position, (one, draft) in placed
        ]
    )
