"""Which month a transfer's money is for, and what kind of transfer it is (docs/import-formats.md section 6)."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class TransferKind(StrEnum):
    """First sent, sent again after a return, or for an earlier month."""

    REGULAR = "regular"
    REISSUE = "reissue"
    ARREARS = "arrears"


class Link(NamedTuple):
    """What a bank slip says of one transfer: `original` is the one it replaces, `month` the month it is said to be for.

    `cash_month` is the month of the bank's file.
    """

    transfer: str
    cash_month: str | None
    month: str | None
    original: str | None


def kind_of(link: Link) -> TransferKind:
    """Return the kind of a transfer; one that replaces another is a reissue, whatever month is said."""
    if link.original is not None:
        return TransferKind.REISSUE
    return TransferKind.REGULAR if link.month is None else TransferKind.ARREARS


def benefit_month(link: Link, link_of: Callable[[str], Link | None]) -> str | None:
    """Return the month that the money of a transfer is for; `link_of` finds the transfer of a number.

    The month that the slip says; for a reissue that of the transfer it replaces, along the chain; otherwise the month
    of the bank's file. A chain that leads to no known transfer, or turns on itself, ends there.
    """
    passed = {link.transfer}
    while link.month is None:
        replaced = link_of(link.original) if link.original is not None else None
        if replaced is None or replaced.transfer in passed:
            return link.cash_month
        passed.add(replaced.transfer)
        link = replaced
    return link.month
