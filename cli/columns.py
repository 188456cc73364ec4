"""Columns of tables: what a value of a row is headed and how it is written, for people and for spreadsheets.

A key says by itself what it holds: `…_fen` is money, `…_hundredths` a number with two decimals, another whole number
counts things, anything else is text.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from cli.labels import value_label
from cli.words import N_, _
from domain.vocabulary import (
    AppealOutcome,
    Channel,
    FileKind,
    Kin,
    Post,
    Programme,
    RecoveryCause,
    ReviewConclusion,
    StandardUnit,
    StopGround,
)

Row = Mapping[str, Any]

HEADINGS: Final[Mapping[str, str]] = {
    "abandoned_on": N_("given up on"),
    "accepted_on": N_("accepted on"),
    "account": N_("account"),
    "act": N_("act"),
    "active": N_("active"),
    "active_households": N_("active households"),
    "active_persons": N_("active persons"),
    "actors": N_("records as"),
    "advance": N_("paid first"),
    "agreed_on": N_("agreed on"),
    "alerts": N_("alerts"),
    "amount_fen": N_("amount (yuan)"),
    "announced_on": N_("announced on"),
    "answer": N_("answer"),
    "application": N_("application"),
    "applications": N_("applications"),
    "applied_on": N_("applied on"),
    "approver": N_("approving officer"),
    "arrears_count": N_("arrears lines"),
    "arrears_fen": N_("arrears (yuan)"),
    "at": N_("recorded at"),
    "attempt": N_("attempt"),
    "authorized_on": N_("authorised on"),
    "average_fen": N_("per person (yuan)"),
    "balance_fen": N_("left in the reserve (yuan)"),
    "batch": N_("batch"),
    "because": N_("because"),
    "begins_on": N_("from"),
    "benefit_month": N_("for month"),
    "by": N_("recorded by"),
    "care_grade": N_("care grade"),
    "case": N_("case"),
    "cases": N_("cases"),
    "cash_month": N_("paid in"),
    "cause": N_("cause"),
    "ceiling_fen": N_("ceiling (yuan)"),
    "certainty": N_("certainty"),
    "channel": N_("channel"),
    "check": N_("check"),
    "checkpoint_size": N_("checkpoint of"),
    "citizen_id": N_("citizen id"),
    "class": N_("class"),
    "clock": N_("clock"),
    "closed_on": N_("closed on"),
    "closing_date": N_("closing date"),
    "command": N_("command"),
    "completed": N_("completed"),
    "conclusion": N_("conclusion"),
    "confirmed": N_("confirmed"),
    "confirmer": N_("confirmed by"),
    "conflicts": N_("conflicts"),
    "count": N_("count"),
    "days_idle": N_("days without movement"),
    "days_late": N_("days late"),
    "days_over": N_("working days over"),
    "days_overdue": N_("days overdue"),
    "days_undocumented": N_("days without papers"),
    "days_unfiled": N_("days until filed"),
    "decided": N_("decided on"),
    "decided_on": N_("decided on"),
    "delegated": N_("delegated"),
    "delivery": N_("delivery"),
    "detail": N_("detail"),
    "detected": N_("detected"),
    "died_on": N_("died on"),
    "disabled": N_("disabled"),
    "disposed_on": N_("disposed of on"),
    "disposition": N_("disposed of as"),
    "document": N_("document"),
    "documented_on": N_("papers complete on"),
    "documents": N_("approved by"),
    "due_fen": N_("due (yuan)"),
    "due_on": N_("due on"),
    "duplicates": N_("duplicates"),
    "duties": N_("duties"),
    "effective_from": N_("from month"),
    "effective_on": N_("in force from"),
    "elderly": N_("60 or more"),
    "ended_on": N_("returned on"),
    "ends_on": N_("until"),
    "entries": N_("entries"),
    "evidence": N_("evidence"),
    "extended": N_("extended (times)"),
    "fact": N_("fact"),
    "file": N_("file"),
    "filed_on": N_("filed on"),
    "files": N_("files"),
    "finding": N_("result"),
    "finding_number": N_("finding no."),
    "findings": N_("findings"),
    "fine_fen": N_("fine (yuan)"),
    "first_month": N_("first month"),
    "found_by": N_("found by"),
    "full_days": N_("full days"),
    "given_up_for": N_("given up for"),
    "granted_on": N_("granted on"),
    "ground": N_("ground"),
    "grounds": N_("grounds"),
    "handled_as": N_("handled as"),
    "handler": N_("handled by"),
    "head_citizen_id": N_("citizen id of the head"),
    "head_name": N_("head of household"),
    "held": N_("held"),
    "holder": N_("account holder"),
    "household_months": N_("household-months"),
    "households_at_end": N_("households at the end"),
    "id": N_("number"),
    "in_force": N_("in force"),
    "in_grace": N_("in grace"),
    "income_fen": N_("income (yuan)"),
    "inspected": N_("inspected"),
    "inspected_on": N_("inspected on"),
    "inspectors": N_("inspectors"),
    "instalments": N_("instalments"),
    "instalments_fen": N_("in instalments (yuan)"),
    "interval_months": N_("months between reviews"),
    "is_short": N_("too short"),
    "item": N_("item"),
    "keeper": N_("kept by"),
    "kind": N_("kind"),
    "last_moved_on": N_("last movement"),
    "left_households": N_("households that left"),
    "left_persons": N_("persons who left"),
    "limit_days": N_("days allowed"),
    "loaded": N_("loaded"),
    "loaded_at": N_("loaded at"),
    "lodged_on": N_("lodged on"),
    "login": N_("login"),
    "member": N_("member"),
    "minors": N_("minors"),
    "month": N_("month"),
    "months": N_("months"),
    "months_count": N_("months concerned"),
    "months_from": N_("from the month"),
    "months_until": N_("until the month"),
    "name": N_("file name"),
    "named": N_("correctly named"),
    "new_amount_fen": N_("new amount (yuan)"),
    "new_households": N_("new households"),
    "new_persons": N_("new persons"),
    "number": N_("number"),
    "objection": N_("objection"),
    "objections": N_("objections"),
    "occurred_on": N_("booked on"),
    "of_register": N_("register"),
    "office": N_("answered by"),
    "officer": N_("accepted by"),
    "old_amount_fen": N_("old amount (yuan)"),
    "open": N_("open"),
    "opened_on": N_("opened on"),
    "order": N_("order"),
    "ordered_fen": N_("ordered (yuan)"),
    "orders": N_("recovery orders"),
    "original": N_("replaces transfer"),
    "others_went": N_("others went"),
    "outcome": N_("outcome"),
    "outstanding_fen": N_("outstanding (yuan)"),
    "over_ceiling": N_("over the ceiling"),
    "over_limit": N_("over the limit"),
    "overdue": N_("overdue"),
    "paid_count": N_("lines paid"),
    "paid_fen": N_("paid (yuan)"),
    "paid_fen_after": N_("paid to the household after (yuan)"),
    "paid_households": N_("households paid"),
    "paid_months_after": N_("months paid after"),
    "papers_lacking": N_("papers lacking"),
    "pending": N_("pending"),
    "person_months": N_("person-months"),
    "person_name": N_("person"),
    "persons": N_("persons"),
    "persons_at_end": N_("persons at the end"),
    "place": N_("place"),
    "plan": N_("plan"),
    "pool": N_("cases to draw from"),
    "pool_fingerprint": N_("digest of the pool"),
    "position": N_("entry"),
    "post": N_("post"),
    "postings": N_("postings"),
    "problem": N_("problem"),
    "programme": N_("programme"),
    "published_on": N_("published on"),
    "purpose": N_("purpose"),
    "queried_on": N_("asked on"),
    "rank": N_("rank"),
    "reason": N_("reason"),
    "recalculated": N_("recalculated"),
    "received_fen": N_("received (yuan)"),
    "received_on": N_("reported on"),
    "recovered_fen": N_("recovered (yuan)"),
    "recused": N_("recused"),
    "recused_on": N_("recused on"),
    "ref": N_("about"),
    "refund_fen": N_("refund (yuan)"),
    "refused": N_("refused"),
    "region": N_("region"),
    "reissued_by": N_("reissued as"),
    "reissued_count": N_("lines reissued"),
    "reissued_fen": N_("reissued (yuan)"),
    "rejected": N_("rejected"),
    "relation": N_("relation"),
    "relative": N_("relative"),
    "repaid_fen": N_("repaid (yuan)"),
    "reported_by": N_("reported by"),
    "reported_on": N_("reported on"),
    "result": N_("result"),
    "return_reason": N_("reason of return"),
    "returned_count": N_("lines returned"),
    "returned_fen": N_("returned (yuan)"),
    "returned_on": N_("answered on"),
    "review_class": N_("review class"),
    "review_due_on": N_("next review due"),
    "reviewed_on": N_("last review"),
    "reviewer": N_("reviewed by"),
    "rows": N_("rows"),
    "rule": N_("rule"),
    "sample": N_("sample"),
    "scope": N_("scope"),
    "seed": N_("seed"),
    "severely_disabled": N_("severely disabled"),
    "severity": N_("severity"),
    "short": N_("too short"),
    "since": N_("since"),
    "staff": N_("staff number"),
    "staff_office": N_("office"),
    "standard_fen": N_("standard (yuan)"),
    "starts_from": N_("starts from"),
    "state": N_("state"),
    "status": N_("status"),
    "stratum": N_("stratum"),
    "superseded_on": N_("superseded on"),
    "suspended": N_("suspended"),
    "terminated": N_("terminated"),
    "text": N_("what it says"),
    "title": N_("title"),
    "transfer": N_("transfer"),
    "tried": N_("tried"),
    "unanswered": N_("unanswered"),
    "unit": N_("unit"),
    "used_days": N_("working days used"),
    "value_hundredths": N_("value"),
    "visit": N_("county visit"),
    "visited_on": N_("visited on"),
    "visitor": N_("visited by"),
    "waived_fen": N_("waived (yuan)"),
    "warnings": N_("warnings"),
    "weight": N_("weight"),
    "weighting": N_("weighting"),
    "without_interval": N_("without an interval"),
    "women": N_("women"),
    "written_off_fen": N_("written off (yuan)"),
    "year": N_("year"),
}
"""The heading of each key that a table shows, in English; the Chinese one is in the catalogue."""

_VOCABULARIES: Final[Mapping[str, type[StrEnum]]] = {
    "cause": RecoveryCause,
    "channel": Channel,
    "conclusion": ReviewConclusion,
    "ground": StopGround,
    "kind": FileKind,
    "outcome": AppealOutcome,
    "post": Post,
    "programme": Programme,
    "reason": StopGround,
    "relation": Kin,
    "unit": StandardUnit,
}


_DAY: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")

_TIME: Final = re.compile(r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?Z\Z")

_FLAGS: Final = frozenset({"delegated", "others_went"})  # kept as 0 and 1


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

    @property
    def is_hundredths(self) -> bool:
        """Whether values are whole hundredths of the unit that stands beside them."""
        return self.key.endswith("_hundredths")

    def cell(self, row: Row) -> str:
        """Return the value of `row` for people: yuan with separators, labels for codes, times to the second."""
        value = self._value(row)
        if isinstance(value, int) and not isinstance(value, bool):
            if self.is_hundredths:
                return decimal(value)
            return yuan(value) if self.is_money else str(value) if self.key == "position" else f"{value:,}"
        return _TIME.sub(r"\1 \2 UTC", self._text(value))

    def plain(self, row: Row) -> str:
        """Return the value of `row` for a spreadsheet: money in yuan without separators."""
        value = self._value(row)
        if isinstance(value, int) and not isinstance(value, bool):
            if self.is_hundredths:
                return decimal(value).replace(",", "")
            return yuan(value).replace(",", "") if self.is_money else str(value)
        return _harmless(self._text(value))

    def typed(self, row: Row) -> str | int | Decimal | datetime.date | None:
        """Return the value of `row` as a spreadsheet keeps it: yuan as an exact number, a day as a date."""
        value = self._value(row)
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value).scaleb(-2) if self.is_money else value
        if isinstance(value, str) and _DAY.fullmatch(value):
            with suppress(ValueError):  # a text that only looks like a day
                return datetime.date.fromisoformat(value)
        return self._text(value) or None

    def is_right(self, rows: Sequence[Row]) -> bool:
        """Whether the column is set to the right: money and numbers are."""
        kinds = {type(row.get(self.key)) for row in rows[:100]}
        return self.is_money or (self.key not in _FLAGS and int in kinds)

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


@dataclass(frozen=True)
class TitledColumn(Column):
    """A column whose key means something else here than elsewhere: `title` stands above it."""

    title: str = ""

    @property
    def heading(self) -> str:
        """What stands above the column, in the language in use."""
        return _(self.title)


RECTIFIED: Final = TitledColumn("accepted_on", title=N_("rectification accepted on"))
"""When the rectification of a finding was accepted; elsewhere that key is the day an application was."""


def columns_named(*keys: str, **vocabularies: type[StrEnum]) -> tuple[Column, ...]:
    """Return the columns of these keys in order; `kind=AppealKind` replaces the usual list of a key."""
    return tuple(Column(key, vocabularies.get(key, _VOCABULARIES.get(key))) for key in keys)


def yuan(amount_fen: int) -> str:
    """Return an amount in fen as yuan: `1,080.00`, `-0.05`."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"


def decimal(hundredths: int) -> str:
    """Return a number of hundredths without needless zeros: `365`, `1,080`, `0.5`, `12.25`."""
    return (
        yuan(hundredths).removesuffix("00").removesuffix(".") if hundredths % 100 == 0 else yuan(hundredths).rstrip("0")
    )


# Private


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: what stood in a file is text, whatever it begins with."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
