"""A witness: cosigns the checkpoints of a log only as long as each goes on from the one before.

Request and answer are those of c2sp.org/tlog-witness, as files. For a request (`ledger.proof_text`) the witness

    (1) knows the log's origin, else LogUnknown (404), and a key of it that signed, else LogSignatureWrong (403)
    (2) refuses a smaller checkpoint, and another root at the size that it cosigned last (409, with evidence)
    (3) refuses an old size beyond the checkpoint's (400), and one that is not the last it cosigned (409)
    (4) verifies the consistency proof from its last root, else ConsistencyUnproved (422, with evidence)
    (5) writes down what it is about to cosign, durably, and only then signs

With its second key it says that it computed the map of stream heads as well (`ledger.witness_attest`), never else.
With its third key it gives the seed of a draw: a cosignature of time 0, of which there is one for each checkpoint, so
that asking again gives nothing new (docs/draws.md).

(1) to (5) happen under one lock, so that of two requests at once one sees what the other left.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.cosignatures import note_with
from ledger.errors import FormatError
from ledger.hashing import SHA256, SM3, Suite
from ledger.merkle import verify_consistency
from ledger.note import TYPE_SM3_LOG, NoteError, Signer, Verifier, open_note, split_note
from ledger.proof_text import ConsistencyProof, parse_consistency
from ledger.witness_errors import (
    ConsistencyUnproved,
    ContradictionRefused,
    HistoryForked,
    LogSignatureWrong,
    LogUnknown,
    OldSizeWrong,
    RolledBack,
    WitnessRefusal,
)
from ledger.witness_folder import Cosigned, WitnessFolder, WitnessState

SEED_TIME: Final = 0  # of a seed's cosignature: a time would let whoever asks choose among as many as he likes
EVIDENCE_FORMAT: Final = "mingzhang-witness-evidence/1"


@dataclass(frozen=True)
class Answer:
    """What was cosigned, the signature lines to give back, their POSIX time, and the size cosigned before."""

    checkpoint: Checkpoint
    lines: bytes
    cosigned_at: int
    old_size: int


@dataclass(frozen=True)
class Asked:
    """A checkpoint that a trusted key of its log signed, and what the witness cosigned of it last."""

    note: bytes  # with the lines of the log's keys alone: strangers' lines are nobody's word
    checkpoint: Checkpoint
    suite: Suite
    last: Cosigned | None

    @property
    def last_size(self) -> int:
        """The size that was cosigned last, 0 before the first."""
        return self.last.size if self.last else 0


Proved = Callable[[Asked], int]  # raises what speaks against the checkpoint; returns how many leaf hashes are kept


def cosign(folder: WitnessFolder, request: bytes, now: int, *, seed: bool = False) -> Answer:
    """Cosign the checkpoint of a request; `now` is POSIX seconds, and no cosignature is older than the one before.

    With `seed` the third key signs as well, at time 0.

    Raises ProofTextError for what is no request, a WitnessRefusal for one that gets no cosignature,
    WitnessStateError and KeyFileError when the witness's own files cannot be used.
    """
    proof = parse_consistency(request)

    def check(asked: Asked) -> int:
        _check_proof(asked, proof)
        return asked.last.held if asked.last else 0

    return cosign_proved(folder, proof.note, now, check, request, seed=seed)


def cosign_proved(
    folder: WitnessFolder,
    note: bytes,
    now: int,
    check: Proved,
    handed_in: bytes,
    *,
    heads: bool = False,
    seed: bool = False,
) -> Answer:
    """Cosign a checkpoint that `check` finds to go on from the last; `handed_in` goes into evidence as it is.

    With `heads` it has found the map of stream heads true as well, and the second key says so. With `seed` the third
    key signs too.
    """
    signers = [folder.signer(), *([folder.heads_signer()] if heads else [])]  # opened before the lock is held
    seeders = [folder.draws_signer()] if seed else []
    with folder.locked():
        state = folder.state()
        asked = _asked(folder, state, note)
        try:
            _check_follows(asked)
            held = check(asked)
        except ContradictionRefused as refusal:
            refusal.signed = asked.checkpoint
            refusal.evidence = _keep_evidence(folder, refusal, asked, handed_in, now)
            raise
        answer = _signed(signers, seeders, asked, max(now, state.clock))
        cosigned = Cosigned(
            asked.checkpoint.origin, asked.checkpoint.size, asked.checkpoint.root, asked.note + answer.lines, held
        )
        folder.keep(state.with_log(cosigned, answer.cosigned_at))
    return answer


def suite_of(log: Verifier) -> Suite:
    """Return the hash suite of the logs that are signed with keys of this type."""
    return SM3 if log.signature_type == TYPE_SM3_LOG else SHA256


def unproved(asked: Asked, expected: str, found: str) -> ConsistencyUnproved:
    """Return the refusal of a checkpoint whose entries do not go on from what was cosigned."""
    return ConsistencyUnproved(where=_where(asked), expected=expected, found=found, mend=_SECURE)


# Private

_SECURE: Final = "cosign nothing more of this log; keep the evidence, and compare with who else holds checkpoints of it"


def _asked(folder: WitnessFolder, state: WitnessState, note: bytes) -> Asked:
    """Read a checkpoint whose log is known and signed it."""
    try:
        checkpoint = parse_checkpoint(split_note(note)[0])
    except FormatError as error:
        mend = "hand in the request as 'mingzhang audit checkpoint request' writes it"
        raise WitnessRefusal(where="request", expected="a signed checkpoint", found=str(error), mend=mend) from None
    keys = [one for one in folder.trusted() if one.name == checkpoint.origin]
    if not keys:
        mend = "give its verifier key to 'mingzhang witness trust', once you are sure that it is the log's"
        raise LogUnknown(
            where=f"checkpoint of {checkpoint.origin}",
            expected="a log that this witness trusts",
            found=checkpoint.origin,
            mend=mend,
        )
    try:
        text, verified, _ = open_note(note, keys)
    except NoteError as error:
        expected = " or ".join(f"a signature of key id {key.key_id.hex()}" for key in keys)
        mend = "ask the bureau for the checkpoint as it was signed, or for the announcement of a new key"
        raise LogSignatureWrong(
            where=f"checkpoint of {checkpoint.origin}", expected=expected, found=error.reason, mend=mend
        ) from None
    return Asked(note_with(text, verified), checkpoint, suite_of(keys[0]), state.logs.get(checkpoint.origin))


def _check_follows(asked: Asked) -> None:
    """Refuse what contradicts the last cosigned checkpoint whatever the proof says."""
    last, checkpoint = asked.last, asked.checkpoint
    if last is not None and checkpoint.size < last.size:
        raise RolledBack(
            where=_where(asked),
            expected=f"{last.size} entries or more, as were cosigned",
            found=f"{checkpoint.size} entries",
            mend=f"if an old file was handed in by mistake, ask for the newest; else {_SECURE}",
        )
    if last is not None and checkpoint.size == last.size and checkpoint.root != last.root:
        raise HistoryForked(
            where=_where(asked),
            expected=f"root {_base64(last.root)}, as was cosigned at this size",
            found=f"root {_base64(checkpoint.root)}",
            mend=_SECURE,
        )


def _check_proof(asked: Asked, proof: ConsistencyProof) -> None:
    checkpoint, last = asked.checkpoint, asked.last
    if proof.old_size > checkpoint.size:
        raise WitnessRefusal(
            where=_where(asked),
            expected=f"an old size of at most {checkpoint.size}",
            found=str(proof.old_size),
            mend="ask for a request made for this checkpoint",
        )
    if proof.old_size != asked.last_size:
        raise OldSizeWrong(
            asked.last_size,
            where=_where(asked),
            expected=f"a proof from {asked.last_size}, the size that this witness cosigned last",
            found=f"a proof from {proof.old_size}",
            mend=f"ask for 'mingzhang audit checkpoint request --for {asked.last_size}'",
        )
    if last is None or last.size == 0:
        sound = not proof.path and (checkpoint.size > 0 or checkpoint.root == asked.suite.empty_root)
    else:
        sound = verify_consistency(asked.suite, last.size, checkpoint.size, proof.path, last.root, checkpoint.root)
    if not sound:
        expected = f"a proof from the root of the first {asked.last_size} entries to that of {checkpoint.size}"
        raise unproved(asked, expected, f"{len(proof.path)} hashes that prove no such thing")


def _signed(signers: list[Signer], seeders: list[Signer], asked: Asked, moment: int) -> Answer:
    text, _ = split_note(asked.note)
    lines = b"".join(signer.signature_line(text, moment) for signer in signers)
    lines += b"".join(signer.signature_line(text, SEED_TIME) for signer in seeders)
    return Answer(asked.checkpoint, lines, moment, asked.last_size)


def _keep_evidence(
    folder: WitnessFolder, refusal: ContradictionRefused, asked: Asked, handed_in: bytes, now: int
) -> Path:
    """Write both signed notes and what was handed in, so that anybody can check what this witness saw."""
    last = asked.last
    members = {
        "format": EVIDENCE_FORMAT,
        "kind": refusal.kind,
        "origin": asked.checkpoint.origin,
        "witness": folder.verifier.text,
        "time": now,
        "handed_in": handed_in.decode(errors="backslashreplace"),
        "checkpoint": asked.note.decode(),
        "cosigned": []
        if last is None
        else [{"note": last.note.decode(), "size": last.size, "root": _base64(last.root), "held": last.held}],
        "expected": refusal.expected,
        "found": refusal.found,
    }
    return folder.keep_evidence(f"{refusal.kind}-{asked.checkpoint.size}", members)


def _where(asked: Asked) -> str:
    return f"checkpoint of {asked.checkpoint.origin} at {asked.checkpoint.size}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
