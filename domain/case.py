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
from domain.entitlement import Entitlement, MemberSpan
from domain.transfer_months import Link, benefit_month


@dataclass(slots=True)
class CaseState:
    """A case file. `events` counts the entries folded, `unopened` those whose sealed part stayed closed.

    `erased` says that the destruction of its key was asked for: what was sealed until then is gone, or about to go.

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
    county_visits: list[CountyVisit] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    recusals: list[Recusal] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    credit_notices: list[CreditNotice] = field(default_factory=list)
    recoveries: dict[str, Recovery] = field(default_factory=dict)
    appeals: dict[str, Appeal] = field(default_factory=dict)
    dispositions: list[Disposition] = field(default_factory=list)
    entrustments: dict[datetime.date, Entrustment] = field(default_factory=dict)
    completions: list[Completion] = field(default_factory=list)
    events: int = 0
    unopened: int = 0
    erased: bool = False
    unknown_topics: list[str] = field(default_factory=list)

    def benefit_month(self, transfer: Transfer) -> str | None:
        """Return the month that the money of a transfer is for, along the chain of this case's transfers."""
        return benefit_month(transfer.link, self._link_of)

    def paid_fen(self, month: str) -> int:
        """Return what reached the household for `month`, in fen."""
        return sum(
            transfer.amount_fen or 0
            for transfer in self.transfers.values()
            if transfer.status == "settled" and self.benefit_month(transfer) == month
        )

    def income_said(self, month: str) -> Survey | Change | None:
        """Return what says the counted income in force in `month`: a change, else the last survey before the decision.

        None when nothing does, or its part is sealed.
        """
        said = [c for c in self.changes if c.income_fen is not None and c.effective_from <= month]
        if said:
            return max(said, key=_order)
        decided_on = self.ruling.decided_on if self.ruling else None
        surveys = [s for s in self.surveys.values() if decided_on is None or s.surveyed_on <= decided_on]
        found = max(surveys, key=lambda survey: survey.surveyed_on, default=None)
        return found if found and found.income_fen is not None else None

    def income_fen(self, month: str) -> int | None:
        """Return the counted income in force in `month`; None when no survey said it or its part is sealed."""
        said = self.income_said(month)
        return said.income_fen if said else None

    def care_said(self, month: str) -> Change | Grant | None:
        """Return what says the care grade in force in `month`; None when there is none or its part is sealed."""
        said = [c for c in self.changes if c.care_grade is not None and c.effective_from <= month]
        if said:
            return max(said, key=_order)
        return self.grant if self.grant and self.grant.care_grade is not None else None

    def care_grade(self, month: str) -> str | None:
        """Return the care grade in force in `month`; None when there is none or its part is sealed."""
        said = self.care_said(month)
        return said.care_grade if said else None

    # Private

    def _link_of(self, number: str) -> Link | None:
        found = self.transfers.get(number)
        return found.link if found else None


def entitlement_of(state: CaseState) -> Entitlement:
    """Return what the case is due month by month: decision, changes and appeals as steps (section 6)."""
    entitlement = Entitlement()
    ruling, grant = state.ruling, state.grant
    if ruling and ruling.outcome:
        entitlement.decide(ruling.outcome, _text(ruling.decided_on), grant.effective_from if grant else None)
    if grant:
        entitlement.add_grant(grant.effective_from, _text(grant.decided_on), grant.position, grant.amount_fen)
    for one in state.changes:
        entitlement.add_change(one.kind, one.effective_from, _text(one.decided_on), one.position, one.amount_fen)
    for appeal in state.appeals.values():
        if appeal.position is not None:
            decided_on = _text(appeal.decided_on)
            entitlement.add_appeal(
                appeal.outcome, appeal.effective_from, decided_on, appeal.position, appeal.amount_fen
            )
    entitlement.members = {
        number: MemberSpan(member.counted, member.counted_from, member.counted_until)
        for number, member in state.members.items()
    }
    return entitlement


# Private


def _order(change: Change) -> tuple[str, str, int]:
    return change.effective_from, _text(change.decided_on), change.position


def _text(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""
