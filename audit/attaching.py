"""Keeping cosignatures: each is verified against a checkpoint that the log signed, and kept as a note beside it."""

from collections.abc import Sequence
from typing import NamedTuple

from audit.errors import AuditError
from audit.notes import refusal_of
from ledger.checkpoint import parse_checkpoint
from ledger.cosignatures import note_with, parse_answer
from ledger.note import NoteError, NoteSignature, Verifier, split_note
from ledger.store import Store


class CosignatureWrong(AuditError):
    """A cosignature of a known witness fits no checkpoint of this ledger; nothing was kept."""

    def __init__(self, where: str, expected: str, found: str) -> None:
        super().__init__(where, expected, found)
        self.where = where
        self.expected = expected
        self.found = found
        self.mend = "ask the witness for its answer again, and attach it to the ledger that the request was made from"


class Kept(NamedTuple):
    """One cosignature that was kept: by whom, of how many entries, and its POSIX time."""

    size: int
    name: str
    cosigned_at: int


class Attached(NamedTuple):
    """What became of an answer; `unknown` names the keys of the lines that were left out."""

    kept: list[Kept]
    unknown: list[str]


def attach_cosignatures(
    store: Store, answer: bytes, witnesses: Sequence[Verifier], log_keys: Sequence[Verifier]
) -> Attached:
    """Keep the cosignatures of `witnesses` in an answer, all of them or, when one is wrong, none.

    What is kept already is not kept twice. Raises NoteError for what is no answer, CosignatureWrong.
    """
    known = {(one.name, one.key_id): one for one in witnesses}
    signed = _signed_notes(store, log_keys)
    additions: dict[bytes, list[NoteSignature]] = {}
    kept: list[Kept] = []
    unknown: list[str] = []
    for line in parse_answer(answer):
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            unknown.append(line.name)
            continue
        note, cosigned_at = _fitting(signed, verifier, line)
        additions.setdefault(note, []).append(line)
        kept.append(Kept(_size(note), line.name, cosigned_at))
    for note, lines in additions.items():
        text, own = split_note(note)
        store.add_checkpoint(_size(note), note_with(text, [*own, *lines]))
    return Attached(kept, list(dict.fromkeys(unknown)))


# Private


def _signed_notes(store: Store, log_keys: Sequence[Verifier]) -> list[bytes]:
    """Return the checkpoints that the log signed, each with its signature alone, the largest first."""
    ids = {(one.name, one.key_id) for one in log_keys}
    notes = set()
    for stored in store.checkpoints():
        if log_keys and refusal_of(stored.note, list(log_keys), store.suite) is None:
            text, lines = split_note(stored.note)
            notes.add(note_with(text, [line for line in lines if (line.name, line.key_id) in ids]))
    return sorted(notes, key=_size, reverse=True)


def _fitting(notes: Sequence[bytes], verifier: Verifier, line: NoteSignature) -> tuple[bytes, int]:
    """Return the checkpoint that a cosignature was made over, and its POSIX time."""
    for note in notes:
        try:
            cosigned_at = verifier.check(split_note(note)[0], line.signature)
        except NoteError:
            continue
        if cosigned_at is not None:
            return note, cosigned_at
    expected = "a cosignature of a checkpoint in this ledger that the log signed"
    raise CosignatureWrong(f"the line of {line.name}", expected, f"one that fits none of {len(notes)}")


def _size(note: bytes) -> int:
    return parse_checkpoint(split_note(note)[0]).size
