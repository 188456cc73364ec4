"""A log beside the leaf hashes that somebody else kept of it, 32 bytes an entry: which entries were altered.

Against whoever wrote everything anew, chain, tree and checkpoints with the true key, hashes kept elsewhere still name
the very entries. An entry that differs only because the one before it in its stream does is told as its consequence:
with `prev` put back to the kept hash of that one, its bytes have the kept hash again, which anybody can compute.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from audit.acts import Circumstances, Divergences, Replaced, name_acts
from audit.alignment import Alignment, Row
from audit.finding import Finding
from ledger.entry import NO_PREVIOUS, Entry, encode_entry, parse_entry
from ledger.errors import FormatError
from ledger.hashing import Suite
from ledger.store import Reader, Record

KIND = "rechained-entry"
GONE_MAX = 50  # entries that are missing which one that follows may have been chained to


def altered_since(log: Reader, held: Sequence[bytes]) -> list[Finding]:
    """Return what was done to the first entries of a log since their leaf hashes were kept; `held[i]` is entry i's.

    Acts come first; entries that were only chained anew follow, each naming the act's position.
    """
    comparison = _Comparison(log.suite, held)
    alignment = Alignment(iter(held), lambda at: held[at] if at < len(held) else None)
    divergences = Divergences()
    size = 0
    for record in log.records(0, len(held)):
        size += 1
        row = comparison.row_of(record)
        if alignment.in_step and alignment.next_is(row.leaf):
            continue
        for step in alignment.push(row):
            if step.row is None or step.recorded != step.row.leaf:
                divergences.add(step)
    for step in alignment.finish():
        if step.row is None or step.recorded != step.row.leaf:
            divergences.add(step)
    comparison.take_out_rechained(divergences)
    circumstances = Circumstances(
        size=size,
        recorded_size=len(held),
        tree_is_wrong=False,
        places_of=comparison.places_of,
        findings_at=lambda position: [],
        known_by_next={},
        position_gaps=[],
    )
    return [*name_acts(divergences, circumstances), *comparison.following()]


# Private


class _Comparison:
    """What was seen of the log: of each stream its last entry, and the entries that nobody kept a hash of."""

    def __init__(self, suite: Suite, held: Sequence[bytes]) -> None:
        self._suite = suite
        self._held = held
        self._last: dict[str, tuple[int, bytes]] = {}  # by stream, position and leaf hash of its last entry
        self._strange: dict[int, tuple[Entry, tuple[int, bytes] | None]] = {}  # by position, and the one before it
        self._rechained: dict[int, tuple[Entry, int]] = {}

    def row_of(self, record: Record) -> Row:
        position, leaf = record.position, self._suite.leaf(record.entry)
        try:
            entry = parse_entry(record.entry)
        except FormatError:
            return Row(position, leaf, "", 0, None, 0, "entry")
        if self._held[position] != leaf and leaf not in self._places:
            self._strange[position] = (entry, self._last.get(entry.stream))
        self._last[entry.stream] = (position, leaf)
        return Row(position, leaf, entry.stream, entry.seq, None, entry.n, "entry")

    def take_out_rechained(self, divergences: Divergences) -> None:
        """Keep of the replaced entries those whose own content differs."""
        kept_places = {one.row.position: one.place for one in divergences.replaced}
        gone = [leaf for run in divergences.missing for leaf in run.leaves][:GONE_MAX]
        kept = []
        for one in divergences.replaced:
            cause = self._cause(one, kept_places, gone)
            if cause is None:
                kept.append(one)
            else:
                self._rechained[one.row.position] = (self._strange[one.row.position][0], cause)
        divergences.replaced = kept

    def following(self) -> Iterator[Finding]:
        """Yield the entries that were only chained anew; each comes after the one that it follows from."""
        for position, (entry, before) in sorted(self._rechained.items()):
            cause = before
            while cause in self._rechained:
                cause = self._rechained[cause][1]
            expected = "the chain as it was kept: with it, these are the bytes of old"
            yield Finding(KIND, position, entry.stream, entry.seq, "prev", expected, "another one", cause)

    def places_of(self, leaves: Collection[bytes]) -> dict[bytes, int]:
        """Return the places at which leaf hashes were kept."""
        return {leaf: self._places[leaf] for leaf in leaves if leaf in self._places}

    @cached_property
    def _places(self) -> dict[bytes, int]:
        return {leaf: at for at, leaf in enumerate(self._held)}

    def _cause(self, one: Replaced, kept_places: Mapping[int, int], gone: Sequence[bytes]) -> int | None:
        """Return the position of the entry before, if with its kept hash this one is what it was; None if it is not."""
        if one.row.position not in self._strange:
            return None
        entry, before = self._strange[one.row.position]
        cause = before[0] if before else one.row.position
        while before is not None and before[0] in self._strange and before[0] not in kept_places:
            before = self._strange[before[0]][1]  # one too many stands between
        prevs = list(gone)
        if before is None:
            prevs.append(NO_PREVIOUS)
        else:
            prevs.append(self._held[kept_places[before[0]]] if before[0] in kept_places else before[1])
        for seq in (entry.seq, entry.seq + 1, entry.seq - 1):
            for prev in prevs:
                if seq >= 1 and self._leaf(replace(entry, seq=seq, prev=prev)) == one.recorded:
                    return cause
        return None

    def _leaf(self, entry: Entry) -> bytes:
        try:
            return self._suite.leaf(encode_entry(entry))
        except FormatError:
            return b""
