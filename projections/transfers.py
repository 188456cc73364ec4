"""Transfers as the registers count them: which kind, and which month the money is for.

Source: docs/import-formats.md section 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from projections.scope import View
from projections.table import Value
from projections.transfer_facts import ATTRIBUTION, REISSUE, TRANSFER

_COLUMNS = ("case_id", "transfer", "cash_month", "amount_fen", "settled", "batch", "occurred_on", "position")


class TransferKind(StrEnum):
    """First sent, sent again after a return, or for an earlier month."""

    REGULAR = "regular"
    REISSUE = "reissue"
    ARREARS = "arrears"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One line of a bank slip. `benefit_month` is the month it is for, `cash_month` the month of the file."""

    case: str | None
    number: str
    cash_month: str
    amount_fen: int
    settled: bool
    batch: str
    occurred_on: str
    position: int
    kind: TransferKind
    benefit_month: str


@dataclass(slots=True)
class TransferReader:
    """Reads transfers; knows which replace which, and which say what month they are for."""

    view: View
    originals: dict[str, str] = field(default_factory=dict)
    attributed: dict[str, str] = field(default_factory=dict)
    cash_months: dict[str, str] = field(default_factory=dict)  # of the transfers that were replaced

    def __post_init__(self) -> None:
        self.originals = dict(self.view.rows(REISSUE, "transfer", "original"))
        self.attributed = dict(self.view.rows(ATTRIBUTION, "transfer", "month"))
        replaced = "transfer IN (SELECT original FROM register_reissue)"
        self.cash_months = dict(self.view.rows(TRANSFER, "transfer", "cash_month", where=replaced))

    def rows(
        self, where: str = "case_id IS NOT NULL", parameters: tuple[Value, ...] = ()
    ) -> Iterator[tuple[str, Transfer]]:
        """Yield (case number, transfer) in the order of case numbers."""
        for row in self.view.rows(TRANSFER, *_COLUMNS, where=where, parameters=parameters):
            yield row[0], self._transfer(row)

    def nameless(self, where: str = "", parameters: tuple[Value, ...] = ()) -> Iterator[Transfer]:
        """Yield the transfers that name no case at all, in the order of the log."""
        condition = "case_id IS NULL" + (f" AND {where}" if where else "")
        return (transfer for _, transfer in self.rows(condition, parameters))

    def dangling(self) -> list[str]:
        """Return the reissues whose original no row carries: they count in the month of their own file."""
        return sorted(number for number, original in self.originals.items() if original not in self.cash_months)

    # Private

    def _transfer(self, row: tuple[Any, ...]) -> Transfer:
        case, number, cash_month, amount_fen, settled, batch, occurred_on, position = row
        kind, month = TransferKind.REGULAR, cash_month
        if number in self.originals or number in self.attributed:
            kind = TransferKind.REISSUE if number in self.originals else TransferKind.ARREARS
            month = self._benefit_month(number, cash_month)
        said = (batch, occurred_on, position)
        return Transfer(case, number, cash_month, amount_fen, bool(settled), *said, kind, month)

    def _benefit_month(self, number: str, cash_month: str) -> str:
        """Follow the chain of originals to the transfer that was sent first, or that says its month."""
        passed = {number}
        while number not in self.attributed:
            original = self.originals.get(number)
            if original is None or original not in self.cash_months or original in passed:
                return cash_month
            passed.add(original)
            number, cash_month = original, self.cash_months[original]
        return self.attributed[number]
