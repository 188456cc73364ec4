"""Folding a case's events into its state: one function per event class, found in one table.

Events of the case's own stream, of the appeals and recoveries it cites, and of batches that name it. A later event
completes an earlier one: what it says is taken over, what it leaves out stays as it was.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from typing import Any, Final

from domain.case import CaseState
from domain.case_parts import (
    Appeal,
    Application,
    Change,
    Check,
    Completion,
    Contact,
    CountyVisit,
    CreditNotice,
    Disposition,
    Entrustment,
    Filing,
    Grant,
    Instruction,
    Member,
    Payee,
    Publicity,
    Recovery,
    Recusal,
    Review,
    Ruling,
    Survey,
    Transfer,
)
from domain.entitlement import CONFIRMED, REFUSED, TERMINATED
from domain.events import (
    appeal,
    application,
    change,
    decision,
    entrustment,
    flag,
    household,
    kinship,
    ledger,
    payment,
    recovery,
    staff,
    verification,
)
from domain.events.base import Event
from domain.events.delivery import RowCompleted
from domain.recorded import Recorded


def fold(records: Iterable[Recorded]) -> CaseState:
    """Return the state that these entries, in order of position, add up to."""
    state = CaseState()
    for recorded in records:
        apply(state, recorded)
    return state


def apply(state: CaseState, recorded: Recorded) -> None:
    """Let one entry change the state. A topic that this version does not know is noted and changes nothing."""
    state.events += 1
    state.unopened += not recorded.opened
    handler = HANDLERS.get(type(recorded.event)) if recorded.event is not None else None
    if handler is None:
        state.unknown_topics.append(recorded.topic)
        return
    handler(_At(state, recorded), recorded.event)


# Private


@dataclass(frozen=True, slots=True)
class _At:
    """The state that is being changed, and the entry that changes it."""

    state: CaseState
    recorded: Recorded


def _take(at: _At, part: Any, event: Event, **renamed: str) -> None:
    """Take over what the event says into the fields of the same name, or of the name given for it."""
    part.positions.append(at.recorded.position)
    for name, target in _taken(type(event), part.__class__, tuple(renamed.items())):
        value = getattr(event, name)
        if value is not None:
            setattr(part, target, value.value if isinstance(value, Enum) else value)


@cache
def _taken(event: type[Event], part: Any, renamed: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the fields of an event that a part has, each with its name there."""
    names, own = dict(renamed), {one.name for one in fields(part)}
    targets = ((name, names.get(name, name)) for name in event.model_fields)
    return tuple((name, target) for name, target in targets if target in own)


def _submitted(at: _At, event: Event) -> None:
    at.state.application = at.state.application or Application()
    _take(at, at.state.application, event, occurred_on="applied_on")


def _accepted(at: _At, event: Event) -> None:
    at.state.application = at.state.application or Application()
    _take(at, at.state.application, event, occurred_on="accepted_on")


def _contact(at: _At, event: Event) -> None:
    at.state.contact = at.state.contact or Contact()
    _take(at, at.state.contact, event)


def _payee(at: _At, event: Event) -> None:
    at.state.payee = at.state.payee or Payee()
    _take(at, at.state.payee, event)


def _authorized(at: _At, event: Event) -> None:
    _take(at, at.state.consent, event, occurred_on="authorized_on")


def _pledged(at: _At, event: Event) -> None:
    _take(at, at.state.consent, event, occurred_on="pledged_on")


def _member(at: _At, event: Any) -> None:
    member = at.state.members.setdefault(event.member, Member(event.member))
    _take(at, member, event, occurred_on="died_on", received_on="death_received_on")


def _dishonesty(at: _At, event: household.DishonestyNoted) -> None:
    notice = CreditNotice(event.occurred_on, event.begins_on, event.ends_on)
    _take(at, notice, event)
    at.state.credit_notices.append(notice)


def _check(at: _At, event: Event) -> None:
    check = Check()
    _take(at, check, event, occurred_on="answered_on")
    at.state.checks.append(check)


def _survey(at: _At, event: Any) -> None:
    day = event.occurred_on if isinstance(event, verification.SurveyCompleted) else event.surveyed_on
    _take(at, at.state.surveys.setdefault(day, Survey(day)), event)


def _publicity(at: _At, event: Any) -> None:
    day = event.occurred_on if isinstance(event, verification.PublicityOpened) else event.opened_on
    posting = at.state.publicity.setdefault(day, Publicity(day))
    if isinstance(event, verification.PublicityClosed):
        _take(at, posting, event, occurred_on="closed_on")
    else:
        _take(at, posting, event)


def _ruling(outcome: str) -> Callable[[_At, Event], None]:
    def rule(at: _At, event: Event) -> None:
        at.state.ruling = at.state.ruling or Ruling()
        at.state.ruling.outcome = outcome
        _take(at, at.state.ruling, event, occurred_on="decided_on")

    return rule


def _explained(at: _At, event: Event) -> None:
    at.state.ruling = at.state.ruling or Ruling()
    _take(at, at.state.ruling, event)


def _extended(at: _At, event: Event) -> None:
    at.state.ruling = at.state.ruling or Ruling()
    _take(at, at.state.ruling, event, reason="extension_reason")


def _granted(at: _At, event: Event) -> None:
    at.state.grant = at.state.grant or Grant(at.recorded.position)
    _take(at, at.state.grant, event, occurred_on="decided_on")


def _county_visit(at: _At, event: decision.CountyVisited) -> None:
    at.state.county_visits.append(CountyVisit(event.occurred_on, [at.recorded.position]))


def _changed(at: _At, event: Any) -> None:
    kind = change.KIND_OF_CHANGE[type(event)].value
    made = Change(at.recorded.position, at.recorded.command, kind, event.occurred_on, event.effective_from)
    _take(at, made, event)
    at.state.changes.append(made)


def _change_detail(at: _At, event: Any) -> None:
    """A detail belongs to the change of its own row, or, when it completes one, to the latest of the same dates."""
    dated = [
        c for c in at.state.changes if (c.decided_on, c.effective_from) == (event.occurred_on, event.effective_from)
    ]
    same_row = [c for c in dated if c.command == at.recorded.command]
    for found in (same_row or dated)[-1:]:
        _take(at, found, event)


def _review(at: _At, event: change.ReviewCompleted) -> None:
    review = Review(event.occurred_on)
    _take(at, review, event)
    at.state.reviews.append(review)


def _filed(at: _At, event: Event) -> None:
    filing = Filing()
    _take(at, filing, event, occurred_on="filed_on")
    at.state.filings.append(filing)


def _visited(at: _At, event: staff.KinshipVisited) -> None:
    _take(at, _filing_of(at.state, event.staff, event.staff_text), event, occurred_on="visited_on")


def _closed(at: _At, event: kinship.FilingClosed) -> None:
    filing = _filing_of(at.state, event.staff, event.staff_text)
    _take(at, filing, event, occurred_on="closed_on", reason="closing_reason")


def _filing_of(state: CaseState, staff_number: str | None, staff_text: str | None) -> Filing:
    """Return the filing that a visit or a closing is about: of the same officer; without one, the latest."""
    officer = (staff_number, staff_text)
    same = [filing for filing in state.filings if (filing.staff, filing.staff_text) == officer] or state.filings
    if not same:
        state.filings.append(Filing(staff=staff_number, staff_text=staff_text))
        same = state.filings
    return same[-1]


def _recused(at: _At, event: kinship.RecusalRecorded) -> None:
    recusal = Recusal(event.occurred_on)
    _take(at, recusal, event)
    at.state.recusals.append(recusal)


def _instructed(at: _At, event: payment.PaymentInstructed) -> None:
    line = Instruction(event.batch, event.pay_month, event.month, event.amount_fen)
    _take(at, line, event)
    at.state.instructions.append(line)


def _transfer(at: _At, event: Any) -> None:
    transfer = at.state.transfers.setdefault(event.transfer, Transfer(event.transfer))
    _take(at, transfer, event, occurred_on="booked_on", reason="return_reason")
    if isinstance(event, payment.PaymentSettled):
        transfer.status = "settled"
    elif isinstance(event, payment.PaymentReturned):
        transfer.status = "returned"


def _order(at: _At, event: Any) -> Recovery:
    return at.state.recoveries.setdefault(event.order, Recovery(event.order))


def _ordered(at: _At, event: Event) -> None:
    _take(at, _order(at, event), event, occurred_on="ordered_on")


def _recovery_detail(at: _At, event: Event) -> None:
    _take(at, _order(at, event), event)


def _moved(balance: str) -> Callable[[_At, Any], None]:
    def move(at: _At, event: Any) -> None:
        order = _order(at, event)
        order.positions.append(at.recorded.position)
        setattr(order, balance, getattr(order, balance) + event.amount_fen)
        order.last_movement_on = max(order.last_movement_on or datetime.date.min, event.occurred_on)

    return move


def _appeal(at: _At, event: Any) -> Appeal:
    return at.state.appeals.setdefault(event.number, Appeal(event.number))


def _lodged(at: _At, event: Event) -> None:
    _take(at, _appeal(at, event), event, occurred_on="lodged_on")


def _grounds(at: _At, event: Event) -> None:
    _take(at, _appeal(at, event), event)


def _decided(at: _At, event: Event) -> None:
    _take(at, _appeal(at, event), event, occurred_on="decided_on")


def _applied(at: _At, event: Event) -> None:
    found = _appeal(at, event)
    _take(at, found, event, occurred_on="decided_on")
    if found.position is None:
        found.position = at.recorded.position


def _disposed(at: _At, event: flag.FlagDisposed) -> None:
    disposition = Disposition(event.rule, event.outcome.value, event.occurred_on)
    _take(at, disposition, event)
    at.state.dispositions.append(disposition)


def _entrusted(at: _At, event: Any) -> None:
    """The steps of an agreement go by the day on which it was made."""
    is_new = isinstance(event, entrustment.PassbookEntrusted)
    agreed_on = event.occurred_on if is_new else event.agreed_on
    found = at.state.entrustments.setdefault(agreed_on, Entrustment(agreed_on))
    days = {entrustment.EntrustmentFiled: "filed_on", entrustment.PassbookReturned: "returned_on"}
    _take(at, found, event, occurred_on=days.get(type(event), "agreed_on"))


def _completed(at: _At, event: RowCompleted) -> None:
    cells = tuple((cell.column, cell.other) for cell in event.cells or ())
    at.state.completions.append(Completion(event.cites.stream, event.cites.seq, cells, [at.recorded.position]))


def _erased(at: _At, event: Event) -> None:
    at.state.erased = True


HANDLERS: Final[Mapping[type[Event], Callable[[_At, Any], None]]] = {
    ledger.ErasureRequested: _erased,
    ledger.ErasureEffective: _erased,
    application.ApplicationSubmitted: _submitted,
    application.ApplicationAccepted: _accepted,
    application.ContactRegistered: _contact,
    application.PayeeRegistered: _payee,
    application.AuthorizationSigned: _authorized,
    application.TruthPledged: _pledged,
    household.MemberJoined: _member,
    household.MemberDescribed: _member,
    household.MemberCounted: _member,
    household.MemberDied: _member,
    household.DishonestyNoted: _dishonesty,
    verification.VerificationReturned: _check,
    verification.SurveyCompleted: _survey,
    verification.SelfCareScored: _survey,
    verification.SurveyRemarked: _survey,
    verification.PublicityOpened: _publicity,
    verification.PublicityPlaced: _publicity,
    verification.PublicityClosed: _publicity,
    verification.ObjectionRaised: _publicity,
    verification.ObjectionAnswered: _publicity,
    decision.ApplicationConfirmed: _ruling(CONFIRMED),
    decision.ApplicationRefused: _ruling(REFUSED),
    decision.ApplicationTerminated: _ruling(TERMINATED),
    decision.EntitlementGranted: _granted,
    decision.DecisionExplained: _explained,
    decision.CountyVisited: _county_visit,
    decision.DeadlineExtended: _extended,
    **dict.fromkeys(change.KIND_OF_CHANGE, _changed),
    change.HouseholdResized: _change_detail,
    change.IncomeReassessed: _change_detail,
    change.CareRegraded: _change_detail,
    change.ReviewCompleted: _review,
    staff.KinshipFiled: _filed,
    staff.KinshipVisited: _visited,
    kinship.FilingClosed: _closed,
    kinship.RecusalRecorded: _recused,
    payment.PaymentInstructed: _instructed,
    payment.PaymentSettled: _transfer,
    payment.PaymentReturned: _transfer,
    payment.PaymentReissued: _transfer,
    payment.PaymentAttributed: _transfer,
    payment.ReturnExplained: _transfer,
    recovery.RepaymentDemanded: _ordered,
    recovery.RecoveryOrdered: _ordered,
    recovery.RecoveryFined: _recovery_detail,
    recovery.RecoveryApproved: _recovery_detail,
    recovery.RecoveryRepaid: _moved("repaid_fen"),
    recovery.RecoveryWaived: _moved("waived_fen"),
    recovery.RecoveryWrittenOff: _moved("written_off_fen"),
    appeal.AppealReceived: _lodged,
    appeal.AppealLodged: _lodged,
    appeal.AppealGroundsStated: _grounds,
    appeal.AppealDecided: _decided,
    appeal.AppealApplied: _applied,
    flag.FlagDisposed: _disposed,
    entrustment.PassbookEntrusted: _entrusted,
    entrustment.EntrustmentFiled: _entrusted,
    entrustment.PassbookReturned: _entrusted,
    RowCompleted: _completed,
}
"""What each event does to the state of its case; a class that is missing here belongs to no case."""
