"""The contents of a case file in their order: cover, catalogue, what the case is, its history, its sources, its proof.

Nothing in it depends on when it is made: the same log gives the same file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audit.finding import base64
from audit.replay import HistoryLine, Replay
from cli.case_labels import field_label, shown
from cli.case_rows import CHANGES, MEMBERS, STEPS, Headed, change_row, step_rows, used_columns
from cli.casefile.catalogue import catalogue
from cli.casefile.proofs import Proof, checks, proof_of
from cli.columns import Column
from cli.labels import value_label
from cli.pages.case_page import case_facts, moments
from cli.pages.frame import Facts
from cli.pages.tables import Side, Table, table_of
from cli.words import _
from domain.case_view import Document, describe
from domain.events.delivery import FileReceived
from domain.fields import Citation
from domain.vocabulary import (
    AppealKind,
    AppealOutcome,
    CheckItem,
    FileKind,
    Kin,
    Programme,
    RecoveryCause,
    ReviewConclusion,
)
from ledger.entry import format_time
from ledger.ledger import Ledger
from ledger.note import Verifier


@dataclass(frozen=True)
class CaseFile:
    """A case file as it is read: `facts` stand on the cover, `steps` say how to check it."""

    case: str
    title: str
    facts: Facts
    catalogue: Table
    summary: Facts
    tables: Sequence[Table]
    history: Table
    sources: Table
    proof: Proof
    steps: Sequence[str]
    notes: Sequence[str]


def case_file(
    ledger: Ledger,
    found: Replay,
    townships: Mapping[str, str],
    keys: Sequence[Verifier],
    *,
    has_dossier: bool,
    reveal: bool = False,
) -> CaseFile:
    """Return the file of a case as the ledger knows it now; personal values are masked unless `reveal`."""
    document = describe(found.state, found.month, reveal=reveal)
    return CaseFile(
        found.case,
        _("Case file {case}").format(case=found.case),
        _cover(ledger, found, document),
        catalogue(found.lines),
        case_facts(document, townships),
        _tables(found, document),
        _history(found, reveal=reveal),
        _sources(ledger, found.lines),
        proof_of(ledger, found.lines, keys),
        checks(found.case, has_dossier=has_dossier),
        _notes(document, reveal=reveal),
    )


# Private

_CHECKS: Final = (
    Headed("member"),
    Headed("item", CheckItem),
    Headed("queried_on"),
    Headed("answered_on"),
    Headed("office"),
    Headed("result"),
)
_REVIEWS: Final = (Headed("reviewed_on"), Headed("conclusion", ReviewConclusion), Headed("reviewer"))
_FILINGS: Final = (
    Headed("staff"),
    Headed("relation", Kin),
    Headed("filed_on"),
    Headed("visited_on"),
    Headed("visitor"),
    Headed("conclusion"),
)
_TRANSFERS: Final = (
    Headed("benefit_month"),
    Headed("booked_on"),
    Headed("transfer"),
    Headed("kind"),
    Headed("status"),
    Headed("amount_fen"),
    Headed("account"),
    Headed("original"),
)
_RECOVERIES: Final = (
    Headed("order"),
    Headed("cause", RecoveryCause),
    Headed("ordered_on"),
    Headed("refund_fen"),
    Headed("fine_fen"),
    Headed("repaid_fen"),
    Headed("waived_fen"),
    Headed("written_off_fen"),
    Headed("outstanding_fen"),
)
_APPEALS: Final = (
    Headed("number"),
    Headed("kind", AppealKind),
    Headed("lodged_on"),
    Headed("decided_on"),
    Headed("outcome", AppealOutcome),
    Headed("effective_from"),
    Headed("amount_fen"),
)


def _cover(ledger: Ledger, found: Replay, document: Document) -> Facts:
    application, decision = document["application"] or {}, document["decision"] or {}
    head = ledger.head()
    last = next(iter(ledger.events(head.size - 1, head.size, open_sealed=False)), None)
    return {
        _("case"): found.case,
        field_label("programme"): shown(application.get("programme"), vocabulary=Programme),
        field_label("head_name"): shown(application.get("head_name")),
        field_label("applied_on"): shown(application.get("applied_on")),
        field_label("decided_on"): shown(decision.get("decided_on")),
        _("status in {month}").format(month=document["month"]): value_label(document["status"]),
        _("entries of the file"): f"{len(found.lines):,}",
        _("log"): ledger.origin,
        _("entries of the log"): f"{head.size:,}",
        _("root of the log"): base64(head.root),
        _("last entry recorded at"): format_time(last.at) if last else "—",
    }


def _tables(found: Replay, document: Document) -> list[Table]:
    blocks: list[tuple[str, Sequence[Column], Sequence[Mapping[str, Any]]]] = [
        (_("Household"), MEMBERS, document["members"]),
        (_("Procedure"), STEPS, list(step_rows(found.state, document))),
        (_("Means test"), _CHECKS, document["checks"]),
        (_("Filings of staff relatives"), _FILINGS, document["filings"]),
        (_("Changes of the case"), CHANGES, [change_row(change) for change in document["changes"]]),
        (_("Reviews"), _REVIEWS, document["reviews"]),
        (_("Payment records"), _TRANSFERS, document["transfers"]),
        (_("Recovery of money"), _RECOVERIES, document["recoveries"]),
        (_("Appeals and lawsuits"), _APPEALS, document["appeals"]),
    ]
    return [table_of(title, used_columns(columns, rows), rows) for title, columns, rows in blocks if rows]


def _history(found: Replay, *, reveal: bool) -> Table:
    body = [[one.day, str(one.position), one.text, one.by, one.at, one.place] for one in moments(found, reveal=reveal)]
    headings = [_("date"), _("entry"), _("what happened"), _("recorded by"), _("recorded at"), _("from the file")]
    sides: list[Side] = ["code", "number", "text", "text", "text", "text"]
    note = _(
        "In the order of the days on which it happened; the entry numbers say in which order the ledger learned of it."
    )
    return Table(_("What happened"), headings, sides, body, note=note, anchor="history")


def _sources(ledger: Ledger, lines: Sequence[HistoryLine]) -> Table:
    """Return the files of the deliveries that named the case, with the SHA-256 that was sealed on receipt."""
    rows: dict[tuple[str, int], list[int]] = {}
    for line in lines:
        source = getattr(line.recorded.event, "source", None)
        if source is not None:
            rows.setdefault((source.file.stream, source.file.seq), []).append(source.row)
    files = [(_received(ledger, Citation(stream=stream, seq=seq)), found) for (stream, seq), found in rows.items()]
    body = [
        [
            event.name or f"{position}",
            value_label(event.kind.value, FileKind),
            str(position),
            f"{len(set(found)):,}",
            event.sha256 or _("sealed"),
        ]
        for (position, event), found in sorted((one for one in files if one[0]), key=lambda one: one[0][0])
    ]
    headings = [_("file"), _("kind"), _("received as entry"), _("rows of this case"), "SHA-256"]
    sides: list[Side] = ["text", "text", "number", "number", "text"]
    return Table(_("Source documents"), headings, sides, body, anchor="sources")


def _received(ledger: Ledger, cited: Citation) -> Any:
    record = next(ledger.store.stream(cited.stream, cited.seq), None)
    recorded = ledger.event(record.position) if record is not None and record.seq == cited.seq else None
    return (recorded.position, recorded.event) if recorded and isinstance(recorded.event, FileReceived) else None


def _notes(document: Document, *, reveal: bool) -> list[str]:
    notes = [] if reveal else [_("Personal data is masked; the whole values are sealed in the ledger.")]
    if document["unopened"]:
        notes.append(_("{count} entries have a sealed part that was not opened.").format(count=document["unopened"]))
    return notes
