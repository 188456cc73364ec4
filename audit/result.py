"""What a verification says, for machines and for people."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.finding import Finding, base64
from audit.notes import CheckedCheckpoint
from audit.quorum import Quorum


class CheckLine(NamedTuple):
    """One line for people: what was checked, "OK", "BROKEN" or "UNCHECKED", and a detail."""

    name: str
    state: str
    detail: str


class Anchor(NamedTuple):
    """What outside the entries speaks for them, and its size.

    "none", "own" (the log's last checkpoint), "since" (one that was handed in) or "quorum" (the witnesses of a policy).
    """

    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of verifying a log of `size` entries whose bytes lead to `root`; `sound` when nothing is wrong.

    `sound` speaks of what is inside the log. `anchor` says what would show that all of it was written anew, and
    `unchecked` what could not be looked at.
    """

    log: str
    size: int
    root: bytes
    anchor: Anchor
    sealed: int
    streams: int
    unchecked: list[str] = field(default_factory=list)
    checkpoints: list[CheckedCheckpoint] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    quorum: Quorum | None = None
    keys_in_turn: int = 1  # how many keys signed for the log, each but the first announced by the one before
    in_files: bool = False  # read from a folder of tiles, not from a database

    @property
    def sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings

    @property
    def unanchored_entries(self) -> int:
        """How many entries stand after the anchor, so that nothing outside speaks for them."""
        return max(self.size - self.anchor.size, 0)

    def to_json(self) -> dict[str, object]:
        """Return the shape of `audit verify --json`; the root is in base64."""
        return {
            "sound": self.sound,
            "log": self.log,
            "size": self.size,
            "root": base64(self.root),
            "anchor": {"kind": self.anchor.kind, "size": self.anchor.size},
            "unanchored_entries": self.unanchored_entries,
            "unchecked": list(self.unchecked),
            "checkpoints": [{"size": one.size, "signed": one.signed, "ok": one.ok} for one in self.checkpoints],
            "findings": [finding.to_json() for finding in self.findings],
            **({} if self.keys_in_turn == 1 else {"keys_in_turn": self.keys_in_turn}),
            **({} if self.quorum is None else self.quorum.to_json()),
        }

    def check_lines(self) -> list[CheckLine]:
        """Return one line per check, in the order of checking, the anchor last."""
        counts: dict[str, int] = dict.fromkeys(_CHECKS, 0)
        for finding in self.findings:
            counts[_check_of(finding.kind)] += 1
        lines = [
            CheckLine(name, "BROKEN", _found(counts[name])) if counts[name] else self._fine(name) for name in counts
        ]
        if self.in_files:
            lines[0] = lines[0]._replace(name="folder")
        return [*lines, self._anchor_line()]

    def finding_lines(self) -> Iterator[str]:
        """Yield the findings for people, several lines each: where, what was expected, what was found."""
        for finding in self.findings:
            where = "" if finding.position is None else f" at entry {finding.position}"
            stream = f" ({finding.stream} {finding.seq})" if finding.stream else ""
            follows = (
                "" if finding.consequence_of is None else f"  follows from what was found at {finding.consequence_of}"
            )
            yield f"{finding.kind}{where}{stream}{': ' + finding.field if finding.field else ''}{follows}"
            yield f"  expected  {finding.expected}"
            yield f"  found     {finding.found}"
        if self.findings:
            yield self.trusted()

    def trusted(self) -> str:
        """Return in one sentence what may still be believed."""
        places = [finding.position for finding in self.findings]
        first = min((place for place in places if place is not None), default=None)
        if None in places and not any(finding.kind in _BESIDE_THE_ENTRIES for finding in self.findings):
            return "Nothing of this log can be trusted before the findings are explained."
        if first is None:
            return f"The {self.size} entries verify among themselves."
        if first == 0:
            return "No entry can be trusted before the findings are explained."
        return f"Entries 0–{first - 1} verify. What stands later cannot be trusted before the findings are explained."

    # Private

    def _fine(self, name: str) -> CheckLine:
        detail = {
            "database": "names of files, and partial tiles" if self.in_files else "tables, guards and pages",
            "entries": f"{self.size} entries, bytes{'' if self.in_files else ' and index columns'}",
            "chain": f"{self.streams} streams, root {base64(self.root)}",
            "tree": "tiles" if self.in_files else "tiles and heads",
            "commands": "each recorded once and whole",
            "sealed": f"{self.sealed} sealed parts",
            "checkpoints": self._checkpoint_detail(),
        }[name]
        unchecked = [text for text in self.unchecked if _is_about(text, name)]
        if unchecked:
            return CheckLine(name, "UNCHECKED", "; ".join(unchecked))
        return CheckLine(name, "OK", detail)

    def _checkpoint_detail(self) -> str:
        if not self.checkpoints:
            return "none yet"
        signed = f"{sum(one.signed for one in self.checkpoints)} of {len(self.checkpoints)} signatures"
        return signed if self.keys_in_turn == 1 else f"{signed}, by {self.keys_in_turn} keys in turn"

    def _missing_witnesses(self) -> str:
        return next((text for text in self.unchecked if text.startswith("checkpoint witnesses:")), "")

    def _anchor_line(self) -> CheckLine:
        kind, size = self.anchor
        if kind == "none" and self.quorum is None:
            return CheckLine("anchor", "UNCHECKED", f"none: {self.size} entries could be written anew unseen")
        detail = f"{_ANCHORS[kind]} at {size}; {self.unanchored_entries} entries after it"
        if self.quorum is not None and not self.quorum.size:
            return CheckLine("anchor", "UNCHECKED", self._missing_witnesses())
        return CheckLine("anchor", "OK", detail)


# Private

_ANCHORS = {
    "none": "nothing",
    "since": "the checkpoint handed in",
    "own": "the log's own last checkpoint",
    "quorum": "the checkpoint that the witnesses cosigned",
}
_CHECKS = ("database", "entries", "chain", "tree", "commands", "sealed", "checkpoints")
_BESIDE_THE_ENTRIES = ("schema", "folder-changed", "checkpoint-changed", "head-changed", "tree-changed")
_CHECK_OF_PREFIX = (
    ("schema", "database"),
    ("folder", "database"),
    ("pages", "database"),
    ("unreadable", "database"),
    ("log-row", "database"),
    ("tree", "tree"),
    ("head", "tree"),
    ("command-changed", "commands"),
    ("sealed", "sealed"),
    ("key-destroyed", "sealed"),
    ("checkpoint", "checkpoints"),
    ("tail-cut", "checkpoints"),
    ("history", "checkpoints"),
    ("since", "checkpoints"),
    ("edited", "entries"),
    ("removed", "entries"),
    ("deleted", "entries"),
    ("inserted", "entries"),
    ("duplicated", "entries"),
    ("swapped", "entries"),
    ("moved", "entries"),
    ("bytes", "entries"),
)


def _check_of(kind: str) -> str:
    return next((check for prefix, check in _CHECK_OF_PREFIX if kind.startswith(prefix)), "chain")


def _is_about(unchecked: str, name: str) -> bool:
    subject = {"sealed": "sealed", "tree": "maps of stream heads"}.get(name)
    if subject is not None:
        return unchecked.startswith(subject)
    return name == "checkpoints" and "checkpoint" in unchecked


def _found(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
