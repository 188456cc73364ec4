"""The facts of money: what the bank did with each transfer, and what a transfer replaces or is for."""

from collections.abc import Iterable
from typing import Final

from domain.recorded import Recorded
from projections.register import Handler, Mark, Register, subject, value_of, values_of
from projections.table import Row, Table, integers, texts

TRANSFER: Final = Table(
    "transfer",
    (*texts("case_id", "transfer", "batch", "cash_month", "occurred_on"), *integers("amount_fen", "settled")),
    ("case_id",),
)
REISSUE: Final = Table("reissue", texts("transfer", "original"))
ATTRIBUTION: Final = Table("attribution", texts("transfer", "month"))
RETURN: Final = Table("return_reason", texts("transfer"))


# Private


def _case_of(recorded: Recorded) -> str | None:
    """Return the case that money names: that of its stream, or in `batch/…` the number in the entry, if any."""
    if recorded.stream.startswith("case/"):
        return subject(recorded)
    found = value_of(recorded.event, "case")
    return found if isinstance(found, str) else None


def _moved(settled: bool) -> Handler:
    values = values_of("transfer", "batch", "cash_month", "occurred_on", "amount_fen")

    def handle(recorded: Recorded, mark: Mark) -> Iterable[Row]:
        return (Row(TRANSFER, (_case_of(recorded), *values(recorded.event), int(settled))),)

    return handle


def _said(table: Table, *fields: str) -> Handler:
    values = values_of(*fields)

    def handle(recorded: Recorded, mark: Mark) -> Iterable[Row]:
        return (Row(table, tuple(values(recorded.event))),)

    return handle


TRANSFER_FACTS: Final = Register(
    "transfer-facts",
    (TRANSFER, REISSUE, ATTRIBUTION, RETURN),
    {
        "payment.settled/1": _moved(settled=True),
        "payment.returned/1": _moved(settled=False),
        "payment.reissued/1": _said(REISSUE, "transfer", "original"),
        "payment.attributed/1": _said(ATTRIBUTION, "transfer", "month"),
        "return.explained/1": _said(RETURN, "transfer"),
    },
)
