"""`register payments`: what the bank did, by the month in which it did it, and the monthly totals (section 7)."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.transfer_months import TransferKind
from projections.case_folds import CaseFold, CaseHead, case_folds, case_heads, with_rows
from projections.database import Database
from projections.registers.transfer_facts import RETURN
from projections.scope import UNKNOWN_PROGRAMME, Scope, View, open_view
from projections.sealed import Sealed, sealed
from projections.standing import standings
from projections.transfers import Transfer, TransferReader

PAID_COUNTS = (
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
DUE_COUNTS = ("active_households", "active_persons", "due_fen")

Counts = dict[tuple[str, str], dict[str, int]]  # by month and programme


def payments(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the transfers of one cash month and their totals; without a month, the totals month by month.

    Without a month, `rows` and `monthly` are the rows of `monthly`, and `totals` adds up the months: there
    `paid_households` counts a household once for each month in which it was paid.
    """
    with open_view(database, scope) as view:
        if scope.month is not None:
            return _one_month(view, scope.month)
        months = _monthly(view)
        totals = {programme: dict.fromkeys(PAID_COUNTS, 0) for programme in view.programmes_paid}
        for row in months:
            for name in PAID_COUNTS:
                totals[row["programme"]][name] += row[name]
        return {"month": None, "rows": months, "totals": _listed(totals), "monthly": months, **view.asked}


def monthly(database: Database, scope: Scope) -> list[dict[str, Any]]:
    """Return per month of the window and programme: households and amount due, money paid, returned, sent again."""
    with open_view(database, scope) as view:
        return _monthly(view)


def count_transfers(counts: dict[str, int], transfers: list[Transfer]) -> None:
    """Add the transfers of one household in one cash month to its programme's counts."""
    counts["paid_households"] += any(one.settled for one in transfers)
    for one in transfers:
        if not one.settled:
            counts["returned_count"] += 1
            counts["returned_fen"] += one.amount_fen
            continue
        counts["paid_count"] += 1
        counts["paid_fen"] += one.amount_fen
        if one.kind is not TransferKind.REGULAR:
            name = "reissued" if one.kind is TransferKind.REISSUE else "arrears"
            counts[f"{name}_count"] += 1
            counts[f"{name}_fen"] += one.amount_fen


# Private


def _one_month(view: View, month: str) -> dict[str, Any]:
    reader = TransferReader(view)
    outcomes = _Returns(dict(view.rows(RETURN, "transfer", "position")), reader)
    totals = {programme: dict.fromkeys(PAID_COUNTS, 0) for programme in view.programmes_paid}
    rows = []
    sent = reader.rows("case_id IS NOT NULL AND cash_month = ?", (month,))
    for case, _, pairs in with_rows(case_heads(view), sent):
        transfers = [transfer for _, transfer in pairs]
        programme = _programme_of(view, case)
        if transfers and programme is not None:
            count_transfers(totals[programme], transfers)
            rows += [_row(one, programme, case, outcomes) for one in transfers]
    if view.includes_unknown:
        for transfer in reader.nameless("cash_month = ?", (month,)):
            _count_nameless(totals[UNKNOWN_PROGRAMME], transfer)
            rows.append(_row(transfer, UNKNOWN_PROGRAMME, None, outcomes))
    return {"month": month, "rows": rows, "totals": _listed(totals), **view.asked}


def _monthly(view: View) -> list[dict[str, Any]]:
    names = (*DUE_COUNTS, *PAID_COUNTS)
    counts: Counts = {
        (month, programme): dict.fromkeys(names, 0) for month in view.months for programme in view.programmes_paid
    }
    reader = TransferReader(view)
    for fold, _, pairs in with_rows(case_folds(view), reader.rows()):
        programme = _programme_of(view, fold.head if fold else None)
        if programme is None:
            continue
        if fold is not None:
            _count_due(counts, fold, view.months_from(fold.entitlement.starts_from()))
        for month, transfers in _by_cash_month(pairs):
            if (month, programme) in counts:
                count_transfers(counts[month, programme], transfers)
    if view.includes_unknown:
        for transfer in reader.nameless():
            if (transfer.cash_month, UNKNOWN_PROGRAMME) in counts:
                _count_nameless(counts[transfer.cash_month, UNKNOWN_PROGRAMME], transfer)
    return [{"month": month, "programme": programme, **found} for (month, programme), found in counts.items()]


def _count_due(counts: Counts, fold: CaseFold, months: list[str]) -> None:
    for month, found in standings(fold, months):
        if found.is_active:
            row = counts[month, fold.head.programme]
            row["active_households"] += 1
            row["active_persons"] += found.persons
            row["due_fen"] += found.due_fen


def _count_nameless(counts: dict[str, int], transfer: Transfer) -> None:
    """Count money that names no case: no household can be counted for it."""
    households = counts["paid_households"]
    count_transfers(counts, [transfer])
    counts["paid_households"] = households


def _programme_of(view: View, head: CaseHead | None) -> str | None:
    """Return the programme under which the case's money is shown, or None when it is not asked about."""
    if head is None:
        return UNKNOWN_PROGRAMME if view.includes_unknown else None
    return head.programme if view.includes(head.programme, head.region) else None


def _by_cash_month(pairs: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[Transfer]]]:
    months: dict[str, list[Transfer]] = {}
    for _, transfer in pairs:
        months.setdefault(transfer.cash_month, []).append(transfer)
    yield from months.items()


def _listed(totals: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    return [{"programme": programme, **counts} for programme, counts in totals.items()]


class _Returns:
    """Why transfers came back, and which transfer replaces which."""

    def __init__(self, explained_at: Mapping[str, int], reader: TransferReader) -> None:
        self.explained_at = explained_at
        self.originals = reader.originals
        self.reissues = {original: number for number, original in reader.originals.items()}


def _row(transfer: Transfer, programme: str, head: CaseHead | None, returns: _Returns) -> dict[str, Any]:
    return {
        "case": transfer.case,
        "programme": programme,
        "region": head.region if head else None,
        "transfer": transfer.number,
        "kind": transfer.kind.value,
        "benefit_month": transfer.benefit_month,
        "cash_month": transfer.cash_month,
        "amount_fen": transfer.amount_fen,
        "outcome": "settled" if transfer.settled else "returned",
        "batch": transfer.batch,
        "occurred_on": transfer.occurred_on,
        "position": transfer.position,
        "holder": Sealed(transfer.position, "holder"),
        "account": Sealed(transfer.position, "account"),
        "return_reason": sealed(returns.explained_at.get(transfer.number), "reason", (transfer.position,)),
        "original": returns.originals.get(transfer.number),
        "reissued_by": returns.reissues.get(transfer.number),
    }
