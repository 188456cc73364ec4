"""A register as a sheet that a bureau hands up: its title, who makes it and as of when, its tables and their totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.columns import Column, Row
from cli.labels import value_label
from cli.questions import Question
from cli.register_table import Answer, RegisterTable, unchecked_notes
from cli.words import _
from domain.events.delivery import DeliveryDescribed
from domain.vocabulary import Programme
from ledger.ledger import Ledger
from projections.scope import Scope


@dataclass(frozen=True)
class SheetTable:
    """One table: `totals` has values for some keys of its columns, or is None where nothing is added up."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    totals: Row | None = None


@dataclass(frozen=True)
class Sheet:
    """What is handed up. `facts` stand in its head, by name; the first table holds the rows of the register."""

    title: str
    facts: Mapping[str, str]
    tables: Sequence[SheetTable]
    notes: Sequence[str] = ()


def sheet_of(ledger: Ledger, table: RegisterTable, question: Question, scope: Scope, answer: Answer) -> Sheet:
    """Return a register's answer as a sheet, in the language in use."""
    rows = answer["rows"]
    columns = table.columns_of(rows)
    blocks = [SheetTable(_(block.title), block.columns, block.rows(answer)) for block in table.blocks if block.columns]
    counted = {_(block.title): _number(answer[block.key]) for block in table.blocks if not block.columns}
    first = SheetTable(_(table.title), columns, rows, table.totals(rows) or None)
    facts = {**_facts(ledger, question, scope, answer), **_unit_of_money(first), **counted}
    return Sheet(_(table.title), facts, [first, *blocks], _notes(table, answer))


# Private


def _facts(ledger: Ledger, question: Question, scope: Scope, answer: Answer) -> dict[str, str]:
    county, region, closing = _county(ledger, scope.known_at)
    day = answer.get("as_of") or (scope.as_of.isoformat() if scope.as_of else closing)
    facts = {
        _("reporting office"): " ".join(part for part in (county, region) if part) or ledger.origin,
        _("as of"): day or "",
        _("month"): scope.month or "",
        _("region"): question.region or "",
        _("programme"): value_label(scope.programme, Programme) if scope.programme else "",
        _("decided by"): question.decided_by or "",
        _("ledger"): ledger.origin,
        _("entries"): f"{scope.known_at if scope.known_at is not None else ledger.size:,}",
    }
    return {name: text for name, text in facts.items() if text}


def _county(ledger: Ledger, known_at: int | None) -> tuple[str, str, str]:
    """Return the name, the region and the closing date that the latest delivery says; empty where it does not."""
    name = region = closing = ""
    for recorded in ledger.events_of_type(DeliveryDescribed.TOPIC):
        event = recorded.event
        if isinstance(event, DeliveryDescribed) and (known_at is None or recorded.position < known_at):
            name, region = event.county_name or name, event.region or region
            closing = max(closing, event.closing_date.isoformat() if event.closing_date else "")
    return name, region, closing


def _unit_of_money(table: SheetTable) -> dict[str, str]:
    return {_("money in"): _("yuan")} if any(column.is_money for column in table.columns) else {}


def _number(count: int | None) -> str:
    return _("could not be checked") if count is None else f"{count:,}"


def _notes(table: RegisterTable, answer: Answer) -> list[str]:
    return [*([_(table.source)] if table.source else []), *unchecked_notes(answer)]
