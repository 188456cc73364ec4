"""What proves a case file: the state of the log, its signed checkpoint, and the leaf hash of every entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.errors import AuditError
from audit.finding import base64
from audit.replay import HistoryLine
from audit.signed_checkpoint import SignedCheckpoint, latest_checkpoint
from cli.pages.tables import Table
from cli.pages.writing import file_stem
from cli.words import _
from ledger.ledger import Ledger
from ledger.note import Verifier
from ledger.store import Record


@dataclass(frozen=True)
class Proof:
    """The latest checkpoint of the log, None when nothing is signed, and the entries of the file with their hashes."""

    signed: SignedCheckpoint | None
    entries: Table

    @property
    def note(self) -> str:
        """The signed note, byte for byte; empty when there is none."""
        return self.signed.note.decode() if self.signed else ""

    @property
    def size(self) -> int:
        """How many entries the checkpoint covers."""
        return self.signed.checkpoint.size if self.signed else 0


def proof_of(ledger: Ledger, lines: Sequence[HistoryLine], keys: Sequence[Verifier]) -> Proof:
    """Return the proof of a file's entries; a checkpoint that is not one of this log as it stands is left out."""
    with ledger.store.snapshot() as reader:
        try:
            signed = latest_checkpoint(reader, keys)
        except AuditError:
            signed = None
        records = [reader.record(line.recorded.position) for line in lines]
    size = signed.checkpoint.size if signed else 0
    body = [_line(ledger, record, size) for record in records if record is not None]
    headings = [_("position"), _("stream"), _("seq"), _("leaf hash"), _("under the checkpoint")]
    table = Table(
        _("Entries and their hashes"),
        headings,
        ["number", "text", "number", "text", "text"],
        body,
        anchor="hashes",
    )
    return Proof(signed, table)


def checks(case: str, *, has_dossier: bool) -> list[str]:
    """Return how a reader checks the file, one sentence for each way."""
    steps = [
        _("Compare the checkpoint with one that a witness cosigned or that was kept elsewhere."),
        _("In the ledger: `mingzhang audit verify`, and `mingzhang case history {case}` tells the same entries."),
        _(
            "Outside: `mingzhang audit prove {case} --with-entry -o proofs` gives one proof per entry, and `mingzhang "
            "audit check-proof` checks them with no ledger."
        ),
    ]
    if has_dossier:
        steps.append(
            _(
                "The file {stem}.dossier.json beside this one proves all entries of the case and that there are no "
                "others: open it with verifier.html or verify_dossier.py (`mingzhang audit verifiers`)."
            )
        )
    return [step.format(case=case, stem=file_stem(case)) for step in steps]


# Private


def _line(ledger: Ledger, record: Record, size: int) -> list[str]:
    covered = _("yes") if record.position < size else _("no")
    return [str(record.position), record.stream, str(record.seq), base64(ledger.suite.leaf(record.entry)), covered]
