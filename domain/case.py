"""The state of one assistance case: what its events, folded in order, add up to."""

import datetime
from dataclasses import dataclass, field

from domain.case_parts import (
    Appeal,
    Application,
    Change,
    Check,
    Completion,
    Consent,
    Contact,
    CreditNotice,
    Filing,
    Grant,
    Instruction,
    Member,
    Payee,
    Publicity,
    Recovery,
    Review,
    Ruling,
    Survey,
    Transfer,
)
from domain.entitlement import (
    RANK_APPEAL,
    RANK_CHANGE,
    RANK_DECISION,
    REVERSING_OUTCOMES,
    STATUS_OF_CHANGE,
    STATUS_OF_OUTCOME,
    AmountStep,
    Decision,
    Entitlement,
    MemberSpan,
    StatusStep,
    Step,
)
from domain.vocabulary import CaseStatus


@dataclass(slots=True)
class CaseState:
    """A case file. `events` counts the entries folded, `unopened` those whose sealed part stayed closed.

    `unknown_topics` are topics of a later version, which are kept in the log and left out here.
    """

    application: Application | None = None
    contact: Contact | None = None
    payee: Payee | None = None
    consent: Consent = field(default_factory=Consent)
    members: dict[int, Member] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    surveys: dict[datetime.date, Survey] = field(default_factory=dict)
    publicity: dict[datetime.date, Publicity] = field(default_factory=dict)
    ruling: Ruling | None = None
    grant: Grant | None = None
    county_visits: list[datetime.date] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    credit_notices: list[CreditNotice] = field(default_factory=list)
    recoveries: dict[str, Recovery] = field(default_factory=dict)
    appeals: dict[str, Appeal] = field(default_factory=dict)
    completions: list[Completion] = field(default_factory=list)
    events: int = 0
    unopened: int = 0
    unknown_topics: list[str] = field(default_factory=list)

    def benefit_month(self, transfer: Transfer) -> str | None:
        """Return the month that the money of a transfer is for (docs/import-formats.md section 6).

        The month that the slip says; for a reissue that of the transfer it replaces, along the chain; otherwise
        the month of the bank's file. A chain that leaves this case's transfers, or turns on itself, ends there.
        """
        passed = {transfer.transfer}
        while transfer.month is None:
            replaced = self.transfers.get(transfer.original or "")
            if replaced is None or replaced.transfer in passed:
                return transfer.cash_month
            passed.add(replaced.transfer)
            transfer = replaced
        return transfer.month

    def paid_fen(self, month: str) -> int:
        """Return what reached the household for `month`, in fen."""
        return sum(
            transfer.amount_fen or 0
            for transfer in self.transfers.values()
            if transfer.status == "settled" and self.benefit_month(transfer) == month
        )

    def income_fen(self, month: str) -> int | None:
        """Return the counted income in force in `month`; None when no survey said it or its part is sealed."""
        decided_on = self.ruling.decided_on if self.ruling else None
        surveys = [s for s in self.surveys.values() if decided_on is None or s.surveyed_on <= decided_on]
        start = max(surveys, key=lambda survey: survey.surveyed_on, default=None)
        said = [c for c in self.changes if c.income_fen is not None and c.effective_from <= month]
        latest = max(said, key=_order, default=None)
        return latest.income_fen if latest else (start.income_fen if start else None)

    def care_grade(self, month: str) -> str | None:
        """Return the care grade in force in `month`; None when there is none or its part is sealed."""
        said = [c for c in self.changes if c.care_grade is not None and c.effective_from <= month]
        latest = max(said, key=_order, default=None)
        return latest.care_grade if latest else (self.grant.care_grade if self.grant else None)


def entitlement_of(state: CaseState) -> Entitlement:
    """Return what the case is due month by month: decision, changes and appeals as steps (section 6)."""
    entitlement = Entitlement(_decision(state))
    if (grant := state.grant) and grant.effective_from and grant.amount_fen is not None:
        step = Step(grant.effective_from, _text(grant.decided_on), RANK_DECISION, grant.position)
        entitlement.amounts.append(AmountStep(step, grant.amount_fen))
    for change in state.changes:
        _add(entitlement, _step(change), STATUS_OF_CHANGE.get(change.kind), change.amount_fen)
    for appeal in state.appeals.values():
        if (
            appeal.outcome in REVERSING_OUTCOMES
            and appeal.effective_from
            and appeal.decided_on
            and appeal.position is not None
        ):
            step = Step(appeal.effective_from, _text(appeal.decided_on), RANK_APPEAL, appeal.position)
            _add(entitlement, step, CaseStatus.ACTIVE, appeal.amount_fen)
    entitlement.members = {
        number: MemberSpan(member.counted, member.counted_from, member.counted_until)
        for number, member in state.members.items()
    }
    return entitlement


# Private


def _decision(state: CaseState) -> Decision | None:
    ruling = state.ruling
    if ruling is None or ruling.outcome is None:
        return None
    starts_from = state.grant.effective_from if state.grant else None
    return Decision(STATUS_OF_OUTCOME[ruling.outcome], _text(ruling.decided_on), starts_from)


def _add(entitlement: Entitlement, step: Step, status: CaseStatus | None, amount_fen: int | None) -> None:
    if status is not None:
        entitlement.statuses.append(StatusStep(step, status))
    if amount_fen is not None:
        entitlement.amounts.append(AmountStep(step, amount_fen))


def _step(change: Change) -> Step:
    return Step(change.effective_from, _text(change.decided_on), RANK_CHANGE, change.position)


def _order(change: Change) -> tuple[str, str, int]:
    return change.effective_from, _text(change.decided_on), change.position


def _text(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""
