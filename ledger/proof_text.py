"""Proofs as text, in the form of c2sp.org/tlog-proof@v1: an entry's place in the tree of a signed checkpoint.

    c2sp.org/tlog-proof@v1
    extra <base64>              only when there is some; nobody vouches for it
    index <position>
    <base64 of one hash>        the leaf's sibling first
    …

    <the signed note, verbatim>

A tlog-proof is one of SHA-256. A log of SM3 has the same lines under a first line of our own, `mingzhang/v1-sm3 proof`,
so that nobody's program takes it for what it is not (docs/decisions/0020).

A consistency proof in the form of a witness's add-checkpoint request (c2sp.org/tlog-witness) looks much the same: `old
<size>` in place of the first lines. Both end with the note as it was signed, so that its reader needs nothing else.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import FormatError
from ledger.hashing import HASH_BYTES, SHA256, SM3

CONSISTENCY_HASHES_MAX = 63
_HEADERS = {SHA256.name: b"c2sp.org/tlog-proof@v1", SM3.name: b"mingzhang/v1-sm3 proof"}
_SUITES = {header: suite for suite, header in _HEADERS.items()}
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,15}")


class ProofTextError(FormatError):
    """A text that is no proof of the form; `where` names the line."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the entry at `index` is in the tree of the checkpoint; `path` holds hashes of 32 bytes.

    `suite` is the name of the hash suite in which the path is to be followed.
    """

    index: int
    path: tuple[bytes, ...]
    note: bytes
    extra: bytes = b""
    suite: str = SHA256.name


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of the checkpoint begins with the first `old_size` entries as they were."""

    old_size: int
    path: tuple[bytes, ...]
    note: bytes


def format_inclusion(proof: InclusionProof) -> bytes:
    """Return the text of an inclusion proof."""
    extra = [b"extra " + base64.b64encode(proof.extra)] if proof.extra else []
    return _joined([_HEADERS[proof.suite], *extra, b"index %d" % proof.index], proof.path, proof.note)


def parse_inclusion(data: bytes) -> InclusionProof:
    """Return the inclusion proof of a text; raises ProofTextError. The note in it is not verified here."""
    lines, note = _split(data)
    suite = _SUITES.get(lines[0])
    if suite is None:
        raise ProofTextError("line 1", f"expected {' or '.join(header.decode() for header in _SUITES)}")
    rest = lines[1:]
    extra = b""
    if rest and rest[0].startswith(b"extra "):
        extra = _from_base64("line 2", rest.pop(0).removeprefix(b"extra "))
    index = _number(f"line {len(lines) - len(rest) + 1}", rest[0] if rest else b"", b"index ")
    return InclusionProof(index, _hashes(rest[1:], len(lines)), note, extra, suite)


def format_consistency(proof: ConsistencyProof) -> bytes:
    """Return the text of a consistency proof: the request that is put to a witness."""
    return _joined([b"old %d" % proof.old_size], proof.path, proof.note)


def parse_consistency(data: bytes) -> ConsistencyProof:
    """Return the consistency proof of a text; raises ProofTextError. The note in it is not verified here."""
    lines, note = _split(data)
    old_size = _number("line 1", lines[0], b"old ")
    if len(lines) - 1 > CONSISTENCY_HASHES_MAX:
        raise ProofTextError("proof", f"{len(lines) - 1} hashes, expected at most {CONSISTENCY_HASHES_MAX}")
    return ConsistencyProof(old_size, _hashes(lines[1:], len(lines)), note)


# Private


def _joined(head: list[bytes], path: Sequence[bytes], note: bytes) -> bytes:
    return b"\n".join([*head, *map(base64.b64encode, path), b"", note])


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    text, separator, note = data.partition(b"\n\n")
    if not separator or not note:
        raise ProofTextError("checkpoint", "expected an empty line and a signed note after it")
    return text.split(b"\n"), note


def _number(where: str, line: bytes, label: bytes) -> int:
    number = line.removeprefix(label)
    if not line.startswith(label) or not _NUMBER.fullmatch(number):
        raise ProofTextError(where, f"expected '{label.decode()}' and a number without leading zeros")
    return int(number)


def _hashes(lines: Sequence[bytes], total: int) -> tuple[bytes, ...]:
    """Return the hashes of the last of `total` lines."""
    return tuple(_hash(f"line {total - len(lines) + number}", line) for number, line in enumerate(lines, start=1))


def _hash(where: str, line: bytes) -> bytes:
    found = _from_base64(where, line)
    if len(found) != HASH_BYTES:
        raise ProofTextError(where, f"a hash of {len(found)} bytes, expected {HASH_BYTES}")
    return found


def _from_base64(where: str, text: bytes) -> bytes:
    """Decode strictly: the padding there, the unused bits zero, so that a proof has one form only."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        found = b""
    if not found or base64.b64encode(found) != text:
        raise ProofTextError(where, "expected base64 (RFC 4648 section 4)")
    return found
