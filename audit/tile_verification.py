"""Verifying a folder of tiles, with no database: the same passage over the same bytes, and the verifier's own policy.

What a folder cannot show is said: it has no index columns, no table of commands and no heads of single transactions.
"""

from dataclasses import replace
from pathlib import Path

from audit.errors import CouldNotCheck
from audit.finding import Finding
from audit.result import Verification
from audit.verification import Progress, verify
from ledger.checkpoint import CheckpointError
from ledger.key_chain import read_chain
from ledger.note import NoteError, Verifier
from ledger.policy import Judgement, Policy
from ledger.store_errors import StoreError
from ledger.tile_folder import TileFolder
from ledger.tile_names import CHECKPOINT_NAME, TileName, blob_path, tile_path, width_at
from ledger.tiles import TILE_WIDTH

NOT_IN_A_FOLDER = (
    "index columns: a folder of tiles has none",
    "the table of commands: a folder of tiles has none",
    "heads of single transactions: a folder of tiles has none",
)


def verify_tiles(
    folder: Path,
    *,
    policy: Policy | None = None,
    since: bytes | None = None,
    on_progress: Progress | None = None,
    findings_max: int = 1_000,
    express: bool = True,
) -> tuple[Verification, Judgement | None]:
    """Verify the folder up to its checkpoint; the judgement of the policy, None without one or without its log's key.

    The checkpoint is verified with the key of the policy's log, else, which is weaker and said so, with the key that
    the log announces. Raises CouldNotCheck when there is no checkpoint, or when `since` is none.
    """
    try:
        log = TileFolder(folder)
        judgement, verifier = _judged(policy, log)
        is_known = verifier is not None and verifier.name == log.origin
        found = verify(
            log,
            log_verifier=None if is_known else verifier,
            policy=policy if is_known else None,  # with every key that it names for this log
            since=since,
            on_progress=on_progress,
            findings_max=findings_max,
            express=express,
        )
    except StoreError as error:
        raise CouldNotCheck(error.where, error.expected, error.found, error.mend) from error
    unchecked = [*found.unchecked, *NOT_IN_A_FOLDER]
    findings = [_with_file(one, log) for one in found.findings if one.kind != "head-changed"]
    return replace(found, unchecked=unchecked, findings=findings, in_files=True), judgement


# Private


def _judged(policy: Policy | None, log: TileFolder) -> tuple[Judgement | None, Verifier | None]:
    """Return what the policy says of the checkpoint, and the key of a log to hold it to."""
    if policy is None:
        return None, None
    own = [one for one in policy.logs if one.name == log.origin]
    verifier = next(iter([*own, *policy.logs]), None)
    try:
        judgement = policy.judge(log.note)
        return judgement, judgement.log
    except (NoteError, CheckpointError):
        followed = replace(policy, logs=tuple(read_chain(log).with_others(own)))
    try:
        return followed.judge(log.note), verifier  # signed by a key that follows from the policy's
    except (NoteError, CheckpointError):
        return None, verifier


def _with_file(finding: Finding, log: TileFolder) -> Finding:
    return replace(finding, file=_file_of(finding, log.checkpoint.size))


def _file_of(finding: Finding, size: int) -> str | None:
    """Return the path of the file in which a finding shows."""
    field, position = finding.field or "", finding.position
    if finding.kind == "folder-changed":
        return field
    if field.startswith("tile "):
        level, index = map(int, field.removeprefix("tile ").split("/"))
        return tile_path(TileName(level, index, width_at(level, index, size) or TILE_WIDTH))
    if finding.kind.startswith(("checkpoint", "tail-cut", "history", "since")) or field.startswith("checkpoint"):
        return CHECKPOINT_NAME
    if position is None:
        return None
    if finding.kind.startswith("sealed"):
        return blob_path(position)
    bundle = position // TILE_WIDTH
    return tile_path(TileName(None, bundle, width_at(0, bundle, size) or TILE_WIDTH))
