"""Proofs for people outside: made from stored tiles, checked with nothing but the files and a policy.

An inclusion proof says that an entry stands at its position in the tree of a signed checkpoint; a consistency proof,
that the tree of a newer checkpoint begins with that of an older one. Both carry the newer note as it was signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.finding import base64
from audit.notes import read_since
from audit.signed_checkpoint import NothingSigned, SignedCheckpoint
from ledger.checkpoint import Checkpoint, CheckpointError
from ledger.entry import Entry, parse_entry
from ledger.errors import FormatError
from ledger.hashing import SHA256, SM3, Suite, suite_named
from ledger.keystore import signature_type_of
from ledger.merkle import verify_consistency, verify_inclusion
from ledger.note import NoteError
from ledger.policy import Judgement, Policy
from ledger.proof_text import ConsistencyProof, InclusionProof
from ledger.store import Reader
from ledger.tile_proofs import TiledTree


@dataclass(frozen=True, slots=True)
class Checked:
    """What a proof is worth: `fault` is empty when it holds; the judgement is None when the note is not the log's."""

    judgement: Judgement | None
    fault: str = ""
    expected: str = ""
    found: str = ""
    entry: Entry | None = None  # that an inclusion proof speaks of
    leaf: bytes = b""  # its leaf hash

    @property
    def valid(self) -> bool:
        """Whether the proof holds; whether the policy's quorum saw the checkpoint is another matter."""
        return not self.fault


def prove_inclusion(reader: Reader, signed: SignedCheckpoint, positions: Sequence[int]) -> list[InclusionProof]:
    """Return the proof of each position; raises NothingSigned for one that the checkpoint does not cover."""
    size = signed.checkpoint.size
    newer = [position for position in positions if position >= size]
    if newer:
        covered = f"a checkpoint of more than {size} entries"
        raise NothingSigned(f"entry {newer[0]}", covered, f"the checkpoint covers {size}: it is newer")
    tree = TiledTree(reader.suite, size, reader.tile)
    note, suite = signed.note, reader.suite.name
    return [InclusionProof(one, tuple(tree.inclusion_path(one)), note, suite=suite) for one in positions]


def prove_consistency(reader: Reader, old: SignedCheckpoint, new: SignedCheckpoint) -> ConsistencyProof:
    """Return the proof that the newer checkpoint begins with the older one; empty from 0 and between equal sizes.

    Raises NothingSigned when the newer one covers fewer entries.
    """
    return consistency_from(reader, old.checkpoint.size, new)


def consistency_from(reader: Reader, first: int, new: SignedCheckpoint) -> ConsistencyProof:
    """Return the proof that a checkpoint begins with the first so many entries, as `prove_consistency` does."""
    last = new.checkpoint.size
    if first > last:
        raise NothingSigned("the newer checkpoint", f"at least {first} entries", f"{last} entries")
    tree = TiledTree(reader.suite, last, reader.tile)
    return ConsistencyProof(first, tuple(tree.consistency_path(first)) if first else (), new.note)


def check_inclusion(proof: InclusionProof, entry: bytes, policy: Policy) -> Checked:
    """Say whether the bytes are an entry of the log whose checkpoint the proof carries, at the place it names."""
    judgement, refusal = _judged(proof.note, policy)
    if judgement is None:
        return refusal
    try:
        parsed = parse_entry(entry)
        suite = suite_named(parsed.suite)
    except FormatError as error:
        return Checked(judgement, "entry", "the bytes of an entry", str(error))
    leaf, checkpoint = suite.leaf(entry), judgement.checkpoint
    if parsed.log != checkpoint.origin:
        return Checked(judgement, "log", checkpoint.origin, parsed.log, parsed, leaf)
    if signature_type_of(suite) != judgement.log.signature_type:
        return Checked(judgement, "suite", "the suite of the log's key", parsed.suite, parsed, leaf)
    if proof.suite != parsed.suite:
        return Checked(judgement, "suite", parsed.suite, proof.suite, parsed, leaf)
    if verify_inclusion(suite, leaf, proof.index, checkpoint.size, proof.path, checkpoint.root):
        return Checked(judgement, entry=parsed, leaf=leaf)
    expected = f"root {base64(checkpoint.root)} at {checkpoint.size} entries"
    return Checked(judgement, "path", expected, f"another root from leaf {base64(leaf)} at {proof.index}", parsed, leaf)


def check_consistency(proof: ConsistencyProof, old_note: bytes, policy: Policy) -> Checked:
    """Say whether the checkpoint in the proof begins with the history that the old one signs.

    Both must be signed by a log of the policy. From size 0, where there is nothing to prove, the path must be empty
    and the old root that of no entry. Raises CouldNotCheck when `old_note` is no checkpoint.
    """
    judgement, refusal = _judged(proof.note, policy)
    if judgement is None:
        return refusal
    old = read_since(old_note)
    earlier, refusal = _judged(old_note, policy)
    if earlier is None:
        return Checked(judgement, "old checkpoint", refusal.expected, refusal.found)
    new, suite = judgement.checkpoint, _suite_of(judgement)
    for fault, expected, found in (
        ("log", new.origin, old.origin),
        ("old size", str(old.size), str(proof.old_size)),
    ):
        if expected != found:
            return Checked(judgement, fault, expected, found)
    if _leads(suite, old, new, proof.path):
        return Checked(judgement)
    expected = f"a tree of {new.size} that begins with root {base64(old.root)} at {old.size}"
    return Checked(judgement, "path", expected, f"root {base64(new.root)}, to which the path does not lead")


# Private


def _leads(suite: Suite, old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> bool:
    if old.size == 0:
        return not path and old.root == suite.empty_root and (new.size > 0 or new.root == suite.empty_root)
    return verify_consistency(suite, old.size, new.size, path, old.root, new.root)


def _suite_of(judgement: Judgement) -> Suite:
    return SM3 if judgement.log.signature_type == signature_type_of(SM3) else SHA256


def _judged(note: bytes, policy: Policy) -> tuple[Judgement | None, Checked]:
    try:
        return policy.judge(note), Checked(None)
    except (NoteError, CheckpointError) as error:
        names = " or ".join(f"{key.name} (key id {key.key_id.hex()})" for key in policy.logs) or "a log"
        return None, Checked(None, "checkpoint", f"a checkpoint signed by {names}", str(error))
