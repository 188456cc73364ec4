"""One part of a log, read by itself from a state that is taken to be the one before it, and the sum of such parts.

A part begins at the end of a tile. What a reading of the whole would know there is assumed, and every assumption is
written down: the tree from the tiles, the command that is under way and the head of a stream from the first entry
that goes on with it, a cited entry, the keys whose erasure was requested. `Sum.add` holds each of them against what
the parts before have ended with. If all agree, the parts say what one reading would have said: there is nothing to
tell. A part in which anything is wrong says so and no more; the log is then to be read as one.
"""

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from audit.lineage import Lineage
from audit.naming import Evidence
from audit.passage import Passage
from audit.sealed import SealingKeys, Unopened
from audit.tree import GrowingTree
from ledger.chain import BEHIND_MAX, ERASURE_REQUESTED, ChainChecker
from ledger.command_rule import Command
from ledger.entry import parse_entry, parse_time
from ledger.errors import FormatError
from ledger.key_chain import KeyStatement
from ledger.store import Inspection
from ledger.stream_rule import Head
from ledger.tiles import Tile

Row = tuple[Any, ...]


@dataclass(slots=True)
class Border:
    """What a log is at one size, but for its streams: the unfinished tiles, the command under way, the erased keys."""

    tiles: list[Tile] = field(default_factory=list)
    command: tuple[str, int, int, str, str] | None = None  # id, k, n, at, by; None between two commands
    requested: set[str] = field(default_factory=set)  # ids of the keys whose erasure was requested


@dataclass(slots=True)
class PartRead:
    """What one part is told to be, when nothing in it is wrong; `begins` and `assumed` … are what it rests on."""

    start: int
    stop: int
    begins: Border
    ends: Border
    assumed: dict[str, tuple[int, bytes]]  # heads of streams before: seq, leaf hash
    cited: dict[str, int]  # by stream, the largest seq that is cited and stands before
    heads: dict[str, tuple[int, bytes]]  # of the streams that have entries here, at the end
    earliest: str  # the smallest `at` that counts, and the largest
    latest: str
    scopes: dict[str, str]  # the stream that each key seals
    streams: int
    sealed: int
    unopened: Unopened
    vkeys: list[KeyStatement]
    roots: dict[int, bytes]
    whole_commands: dict[int, bool]


class Part(Passage):
    """Reads entries `start` … `stop` - 1; `last` says that the log has no more, and everything is to end there."""

    def __init__(
        self,
        log: Inspection,
        keys: SealingKeys | None,
        bounds: tuple[int, int],
        *,
        last: bool,
        express: bool = True,
    ) -> None:
        super().__init__(log, keys, express=express)
        self._bounds = first, stop = bounds
        self.start = first or None
        self.stop = None if last else stop
        self._met: set[str] = set()
        self._assumed: dict[str, tuple[int, bytes]] = {}
        self._earliest = ""
        self._begins = Border()

    def taken(self, wanted_sizes: Iterable[int], on_progress: Callable[[int, int], None]) -> PartRead | None:
        """Return what the part is; None when anything in it is wrong, or may be. It can be read once."""
        try:
            return self._taken(wanted_sizes, on_progress)
        finally:
            vars(self).clear()  # queries that were not read to the end go now, and not after their connection

    # Private

    def _taken(self, wanted_sizes: Iterable[int], on_progress: Callable[[int, int], None]) -> PartRead | None:
        first, stop = self._bounds
        tree = GrowingTree.restored(self._suite, first, self._read_tile)
        if tree is None:
            return None
        wanted = [size for size in wanted_sizes if (first < size or not first) and size <= stop]
        self._begin(wanted, tree)
        self._begins = self._border()
        self._begins.requested = self._requested_before()
        self._checker.keys.requested |= self._begins.requested
        self._checker.citations.assumes = bool(first)
        self._read_entries(on_progress)
        self._finish()
        return self._read() if self._is_spotless() else None

    @property
    def _checker(self) -> ChainChecker:
        return self._rows.checker

    def _border(self) -> Border:
        current = self._checker.commands.current
        under_way = (current.id, current.k, current.n, current.at, current.by) if current.k < current.n else None
        return Border(list(self._computed.tree.edge()), under_way, set(self._checker.keys.requested))

    def _requested_before(self) -> set[str]:
        requested: set[str] = set()
        if not self.start:
            return requested
        for record in self.readable("entries", lambda: self._log.records_of_type(ERASURE_REQUESTED)):
            if type(record.position) is int and record.position < self.start and type(record.entry) is bytes:
                try:
                    requested.add(str(parse_entry(record.entry).payload.get("kid")))
                except FormatError:
                    continue  # a finding of the part that it stands in
        return requested

    def _take_batch(self, rows: Sequence[Row]) -> None:
        if self.start:
            self._assume(rows)
        corrected = self._checker.clock.corrected
        with suppress(TypeError):  # of columns that hold anything but text, which is a finding
            first = min((row[4] for row in rows if row[1:3] not in corrected) if corrected else map(_AT, rows))
            self._earliest = min(self._earliest or first, first)
        super()._take_batch(rows)

    def _assume(self, rows: Sequence[Row]) -> None:
        """Take the streams and the command that these rows go on with to be what the rows themselves say."""
        met, heads = self._met, self._checker.streams.heads
        if not met:
            self._assume_command(rows[0])
        for row in rows:
            stream = row[1]
            if stream not in met:
                met.add(stream)
                header = _HEADER.match(row[7]) if type(row[7]) is bytes else None
                seq = int(header[2]) if header and header[1] == str(stream).encode(errors="replace") else 1
                if header and seq > 1:
                    before = self._assumed[stream] = (seq - 1, a2b_base64(header[3]))
                    heads[stream] = Head(*before, -1)

    def _assume_command(self, row: Row) -> None:
        try:
            entry = parse_entry(row[7])
        except (FormatError, TypeError):
            return
        if entry.k > 1:
            self._checker.commands.current = Command(entry.command, entry.k - 1, entry.n, entry.at, entry.by)
            self._begins.command = (entry.command, entry.k - 1, entry.n, entry.at, entry.by)

    def _finish(self) -> None:
        if self.stop is None:
            super()._finish()
        else:
            self._hand_over()

    def _is_spotless(self) -> bool:
        evidence, computed, checker = self._evidence, self._computed, self._checker
        told = (
            evidence.database,
            evidence.gaps,
            evidence.divergences.count,
            evidence.recorded,
            evidence.heads_inside,
            evidence.sealed_beside,
            evidence.command_findings,
            evidence.commands_beyond,
            evidence.stray_tiles,
            evidence.at,
            computed.bad_heads,
            computed.beyond,
            computed.bad_tiles,
            computed.broken,
            checker.citations.held,
            checker.streams.doubts,
            self._unreadable,
            self._sealed.unopened.keys_fault,
        )
        return not any(told) and self._alignment.in_step and evidence.size == self._bounds[1]

    def _read(self) -> PartRead:
        evidence, checker = self._evidence, self._checker
        return PartRead(
            *self._bounds,
            begins=self._begins,
            ends=self._border(),
            assumed=self._assumed,
            cited=checker.streams.before,
            heads={stream: head[:2] for stream, head in checker.streams.heads.items()},
            earliest=self._earliest,
            latest=checker.clock.latest,
            scopes=checker.keys.stream_of,
            streams=evidence.streams,
            sealed=evidence.sealed,
            unopened=self._sealed.unopened,
            vkeys=evidence.vkeys,
            roots=self._computed.roots,
            whole_commands=evidence.ends,
        )


_AT = itemgetter(4)
_HEADER = re.compile(
    rb"mingzhang/[!-~]+\nlog [!-~]+\nstream ([!-~]+)\nseq ([1-9][0-9]{0,15})\ntype [!-~]+\nprev ([A-Za-z0-9+/]{43}=)\n"
)


class Sum:
    """What the parts of a log come to, added in order from its beginning."""

    def __init__(self) -> None:
        self.size = 0
        self.streams = 0
        self.sealed = 0
        self.unopened = Unopened()
        self.vkeys: list[KeyStatement] = []
        self.roots: dict[int, bytes] = {}
        self.whole_commands: dict[int, bool] = {}
        self._border = Border()
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._scopes: dict[str, str] = {}
        self._latest = ""

    def add(self, part: PartRead) -> bool:
        """Add the next part; False when it does not go on from where the ones before have ended."""
        if part.start != self.size or part.begins != self._border or not self._holds(part):
            return False
        self.size, self._border = part.stop, part.ends
        self._heads.update(part.heads)
        self._scopes.update(part.scopes)
        self._latest = max(self._latest, part.latest)
        self.streams += part.streams
        self.sealed += part.sealed
        self.unopened.add(part.unopened)
        self.vkeys = (self.vkeys + part.vkeys)[:100]
        self.roots.update(part.roots)
        self.whole_commands.update(part.whole_commands)
        return True

    def put_into(self, evidence: Evidence) -> None:
        """Put into the evidence of a passage what it would have collected by reading the whole log."""
        tiles = {(tile.level, tile.index): tile.hashes for tile in self._border.tiles}
        tree = GrowingTree.restored(evidence.suite, self.size, lambda level, index: tiles.get((level, index)))
        assert tree is not None
        evidence.computed = Lineage(tree, iter(()), (), lambda level, index: None)
        evidence.computed.roots = self.roots
        evidence.size, evidence.streams, evidence.sealed = self.size, self.streams, self.sealed
        evidence.vkeys, evidence.ends = self.vkeys, self.whole_commands

    # Private

    def _holds(self, part: PartRead) -> bool:
        heads, assumed, scopes = self._heads, part.assumed, self._scopes
        return (
            all(heads.get(stream) == assumed.get(stream) for stream in part.heads)
            and all(stream in heads and seq <= heads[stream][0] for stream, seq in part.cited.items())
            and all(scopes.get(kid, stream) == stream for kid, stream in part.scopes.items())
            and self._is_late_enough(part.earliest)
        )

    def _is_late_enough(self, earliest: str) -> bool:
        if earliest >= self._latest or not earliest:
            return True
        return parse_time(self._latest) - parse_time(earliest) <= BEHIND_MAX
