"""What a witness refuses, as one tree of errors; each kind has the status of c2sp.org/tlog-witness."""

from pathlib import Path
from typing import ClassVar

from domain.errors import ExplainedError
from ledger.checkpoint import Checkpoint
from ledger.errors import LedgerError


class WitnessError(LedgerError, ExplainedError):
    """A witness could not do what was asked."""


class WitnessStateError(WitnessError):
    """What the witness cosigned before cannot be known, so it may cosign nothing."""


class TileFolderError(WitnessError):
    """A folder of tiles lacks a file, or a file in it cannot be one of the layout of c2sp.org/tlog-tiles."""


class WitnessRefusal(WitnessError):
    """A request that gets no cosignature; `status` is the answer of a witness on a network."""

    status: ClassVar[int] = 400


class LeavesUnkept(WitnessRefusal):
    """The witness keeps no leaf hashes of this log, so it has nothing to compare with."""


class LogUnknown(WitnessRefusal):
    """The checkpoint is of a log that this witness was not told to trust."""

    status = 404


class LogSignatureWrong(WitnessRefusal):
    """No key that this witness trusts for the log signed the checkpoint."""

    status = 403


class OldSizeWrong(WitnessRefusal):
    """The proof begins at another size than the last that was cosigned, which is `size`."""

    status = 409

    def __init__(self, size: int, *, where: str, expected: str, found: str, mend: str) -> None:
        super().__init__(where=where, expected=expected, found=found, mend=mend)
        self.size = size


class ContradictionRefused(WitnessRefusal):
    """The checkpoint does not go on from the one that was cosigned; `evidence` is the file that tells of both."""

    kind: ClassVar[str] = ""
    evidence: Path
    signed: Checkpoint  # what was refused


class RolledBack(ContradictionRefused):
    """The checkpoint is smaller than the one that was cosigned."""

    status = 409
    kind = "rollback"


class HistoryForked(ContradictionRefused):
    """The checkpoint has the size of the one that was cosigned, and another root."""

    status = 409
    kind = "fork"


class ConsistencyUnproved(ContradictionRefused):
    """The proof does not lead from the root that was cosigned to that of the checkpoint."""

    status = 422
    kind = "unproved"


class HeadsFalse(ContradictionRefused):
    """The log's map of stream heads is not the one that its entries give."""

    status = 422
    kind = "heads-false"


class HeadsUnsealed(WitnessRefusal):
    """The last entry below the checkpoint is no map of stream heads, so there is nothing to attest."""
