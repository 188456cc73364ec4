"""From everything that differs to findings: the acts first, each once, then what only follows from them.

The evidence of a passage is weighed here. What the tree recorded and what the entries are now tells most acts
(`audit.acts`); where somebody put the tree right as well, the chain, the heads and the table of commands tell the
rest. What an act explains stays in the list, marked as its consequence.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from audit.acts import Circumstances, Divergences, name_acts
from audit.finding import Finding, base64, shown
from audit.lineage import BadHead, Lineage
from audit.notes import LogAsComputed
from audit.seal_exchange import exchanged_seals
from ledger.hashing import HASH_BYTES, Suite
from ledger.key_chain import KeyStatement
from ledger.store import StoredCommand, TreeHead
from ledger.tiles import TILE_BYTES, TILE_WIDTH

KEPT_MAX = 1_000
CONSEQUENCES_MAX = 50

# What the chain says when an entry is gone, doubled or out of place and the tree was made to agree.
_ACT_OF_CHAIN = {
    "stream-gap": "removed-entry",
    "stream-repeat": "duplicated-entry",
    "stream-order": "swapped-entries",
    "bytes": "edited-entry",
    "unfinished-command": "deleted-tail",
}

# Acts after which what is stored beside the entries, by position, may fit none of them.
_SHIFTS = ("removed-entry", "deleted-tail", "inserted-entry", "duplicated-entry", "moved-entry")

# What nothing done to another entry brings about.
_BY_THEMSELVES = ("edited-column", "key-destroyed")


class Gap(NamedTuple):
    """Positions that no row has, `start` … `stop` - 1, before the row at `stop`, which is entry `seq` of `stream`."""

    start: int
    stop: int
    stream: str | None
    seq: int | None


@dataclass(slots=True)
class Evidence:
    """What one passage collected."""

    origin: str
    suite: Suite
    size: int = 0
    streams: int = 0
    sealed: int = 0
    last_head: TreeHead = field(default_factory=lambda: TreeHead(0, b""))
    database: list[Finding] = field(default_factory=list)
    entries_unreadable: bool = False
    gaps: list[Gap] = field(default_factory=list)
    divergences: Divergences = field(default_factory=Divergences)
    ends: dict[int, bool] = field(default_factory=dict)
    computed: Lineage | None = None
    recorded: Lineage | None = None
    recorded_size: int = 0
    fork_size: int = 0
    heads_inside: list[int] = field(default_factory=list)  # sizes of true heads inside a command, the first KEPT_MAX
    sealed_beside: list[Finding] = field(default_factory=list)
    command_findings: list[Finding] = field(default_factory=list)
    commands_beyond: list[StoredCommand] = field(default_factory=list)
    stray_tiles: list[Finding] = field(default_factory=list)
    vkeys: list[KeyStatement] = field(default_factory=list)
    known_by_next: Mapping[bytes, tuple[str, int]] = field(default_factory=dict)
    places_of: Callable[[Collection[bytes]], Mapping[bytes, int]] = lambda leaves: {}
    at: dict[int, list[Finding]] = field(default_factory=dict)  # what was said of single rows, the first KEPT_MAX

    @property
    def root(self) -> bytes:
        """The root over all entries as they are."""
        return self.computed.tree.root() if self.computed else self.suite.empty_root

    def add_at(self, position: int, findings: list[Finding]) -> None:
        """Keep what was said of one row."""
        if len(self.at) < KEPT_MAX:
            self.at.setdefault(position, []).extend(findings)

    def note_head_inside(self, size: int) -> None:
        """Keep that a head of the first `size` entries stands inside a command."""
        if len(self.heads_inside) < KEPT_MAX:
            self.heads_inside.append(size)

    def findings_at(self, position: int) -> list[Finding]:
        """Return what was said of the row at a position."""
        return self.at.get(position, [])

    def log_as_computed(self) -> LogAsComputed:
        """Return what checkpoints are compared with."""
        roots = self.computed.roots if self.computed else {}
        recorded = self.recorded.roots if self.recorded and not self.recorded.broken else {}
        return LogAsComputed(self.origin, self.suite, self.size, roots, self.ends, recorded)


def conclude(evidence: Evidence) -> list[Finding]:
    """Return the findings about entries, tree and commands: acts, then independent ones, then consequences."""
    bad_heads, beyond = _heads_nobody_explains(evidence)
    acts = name_acts(evidence.divergences, _circumstances(evidence))
    acts += _gap_acts(evidence, acts)
    if not evidence.divergences.count:
        acts += _chain_acts(evidence)
        acts += _rewritten(evidence, bad_heads, beyond)
    if not evidence.entries_unreadable and not any(act.kind == "deleted-tail" for act in acts):
        acts += _tail_act(evidence, beyond)
    others = [
        *exchanged_seals([finding for findings in evidence.at.values() for finding in findings]),
        *evidence.sealed_beside,
        *evidence.command_findings,
        *_tree_findings(evidence, acts, bad_heads, beyond),
    ]
    independent, following = _split(evidence, acts, others)
    return [*evidence.database, *acts, *independent, *following[:CONSEQUENCES_MAX]]


# Private


def _circumstances(evidence: Evidence) -> Circumstances:
    return Circumstances(
        size=evidence.size,
        recorded_size=evidence.recorded_size,
        tree_is_wrong=_vouched(evidence, evidence.computed) and not _vouched(evidence, evidence.recorded),
        places_of=evidence.places_of,
        findings_at=evidence.findings_at,
        known_by_next=evidence.known_by_next,
        position_gaps=[range(gap.start, gap.stop) for gap in evidence.gaps],
    )


def _vouched(evidence: Evidence, lineage: Lineage | None) -> bool:
    """Say whether the last head is that of all leaves of a lineage."""
    if lineage is None or lineage.broken:
        return False
    return lineage.good_head == lineage.tree.size == evidence.last_head.size


def _heads_nobody_explains(evidence: Evidence) -> tuple[list[BadHead], list[BadHead]]:
    """Return the heads, within the log and beyond its end, that fit neither the entries nor what the tree recorded."""
    computed, recorded = evidence.computed, evidence.recorded
    if computed is None:
        return [], []
    if recorded is None or recorded.broken:
        return computed.bad_heads, computed.beyond
    unfit = {head.size for head in (*recorded.bad_heads, *recorded.beyond)}
    bad = [head for head in computed.bad_heads if head.size <= evidence.fork_size or head.size in unfit]
    return bad, [head for head in computed.beyond if head.size in unfit]


def _gap_acts(evidence: Evidence, acts: list[Finding]) -> list[Finding]:
    """Return what is wrong with positions that are left out where no entry is missing: a position was changed."""
    told = [range(run.start, run.end) for run in evidence.divergences.missing]
    moved = {act.found for act in acts if act.field == "position"}
    found = []
    for gap in evidence.gaps:
        explained = any(run.start < gap.stop and gap.start < run.stop for run in told) or str(gap.stop) in moved
        if not explained:
            place = (gap.start, gap.stream, gap.seq)
            found.append(Finding("edited-column", *place, "position", str(gap.start), str(gap.stop)))
    return found


def _chain_acts(evidence: Evidence) -> list[Finding]:
    """Name acts by what the chain says, where the tree agrees with the entries as they are."""
    told = [finding for findings in evidence.at.values() for finding in findings]
    acts: list[Finding] = []
    for finding in told:
        kind = _ACT_OF_CHAIN.get(finding.kind)
        if kind == "deleted-tail":
            expected, found = finding.expected, f"{evidence.size} entries"
            acts.append(Finding(kind, evidence.size, None, None, "entry", expected, found))
        elif kind is not None:
            acts.append(replace(finding, kind=kind))
    return acts


def _rewritten(evidence: Evidence, bad: list[BadHead], beyond: list[BadHead]) -> list[Finding]:
    """Return one finding for heads that all differ from one size on: what they cover was written anew."""
    computed = evidence.computed
    if computed is None or len(bad) < 2 or beyond or computed.good_head > bad[0].size:
        return []
    root = bad[0].root or b""
    expected, found = f"root {shown(bad[0].stored)}", f"root {base64(root)}"
    return [
        Finding("history-rewritten", computed.good_head, None, None, f"head {bad[0].size}", expected, found),
    ]


def _tail_act(evidence: Evidence, beyond: list[BadHead]) -> list[Finding]:
    """Return the deleted tail that heads, commands or sealed parts still speak of."""
    size = evidence.size
    heads = [head for head in beyond if head.stored != evidence.root]
    claims = [(head.size, f"head {head.size}") for head in heads]
    claims += [(one.position + 1, f"command {shown(one.command)}") for one in evidence.commands_beyond]
    claims += [
        (one.position + 1, "blob")
        for one in evidence.sealed_beside
        if one.position is not None and one.position >= size
    ]
    moved = {act.stop for act in evidence.gaps}
    claims = [claim for claim in claims if claim[0] - 1 not in moved]
    if not claims:
        return []
    most, field_name = max(claims)
    return [Finding("deleted-tail", size, None, None, field_name, f"at least {most} entries", f"{size} entries")]


def _tree_findings(
    evidence: Evidence, acts: list[Finding], bad: list[BadHead], beyond: list[BadHead]
) -> Iterator[Finding]:
    computed = evidence.computed
    if computed is None:
        return
    yield from _bad_tiles(evidence, computed)
    yield from evidence.stray_tiles
    for head in bad:
        root = f"root {base64(head.root or b'')}"
        yield Finding("head-changed", None, None, None, f"head {head.size}", root, f"root {shown(head.stored)}")
    for size in evidence.heads_inside:
        expected, found = "a size at which a command ends", "one inside a command"
        yield Finding("head-changed", None, None, None, f"head {size}", expected, found)
    for head in beyond:
        if head.stored == evidence.root:
            field_name, expected = f"head {head.size}", f"size {evidence.size}"
            yield Finding("head-changed", None, None, None, field_name, expected, f"size {head.size}")
    covered = evidence.last_head.size >= evidence.size or evidence.recorded is not None
    if evidence.size and not covered and not acts:
        found = f"the last one of {evidence.last_head.size}"
        yield Finding("head-changed", None, None, None, "heads", f"a head of {evidence.size} entries", found)


def _bad_tiles(evidence: Evidence, computed: Lineage) -> Iterator[Finding]:
    """Yield the tiles that fit neither the entries nor what the tree recorded."""
    recorded = evidence.recorded
    unfit = {(tile.level, tile.number) for tile in recorded.bad_tiles} if recorded else set()
    for tile in computed.bad_tiles:
        later = tile.end > evidence.fork_size or len(tile.hashes) < TILE_BYTES
        explained = recorded is not None and not recorded.broken and later
        if not explained or (tile.level, tile.number) in unfit:
            place, expected, found = _first_difference(tile.hashes, tile.stored)
            position = place if tile.level == 0 and place is not None else None
            position = None if position is None else tile.number * TILE_WIDTH + position
            yield Finding("tree-changed", position, None, None, f"tile {tile.level}/{tile.number}", expected, found)


def _first_difference(expected: bytes, stored: object) -> tuple[int | None, str, str]:
    """Return the number of the first hash that differs, what it must be, and what it is."""
    count = len(expected) // HASH_BYTES
    if not isinstance(stored, bytes):
        return None, f"{count} hashes", "no such tile" if stored is None else shown(stored)
    for place in range(count):
        own, theirs = (one[place * HASH_BYTES : (place + 1) * HASH_BYTES] for one in (expected, stored))
        if own != theirs:
            return place, f"hash {base64(own)}", f"hash {base64(theirs)}" if theirs else f"{len(stored)} bytes"
    return None, f"{count} hashes", f"{len(stored)} bytes"


def _split(evidence: Evidence, acts: list[Finding], others: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Divide what is not an act into what stands by itself and what follows from an act."""
    touched = _touched(evidence, acts)
    places = sorted(act.position or 0 for act in acts if act.kind != "tree-changed")
    shifts = sorted(act.position or 0 for act in acts if act.kind in _SHIFTS)
    independent: list[Finding] = []
    following: list[Finding] = []
    for finding in others:
        if finding.consequence_of is not None:
            following.append(finding)
            continue
        beside = finding.kind == "command-changed" or finding.kind.startswith("sealed")
        cause = _cause(finding, shifts if beside and finding.position not in touched else places, touched)
        if cause is None:
            independent.append(finding)
        else:
            following.append(replace(finding, consequence_of=cause))
    return independent, following


def _touched(evidence: Evidence, acts: list[Finding]) -> set[int]:
    """Return the positions of the rows that an act speaks of."""
    if all(act.kind == "tree-changed" for act in acts):
        return set()
    divergences = evidence.divergences
    touched = {one.row.position for one in divergences.replaced} | {row.position for row in divergences.extra}
    touched |= {gap.stop for gap in evidence.gaps}
    return touched | {act.position for act in acts if act.position is not None}


def _cause(finding: Finding, places: list[int], touched: set[int]) -> int | None:
    """Return the position of the act that a finding follows from, None when it stands by itself."""
    if not places:
        return None
    position = finding.position
    if position in places:
        return position
    if finding.kind in _BY_THEMSELVES and position not in touched:
        return None
    if position is None or position in touched or finding.kind == "unfinished-command":
        return max((place for place in places if position is None or place <= position), default=places[0])
    return max((place for place in places if place <= position), default=None)
