"""The rules between entries: what a log must be beyond entries that are each well formed.

A `ChainChecker` is fed the entries in order of position and says what is wrong with each:

    bytes               the entry does not parse (the field says where)
    suite, origin       it belongs to another log
    stream-gap          its seq leaves out one or more of its stream (a new stream starts at 1)
    stream-repeat       its (stream, seq) was there before; nothing further is said of such an entry
    stream-order        it stands after the entry that follows it in its stream
    stream-chain        its prev is not the leaf hash of (stream, seq - 1): one of the two was changed
    command-order       the entries 1/n … n/n of a command are not all there, in order, side by side
    command-mixed       at or by changes within a command
    command-repeated    its command id was recorded before
    unfinished-command  the log ends inside a command
    time                at is more than 300 s behind the latest that counts before it
    citation            it cites what is neither before it nor another entry of its command
    key-scope           its key seals another stream
    key-erased          its key's erasure was requested before
    erasure             it asks for or reports an erasure without a key id, or reports one never asked for

After a finding the checker goes on from what most likely happened, so that one fault gives one finding where
that can be told; what follows a first finding is a help to the eye, not a proof. Memory is one record per stream
and per key, and, unless `command_seen` keeps them elsewhere, 16 bytes of each command id.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from ledger.command_rule import CommandIds, Commands
from ledger.entry import Entry, parse_entry, parse_time
from ledger.errors import FormatError
from ledger.finding import Fault, Place
from ledger.finding import Finding as Finding
from ledger.stream_rule import Head, Streams
from ledger.suite import Suite

BEHIND_MAX = timedelta(seconds=300)
CLOCK_CORRECTED = "ledger.clock-corrected/1"
ERASURE_REQUESTED = "ledger.erasure-requested/1"
ERASURE_EFFECTIVE = "ledger.erasure-effective/1"


class ChainChecker:
    """Checks the entries of one log, handed over in order of position, against each other.

    `corrected` holds the (stream, seq) whose `at` does not count: see `corrected_entries`. `command_seen` records
    a command id and says whether it was recorded before; without it the ids are kept in memory.
    """

    def __init__(
        self,
        suite: Suite,
        origin: str,
        corrected: Collection[tuple[str, int]] = frozenset(),
        command_seen: Callable[[str], bool] | None = None,
    ) -> None:
        self.entry: Entry | None = None  # the entry checked last; None when its bytes do not parse
        self._suite = suite
        self._origin = origin
        self.streams = Streams()
        self.commands = Commands(command_seen or CommandIds().seen)
        self.clock = _Clock(corrected)
        self.keys = _Keys()
        self.citations = _Citations(self.streams, self.clock)
        self.last = Place(-1, "", 0)

    def check(self, position: int, entry_bytes: bytes, leaf: bytes | None = None) -> list[Finding]:
        """Return what is wrong with the entry at `position`; `leaf` is its leaf hash if already computed."""
        leaf = leaf or self._suite.leaf(entry_bytes)
        try:
            entry = self.entry = parse_entry(entry_bytes)
        except FormatError as error:
            self.entry = None
            return [self._unreadable(position, entry_bytes, leaf, error)]
        place = self.last = Place(position, entry.stream, entry.seq)
        stream_faults = self.streams.follow(entry, leaf, position)
        command_faults = self.commands.follow(entry)
        if stream_faults and stream_faults[0].kind == "stream-repeat":
            self.commands.forgive()
            return [Finding(fault.kind, *place, *fault[1:]) for fault in stream_faults]
        faults = [
            *self._foreign(entry),
            *stream_faults,
            *command_faults,
            *self.clock.follow(entry),
            *self.keys.follow(entry),
        ]
        findings = [Finding(fault.kind, *place, *fault[1:]) for fault in faults]
        return findings + self.citations.follow(entry, place, b'{"seq":' in entry_bytes)

    def finish(self) -> list[Finding]:
        """Return what is wrong with the end of the log: an entry missing from its last command."""
        return [Finding(fault.kind, *self.last, *fault[1:]) for fault in self.commands.finish()]

    def _foreign(self, entry: Entry) -> Sequence[Fault]:
        if entry.suite != self._suite.name:
            return [Fault("suite", "log", self._suite.name, entry.suite)]
        if entry.log != self._origin:
            return [Fault("origin", "log", self._origin, entry.log)]
        return ()

    def _unreadable(self, position: int, data: bytes, leaf: bytes, error: FormatError) -> Finding:
        match = _STREAM_AND_SEQ.search(data)
        place = Place(position, match[1].decode(), int(match[2])) if match else Place(position, "", 0)
        if match:
            self.streams.skip(place.stream, Head(place.seq, leaf, position))
        self.commands.skip()
        self.last = place
        return Finding("bytes", *place, error.where, "an entry in the form of the format", error.reason)


def corrected_entries(entries: Iterable[bytes]) -> set[tuple[str, int]]:
    """Return the (stream, seq) that the entries of type ledger.clock-corrected/1 among these cite.

    That a cited entry is there in time is not asked here: a citation of one that comes later corrects nothing, which
    the checker finds out by itself.
    """
    marked = f"\ntype {CLOCK_CORRECTED}\n".encode()
    corrected: set[tuple[str, int]] = set()
    for data in entries:
        if marked not in data:
            continue
        try:
            entry = parse_entry(data)
        except FormatError:
            continue  # a finding of the checker's; it corrects nothing
        if entry.type == CLOCK_CORRECTED:
            itself = (entry.stream, entry.seq)
            cited = (target for target in citations(entry.payload) if _can_exist(*target))
            corrected.update(target for target in cited if target != itself)
    return corrected


def citations(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (stream, seq) of each object, at any depth, that has exactly the keys "seq" and "stream"."""
    if isinstance(value, dict):
        if len(value) == 2 and "seq" in value and "stream" in value:
            yield value["stream"], value["seq"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from citations(item)


def known_at(entries_at: Iterable[tuple[str, bool]], time: str) -> int:
    """Return how many entries are known at `time`: those before the first whose `at`, unless taken out, is later.

    `entries_at` gives of each entry, in order of position, its `at` and whether a correction takes it out; times
    are texts as in the bytes, which sort as the instants do.
    """
    size = 0
    for size, (at, taken_out) in enumerate(entries_at, 1):
        if at > time and not taken_out:
            return size - 1
    return size


# Private

_STREAM_AND_SEQ = re.compile(rb"\nstream ([!-~]{1,255})\nseq ([1-9][0-9]{0,15})\n")
_KID = re.compile("[0-9a-f]{32}")


class _Clock:
    """`at` falls behind the latest before it by 300 s at most; what a correction cites neither counts nor is held.

    A correction is held to the rule as any entry is, unless another one cites it.
    """

    def __init__(self, corrected: Collection[tuple[str, int]]) -> None:
        self.corrected = set(corrected)
        self.latest = ""

    def hold(self, stream: str, seq: int) -> None:
        """Hold an entry to the rule after all: it was not there yet when a correction cited it."""
        self.corrected.discard((stream, seq))

    def follow(self, entry: Entry) -> Sequence[Fault]:
        if self.corrected and (entry.stream, entry.seq) in self.corrected:
            return ()
        if entry.at >= self.latest:
            self.latest = entry.at
            return ()
        latest = self.latest
        if parse_time(latest) - parse_time(entry.at) <= BEHIND_MAX:
            return ()
        self.latest = entry.at  # either of the two may be the wrong one; what follows is held to the new one
        return [Fault("time", "at", f"at most 300 s before {latest}", entry.at)]


class _Keys:
    """A key seals one stream, and nothing after its erasure was requested; no effect without a request."""

    def __init__(self) -> None:
        self.stream_of: dict[str, str] = {}
        self.requested: set[str] = set()

    def follow(self, entry: Entry) -> Sequence[Fault]:
        faults: list[Fault] = []
        if entry.seal:
            kid = entry.seal.kid
            stream = self.stream_of.setdefault(kid, entry.stream)
            if stream != entry.stream:
                faults.append(Fault("key-scope", "sealed", f"{kid} in {stream} only", f"{kid} in {entry.stream}"))
            if kid in self.requested:
                faults.append(Fault("key-erased", "sealed", "a key whose erasure was not requested", kid))
        if entry.type == ERASURE_REQUESTED or entry.type == ERASURE_EFFECTIVE:
            faults += self._erasure(entry)
        return faults

    def _erasure(self, entry: Entry) -> Sequence[Fault]:
        kid = entry.payload.get("kid")
        if not isinstance(kid, str) or not _KID.fullmatch(kid):
            return [Fault("erasure", "payload", '"kid" of 32 hex digits', "none" if kid is None else "another value")]
        if entry.type == ERASURE_REQUESTED:
            self.requested.add(kid)
        elif kid not in self.requested:
            return [Fault("erasure", "payload", f"an earlier request to erase {kid}", "an effect without one")]
        return ()


class _Citations:
    """What is cited is there: before the entry, or in its command, which is known when the command ends."""

    def __init__(self, streams: Streams, clock: _Clock) -> None:
        self.streams = streams
        self.clock = clock
        self.held: list[_Citation] = []
        self.assumes = False  # of a log read in parts: what never came in this one is taken to stand before it

    def follow(self, entry: Entry, place: Place, may_cite: bool) -> list[Finding]:
        if may_cite:
            corrects = entry.type == CLOCK_CORRECTED
            cited = (_Citation(entry.command, place, corrects, *target) for target in citations(entry.payload))
            self.held += [one for one in cited if not self._arrived(one)]
        if not self.held or entry.k < entry.n:
            return []
        held, self.held = self.held, []
        missing = [one for one in held if not self._arrived(one) and not self._assumed(one)]
        for one in missing:
            if one.corrects and _can_exist(one.stream, one.seq):
                self.clock.hold(one.stream, one.seq)
        expected = "an earlier entry or another of the same command"
        return [
            Finding("citation", *one.place, "payload", expected, f"{one.stream} {one.seq}")
            for one in missing
            if one.command == entry.command
        ]

    def _arrived(self, one: "_Citation") -> bool:
        itself = (one.stream, one.seq) == one.place[1:]
        return not itself and _can_exist(one.stream, one.seq) and self.streams.holds(one.stream, one.seq)

    def _assumed(self, one: "_Citation") -> bool:
        if not self.assumes or not _can_exist(one.stream, one.seq):
            return False
        before = self.streams.before
        before[one.stream] = max(before.get(one.stream, 0), one.seq)
        return True


class _Citation(NamedTuple):
    command: str
    place: Place
    corrects: bool
    stream: Any
    seq: Any


def _can_exist(stream: Any, seq: Any) -> bool:
    return type(stream) is str and type(seq) is int and seq >= 1
