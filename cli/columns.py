"""Columns of tables: what a value of a row is headed and how it is written, for people and for spreadsheets.

A key says by itself what it holds: `…_fen` is money, a whole number counts things, anything else is text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cli.labels import value_label
from cli.words import N_, _
from domain.vocabulary import AppealOutcome, FileKind, Kin, Post, Programme, RecoveryCause, StopGround

Row = Mapping[str, Any]

HEADINGS: Final[Mapping[str, str]] = {
    "accepted_on": N_("accepted on"),
    "act": N_("act"),
    "active": N_("active"),
    "active_households": N_("active households"),
    "active_persons": N_("active persons"),
    "actors": N_("records as"),
    "amount_fen": N_("amount (yuan)"),
    "application": N_("application"),
    "arrears_count": N_("arrears lines"),
    "arrears_fen": N_("arrears (yuan)"),
    "at": N_("recorded at"),
    "batch": N_("batch"),
    "because": N_("because"),
    "begins_on": N_("from"),
    "benefit_month": N_("for month"),
    "by": N_("recorded by"),
    "case": N_("case"),
    "cash_month": N_("paid in"),
    "cause": N_("cause"),
    "certainty": N_("certainty"),
    "check": N_("check"),
    "class": N_("class"),
    "closed_on": N_("closed on"),
    "closing_date": N_("closing date"),
    "command": N_("command"),
    "completed": N_("completed"),
    "conclusion": N_("conclusion"),
    "confirmed": N_("confirmed"),
    "confirmer": N_("confirmed by"),
    "conflicts": N_("conflicts"),
    "count": N_("count"),
    "days_late": N_("days late"),
    "decided": N_("decided on"),
    "decided_on": N_("decided on"),
    "delegated": N_("delegated"),
    "delivery": N_("delivery"),
    "detail": N_("detail"),
    "detected": N_("detected"),
    "died_on": N_("died on"),
    "due_fen": N_("due (yuan)"),
    "duplicates": N_("duplicates"),
    "duties": N_("duties"),
    "effective_from": N_("from month"),
    "ends_on": N_("until"),
    "file": N_("file"),
    "filed_on": N_("filed on"),
    "files": N_("files"),
    "fine_fen": N_("fine (yuan)"),
    "first_month": N_("first month"),
    "found_by": N_("found by"),
    "ground": N_("ground"),
    "handled_as": N_("handled as"),
    "handler": N_("handled by"),
    "held": N_("held"),
    "id": N_("number"),
    "in_grace": N_("in grace"),
    "item": N_("item"),
    "kind": N_("kind"),
    "loaded": N_("loaded"),
    "loaded_at": N_("loaded at"),
    "lodged_on": N_("lodged on"),
    "login": N_("login"),
    "member": N_("member"),
    "month": N_("month"),
    "name": N_("file name"),
    "named": N_("correctly named"),
    "number": N_("number"),
    "of_register": N_("register"),
    "occurred_on": N_("booked on"),
    "order": N_("order"),
    "ordered_fen": N_("ordered (yuan)"),
    "outcome": N_("outcome"),
    "outstanding_fen": N_("outstanding (yuan)"),
    "paid_count": N_("lines paid"),
    "paid_fen": N_("paid (yuan)"),
    "paid_fen_after": N_("paid after (yuan)"),
    "paid_households": N_("households paid"),
    "paid_months_after": N_("months paid after"),
    "pending": N_("pending"),
    "persons": N_("persons"),
    "position": N_("entry"),
    "post": N_("post"),
    "programme": N_("programme"),
    "purpose": N_("purpose"),
    "queried_on": N_("asked on"),
    "reason": N_("reason"),
    "received_on": N_("reported on"),
    "recused_on": N_("recused on"),
    "refund_fen": N_("refund (yuan)"),
    "refused": N_("refused"),
    "region": N_("region"),
    "reissued_count": N_("lines reissued"),
    "reissued_fen": N_("reissued (yuan)"),
    "rejected": N_("rejected"),
    "relation": N_("relation"),
    "relative": N_("relative"),
    "repaid_fen": N_("repaid (yuan)"),
    "returned_count": N_("lines returned"),
    "returned_fen": N_("returned (yuan)"),
    "returned_on": N_("answered on"),
    "rows": N_("rows"),
    "scope": N_("scope"),
    "since": N_("since"),
    "staff": N_("staff number"),
    "starts_from": N_("starts from"),
    "state": N_("state"),
    "status": N_("status"),
    "suspended": N_("suspended"),
    "terminated": N_("terminated"),
    "transfer": N_("transfer"),
    "tried": N_("tried"),
    "unit": N_("office"),
    "visit": N_("county visit"),
    "visited_on": N_("visited on"),
    "visitor": N_("visited by"),
    "waived_fen": N_("waived (yuan)"),
    "warnings": N_("warnings"),
    "written_off_fen": N_("written off (yuan)"),
}
"""The heading of each key that a table shows, in English; the Chinese one is in the catalogue."""

_VOCABULARIES: Final[Mapping[str, type[StrEnum]]] = {
    "cause": RecoveryCause,
    "ground": StopGround,
    "kind": FileKind,
    "outcome": AppealOutcome,
    "post": Post,
    "programme": Programme,
    "reason": StopGround,
    "relation": Kin,
}


_FLAGS: Final = frozenset({"delegated"})  # kept as 0 and 1


@dataclass(frozen=True)
class Column:
    """One column: the key of its values, and the closed list they come from, if any."""

    key: str
    vocabulary: type[StrEnum] | None = None

    @property
    def heading(self) -> str:
        """What stands above the column, in the language in use."""
        return _(HEADINGS[self.key]) if self.key in HEADINGS else self.key

    @property
    def is_money(self) -> bool:
        """Whether values are integer fen."""
        return self.key.endswith("_fen") or "_fen_" in self.key

    def cell(self, row: Row) -> str:
        """Return the value of `row` for people: money in yuan with thousands separators, labels for codes."""
        value = self._value(row)
        if isinstance(value, int) and not isinstance(value, bool):
            return yuan(value) if self.is_money else str(value) if self.key == "position" else f"{value:,}"
        return self._text(value)

    def plain(self, row: Row) -> str:
        """Return the value of `row` for a spreadsheet: money in yuan without separators."""
        value = self._value(row)
        if isinstance(value, int) and not isinstance(value, bool):
            return yuan(value).replace(",", "") if self.is_money else str(value)
        return _harmless(self._text(value))

    def is_right(self, rows: Sequence[Row]) -> bool:
        """Whether the column is set to the right: money and numbers are."""
        numbers = (isinstance(row.get(self.key), int) for row in rows[:100])
        return self.is_money or (self.key not in _FLAGS and any(numbers))

    def _value(self, row: Row) -> Any:
        value = row.get(self.key)
        return value if value is None or self.key not in _FLAGS else bool(value)

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list | tuple):
            return ", ".join(self._text(one) for one in value)
        return value_label(str(value), self.vocabulary)


def columns_named(*keys: str, **vocabularies: type[StrEnum]) -> tuple[Column, ...]:
    """Return the columns of these keys in order; `kind=AppealKind` replaces the usual list of a key."""
    return tuple(Column(key, vocabularies.get(key, _VOCABULARIES.get(key))) for key in keys)


def yuan(amount_fen: int) -> str:
    """Return an amount in fen as yuan: `1,080.00`, `-0.05`."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"


# Private


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: what stood in a file is text, whatever it begins with."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
