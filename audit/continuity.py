"""Whether a copy of a log may take its place: it must contain every history that somebody was given a statement of.

What was signed is held against the copy: a checkpoint kept elsewhere, the signer's own memory beside the keys, and
the checkpoints of the ledger that would be replaced. A copy that is shorter, or another history, is told with both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audit.finding import base64
from ledger.chain import ERASURE_EFFECTIVE
from ledger.checkpoint import Checkpoint, CheckpointError, check_against_log, open_checkpoint, parse_checkpoint
from ledger.entry import parse_entry
from ledger.errors import FormatError, LedgerError
from ledger.note import Verifier, split_note
from ledger.store import Reader
from ledger.tiles import root_from_tiles


@dataclass(frozen=True, slots=True)
class Held:
    """A statement of the log that somebody has: where it comes from, what it says, and its note when there is one."""

    source: str
    checkpoint: Checkpoint
    note: bytes | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A statement that the copy does not contain; `later` says which of the two has more entries."""

    held: Held
    part: str
    expected: str
    found: str
    later: str

    def to_json(self) -> dict[str, object]:
        """Return it as it stands in a file of evidence; root and note so that anybody can check them again."""
        checkpoint, note = self.held.checkpoint, self.held.note
        return {
            "source": self.held.source,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": base64(checkpoint.root),
            "note": None if note is None else note.decode("utf-8", "replace"),
            "later": self.later,
            "part": self.part,
            "expected": self.expected,
            "found": self.found,
        }


def held_note(source: str, note: bytes, verifier: Verifier | None) -> Held:
    """Return what a note states, its signature verified when there is a key; raises NoteError or CheckpointError."""
    if verifier is not None:
        return Held(source, open_checkpoint(note, verifier).checkpoint, note)
    return Held(source, parse_checkpoint(split_note(note)[0]), note)


def held_by(log: Reader, source: str, verifier: Verifier | None) -> Iterator[Held]:
    """Yield what the checkpoints of a ledger state; one that its key did not sign states nothing."""
    for stored in log.checkpoints():
        try:
            yield held_note(source, stored.note, verifier)
        except FormatError:
            continue


def contradictions(log: Reader, held: Iterable[Held]) -> list[Contradiction]:
    """Return the statements that a log, itself verified, does not contain."""
    head = log.head()
    found = []
    for one in held:
        later = "statement" if one.checkpoint.size > head.size else "copy"
        later = "neither" if one.checkpoint.size == head.size else later
        if one.checkpoint.origin != log.origin:
            found.append(Contradiction(one, "origin", one.checkpoint.origin, log.origin, later))
            continue
        try:
            check_against_log(
                one.checkpoint,
                head.size,
                lambda size: root_from_tiles(log.suite, size, log.tile),
                lambda size: _command_ends_at(log, size),
            )
        except CheckpointError as error:
            found.append(Contradiction(one, error.where, error.expected, error.found or error.reason, later))
    return found


def first_difference(log: Reader, other: Reader) -> int | None:
    """Return the first position at which two logs differ by their trees, the end of the shorter one included.

    None when they are the same, and when a tree cannot be read. Reads a few tiles: the roots over the same number of
    entries are the same as long as the entries are.
    """
    low, high = 0, min(log.head().size, other.head().size)
    try:
        if root_from_tiles(log.suite, high, log.tile) == root_from_tiles(other.suite, high, other.tile):
            return None if log.head().size == other.head().size else high
        while low + 1 < high:  # the first `low` entries are the same, the first `high` are not
            middle = (low + high) // 2
            same = root_from_tiles(log.suite, middle, log.tile) == root_from_tiles(other.suite, middle, other.tile)
            low, high = (middle, high) if same else (low, middle)
    except LedgerError:
        return None
    return low


def erased_keys(log: Reader) -> set[str]:
    """Return the ids of the sealing keys whose erasure the log says has taken effect."""
    payloads = (parse_entry(record.entry).payload for record in log.records_of_type(ERASURE_EFFECTIVE))
    return {kid for payload in payloads if isinstance(kid := payload.get("kid"), str)}


# Private


def _command_ends_at(log: Reader, size: int) -> bool:
    record = log.record(size - 1)
    entry = parse_entry(record.entry) if record else None
    return entry is not None and entry.k == entry.n
