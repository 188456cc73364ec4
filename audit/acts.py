"""Naming what was done: from the places where entries and recorded leaf hashes part to acts a person understands.

    edited-entry       other bytes stand in the place of an entry; `field` says where, as far as can be told
    edited-column      the bytes are right, an index column beside them is not
    removed-entry      the tree recorded an entry that is gone
    deleted-tail       the same, from a position to the end
    inserted-entry     an entry stands where the tree recorded none
    duplicated-entry   an entry of the log stands in a second place
    swapped-entries    two entries stand in each other's place
    moved-entry        an entry stands in another place
    tree-changed       the entries are right, a tile of the tree is not
    history-rewritten  a long run of entries is not what the tree recorded

Which side was changed is told by the tree heads: they vouch for the entries or for the recorded hashes. When they
vouch for neither, the entries are blamed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.alignment import Row, Step
from audit.finding import Finding, base64
from ledger.tiles import TILE_WIDTH

KEPT_MAX = 1_000
RUN_MAX = 50  # as many entries in a row that all differ are one act


class Replaced(NamedTuple):
    """An entry in the place of another."""

    row: Row
    place: int
    recorded: bytes


@dataclass(slots=True)
class Run:
    """Recorded entries that are gone, `start` … `end` - 1; `leaves` are the hashes of the first of them."""

    start: int
    end: int
    leaves: list[bytes] = field(default_factory=list)


class Divergences:
    """Everything that differs between entries and recorded leaf hashes, of each sort the first `KEPT_MAX`."""

    def __init__(self) -> None:
        self.replaced: list[Replaced] = []
        self.missing: list[Run] = []
        self.extra: list[Row] = []
        self.count = 0

    def add(self, step: Step) -> None:
        """Take a step of the alignment whose two sides differ."""
        self.count += 1
        row, index, recorded = step
        if row is not None and index is not None and recorded is not None:
            if len(self.replaced) < KEPT_MAX:
                self.replaced.append(Replaced(row, index, recorded))
        elif row is not None:
            if len(self.extra) < KEPT_MAX:
                self.extra.append(row)
        elif index is not None and recorded is not None:
            self._add_missing(index, recorded)

    def _add_missing(self, index: int, recorded: bytes) -> None:
        if self.missing and self.missing[-1].end == index:
            run = self.missing[-1]
            run.end += 1
        elif len(self.missing) < KEPT_MAX:
            run = Run(index, index + 1)
            self.missing.append(run)
        else:
            return
        if len(run.leaves) < KEPT_MAX:
            run.leaves.append(recorded)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What naming needs besides the divergences."""

    size: int  # rows in the table of entries
    recorded_size: int
    tree_is_wrong: bool  # the heads vouch for the entries
    places_of: Callable[[Collection[bytes]], Mapping[bytes, int]]
    findings_at: Callable[[int], list[Finding]]  # what was said of the entry at a position
    known_by_next: Mapping[bytes, tuple[str, int]]  # leaf hash -> (stream, seq), told by the entry that follows
    position_gaps: list[range]  # positions that no row has, though rows follow


def name_acts(divergences: Divergences, circumstances: Circumstances) -> list[Finding]:
    """Return one finding for each act, ascending by position."""
    if circumstances.tree_is_wrong:
        acts = list(_tile_acts(divergences, circumstances))
    else:
        acts = list(_Naming(divergences, circumstances).acts())
    return sorted(acts, key=lambda act: -1 if act.position is None else act.position)


# Private


def _tile_acts(divergences: Divergences, circumstances: Circumstances) -> Iterator[Finding]:
    for row, index, recorded in divergences.replaced:
        yield _tile(index, row, f"leaf hash {base64(row.leaf)}", f"leaf hash {base64(recorded)}")
    for row in divergences.extra:
        yield _tile(row.position, row, f"leaf hash {base64(row.leaf)}", "no hash in this place")
    for run in divergences.missing:
        if run.end == circumstances.recorded_size and run.end > circumstances.size:
            found = f"{circumstances.size} entries"
            yield Finding("deleted-tail", run.start, None, None, "entry", f"{run.end} entries, as the tiles say", found)
        else:
            expected, found = "the leaf hash of this entry", f"{run.end - run.start} hashes too many"
            yield _tile(run.start, None, expected, found)


def _tile(index: int, row: Row | None, expected: str, found: str) -> Finding:
    stream, seq = (row.stream, row.seq) if row else (None, None)
    return Finding("tree-changed", index, stream, seq, f"tile 0/{index // TILE_WIDTH}", expected, found)


class _Naming:
    def __init__(self, divergences: Divergences, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._replaced = {one.row.leaf: one for one in divergences.replaced}
        self._extra = {row.leaf: row for row in divergences.extra}
        self._gone = {leaf: run.start + at for run in divergences.missing for at, leaf in enumerate(run.leaves)}
        self._overwritten = {one.recorded: one.place for one in divergences.replaced}
        self._divergences = divergences
        self._told: set[int] = set()  # recorded positions that a finding explains

    def acts(self) -> Iterator[Finding]:
        yield from self._rewritten_runs()
        yield from self._moves()
        yield from self._replacements()
        yield from self._insertions()
        yield from self._removals()

    def _rewritten_runs(self) -> Iterator[Finding]:
        """Take long runs of replaced entries out, each as one act."""
        runs: list[list[Replaced]] = []
        for one in self._divergences.replaced:
            if runs and runs[-1][-1].place + 1 == one.place:
                runs[-1].append(one)
            else:
                runs.append([one])
        for run in runs:
            if len(run) < RUN_MAX:
                continue
            first, last = run[0], run[-1]
            found = f"other entries from {first.place} to {'the end' if len(run) >= KEPT_MAX else last.place}"
            expected = f"leaf hash {base64(first.recorded)}"
            yield Finding("history-rewritten", first.place, first.row.stream, first.row.seq, "entry", expected, found)
            for one in run:
                self._replaced.pop(one.row.leaf, None)
                self._overwritten.pop(one.recorded, None)

    def _moves(self) -> Iterator[Finding]:
        """Find entries that the tree recorded in another place, and pairs that changed places."""
        places = {row.leaf: row.position for row in self._extra.values()}
        places |= {one.row.leaf: one.place for one in self._replaced.values()}
        origins = self._gone | self._overwritten
        moved = {leaf: (origins[leaf], place) for leaf, place in places.items() if leaf in origins}
        rows = {leaf: self._extra.get(leaf) or self._replaced[leaf].row for leaf in moved}
        by_origin = {origin: leaf for leaf, (origin, _) in moved.items()}
        for leaf, (origin, place) in moved.items():
            if leaf not in self._extra and leaf not in self._replaced:
                continue  # told with its counterpart
            row = rows[leaf]
            self._forget(leaf, origin)
            if self._in_gap(origin):
                yield _at(row, "edited-column", origin, "position", str(origin), str(row.position))
                continue
            partner = by_origin.get(place)
            if partner is not None and moved[partner][1] == origin:
                self._forget(partner, place)
                yield self._swap(min(origin, place), max(origin, place), rows[leaf], rows[partner])
            elif abs(place - origin) == 1:
                yield self._swap(min(origin, place), max(origin, place), row, None)
            else:
                yield _at(row, "moved-entry", place, "position", str(origin), str(place))

    def _forget(self, leaf: bytes, origin: int) -> None:
        self._told.add(origin)
        self._extra.pop(leaf, None)
        one = self._replaced.pop(leaf, None)
        if one is not None:
            self._told.add(one.place)

    def _swap(self, first: int, second: int, row: Row, other: Row | None) -> Finding:
        shown = other if other is not None and other.position == first else row
        found = f"the entries of positions {first} and {second} in each other's place"
        return _at(shown, "swapped-entries", first, "position", f"the entry recorded at {first}", found)

    def _replacements(self) -> Iterator[Finding]:
        copies = self._copies()
        for leaf, one in self._replaced.items():
            self._told.add(one.place)
            if leaf in copies:
                yield self._copy(one.row, one.place, copies[leaf])
                continue
            name = self._field(one.row)
            yield _at(
                one.row,
                "edited-entry",
                one.place,
                name,
                f"leaf hash {base64(one.recorded)}",
                f"leaf hash {base64(leaf)}",
            )

    def _insertions(self) -> Iterator[Finding]:
        copies = self._copies()
        for leaf, row in self._extra.items():
            if leaf in copies:
                yield self._copy(row, row.position, copies[leaf])
            else:
                yield _at(
                    row, "inserted-entry", row.position, "entry", "no entry recorded here", f"leaf hash {base64(leaf)}"
                )

    def _removals(self) -> Iterator[Finding]:
        for run in self._divergences.missing:
            start = run.start
            for told in sorted(place for place in self._told if run.start <= place < run.end):
                if start < told:
                    yield self._removal(run, start, told)
                start = told + 1
            if start < run.end:
                yield self._removal(run, start, run.end)

    def _removal(self, run: Run, start: int, end: int) -> Finding:
        place = start - run.start
        leaf = run.leaves[place] if place < len(run.leaves) else b""
        stream, seq = self._circumstances.known_by_next.get(leaf, (None, None))
        recorded = self._circumstances.recorded_size
        if end == recorded and end > self._circumstances.size:
            found = f"{recorded - (end - start)} entries"
            return Finding("deleted-tail", start, stream, seq, "entry", f"{recorded} entries", found)
        found = f"no entry at {start}" if end - start == 1 else f"no entries from {start} to {end - 1}"
        return Finding("removed-entry", start, stream, seq, "entry", f"leaf hash {base64(leaf)}", found)

    def _copies(self) -> Mapping[bytes, int]:
        wanted = {*self._extra, *self._replaced}
        return self._circumstances.places_of(wanted) if wanted else {}

    def _copy(self, row: Row, place: int, origin: int) -> Finding:
        return _at(
            row, "duplicated-entry", place, "entry", "an entry of its own", f"the entry of position {origin} again"
        )

    def _in_gap(self, position: int) -> bool:
        return any(position in gap for gap in self._circumstances.position_gaps)

    def _field(self, row: Row) -> str:
        """Return the part of an edited entry that its columns, its chain or its grammar speak against."""
        for finding in self._circumstances.findings_at(row.position):
            if finding.field and finding.kind != "edited-column" and finding.kind.startswith("bytes"):
                return finding.field
        for finding in self._circumstances.findings_at(row.position):
            if finding.field:
                return "sealed" if finding.kind.startswith("sealed") else finding.field
        return row.suspect


def _at(row: Row, kind: str, position: int, field_name: str, expected: str, found: str) -> Finding:
    return Finding(kind, position, row.stream or None, row.seq or None, field_name, expected, found)
