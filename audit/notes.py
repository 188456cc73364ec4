"""Checkpoints against the log: those stored in it, one handed in from outside, and the signer's own memory.

Size and root are taken from the note whose signature verified, never from what stands beside it. The notes are read
before the entries, because roots are computed while the entries pass; they are judged afterwards. Memory is one
small item per stored checkpoint.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from audit.errors import CouldNotCheck
from audit.finding import Finding, base64, shown
from ledger.checkpoint import Checkpoint, CheckpointError, open_checkpoint, parse_checkpoint
from ledger.errors import FormatError
from ledger.hashing import Suite
from ledger.key_chain import KeyChain
from ledger.keystore import signature_type_of
from ledger.note import NoteError, Verifier, split_note
from ledger.store import StoredCheckpoint


@dataclass(frozen=True, slots=True)
class CheckedCheckpoint:
    """What is said of one stored checkpoint: `signed` by the log's key, and `ok` when the log agrees with it too."""

    size: int
    signed: bool
    ok: bool


@dataclass(slots=True)
class LogAsComputed:
    """What the entries lead to: how many there are, and at the sizes asked for the root and whether a command ends.

    `recorded_roots` are the roots over the leaf hashes in the tiles, where these differ from those of the entries.
    """

    origin: str
    suite: Suite
    size: int
    roots: Mapping[int, bytes]
    ends: Mapping[int, bool]
    recorded_roots: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class StoredNote:
    """One row of the table of checkpoints; `checkpoint` is what its note says, None when it cannot be read."""

    row: StoredCheckpoint
    checkpoint: Checkpoint | None
    fault: str = ""


def read_notes(rows: Iterable[StoredCheckpoint]) -> list[StoredNote]:
    """Read the stored notes, verifying nothing yet."""
    return [_read(row) for row in rows]


def read_since(note: bytes) -> Checkpoint:
    """Read a checkpoint that was handed in; raise CouldNotCheck when it is none."""
    try:
        return parse_checkpoint(split_note(note)[0])
    except FormatError as error:
        mend = "hand in a note as `mingzhang audit checkpoint` writes it, unchanged"
        raise CouldNotCheck("the checkpoint handed in", "a signed checkpoint", shown(str(error)), mend) from None


def judge_notes(
    notes: Iterable[StoredNote], verifiers: list[Verifier], log: LogAsComputed, chain: KeyChain | None = None
) -> Iterator[tuple[CheckedCheckpoint, Finding | None]]:
    """Yield of each stored checkpoint what it is worth, and what is wrong with it.

    A note is the log's when one of `verifiers` signed it; with none to ask, nothing is said of signatures. A key that
    `chain` retired must not have signed the entry that retired it.
    """
    for note in notes:
        signed, finding = False, _fault_of(note)
        if note.checkpoint is not None and verifiers:
            refusal = refusal_of(note.row.note, verifiers, log.suite)
            signed = refusal is None
            if finding is None and refusal is not None:
                finding = _finding(note, refusal.where, f"a note signed by {_names(verifiers)}", str(refusal))
        if finding is None and signed and chain is not None:
            finding = _retired(note, chain, log.suite)
        agrees = note.checkpoint is not None and log.roots.get(note.checkpoint.size) == note.checkpoint.root
        if finding is None and note.checkpoint is not None:
            finding = _against_log(note.checkpoint, log)
        size = note.checkpoint.size if note.checkpoint else _number(note.row.size)
        yield CheckedCheckpoint(size, signed, signed and agrees and finding is None), finding


def judge_outside(what: str, held: Checkpoint, log: LogAsComputed) -> Finding | None:
    """Say whether the log still contains a history that was signed before: whole, cut, or rewritten."""
    if held.origin != log.origin:
        return Finding("since-foreign", None, None, None, what, f"a checkpoint of {log.origin}", held.origin)
    if held.size < 1:
        return Finding("since-empty", None, None, None, what, "a size of at least 1", str(held.size))
    if held.size > log.size:
        found = f"{log.size} entries: entries {log.size} to {held.size - 1} are gone"
        return Finding("tail-cut", log.size, None, None, what, f"{held.size} entries", found)
    root = log.roots[held.size]
    if root != held.root and log.recorded_roots.get(held.size) == held.root:
        return None  # what was signed is still what the tree recorded: what was done to the entries is told elsewhere
    if root != held.root:
        found = f"root {base64(root)}"
        return Finding(
            "history-rewritten", None, None, None, f"{what} at {held.size}", f"root {base64(held.root)}", found
        )
    if not log.ends.get(held.size, True):
        return _inside_command(what, held.size)
    return None


def refusal_of(note: bytes, verifiers: list[Verifier], suite: Suite) -> FormatError | None:
    """Return why none of the keys takes the note for the log's, the first key's reason; None when one does."""
    refusals: list[FormatError] = []
    wanted = signature_type_of(suite)
    for verifier in verifiers:
        try:
            open_checkpoint(note, verifier)
        except (NoteError, CheckpointError) as error:
            refusals.append(error)
        else:
            if verifier.signature_type == wanted:
                return None
            found = f"type {verifier.signature_type:#04x}, a log of {suite.name} is signed with {wanted:#04x}"
            refusals.append(NoteError("verifier key", found))
    return refusals[0]


def judge_keys(chain: KeyChain) -> Iterator[Finding]:
    """Yield the entries that name a key which the key before it did not announce."""
    for one in chain.unannounced:
        yield Finding("key-unannounced", one.position, None, None, "vkey", one.expected, shown(one.found))


# Private


def _read(row: StoredCheckpoint) -> StoredNote:
    if not isinstance(row.note, bytes):
        return StoredNote(row, None, "not bytes")
    try:
        return StoredNote(row, parse_checkpoint(split_note(row.note)[0]))
    except FormatError as error:
        return StoredNote(row, None, str(error))


def _fault_of(note: StoredNote) -> Finding | None:
    if note.checkpoint is None:
        return _finding(note, "note", "a signed checkpoint", note.fault)
    if note.row.size != note.checkpoint.size:
        return _finding(note, "size", str(note.checkpoint.size), shown(note.row.size))
    return None


def _against_log(checkpoint: Checkpoint, log: LogAsComputed) -> Finding | None:
    size = checkpoint.size
    if checkpoint.origin != log.origin:
        return Finding("checkpoint-foreign", None, None, None, f"checkpoint {size}", log.origin, checkpoint.origin)
    if size < 1:
        return Finding("checkpoint-empty", None, None, None, f"checkpoint {size}", "a size of at least 1", str(size))
    if size > log.size:
        found = f"{log.size} entries"
        return Finding("deleted-tail", log.size, None, None, f"checkpoint {size}", f"{size} entries", found)
    if log.roots[size] != checkpoint.root:
        if log.recorded_roots.get(size) == checkpoint.root:
            return None  # it was signed over what the tree recorded: what was done to the entries is told elsewhere
        found = f"root {base64(log.roots[size])}"
        expected = f"root {base64(checkpoint.root)}"
        return Finding("history-rewritten", None, None, None, f"checkpoint {size}", expected, found)
    return None if log.ends.get(size, True) else _inside_command(f"checkpoint {size}", size)


def _retired(note: StoredNote, chain: KeyChain, suite: Suite) -> Finding | None:
    """Say whether a key signed beyond the entry with which it gave way to the next one."""
    assert note.checkpoint is not None
    for key in chain.verifiers:
        size_max = chain.size_max(key)
        beyond = size_max is not None and note.checkpoint.size > size_max
        if beyond and refusal_of(note.row.note, [key], suite) is None:
            expected = f"at most {size_max} entries, where this key was retired"
            field_name, found = f"checkpoint {note.checkpoint.size}, key", f"key id {key.key_id.hex()}"
            return Finding("checkpoint-retired-key", None, None, None, field_name, expected, found)
    return None


def _inside_command(what: str, size: int) -> Finding:
    expected, found = "a size at which a command ends", "one inside a command"
    return Finding("checkpoint-inside-command", size - 1, None, None, what, expected, found)


def _finding(note: StoredNote, part: str, expected: str, found: str) -> Finding:
    size = note.checkpoint.size if note.checkpoint else shown(note.row.size)
    field_name = f"checkpoint {size}, {part}"
    return Finding("checkpoint-changed", None, None, None, field_name, expected, shown(found))


def _names(verifiers: list[Verifier]) -> str:
    return " or ".join(f"{verifier.name} (key id {verifier.key_id.hex()})" for verifier in verifiers)


def _number(size: object) -> int:
    return size if isinstance(size, int) else 0
