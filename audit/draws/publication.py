"""What a stranger needs to repeat a draw: one JSON document, made of the open facts of the log, naming nobody.

Staff answer by number, cases by theirs. A recusal is told without its ground: that somebody does not go there is all
that the draw needs. The announcement's entry comes with the proof that it is in the checkpoint that gave the seed.
"""

import base64
from typing import Any, Final

from audit.draws.making import inspection_of
from audit.draws.pool import pool_of, selection_of
from audit.draws.seed import size_of_announcement
from audit.errors import CouldNotCheck
from domain.draw import SeedSignature, seed_text
from domain.events.inspection import DrawAnnounced, DrawMade
from domain.inspection import Inspection
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.ledger import Ledger
from ledger.store import Reader
from ledger.tile_proofs import TiledTree

FORMAT: Final = "mingzhang-draw/1"


def publication(ledger: Ledger, number: str) -> dict[str, Any]:
    """Return the document of a draw that was made; raises CouldNotCheck for any other."""
    state = inspection_of(ledger, number)
    announced, made = state.announced, state.made
    if announced is None or made is None:
        mend = "make it with `mingzhang audit sample draw` first"
        raise CouldNotCheck(f"inspection {number}", "a draw that was made", "none", mend)
    pool = pool_of(ledger, selection_of(announced), state.weights)
    with ledger.store.snapshot() as reader:
        proof = _proof(reader, state)
    return {
        "format": FORMAT,
        "log": ledger.origin,
        "number": number,
        "plan": announced.plan,
        "attempt": announced.attempt,
        "announced": _announced(announced),
        "pool": [list(line) for line in pool],
        "strata": {one.name: one.sample for one in announced.strata},
        "seed": {
            "checkpoint": _checkpoint(ledger, made),
            "witnesses": dict(zip(announced.witnesses, made.cosignatures, strict=True)),
            "text": _seed_text(ledger, announced, made, number),
            "sha256": made.seed,
        },
        "drawn": [
            {"case": one.case, "inspectors": list(one.inspectors), "recused": [each.staff for each in one.recused]}
            for one in state.samples
        ],
        "team": list(made.team),
        "proof": proof,
        "results": _results(state),
    }


# Private


def _announced(announced: DrawAnnounced) -> dict[str, Any]:
    """Return what was laid down, the pool's digest among it, as the entry has it."""
    open_part = announced.open_part()
    for name in ("number", "plan", "attempt", "strata", "witnesses"):
        del open_part[name]
    return open_part


def _checkpoint(ledger: Ledger, made: DrawMade) -> str:
    return checkpoint_text(Checkpoint(ledger.origin, made.size, base64.b64decode(made.root))).decode()


def _seed_text(ledger: Ledger, announced: DrawAnnounced, made: DrawMade, number: str) -> str:
    signatures = (SeedSignature(*one) for one in zip(announced.witnesses, made.cosignatures, strict=True))
    return seed_text(number, _checkpoint(ledger, made), signatures).decode()


def _proof(reader: Reader, state: Inspection) -> dict[str, Any]:
    """Return the bytes of the announcement's entry and its inclusion proof (RFC 9162 section 2.1.3)."""
    announcement = state.announcements[0]
    record = reader.record(announcement.position)
    assert record is not None
    tree = TiledTree(reader.suite, size_of_announcement(reader, announcement), reader.tile)
    return {
        "suite": reader.suite.name,
        "entry": base64.b64encode(record.entry).decode(),
        "index": announcement.position,
        "path": [base64.b64encode(one).decode() for one in tree.inclusion_path(announcement.position)],
    }


def _results(state: Inspection) -> dict[str, Any]:
    """Return how many cases were inspected with which outcome, and how many findings of each kind there are."""
    outcomes: dict[str, int] = {}
    kinds: dict[str, int] = {}
    for one in state.inspected.values():
        outcomes[one.outcome.value] = outcomes.get(one.outcome.value, 0) + 1
    for each in state.findings.values():
        kinds[each.finding.kind.value] = kinds.get(each.finding.kind.value, 0) + 1
    closed = sum(each.accepted_on is not None for each in state.findings.values())
    return {"inspected": outcomes, "findings": kinds, "put_right": closed}
