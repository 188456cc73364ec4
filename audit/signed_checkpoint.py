"""The signed checkpoint that proofs and exported tiles are made against: signed by the log's key, and of this history.

A checkpoint that is handed in, and one that stands in the ledger, are held to the same: whoever holds the database
could have put either there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from audit.errors import AuditError, CouldNotCheck
from audit.finding import base64, shown
from audit.notes import read_notes, read_since, refusal_of
from domain.errors import ExplainedError
from ledger.checkpoint import Checkpoint
from ledger.cosignatures import union
from ledger.key_chain import read_chain
from ledger.note import Verifier
from ledger.store import Reader
from ledger.tiles import root_from_tiles


class CheckpointRefused(AuditError, ExplainedError):
    """The checkpoint is not one of this log as it stands: evidence, and nothing is proved against it.

    `signed` is what it says, whoever signed it.
    """

    def __init__(self, where: str, expected: str, found: str, mend: str, signed: Checkpoint) -> None:
        super().__init__(where, expected, found, mend)
        self.signed = signed


class NothingSigned(AuditError, ExplainedError):
    """No checkpoint covers what is asked for, so nothing can be proved yet."""

    def __init__(self, where: str, expected: str, found: str) -> None:
        super().__init__(where, expected, found, "run `mingzhang audit checkpoint`, then this again")


class SignedCheckpoint(NamedTuple):
    """A note, byte for byte, and what it says."""

    note: bytes
    checkpoint: Checkpoint


def announced_keys(reader: Reader) -> list[Verifier]:
    """Return the keys that the log announces for itself, newest first: who holds no other key can ask for no more."""
    return read_chain(reader).verifiers[::-1]


def latest_checkpoint(reader: Reader, keys: Sequence[Verifier]) -> SignedCheckpoint:
    """Return the checkpoint of the most entries in the ledger, with all cosignatures that were collected for it.

    Raises NothingSigned when there is none, CheckpointRefused when it is not one of this log as it stands.
    """
    notes = [note for note in read_notes(reader.checkpoints()) if note.checkpoint is not None]
    if not notes:
        raise NothingSigned("the ledger", "a signed checkpoint", "none")
    size = max(note.row.size for note in notes)
    latest = [note.row.note for note in notes if note.row.size == size]
    own = [note for note in latest if keys and refusal_of(note, list(keys), reader.suite) is None]
    return accepted(reader, union(own or latest)[0], keys, "the latest checkpoint in the ledger")


def accepted(reader: Reader, note: bytes, keys: Sequence[Verifier], what: str) -> SignedCheckpoint:
    """Return a checkpoint once it is known to be signed by one of `keys` and over the entries as they stand.

    Raises CheckpointRefused with the evidence; CouldNotCheck when the note cannot be read.
    """
    checkpoint = read_since(note)
    if not keys:
        mend = "give the key folder of this ledger with --keys"
        raise CouldNotCheck(what, "a key of the log to check it with", "none, neither given nor announced", mend)
    refusal = refusal_of(note, list(keys), reader.suite)
    if refusal is not None:
        names = " or ".join(f"{key.name} (key id {key.key_id.hex()})" for key in keys)
        raise _refused(what, f"a note signed by {names}", shown(str(refusal)), checkpoint)
    if checkpoint.origin != reader.origin:
        raise _refused(what, reader.origin, checkpoint.origin, checkpoint)
    size = reader.head().size
    if checkpoint.size > size:
        raise _refused(what, f"{checkpoint.size} entries", f"{size} entries: the end was cut off", checkpoint)
    root = root_from_tiles(reader.suite, checkpoint.size, reader.tile)
    if root != checkpoint.root:
        where = f"{what}, at {checkpoint.size} entries"
        raise _refused(where, f"root {base64(checkpoint.root)}", f"root {base64(root)}", checkpoint)
    return SignedCheckpoint(note, checkpoint)


# Private


def _refused(where: str, expected: str, found: str, signed: Checkpoint) -> CheckpointRefused:
    mend = "run `mingzhang audit verify --since FILE` with it; keep it as it is, it is evidence"
    return CheckpointRefused(where, expected, found, mend, signed)
