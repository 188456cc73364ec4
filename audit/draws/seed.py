"""The seed of a draw: the one checkpoint that ends with its announcement, and every named witness's signature of it.

Nobody chooses among checkpoints, witnesses or times: the size is that of the announcement's own command, all the
witnesses that it names are needed, and each signs with a key of its own at time 0, so that it has one answer only.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from audit.errors import CouldNotCheck
from audit.signed_checkpoint import SignedCheckpoint, accepted
from domain.draw import SeedSignature
from domain.events.inspection import DrawAnnounced
from domain.recorded import Recorded
from ledger.checkpoint import checkpoint_text
from ledger.cosignatures import union
from ledger.entry import parse_entry
from ledger.errors import FormatError
from ledger.note import TYPE_COSIGNATURE, NoteError, Verifier, split_note
from ledger.store import Reader
from ledger.witness import SEED_TIME
from ledger.witness_folder import DRAWS_SUFFIX

_TIME_BYTES = 8  # of a cosignature, before the 64 of Ed25519


class SeedMissing(CouldNotCheck):
    """The checkpoint that a draw needs is not there, or a witness has not signed it yet."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The checkpoint, and what each witness made of it in the order of the announcement."""

    signed: SignedCheckpoint
    signatures: tuple[SeedSignature, ...]

    @property
    def text(self) -> str:
        """The three lines of the checkpoint."""
        return checkpoint_text(self.signed.checkpoint).decode()


def check_witness(vkey: str) -> Verifier:
    """Return a key that may give a seed; raises NoteError for any other."""
    verifier = Verifier.parse(vkey)
    if verifier.signature_type != TYPE_COSIGNATURE or not verifier.name.endswith(DRAWS_SUFFIX):
        raise NoteError("verifier key", f"{verifier.name} is no witness's key for draws, NAME{DRAWS_SUFFIX}")
    return verifier


def size_of_announcement(reader: Reader, announcement: Recorded) -> int:
    """Return how many entries the log has with the announcement's command as the last one: the checkpoint's size."""
    record = reader.record(announcement.position)
    assert record is not None
    entry = parse_entry(record.entry)
    return announcement.position - entry.k + 1 + entry.n


def seed_checkpoint(reader: Reader, announcement: Recorded, keys: Sequence[Verifier]) -> SignedCheckpoint:
    """Return the checkpoint of exactly the announcement's size, with every signature that was collected for it.

    Raises SeedMissing when none is stored, CheckpointRefused when it is not one of this log as it stands.
    """
    size = size_of_announcement(reader, announcement)
    notes = union(one.note for one in reader.checkpoints() if one.size == size)
    if not notes:
        found = ", ".join(str(one.size) for one in reader.checkpoints()) or "none"
        mend = "run `mingzhang audit sample sign NUMBER`; once a larger one was signed, give this draw up"
        raise SeedMissing("the seed", f"a signed checkpoint of {size} entries", f"checkpoints of {found}", mend)
    return accepted(reader, notes[0], keys, f"the checkpoint of {size} entries")


def seed_of_draw(reader: Reader, announcement: Recorded, keys: Sequence[Verifier]) -> Seed:
    """Return the checkpoint with the signatures that the announcement asks for; raises SeedMissing naming who lacks."""
    event = announcement.event
    assert isinstance(event, DrawAnnounced)
    signed = seed_checkpoint(reader, announcement, keys)
    found = {vkey: signature_in(signed.note, vkey) for vkey in event.witnesses}
    missing = [Verifier.parse(vkey).name for vkey, signature in found.items() if signature is None]
    if missing:
        mend = "let them run `mingzhang witness cosign --seed`, then `mingzhang audit checkpoint attach`"
        raise SeedMissing("the seed", "a signature of each named witness", f"none of {', '.join(missing)}", mend)
    return Seed(signed, tuple(SeedSignature(vkey, signature) for vkey, signature in found.items() if signature))


def signature_in(note: bytes, vkey: str) -> str | None:
    """Return in base64 the 64 bytes that a witness's key signed a note with at time 0; None when it did not."""
    verifier = Verifier.parse(vkey)
    text, lines = split_note(note)
    for line in lines:
        if (line.name, line.key_id) != (verifier.name, verifier.key_id):
            continue
        signature = base64.b64encode(line.signature[_TIME_BYTES:]).decode()
        if fits(text, vkey, signature):
            return signature
    return None


def fits(text: bytes, vkey: str, signature: str) -> bool:
    """Tell whether a witness signed a checkpoint's text so at time 0; `signature` is base64 of 64 bytes."""
    try:
        cosigned = SEED_TIME.to_bytes(_TIME_BYTES, "big") + base64.b64decode(signature, validate=True)
        return check_witness(vkey).check(text, cosigned) == SEED_TIME
    except (FormatError, ValueError):
        return False
