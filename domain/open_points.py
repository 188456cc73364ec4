"""What is unfinished in a case in a month: the points that whoever opens the file should see first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.case import CaseState, entitlement_of
from domain.months import month_of, months_between

KINDS: Final = (
    "decision_pending",
    "objection_unanswered",
    "filing_not_visited",
    "death_still_counted",
    "due_not_paid",
    "returned_unresolved",
    "recovery_outstanding",
    "appeal_pending",
)


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One point: its kind (of `KINDS`), what it is about (a day, a number, a month), and the money, if any, in fen."""

    kind: str
    subject: str
    amount_fen: int | None = None


def open_points(state: CaseState, month: str, first_month: str | None) -> Iterator[OpenPoint]:
    """Yield the open points as of `month`, in the order of a case's course.

    Money is looked for in the months from `first_month`, the first that the deliveries tell of, to `month`.
    """
    yield from _of_procedure(state)
    yield from _of_household(state, month)
    yield from _of_money(state, month, first_month)
    for order in state.recoveries.values():
        if order.outstanding_fen > 0:
            yield OpenPoint("recovery_outstanding", order.order, order.outstanding_fen)
    for appeal in state.appeals.values():
        if appeal.outcome is None:
            yield OpenPoint("appeal_pending", appeal.number)


# Private


def _of_procedure(state: CaseState) -> Iterator[OpenPoint]:
    accepted_on = state.application.accepted_on if state.application else None
    if accepted_on and (state.ruling is None or state.ruling.outcome is None):
        yield OpenPoint("decision_pending", accepted_on.isoformat())
    for posting in state.publicity.values():
        if posting.objection and not posting.answer:
            yield OpenPoint("objection_unanswered", posting.opened_on.isoformat())
    for filing in state.filings:
        if filing.visited_on is None and not state.county_visits:
            yield OpenPoint("filing_not_visited", filing.staff or "?")


def _of_household(state: CaseState, month: str) -> Iterator[OpenPoint]:
    entitlement = entitlement_of(state)
    if not entitlement.is_active(month):
        return
    for number, member in state.members.items():
        if member.died_on and month_of(member.died_on) < month and entitlement.members[number].counts_in(month):
            yield OpenPoint("death_still_counted", str(number))


def _of_money(state: CaseState, month: str, first_month: str | None) -> Iterator[OpenPoint]:
    entitlement = entitlement_of(state)
    sent = {state.benefit_month(transfer) for transfer in state.transfers.values()}
    for due_month in months_between(first_month or month, month):
        due_fen = entitlement.due_fen(due_month)
        if due_fen and due_month not in sent:
            yield OpenPoint("due_not_paid", due_month, due_fen)
    replaced = {transfer.original for transfer in state.transfers.values()}
    for transfer in state.transfers.values():
        if transfer.status == "returned" and transfer.transfer not in replaced:
            yield OpenPoint("returned_unresolved", transfer.transfer, transfer.amount_fen)
