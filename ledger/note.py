"""Signed notes: a text and the signatures under it, as C2SP `signed-note` and `tlog-cosignature` lay down.

    note      = text LF 1*signature               ; text ends in LF and is followed by an empty line
    signature = "— " name " " base64(key id ‖ signature bytes) LF
    key id    = SHA-256(name ‖ LF ‖ type ‖ [identifier] ‖ public key)[:4]
    vkey      = name "+" hex(key id) "+" base64(type ‖ [identifier] ‖ public key)

Three kinds of Ed25519 signature are known here. Type 0x01 signs the text (a SHA-256 log). Type 0xff with
the identifier `mingzhang.sm3-log/ed25519/v1` signs the same text (an SM3 log). Type 0x04 is a witness's
cosignature: an 8-byte big-endian POSIX time T, then the signature of "cosignature/v1\\ntime T\\n" ‖ text.
Key ids are SHA-256 whatever the log's suite. Sources: c2sp.org/signed-note, c2sp.org/tlog-cosignature.

Example, as `mingzhang audit checkpoint` writes it:

    vectors.example/county-a
    1
    AoOZiTeQFvvn3+bjJQYOT3mfz9K9LIXu2t3TXRfjWfY=

    — vectors.example/county-a qfGzMo4Re6KSpjvuXfY/ULokspESSV2jj6bQEZbgPaRXm3nqlPW6g35DfoJK…
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import FormatError

TYPE_ED25519: Final = 0x01
TYPE_COSIGNATURE: Final = 0x04
TYPE_SM3_LOG: Final = 0xFF
SM3_LOG_IDENTIFIER: Final = b"mingzhang.sm3-log/ed25519/v1"

NOTE_BYTES_MAX: Final = 1 << 20
SIGNATURES_MAX: Final = 100
COSIGNED_AT_MAX: Final = (1 << 63) - 1


class NoteError(FormatError):
    """A note or a verifier key that must not be accepted; `where` names the part at fault."""


@dataclass(frozen=True)
class Verifier:
    """Whose signature is believed: a name, a signature type and a 32-byte Ed25519 public key."""

    name: str
    signature_type: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before each signature of this key."""
        return sha256(self.name.encode() + b"\n" + self._encoded_key()).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key (vkey) as text, the form in which it is handed to others."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._encoded_key()).decode()}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read a vkey; raise NoteError("verifier key", …) if ill formed or if its key id is not its own."""
        name, _, rest = text.removesuffix("\n").partition("+")
        key_id, _, encoded = rest.partition("+")
        if not _is_name(name) or not _KEY_ID.fullmatch(key_id):
            raise NoteError("verifier key", "expected name+key id+base64, the key id 8 hexadecimal digits")
        raw = _from_base64("verifier key", encoded)
        prefix = _type_prefix(raw[0]) if raw else b""
        if not raw.startswith(prefix) or len(raw) != len(prefix) + 32:
            raise NoteError("verifier key", "expected a signature type, its identifier if any, and 32 bytes of key")
        verifier = cls(name, raw[0], raw[len(prefix) :])
        if verifier.key_id.hex() != key_id:
            raise NoteError("verifier key", f"key id {key_id} is not that of the key, {verifier.key_id.hex()}")
        return verifier

    def check(self, text: bytes, signature: bytes) -> int | None:
        """Verify the bytes behind the key id over `text`; return the POSIX time of a cosignature, else None.

        Raise NoteError("signature", …) when they do not verify.
        """
        cosigned_at: int | None = None
        message = text
        if self.signature_type == TYPE_COSIGNATURE:
            cosigned_at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            if cosigned_at > COSIGNED_AT_MAX:
                raise NoteError("signature", f"cosignature of {self.name}: time {cosigned_at} is beyond 2^63-1")
            message = cosignature_message(text, cosigned_at)
        if len(signature) != 64:
            raise NoteError("signature", f"signature of {self.name} has {len(signature)} bytes, expected 64")
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise NoteError("signature", f"the signature of {self.name} does not fit this text") from None
        return cosigned_at

    def _encoded_key(self) -> bytes:
        return _type_prefix(self.signature_type) + self.public_key


@dataclass(frozen=True)
class Signer:
    """A private Ed25519 key with the name and the signature type under which it signs."""

    name: str
    signature_type: int
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        """The public side of this key."""
        return Verifier(self.name, self.signature_type, self._private_key().public_key().public_bytes_raw())

    def signature_line(self, text: bytes, cosigned_at: int | None = None) -> bytes:
        """The signature line under `text`; a witness's needs the POSIX time, a log's takes none."""
        if (self.signature_type == TYPE_COSIGNATURE) != (cosigned_at is not None):
            raise NoteError("signature", "a cosignature needs a time, and only a cosignature has one")
        if cosigned_at is None:
            raw = self._private_key().sign(text)
        else:
            message = cosignature_message(text, cosigned_at)
            raw = cosigned_at.to_bytes(8, "big") + self._private_key().sign(message)
        encoded = base64.b64encode(self.verifier.key_id + raw)
        return "— ".encode() + self.name.encode() + b" " + encoded + b"\n"

    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: name, 4-byte key id, the rest; `verifier` and `cosigned_at` once verified."""

    name: str
    key_id: bytes
    signature: bytes
    cosigned_at: int | None = None
    verifier: Verifier | None = None


def verifier_key(name: str, public_key: bytes, signature_type: int = TYPE_ED25519) -> str:
    """The vkey text of a 32-byte Ed25519 public key; raise NoteError for an impossible name or type."""
    if not _is_name(name) or len(public_key) != 32:
        raise NoteError("verifier key", "a name has no space and no plus, a public key has 32 bytes")
    return Verifier(name, signature_type, public_key).text


def cosignature_message(text: bytes, cosigned_at: int) -> bytes:
    """The bytes a witness signs: "cosignature/v1\\ntime T\\n" ‖ text."""
    if not 0 <= cosigned_at <= COSIGNED_AT_MAX:
        raise NoteError("signature", f"time {cosigned_at} is not between 0 and 2^63-1")
    return b"cosignature/v1\ntime %d\n" % cosigned_at + text


def sign_note(text: bytes, signer: Signer) -> bytes:
    """The note of one signature over `text`, which must end in a line feed; the same input gives the same."""
    _check_characters(text)
    if not text.endswith(b"\n"):
        raise NoteError("note", "the text of a note must end in a line feed")
    if not _is_name(signer.name):
        raise NoteError("note", f"{signer.name!r} cannot name a key: it is empty or has a space or a plus")
    return text + b"\n" + signer.signature_line(text)


def add_cosignature(note: bytes, witness: Signer, cosigned_at: int) -> bytes:
    """The note with a witness's line added; the caller has verified the note and its consistency before."""
    text, _ = split_note(note)
    return note + witness.signature_line(text, cosigned_at)


def split_note(note: bytes) -> tuple[bytes, list[NoteSignature]]:
    """The text and the signature lines of a note, nothing verified; NoteError("note", …) if ill formed."""
    if len(note) > NOTE_BYTES_MAX:
        raise NoteError("note", f"{len(note)} bytes, expected at most {NOTE_BYTES_MAX}")
    _check_characters(note)
    end_of_text = note.rfind(b"\n\n")
    if end_of_text < 0 or not note.endswith(b"\n"):
        raise NoteError("note", "expected a text, an empty line and signature lines, each ending in a line feed")
    text, lines = note[: end_of_text + 1], note[end_of_text + 2 :].split(b"\n")[:-1]
    if not lines:
        raise NoteError("note", "no signature line after the empty line")
    if len(lines) > SIGNATURES_MAX:
        raise NoteError("note", f"{len(lines)} signatures, expected at most {SIGNATURES_MAX}")
    return text, [_signature_of(line) for line in lines]


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> tuple[bytes, list[NoteSignature], list[NoteSignature]]:
    """The text, the signatures that `verifiers` vouch for, and those of keys nobody here knows.

    A signature of a known key that fails, or no signature of any known key, refuses the note (NoteError).
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    text, signatures = split_note(note)
    verified: list[NoteSignature] = []
    unverified: list[NoteSignature] = []
    for line in signatures:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            unverified.append(line)
            continue
        cosigned_at = verifier.check(text, line.signature)
        verified.append(NoteSignature(line.name, line.key_id, line.signature, cosigned_at, verifier))
    if not verified:
        found = ", ".join(f"{line.name} (key id {line.key_id.hex()})" for line in signatures)
        wanted = ", ".join(f"{name} (key id {key_id.hex()})" for name, key_id in known) or "no key"
        raise NoteError("note", f"not signed by a known key: known {wanted}; the note is signed by {found}")
    return text, verified, unverified


# Private

_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_CONTROL: Final = re.compile(rb"[\x00-\x09\x0b-\x1f]")


def _type_prefix(signature_type: int) -> bytes:
    if signature_type in (TYPE_ED25519, TYPE_COSIGNATURE):
        return bytes([signature_type])
    if signature_type == TYPE_SM3_LOG:
        return bytes([TYPE_SM3_LOG]) + SM3_LOG_IDENTIFIER
    raise NoteError("verifier key", f"signature type {signature_type:#04x} is not known: expected 0x01, 0x04 or 0xff")


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() or char < " " for char in name)


def _check_characters(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("note", f"byte {error.start} is not UTF-8") from None
    if found := _CONTROL.search(data):
        raise NoteError("note", f"byte {found.start()} is the control character {found[0][0]:#04x}")


def _signature_of(line: bytes) -> NoteSignature:
    fields = line.decode().split(" ")
    if len(fields) != 3 or fields.pop(0) != "—" or not _is_name(fields[0]):
        raise NoteError("note", "a signature line is an em dash, a space, a name, a space and base64")
    raw = _from_base64("note", fields[1])
    if len(raw) < 5:
        raise NoteError("note", f"a signature line holds {len(raw)} bytes, expected a key id of 4 and a signature")
    return NoteSignature(fields[0], raw[:4], raw[4:])


def _from_base64(where: str, text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(where, "not base64 of RFC 4648 section 4") from None
    if base64.b64encode(raw).decode() != text:
        raise NoteError(where, "base64 whose unused bits are not zero")
    return raw
