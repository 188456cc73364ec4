"""Transfers as the registers count them, each with its kind and the month that its money is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.transfer_months import Link, TransferKind, benefit_month, kind_of
from projections.registers.transfer_facts import ATTRIBUTION, REISSUE, TRANSFER
from projections.scope import View
from projections.table import LIVE, Value

_COLUMNS = ("case_id", "transfer", "cash_month", "amount_fen", "settled", "batch", "occurred_on", "position")
_REPLACED = f"transfer IN (SELECT original FROM {LIVE}{REISSUE.name})"


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


class TransferReader:
    """Reads transfers; knows which replace which (`originals`), and which say what month they are for."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.originals: dict[str, str] = dict(view.rows(REISSUE, "transfer", "original"))
        self._attributed: dict[str, str] = dict(view.rows(ATTRIBUTION, "transfer", "month"))
        self._cash_months: dict[str, str] = dict(view.rows(TRANSFER, "transfer", "cash_month", where=_REPLACED))

    def rows(
        self, where: str = "case_id IS NOT NULL", parameters: tuple[Value, ...] = ()
    ) -> Iterator[tuple[str, Transfer]]:
        """Yield (case number, transfer) in the order of case numbers."""
        for row in self._view.rows(TRANSFER, *_COLUMNS, where=where, parameters=parameters):
            yield row[0], self._transfer(row)

    def nameless(self, where: str = "", parameters: tuple[Value, ...] = ()) -> Iterator[Transfer]:
        """Yield the transfers that name no case at all, in the order of the log."""
        condition = "case_id IS NULL" + (f" AND {where}" if where else "")
        return (transfer for _, transfer in self.rows(condition, parameters))

    def dangling(self) -> list[str]:
        """Return the reissues whose original no row carries: they count in the month of their own file."""
        return sorted(number for number, original in self.originals.items() if original not in self._cash_months)

    # Private

    def _transfer(self, row: tuple[Any, ...]) -> Transfer:
        case, number, cash_month, amount_fen, settled, batch, occurred_on, position = row
        link = self._link(number, cash_month)
        benefit = benefit_month(link, self._link_of) or cash_month
        said = (batch, occurred_on, position)
        return Transfer(case, number, cash_month, amount_fen, bool(settled), *said, kind_of(link), benefit)

    def _link(self, number: str, cash_month: str) -> Link:
        return Link(number, cash_month, self._attributed.get(number), self.originals.get(number))

    def _link_of(self, number: str) -> Link | None:
        cash_month = self._cash_months.get(number)
        return None if cash_month is None else self._link(number, cash_month)
