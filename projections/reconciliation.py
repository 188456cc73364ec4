"""`pay reconcile`: for each case and benefit month, whether what was due was paid.

Source: docs/import-formats.md section 7.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from domain.transfer_months import TransferKind
from projections.case_folds import CaseFold, case_folds, with_rows
from projections.database import Database
from projections.scope import Scope, View, open_view
from projections.standing import standings
from projections.transfers import Transfer, TransferReader


class MatchClass(StrEnum):
    """The class of a case-month; every one with money due or sent has exactly one."""

    MATCHED = "matched"
    AMOUNT_MISMATCH = "amount_mismatch"
    RETURNED_UNRESOLVED = "returned_unresolved"
    PAID_NOT_DUE = "paid_not_due"
    DUE_NOT_PAID = "due_not_paid"
    DUPLICATE = "duplicate"
    UNKNOWN_CASE = "unknown_case"


class Match(NamedTuple):
    """One case-month, or one transfer of an unknown case; the order is that of the rows."""

    case: str
    month: str
    match_class: MatchClass
    due_fen: int
    paid_fen: int


def reconcile(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the classes with their counts and amounts, and a row for each case-month that has one.

    The months are those of the window up to the scope's day; money for months outside the window is shown too, unless
    it is for a month after that day. `warnings` is present when a reissue names an original that no row carries.
    """
    with open_view(database, scope) as view:
        reader = TransferReader(view)
        classes = {found.value: {"count": 0, "due_fen": 0, "paid_fen": 0} for found in MatchClass}
        rows = []
        for match in _asked(view, _matches(view, reader)):
            sums = classes[match.match_class]
            sums["count"] += 1
            sums["due_fen"] += match.due_fen
            sums["paid_fen"] += match.paid_fen
            rows.append(_row(match))
        warnings = [
            {"code": "unknown_original", "transfer": number, "original": reader.originals[number]}
            for number in reader.dangling()
        ]
        return {"classes": classes, "rows": rows, **({"warnings": warnings} if warnings else {}), **view.asked}


# Private


def _matches(view: View, reader: TransferReader) -> Iterator[Match]:
    if view.includes_unknown:
        yield from map(_unknown, sorted(reader.nameless(), key=_benefit_month))
    for fold, _, pairs in with_rows(case_folds(view), reader.rows()):
        transfers = [transfer for _, transfer in pairs]
        if fold is None:
            if view.includes_unknown:
                yield from map(_unknown, sorted(transfers, key=_benefit_month))
        elif view.includes(fold.head.programme, fold.head.region):
            yield from _case_matches(view, fold, transfers)


def _case_matches(view: View, fold: CaseFold, transfers: list[Transfer]) -> Iterator[Match]:
    by_month: dict[str, list[Transfer]] = {}
    for transfer in transfers:
        by_month.setdefault(transfer.benefit_month, []).append(transfer)
    stood = dict(standings(fold, view.months_from(fold.entitlement.starts_from())))
    for month in sorted(by_month.keys() | stood.keys()):
        sent = by_month.get(month, [])
        if month in stood:
            due_fen = stood[month].due_fen
            found = _class_of(due_fen, sent)
        else:  # unconfirmed, before its first month, or outside the window: nothing is due, whatever was sent
            due_fen = 0
            found = MatchClass.PAID_NOT_DUE if _paid_fen(sent) else None
        if found is not None:
            yield Match(fold.case, month, found, due_fen, _paid_fen(sent))


def _class_of(due_fen: int, sent: list[Transfer]) -> MatchClass | None:
    """Return the first class that fits, in the order of the table in section 7."""
    paid_fen = _paid_fen(sent)
    if sum(one.settled and one.kind is TransferKind.REGULAR for one in sent) >= 2:
        return MatchClass.DUPLICATE
    if due_fen == 0:
        return MatchClass.PAID_NOT_DUE if paid_fen else None
    if not sent:
        return MatchClass.DUE_NOT_PAID
    if not any(one.settled for one in sent):
        return MatchClass.RETURNED_UNRESOLVED
    return MatchClass.MATCHED if paid_fen == due_fen else MatchClass.AMOUNT_MISMATCH


def _asked(view: View, matches: Iterator[Match]) -> Iterator[Match]:
    """Leave out months after the day asked about, and other months than the one asked about."""
    last = view.month if view.window and view.month and view.month < view.window.last_month else None
    for match in matches:
        if (last is None or match.month <= last) and view.scope.month in (None, match.month):
            yield match


def _unknown(transfer: Transfer) -> Match:
    paid_fen = transfer.amount_fen if transfer.settled else 0
    return Match(transfer.case or "", transfer.benefit_month, MatchClass.UNKNOWN_CASE, 0, paid_fen)


def _paid_fen(sent: list[Transfer]) -> int:
    return sum(one.amount_fen for one in sent if one.settled)


def _benefit_month(transfer: Transfer) -> str:
    return transfer.benefit_month


def _row(match: Match) -> dict[str, Any]:
    return {
        "case": match.case or None,
        "month": match.month,
        "class": match.match_class.value,
        "due_fen": match.due_fen,
        "paid_fen": match.paid_fen,
    }
