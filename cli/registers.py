"""The registers (台账) as tables: which query answers each, which columns it shows, and what is added up below.

The keys are those of docs/cli.md; a column that the rows of an answer do not have is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cli.columns import Column, Row, columns_named
from cli.kin_columns import FILING_COLUMNS
from cli.kin_sheet import filings_sheet
from cli.words import N_
from domain.change_kind import ChangeKind
from domain.events.delivery import FileReceived
from domain.vocabulary import AppealKind, CheckItem
from ledger.ledger import Ledger
from projections.caseload import caseload
from projections.changes import changes
from projections.database import Database
from projections.decisions import decisions
from projections.imports import imports
from projections.payments import payments
from projections.reconciliation import reconcile
from projections.registers.appeals import appeals
from projections.registers.credit import credit
from projections.registers.deaths import deaths
from projections.registers.recoveries import recoveries
from projections.registers.verifications import verifications
from projections.scope import Scope

Answer = Mapping[str, Any]
Query = Callable[[Ledger, Database, Scope], Answer]


@dataclass(frozen=True)
class Block:
    """A part of an answer beside its rows: its key, its title, and its columns; `name` heads the keys of a mapping.

    A part without columns is one number, or None when it could not be counted.
    """

    key: str
    title: str
    columns: tuple[Column, ...] = ()
    name: str = ""

    def rows(self, answer: Answer) -> Sequence[Row]:
        """Return the part as rows: a list as it is, a mapping with its keys as a column."""
        found = answer[self.key]
        if isinstance(found, Mapping):
            return [{self.name: key, **_counts(value)} for key, value in found.items()]
        return list(found)


@dataclass(frozen=True)
class RegisterTable:
    """One register: its title, its query, the columns of its rows, and the blocks below them."""

    title: str
    query: Query
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...] = ()

    def columns_of(self, rows: Sequence[Row]) -> tuple[Column, ...]:
        """Return the columns that these rows have; all of them when there is no row."""
        return tuple(column for column in self.columns if not rows or column.key in rows[0])


# Private


def _counts(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"count": value}


def _plainly(query: Callable[[Database, Scope], Answer]) -> Query:
    """Return a query that needs the register tables alone."""
    return lambda _ledger, database, scope: query(database, scope)


def _imports(ledger: Ledger, database: Database, scope: Scope) -> Answer:
    def file_name(position: int) -> str | None:
        recorded = ledger.event(position)
        return recorded.event.name if recorded and isinstance(recorded.event, FileReceived) else None

    return imports(database, scope, file_name)


_PAID = (
    "paid_households",
    "paid_count",
    "paid_fen",
    "returned_count",
    "returned_fen",
    "reissued_count",
    "reissued_fen",
    "arrears_count",
    "arrears_fen",
)
_COUNTS = ("rows", "loaded", "completed", "duplicates", "rejected", "held", "conflicts")

REGISTERS: Final[Mapping[str, RegisterTable]] = {
    "caseload": RegisterTable(
        N_("Caseload"),
        _plainly(caseload),
        columns_named("case", "programme", "region", "status", "persons", "due_fen", "since"),
        (
            Block(
                "totals",
                N_("Totals"),
                columns_named(
                    "programme",
                    "active_households",
                    "active_persons",
                    "due_fen",
                    "active",
                    "in_grace",
                    "suspended",
                    "pending",
                ),
            ),
        ),
    ),
    "decisions": RegisterTable(
        N_("Decisions"),
        _plainly(decisions),
        columns_named(
            "case",
            "programme",
            "region",
            "outcome",
            "accepted_on",
            "decided_on",
            "delegated",
            "confirmer",
            "amount_fen",
            "starts_from",
            "position",
        ),
        (
            Block(
                "totals",
                N_("Totals"),
                columns_named("programme", "confirmed", "refused", "terminated", "pending"),
                "programme",
            ),
            Block(
                "in_window",
                N_("Decided in the months of the deliveries"),
                columns_named("programme", "confirmed", "refused", "terminated"),
                "programme",
            ),
        ),
    ),
    "verifications": RegisterTable(
        N_("Means-test answers"),
        _plainly(verifications),
        columns_named("case", "member", "item", "queried_on", "returned_on", "position", item=CheckItem),
    ),
    "changes": RegisterTable(
        N_("Changes"),
        _plainly(changes),
        columns_named(
            "case",
            "programme",
            "region",
            "kind",
            "decided_on",
            "effective_from",
            "amount_fen",
            "ground",
            "handler",
            "confirmer",
            "position",
            kind=ChangeKind,
        ),
        (Block("exits", N_("Exits"), columns_named("reason", "count"), "reason"),),
    ),
    "payments": RegisterTable(
        N_("Payments"),
        _plainly(payments),
        columns_named(
            "month",
            "case",
            "programme",
            "region",
            "transfer",
            "kind",
            "benefit_month",
            "cash_month",
            "amount_fen",
            "outcome",
            "batch",
            "occurred_on",
            "position",
            "active_households",
            "active_persons",
            "due_fen",
            *_PAID,
        ),
        (Block("totals", N_("Totals"), columns_named("programme", *_PAID)),),
    ),
    "filings": RegisterTable(
        N_("Staff relatives: filed and not filed"),
        filings_sheet,
        FILING_COLUMNS,
        (
            Block("filed", N_("Filed")),
            Block("unfiled", N_("Not filed")),
            Block("late", N_("Filed after the decision")),
            Block("unvisited", N_("Filed, not visited before the decision")),
            Block("wider", N_("Not filed, wider scope or found out")),
            Block("implied", N_("Not filed, implied by facts")),
            Block("handled", N_("Handled by the own kin")),
        ),
    ),
    "recoveries": RegisterTable(
        N_("Recoveries"),
        _plainly(recoveries),
        columns_named(
            "order",
            "case",
            "cause",
            "decided",
            "refund_fen",
            "fine_fen",
            "ordered_fen",
            "repaid_fen",
            "waived_fen",
            "written_off_fen",
            "outstanding_fen",
        ),
    ),
    "appeals": RegisterTable(
        N_("Appeals"),
        _plainly(appeals),
        columns_named(
            "number",
            "case",
            "kind",
            "lodged_on",
            "decided_on",
            "outcome",
            "amount_fen",
            "effective_from",
            "position",
            kind=AppealKind,
        ),
        (Block("totals", N_("Outcomes"), columns_named("outcome", "count"), "outcome"),),
    ),
    "credit": RegisterTable(
        N_("Credit entries"),
        _plainly(credit),
        columns_named("case", "member", "decided_on", "begins_on", "ends_on", "position"),
    ),
    "deaths": RegisterTable(
        N_("Deaths"),
        _plainly(deaths),
        columns_named(
            "case",
            "programme",
            "region",
            "member",
            "died_on",
            "received_on",
            "paid_months_after",
            "paid_fen_after",
            "position",
        ),
        (Block("in_no_case", N_("Deaths of persons in no case")),),
    ),
    "imports": RegisterTable(
        N_("Imports"),
        _imports,
        columns_named("delivery", "file", "name", "kind", "month", *_COUNTS, "warnings", "position", "at"),
        (
            Block(
                "deliveries",
                N_("Deliveries"),
                columns_named("delivery", "region", "first_month", "closing_date", "files", *_COUNTS, "loaded_at"),
            ),
        ),
    ),
}

RECONCILIATION: Final = RegisterTable(
    N_("Reconciliation"),
    _plainly(reconcile),
    columns_named("case", "month", "class", "due_fen", "paid_fen"),
    (Block("classes", N_("Classes"), columns_named("class", "count", "due_fen", "paid_fen"), "class"),),
)
