"""The section on integrity: what was verified, what speaks for the log from outside, and what was not looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.finding import base64
from audit.result import Verification
from cli.pages.provenance import Provenance
from cli.pages.tables import Table, sides_of
from cli.report.section import KeyFigure, Section, State
from cli.verdict import EVIDENCE, anchor_sentence, check_row, finding_lines, said
from cli.words import _
from ledger.checkpoint import CheckpointError, parse_checkpoint
from ledger.cosignatures import union
from ledger.note import NoteError, split_note
from ledger.store import Reader, StoredCheckpoint

_SHOWN = 10  # checkpoints


@dataclass(frozen=True)
class SignedSize:
    """A checkpoint that is kept in the ledger: how much it covers, its root, and the names under its note."""

    size: int
    root: str
    names: tuple[str, ...]


def signed_sizes(reader: Reader) -> list[SignedSize]:
    """Return the checkpoints of the ledger, the latest first; the names are those on the notes, not verified here."""
    by_size: dict[int, list[StoredCheckpoint]] = {}
    for row in reader.checkpoints():
        by_size.setdefault(row.size, []).append(row)
    found = (_signed(size, [row.note for row in rows]) for size, rows in sorted(by_size.items(), reverse=True))
    return [one for one in found if one is not None]


def integrity_section(
    verification: Verification | None, signed: Sequence[SignedSize], provenance: Provenance
) -> Section:
    """Return what was verified and how it came out; without a verification, that nothing was."""
    checkpoints = _checkpoints(signed, provenance)
    if verification is None:
        text = _("Nothing was verified when this page was made (--no-verify): the numbers are those of the registers.")
        return Section(_("Integrity"), "integrity", "", (), [checkpoints], [_VERIFY], text, "open")
    lines = [check_row(line) for line in verification.check_lines()]
    checks = Table(
        _("Checks"),
        [_("check"), _("state"), _("detail")],
        sides_of(3, 0),
        [[row["check"], row["state"], row["detail"]] for row in lines],
    )
    tables = [checks, checkpoints, *([_findings(verification)] if verification.findings else [])]
    return Section(
        _("Integrity"),
        "integrity",
        anchor_sentence(verification),
        (),
        tables,
        [_VERIFY],
        _verdict(verification),
        _state(verification),
    )


def integrity_figure(verification: Verification | None) -> KeyFigure:
    """Return the state of the log in a word."""
    if verification is None:
        return KeyFigure(_("integrity"), _("not verified"), "", "open")
    if not verification.sound:
        count = len(verification.findings)
        return KeyFigure(_("integrity"), _("BROKEN"), _("{count:,} findings").format(count=count), "bad")
    note = _("{count:,} entries after the anchor").format(count=verification.unanchored_entries)
    if verification.unchecked or verification.anchor.kind == "none":
        return KeyFigure(_("integrity"), _("sound, not all checked"), note, "open")
    return KeyFigure(_("integrity"), _("sound"), note, "good")


# Private

_VERIFY = "mingzhang audit verify"


def _state(verification: Verification) -> State:
    if not verification.sound:
        return "bad"
    return "open" if verification.unchecked or verification.anchor.kind == "none" else "good"


def _verdict(verification: Verification) -> str:
    if not verification.sound:
        return f"{said(verification.trusted())} {_(EVIDENCE)}"
    return _("Nothing was found changed, removed or inserted among {size:,} entries.").format(size=verification.size)


def _findings(verification: Verification) -> Table:
    lines = ["\n".join(finding_lines(finding)) for finding in verification.findings]
    return Table(_("Findings"), [_("finding")], sides_of(1, 0), [[line] for line in lines])


def _checkpoints(signed: Sequence[SignedSize], provenance: Provenance) -> Table:
    return Table(
        _("Signed checkpoints"),
        [_("entries"), _("signatures"), _("root")],
        ["number", "text", "text"],
        [[f"{one.size:,}", ", ".join(_named(one, provenance)), one.root] for one in signed[:_SHOWN]],
        note=_("Other names than the log's are those of witnesses: whoever verifies with a policy checks them."),
    )


def _named(signed: SignedSize, provenance: Provenance) -> list[str]:
    return [_("the log itself") if name == provenance.origin else name for name in signed.names]


def _signed(size: int, notes: list[bytes]) -> SignedSize | None:
    try:
        text, lines = split_note(union(notes)[0])
        checkpoint = parse_checkpoint(text)
    except (IndexError, NoteError, CheckpointError):
        return None
    names = tuple(dict.fromkeys(line.name for line in lines))
    return SignedSize(size, base64(checkpoint.root), names)
