"""A verifier's policy against the checkpoints of a log: which of them satisfy it, and who is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ledger.checkpoint import CheckpointError
from ledger.cosignatures import union
from ledger.note import NoteError, Verifier
from ledger.policy import Judgement, Policy


@dataclass(frozen=True, slots=True)
class Quorum:
    """What a policy says: `size` of the largest checkpoint that satisfies it, 0 when none does.

    `cosigned_at` and `missing` name the witnesses of that checkpoint, or of the largest that the log's key signed,
    by the policy's names; times are POSIX seconds. `wanted` is the quorum in words.
    """

    wanted: str
    size: int = 0
    cosigned_at: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Return the members that `audit verify --policy --json` has beside the others."""
        return {
            "quorum": self.wanted,
            "quorum_satisfied": self.size > 0,
            "cosigned_at": dict(self.cosigned_at),
            "missing": list(self.missing),
        }


def judge_policy(policy: Policy, verifiers: Iterable[Verifier], notes: Iterable[bytes], sizes: set[int]) -> Quorum:
    """Judge the notes whose size is of `sizes`: those over a history that was found in the log.

    `verifiers` are the keys of the log, the policy's own and those that follow from it. The signature lines of all
    notes over one text count together.
    """
    own = policy.logs
    policy = replace(policy, logs=(*own, *(one for one in verifiers if one not in own)))
    known = [*policy.logs, *policy.witnesses.values()]
    judged = [one for note in union(notes, known) if (one := _judged(policy, note)) is not None]
    judged = [one for one in judged if one.checkpoint.size in sizes]
    if not judged:
        names = [name.decode(errors="backslashreplace") for name in policy.witnesses]
        return Quorum(policy.quorum_text(), missing=names)
    best = max(judged, key=lambda one: (one.satisfied, one.checkpoint.size))
    size = best.checkpoint.size if best.satisfied else 0
    return Quorum(policy.quorum_text(), size, best.cosigned_at, list(best.missing))


# Private


def _judged(policy: Policy, note: bytes) -> Judgement | None:
    try:
        return policy.judge(note)
    except (NoteError, CheckpointError):
        return None
