"""The one reading of a log: every row passes here once, with all that is stored beside it.

The passage collects what differs and draws no conclusions; see `audit.naming` for those. What the database cannot
hand out is a finding of its own, and the passage goes on with the rest.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from audit.alignment import Alignment, Row, Step
from audit.command_memory import CommandMemory
from audit.commands import CommandJoin
from audit.finding import Finding, shown
from audit.lineage import Lineage, RecordedLeaves
from audit.naming import Evidence, Gap
from audit.rows import RowCheck
from audit.sealed import SealedParts, SealingKeys
from audit.tree import GrowingTree
from ledger.chain import CLOCK_CORRECTED, corrected_entries
from ledger.entry import Entry, parse_entry
from ledger.errors import FormatError
from ledger.hashing import suite_named
from ledger.store import Inspection, Record, StoredCommand, TreeHead
from ledger.store_errors import StoreDamaged
from ledger.tiles import TILE_WIDTH

KEPT_MAX = 1_000
FIRST_POSITION = -(1 << 63)
_Item = TypeVar("_Item")
_IDENTITY = re.compile(rb"(mingzhang/v1(?:-sm3)?)\nlog ([!-~]{1,255})\n")


class Passage:
    """Reads a log once; `check_database` comes first, then `read`."""

    start: int | None = None  # where a part of the log begins and stops, if one is read: see `audit.part`
    stop: int | None = None

    def __init__(self, log: Inspection, keys: SealingKeys | None, *, express: bool = True) -> None:
        self._log = log
        self._express = express
        self._keys = keys
        self._origin, self._suite = log.origin, log.suite
        self._evidence = Evidence(log.origin, log.suite)
        self._unreadable: set[str] = set()

    def check_database(self) -> None:
        """Step (1): what the database says of itself, and whether the log row says what the entries say."""
        found = self._evidence.database
        for fault in self._log.faults():
            kind = "folder-changed" if self._log.derived else "pages" if fault.object == "pages" else "schema"
            found.append(Finding(kind, None, None, None, fault.object, fault.expected, shown(fault.found)))
        named = (self._suite.name, self._origin)
        told = [_identity(record) for record in self.readable("entries", lambda: self._log.records(0, 3))]
        if len(told) < 2 or named in told or told[0] is None or told[0] != told[1]:
            return
        for field, own, theirs in zip(("suite", "origin"), named, told[0], strict=True):
            if own != theirs:
                found.append(Finding("log-row", None, None, None, field, theirs, shown(own)))
        self._suite, self._origin = suite_named(told[0][0]), told[0][1]
        self._evidence.origin, self._evidence.suite = self._origin, self._suite

    def read(self, wanted_sizes: Iterable[int], on_progress: Callable[[int, int], None]) -> Evidence:
        """Steps (2) to (5); keep the roots at the sizes asked for."""
        self._begin(wanted_sizes, GrowingTree(self._suite))
        self._read_entries(on_progress)
        self._finish()
        return self._evidence

    @property
    def evidence(self) -> Evidence:
        """What was collected so far."""
        return self._evidence

    def unchecked(self) -> Iterator[str]:
        """Yield what could not be looked at, in words."""
        yield from self._sealed.unopened.words()
        for part in sorted(self._unreadable):
            yield f"{part}: could not be read to the end"

    def readable(self, part: str, rows: Callable[[], Iterator[_Item]]) -> Iterator[_Item]:
        """Yield rows as far as the database hands them out; where it breaks off is a finding, told once."""
        try:
            yield from rows()
        except StoreDamaged as error:
            if part not in self._unreadable:
                self._unreadable.add(part)
                found = shown(error.found)
                finding = Finding("unreadable", None, None, None, part, "rows that can be read", found)
                self._evidence.database.append(finding)

    # Private

    def _begin(self, wanted_sizes: Iterable[int], tree: GrowingTree) -> None:
        """Set everything up to go on from a tree that ends with a full tile."""
        evidence, log = self._evidence, self._log
        head = next(self.readable("heads", lambda: iter([log.head()])), None)
        if head is not None and type(head.size) is int:
            evidence.last_head = head
        evidence.size = self._expected_position = tree.size
        self._wanted = frozenset(wanted_sizes)
        self._rows = RowCheck(self._suite, self._origin, self._corrected(), blobs_may_be_absent=log.derived)
        blobs, withheld = self._blob_positions(), log.withholds_sealed
        self._sealed = SealedParts(self._suite, self._keys, blobs, withheld=withheld, may_be_absent=log.derived)
        self._commands: CommandJoin | CommandMemory
        self._commands = CommandMemory() if log.derived else CommandJoin(self._stored_commands())
        self._leaves = RecordedLeaves(self._suite, self._read_tile, evidence.last_head.size, tree.size)
        self._alignment = Alignment(iter(self._leaves), self._leaves.at, tree.size)
        self._computed = Lineage(tree, self._heads(), self._wanted, self._read_tile)

    def _heads(self) -> Iterator[TreeHead]:
        start, stop = (None if bound is None else bound + 1 for bound in (self.start, self.stop))
        for head in self.readable("heads", lambda: self._log.heads(start, stop)):
            if type(head.size) is int or self._misfit("heads", head):
                yield head

    def _blob_positions(self) -> Iterator[int]:
        for position in self.readable("blobs", lambda: self._log.blob_positions(self.start, self.stop)):
            if type(position) is int or self._misfit("blobs", position):
                yield position

    def _stored_commands(self) -> Iterator[StoredCommand]:
        for command in self.readable("commands", lambda: self._log.commands(self.start, self.stop)):
            if type(command.position) is int or self._misfit("commands", command):
                yield command

    def _misfit(self, part: str, row: object) -> bool:
        """Report a row whose number is no number, and leave it out."""
        if len(self._evidence.database) < KEPT_MAX:
            finding = Finding("unreadable", None, None, None, part, "a row with a number", shown(repr(row)))
            self._evidence.database.append(finding)
        return False

    def _corrected(self) -> set[tuple[str, int]]:
        records = self.readable("entries", lambda: self._log.records_of_type(CLOCK_CORRECTED))
        return corrected_entries(record.entry for record in records if type(record.entry) is bytes)

    def _read_tile(self, level: int, index: int) -> object:
        return next(self.readable("tiles", lambda: iter([self._log.tile(level, index)])), None)

    def _read_entries(self, on_progress: Callable[[int, int], None]) -> None:
        total = self._evidence.last_head.size
        first = FIRST_POSITION if self.start is None else self.start
        for rows in self.readable("entries", lambda: self._log.batches(first, self.stop)):
            self._take_batch(rows)
            on_progress(self._evidence.size, max(total, self._evidence.size))
        on_progress(self._evidence.size, max(total, self._evidence.size))

    def _take_batch(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Take rows by the express way while it lets them pass, tile by tile; the others one by one."""
        first = 0
        while first < len(rows):
            if self._express and self._alignment.in_step and self._leaves.lineage is None:
                first += self._take_express(rows[first : first + TILE_WIDTH - self._evidence.size % TILE_WIDTH])
            if first < len(rows):
                record = Record._make(rows[first])
                if type(record.position) is int or self._misfit("entries", record.position):
                    self._take(record)
                first += 1

    def _take_express(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """Take rows that are certainly in order, and what is stored beside them; return how many they were."""
        evidence, first = self._evidence, self._expected_position
        passed = self._rows.take(rows, first, sealed=self._sealed.takes_unopened)
        count = len(passed.leaves)
        if count == 0:
            return 0
        self._expected_position = first + count
        self._sealed.pass_unopened(range(first, first + count), passed.kids, len(passed.absent))
        if not self._leaves.advance(passed.leaves):
            for row, leaf in zip(rows, passed.leaves, strict=False):
                evidence.size += 1
                entry = parse_entry(row[7])
                self._lay_beside(Record._make(row), entry, leaf, "payload or sealed" if entry.seal else "payload")
            return count
        index = self._alignment.index
        self._alignment.step(count)
        if not self._commands.follow(passed.starts):
            for _, position, _ in passed.starts:
                record, leaf = Record._make(rows[position - first]), passed.leaves[position - first]
                row = _row(record, parse_entry(record.entry), leaf, "payload")
                self._commands.first_of_command(index + position - first, row)
        inside = set(passed.inside)
        for size in self._computed.extend(passed.leaves):
            if size in inside:
                evidence.note_head_inside(size)
        for size in self._wanted.intersection(range(evidence.size + 1, evidence.size + count + 1)):
            evidence.ends[size] = size not in inside
        evidence.size += count
        return count

    def _take(self, record: Record) -> None:
        evidence, rows = self._evidence, self._rows
        position = record.position
        evidence.size += 1
        # (2) bytes, columns, chain
        findings = rows.check(record)
        entry, leaf = rows.entry, rows.leaf
        if position != self._expected_position:
            self._note_gap(record, entry)
        self._expected_position = max(position + 1, 0)
        # (3) the sealed part
        self._sealed.meet(position)
        if entry is not None and (fault := self._sealed.check(position, entry, record.blob)):
            findings.append(fault)
        if findings:
            evidence.add_at(position, findings)
        self._lay_beside(record, entry, leaf, self._sealed.suspect)

    def _lay_beside(self, record: Record, entry: Entry | None, leaf: bytes, suspect: str) -> None:
        """Steps (4) and (5) for one row: the tree and the commands."""
        evidence, alignment = self._evidence, self._alignment
        if alignment.in_step and alignment.next_is(leaf):
            if entry is not None and entry.k == 1:
                self._commands.first_of_command(alignment.index - 1, _row(record, entry, leaf, "payload"))
        else:
            self._diverge(_row(record, entry, leaf, suspect))
        self._computed.append(leaf)
        if entry is not None and entry.k < entry.n and self._computed.good_head == evidence.size:
            evidence.note_head_inside(evidence.size)
        if evidence.size in self._wanted:
            evidence.ends[evidence.size] = entry is None or entry.k == entry.n

    def _note_gap(self, record: Record, entry: Entry | None) -> None:
        gaps = self._evidence.gaps
        if len(gaps) < KEPT_MAX:
            stream, seq = (entry.stream, entry.seq) if entry else (None, None)
            gaps.append(Gap(self._expected_position, record.position, stream, seq))

    def _diverge(self, row: Row) -> None:
        """Take a row out of step; the first that differs begins the second lineage, that of the recorded leaves."""
        leaves, ended = self._leaves, self._alignment.ended
        if leaves.lineage is None and (ended or leaves.last is not None):
            self._fork()
            if leaves.lineage is not None and not ended:
                leaves.lineage.append(leaves.last)
        self._settle(self._alignment.push(row))

    def _settle(self, steps: Iterator[Step]) -> None:
        divergences, commands = self._evidence.divergences, self._commands
        for step in steps:
            row, index, recorded = step
            if row is None or index is None:
                divergences.add(step)
                if row is not None:
                    commands.forgive_command(row.command)
                elif index is not None:
                    commands.forgive(index)
            elif recorded is None or recorded == row.leaf:
                if row.command is not None:
                    commands.first_of_command(index, row)
            else:
                divergences.add(step)
                commands.forgive(index)

    def _finish(self) -> None:
        evidence, leaves = self._evidence, self._leaves
        leaves.claimed_size = 0
        if leaves.lineage is None and leaves.at(self._alignment.index) is not None:
            self._fork()
        self._settle(self._alignment.finish())
        evidence.recorded_size = leaves.known_size
        for finding in self._rows.finish():
            evidence.add_at(-1 if finding.position is None else finding.position, [finding])
        self._computed.finish()
        if evidence.recorded is not None:
            evidence.recorded.finish()
        evidence.places_of = leaves.places_of
        evidence.known_by_next = self._rows.known_by_next
        self._hand_over()
        evidence.stray_tiles = list(self._stray_tiles())

    def _hand_over(self) -> None:
        """Put into the evidence what does not depend on whether the log ends here."""
        evidence = self._evidence
        evidence.sealed_beside = list(self._sealed.finish())
        evidence.command_findings = self._commands.finish(max(evidence.size, evidence.recorded_size))
        evidence.commands_beyond = self._commands.beyond
        evidence.computed = self._computed
        evidence.vkeys = self._rows.vkeys
        evidence.streams = self._rows.streams
        evidence.sealed = self._sealed.count
        evidence.entries_unreadable = "entries" in self._unreadable

    def _fork(self) -> None:
        """Let the recorded leaves that are read from now on be a lineage of their own."""
        tree = self._computed.tree.copy()
        self._evidence.fork_size = tree.size
        lineage = Lineage(tree, self._heads(), self._wanted, self._read_tile)
        self._leaves.lineage = self._evidence.recorded = lineage

    def _stray_tiles(self) -> Iterator[Finding]:
        """Yield the tiles that no tree of this size has."""
        size = max(self._evidence.size, self._evidence.recorded_size)
        for level, number, hashes in self.readable("tiles", self._log.tiles):
            whole = type(level) is int and type(number) is int
            if whole and 0 <= level < 8 and 0 <= number * TILE_WIDTH < size // int(TILE_WIDTH**level):
                continue
            where = f"tile {shown(level)}/{shown(number)}"
            found = f"{len(hashes)} bytes" if isinstance(hashes, bytes) else shown(hashes)
            yield Finding("tree-changed", None, None, None, where, "no such tile", found)


# Private


def _row(record: Record, entry: Entry | None, leaf: bytes, suspect: str) -> Row:
    if entry is None:
        stream = record.stream if isinstance(record.stream, str) else ""
        seq = record.seq if type(record.seq) is int else 0
        return Row(record.position, leaf, shown(stream), seq, None, 0, "payload")
    command = entry.command if entry.k == 1 else None
    return Row(record.position, leaf, entry.stream, entry.seq, command, entry.n, suspect)


def _identity(record: Record) -> tuple[str, str] | None:
    match = _IDENTITY.match(record.entry) if type(record.entry) is bytes else None
    if match is None:
        return None
    try:
        return suite_named(match[1].decode()).name, match[2].decode()
    except FormatError:
        return None
