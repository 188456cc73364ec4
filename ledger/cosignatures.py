"""Cosignatures of witnesses: the lines that they answer with, and one note that carries all lines over one text.

A ledger keeps checkpoints append-only, so each collected cosignature is a note of its own beside the first, with the
same text and the log's own line. Readers take the union.
"""

import base64
from collections.abc import Iterable

from ledger.errors import FormatError
from ledger.note import SIGNATURES_MAX, NoteError, NoteSignature, Verifier, split_note


def parse_answer(data: bytes) -> list[NoteSignature]:
    """Return the signature lines of a witness's answer, nothing verified; NoteError when it is none.

    An answer is one or more signature lines (c2sp.org/tlog-witness); a whole signed note is taken as well.
    """
    try:
        _, signatures = split_note(data if b"\n\n" in data else b"answer\n\n" + data)
    except NoteError as error:
        raise NoteError("answer", error.reason) from None
    return signatures


def note_with(text: bytes, lines: Iterable[NoteSignature]) -> bytes:
    """Return the note of these signature lines under a text, each line once."""
    unique = dict.fromkeys(map(_line, lines))
    return b"".join([text, b"\n", *list(unique)[:SIGNATURES_MAX]])


def union(notes: Iterable[bytes], known: Iterable[Verifier] = ()) -> list[bytes]:
    """Return one note for each text, with the signature lines of all notes over it, in the order of their coming.

    What is no note is left out, and so is a line of a `known` key that does not verify: it would spoil the others.
    """
    keys = {(one.name, one.key_id): one for one in known}
    by_text: dict[bytes, list[NoteSignature]] = {}
    for note in notes:
        try:
            text, signatures = split_note(note)
        except FormatError:
            continue
        lines = by_text.setdefault(text, [])
        lines += [one for one in signatures if _may_stay(text, one, keys.get((one.name, one.key_id)))]
    return [note_with(text, lines) for text, lines in by_text.items() if lines]


# Private


def _may_stay(text: bytes, line: NoteSignature, verifier: Verifier | None) -> bool:
    if verifier is None:
        return True
    try:
        verifier.check(text, line.signature)
    except NoteError:
        return False
    return True


def _line(signature: NoteSignature) -> bytes:
    encoded = base64.b64encode(signature.key_id + signature.signature)
    return b"\xe2\x80\x94 " + signature.name.encode() + b" " + encoded + b"\n"
