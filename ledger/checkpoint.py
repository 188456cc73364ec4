"""Checkpoints: the signed statement of a log that it has so many entries and this root.

    text = origin LF size LF base64(root) LF          ; nothing more: no extension lines
    note = text, an empty line, the log's signature, then cosignatures of witnesses   (see ledger/note.py)

The name of the signing key is the origin. A size never falls inside a command.
Source: c2sp.org/tlog-checkpoint.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ledger.errors import FormatError
from ledger.note import TYPE_COSIGNATURE, NoteError, Verifier, open_note

SIZE_MAX: Final = (1 << 53) - 1


class CheckpointError(FormatError):
    """A checkpoint that must not be believed; `expected` and `found` are set where two values differ."""

    def __init__(self, where: str, reason: str, expected: str = "", found: str = "") -> None:
        super().__init__(where, reason)
        self.expected = expected
        self.found = found


@dataclass(frozen=True)
class Checkpoint:
    """A log's origin, its number of entries and the 32-byte root of their tree."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class VerifiedCheckpoint:
    """A checkpoint signed by its log; `cosigned_at` gives each verified witness's POSIX time in seconds."""

    checkpoint: Checkpoint
    cosigned_at: dict[str, int]


def checkpoint_text(checkpoint: Checkpoint) -> bytes:
    """The three lines that are signed; raise CheckpointError if they could not be read back."""
    root = base64.b64encode(checkpoint.root)
    text = b"%s\n%d\n%s\n" % (checkpoint.origin.encode(), checkpoint.size, root)
    parse_checkpoint(text)
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the three lines of a checkpoint; raise CheckpointError(where, reason) for any other bytes."""
    lines = text.split(b"\n")
    if len(lines) != 4 or lines[3]:
        count = len(lines) - 1
        raise CheckpointError("checkpoint", f"{count} lines, expected three: origin, size and root, no extension")
    origin, size, root = lines[:3]
    if len(origin) > 255 or not _ORIGIN.fullmatch(origin):
        raise CheckpointError("checkpoint origin", "not an origin of at most 255 bytes, such as county.example/log")
    if not _SIZE.fullmatch(size) or int(size) > SIZE_MAX:
        raise CheckpointError("checkpoint size", "not a number up to 2^53-1 without leading zeros")
    return Checkpoint(origin.decode(), int(size), _root_of(root))


def open_checkpoint(note: bytes, log_verifier: Verifier, witnesses: Iterable[Verifier] = ()) -> VerifiedCheckpoint:
    """Verify a signed checkpoint of the log whose key is `log_verifier`, and the cosignatures of `witnesses`.

    Raise NoteError or CheckpointError: an ill-formed note, no valid signature of the log or a second one, a
    cosignature of a given witness that fails, or the checkpoint of another origin. Lines of unknown keys are passed
    over.
    """
    witnesses = list(witnesses)
    _check_types(log_verifier, witnesses)
    text, verified, _ = open_note(note, [log_verifier, *witnesses])
    own = sum(signature.verifier == log_verifier for signature in verified)
    wanted = f"{log_verifier.name} (key id {log_verifier.key_id.hex()})"
    if not own:
        raise NoteError("note", f"witnesses signed it, the log did not: expected a signature of {wanted}")
    if own > 1:
        raise NoteError("note", f"{own} signatures of {wanted}, expected one")
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin != log_verifier.name:
        raise CheckpointError(
            "checkpoint origin",
            f"this is a checkpoint of {checkpoint.origin}, expected {log_verifier.name}",
            expected=log_verifier.name,
            found=checkpoint.origin,
        )
    cosigned_at: dict[str, int] = {}
    for signature in verified:
        if signature.cosigned_at is not None:
            cosigned_at[signature.name] = max(signature.cosigned_at, cosigned_at.get(signature.name, 0))
    return VerifiedCheckpoint(checkpoint, cosigned_at)


def check_against_log(
    checkpoint: Checkpoint,
    size_of_log: int,
    root_at: Callable[[int], bytes],
    command_ends_at: Callable[[int], bool],
) -> None:
    """Raise CheckpointError unless the log, as it is now, contains the history that was signed.

    `root_at(n)` is the root over the first n entries as they are stored; `command_ends_at(n)` says whether
    the first n entries, n > 0, end with the last entry of a command.
    """
    size = checkpoint.size
    if size > size_of_log:
        raise CheckpointError(
            "checkpoint size",
            f"signed at {size} entries, the log has {size_of_log}: its tail was cut, or part is missing",
            expected=str(size),
            found=str(size_of_log),
        )
    expected, found = (base64.b64encode(root).decode() for root in (checkpoint.root, root_at(size)))
    if expected != found:
        raise CheckpointError(
            "checkpoint root",
            f"root at {size} entries: signed {expected}, computed {found}. The history was changed",
            expected=expected,
            found=found,
        )
    if size and not command_ends_at(size):
        raise CheckpointError("checkpoint size", f"{size} entries end in the middle of a command")


# Private

_LABEL: Final = rb"[a-z0-9][a-z0-9-]*"
_SEGMENT: Final = rb"(?!\.{1,2}(?:/|\Z))[a-z0-9._-]+"
_ORIGIN: Final = re.compile(rb"%s(?:\.%s)*(?:/%s)*" % (_LABEL, _LABEL, _SEGMENT))
_SIZE: Final = re.compile(rb"0|[1-9][0-9]{0,15}")


def _root_of(line: bytes) -> bytes:
    try:
        root = base64.b64decode(line, validate=True)
    except binascii.Error:
        raise CheckpointError("checkpoint root", "not base64 of RFC 4648 section 4") from None
    if base64.b64encode(root) != line:
        raise CheckpointError("checkpoint root", "base64 whose unused bits are not zero")
    if len(root) != 32:
        raise CheckpointError("checkpoint root", f"{len(root)} bytes, expected 32")
    return root


def _check_types(log_verifier: Verifier, witnesses: list[Verifier]) -> None:
    if log_verifier.signature_type == TYPE_COSIGNATURE:
        raise NoteError("verifier key", f"{log_verifier.name} is the key of a witness, expected the log's")
    for witness in witnesses:
        if witness.signature_type != TYPE_COSIGNATURE:
            raise NoteError("verifier key", f"{witness.name} is not the key of a witness, whose type is 0x04")
