"""`mingzhang audit verify --tiles`: a folder of tiles verified with no database, and what is said of it."""

from pathlib import Path

from audit.finding import base64
from audit.tile_verification import verify_tiles
from cli.errors import ExitCode
from cli.output import print_json, print_note, progress_of
from cli.verdict import print_verification
from cli.words import _
from ledger.policy import Policy


def verify_folder(folder: Path, policy: Policy | None, since: bytes | None, *, as_json: bool) -> ExitCode:
    """Verify, print, and return the exit code; raises CouldNotCheck where there is no folder of tiles."""
    with progress_of(_("Entries verified")) as report:
        verification, judgement = verify_tiles(folder, policy=policy, since=since, on_progress=report)
    if as_json:
        document = {**verification.to_json(), "root": base64(verification.root)}
        if policy is not None:
            document["quorum"] = policy.quorum_text()
            document["quorum_satisfied"] = judgement is not None and judgement.satisfied
            document["cosigned_at"] = judgement.cosigned_at if judgement else {}
            document["missing"] = list(judgement.missing) if judgement else []
        print_json(document)
    else:
        print_verification(verification)
    if not verification.sound:
        return ExitCode.FINDING
    if since is not None and verification.anchor.kind not in ("since", "quorum"):
        print_note(_("The checkpoint that was handed in could not be checked: no key of the log. Give it with --vkey."))
        return ExitCode.UNCHECKED
    if policy is not None and (judgement is None or not judgement.satisfied):
        missing = ", ".join(judgement.missing) if judgement else _("none")
        text = _("Not checked: the policy asks for cosignatures of {quorum}; missing are {missing}.")
        print_note(text.format(quorum=policy.quorum_text(), missing=missing))
        return ExitCode.UNCHECKED
    return ExitCode.SOUND
