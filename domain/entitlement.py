"""What a case is due in a month: the status, amount and head count in force (docs/import-formats.md section 6).

Steps are put in order by effective month, then decision date, then kind (decision, change, appeal), then place in
the log; the last step not after the month wins. Decisions are never hidden by an as-of date; `decided_by` hides them.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.change_kind import ChangeKind
from domain.vocabulary import AppealOutcome, CaseStatus

RANK_DECISION = 0
RANK_CHANGE = 1
RANK_APPEAL = 2

CONFIRMED = "confirmed"
REFUSED = "refused"
TERMINATED = "terminated"

STATUS_OF_OUTCOME: Final[Mapping[str, CaseStatus]] = {
    CONFIRMED: CaseStatus.ACTIVE,
    REFUSED: CaseStatus.REFUSED,
    TERMINATED: CaseStatus.TERMINATED,
}
STATUS_OF_CHANGE: Final[Mapping[str, CaseStatus]] = {
    ChangeKind.STOPPED: CaseStatus.STOPPED,
    ChangeKind.GRACE: CaseStatus.GRACE,
    ChangeKind.SUSPENDED: CaseStatus.SUSPENDED,
    ChangeKind.RESUMED: CaseStatus.ACTIVE,
}
"""增发, 减发 and 人口变化 never change the status."""
REVERSING_OUTCOMES = frozenset({AppealOutcome.CHANGED.value, AppealOutcome.REVOKED.value})
"""Outcomes of an appeal that make the case active, with an amount, from the month they name."""

ACTIVE_STATUSES = frozenset({CaseStatus.ACTIVE, CaseStatus.GRACE})


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Something that applies from a month: its place in the order of steps."""

    effective_from: str
    decided_on: str
    rank: int
    position: int


@dataclass(frozen=True, slots=True)
class StatusStep:
    """The case has `status` from the step's month."""

    step: Step
    status: CaseStatus


@dataclass(frozen=True, slots=True)
class AmountStep:
    """The household is due `amount_fen` a month from the step's month."""

    step: Step
    amount_fen: int


@dataclass(slots=True)
class MemberSpan:
    """Whether and when one member counts. `counted_until` is the first month in which the member no longer counts."""

    counted: bool
    counted_from: str | None = None
    counted_until: str | None = None

    def counts_in(self, month: str) -> bool:
        """Tell whether the member counts in `month`. A death alone does not change this; the columns do."""
        return (
            self.counted
            and (self.counted_from is None or self.counted_from <= month)
            and (self.counted_until is None or self.counted_until > month)
        )


@dataclass(slots=True)
class Decision:
    """The decision on the application. `outcome` is ACTIVE for a confirmation, else REFUSED or TERMINATED."""

    outcome: CaseStatus
    decided_on: str
    starts_from: str | None = None


@dataclass(slots=True)
class Entitlement:
    """The steps of one case, in any order of recording, and the answers for a month.

    Months are `YYYY-MM` and days `YYYY-MM-DD`, as text that sorts; `position` is that of the entry in the log.
    """

    decision: Decision | None = None
    statuses: list[StatusStep] = field(default_factory=list)
    amounts: list[AmountStep] = field(default_factory=list)
    members: dict[int, MemberSpan] = field(default_factory=dict)

    def decide(self, outcome: str, decided_on: str, starts_from: str | None) -> None:
        """Put in the decision on the application: confirmed, refused or terminated."""
        self.decision = Decision(STATUS_OF_OUTCOME[outcome], decided_on, starts_from)

    def add_grant(self, effective_from: str | None, decided_on: str, position: int, amount_fen: int | None) -> None:
        """Add what the confirmation grants: an amount from a month, nothing where either is not said."""
        if effective_from:
            self._add(Step(effective_from, decided_on, RANK_DECISION, position), None, amount_fen)

    def add_change(
        self, kind: str, effective_from: str, decided_on: str, position: int, amount_fen: int | None
    ) -> None:
        """Add a change; `kind` is the word of 变更类型."""
        self._add(Step(effective_from, decided_on, RANK_CHANGE, position), STATUS_OF_CHANGE.get(kind), amount_fen)

    def add_appeal(
        self,
        outcome: str | None,
        effective_from: str | None,
        decided_on: str | None,
        position: int,
        amount_fen: int | None,
    ) -> None:
        """Add the outcome of an appeal; nothing unless it reverses, from a month, on a day."""
        if outcome in REVERSING_OUTCOMES and effective_from and decided_on:
            self._add(Step(effective_from, decided_on, RANK_APPEAL, position), CaseStatus.ACTIVE, amount_fen)

    def starts_from(self) -> str | None:
        """Return the first month of entitlement; None when the case is not confirmed.

        An appeal that changes or revokes a refusal confirms the case from the month it names.
        """
        if self.decision is None:
            return None
        if self.decision.outcome is CaseStatus.ACTIVE:
            return self.decision.starts_from
        if self.decision.outcome is CaseStatus.REFUSED:
            return min((s.step.effective_from for s in self.statuses if s.step.rank == RANK_APPEAL), default=None)
        return None

    def status_in(self, month: str) -> CaseStatus:
        """Return where the case stands in `month`."""
        starts_from = self.starts_from()
        if starts_from is None:
            return CaseStatus.PENDING if self.decision is None else self.decision.outcome
        if month < starts_from:
            return CaseStatus.NOT_STARTED
        latest = self.status_step(month)
        return latest.status if latest else CaseStatus.ACTIVE

    def status_step(self, month: str) -> StatusStep | None:
        """Return the step whose status is in force in `month`; None when no step says one."""
        return max((s for s in self.statuses if s.step.effective_from <= month), key=lambda s: s.step, default=None)

    def status_since(self, month: str) -> str | None:
        """Return the first month of the unbroken time up to `month` in which the case has had its status there.

        None for a case that has not started by `month`: it has no status of a month yet.
        """
        starts_from = self.starts_from()
        if starts_from is None or month < starts_from:
            return None
        status, found = self.status_in(month), month
        steps = {one.step.effective_from for one in self.statuses} | {starts_from}
        for earlier in sorted((step for step in steps if starts_from <= step <= month), reverse=True):
            if self.status_in(earlier) is not status:
                break
            found = earlier
        return found

    def is_active(self, month: str) -> bool:
        """Tell whether the case is 在享 in `month`: confirmed, started, and active or in grace."""
        return self.status_in(month) in ACTIVE_STATUSES

    def amount_step(self, month: str) -> AmountStep | None:
        """Return the step whose amount is in force in `month`."""
        return max((a for a in self.amounts if a.step.effective_from <= month), key=lambda a: a.step, default=None)

    def due_fen(self, month: str) -> int:
        """Return the amount due for `month` in fen; 0 when the case is not active."""
        if not self.is_active(month):
            return 0
        step = self.amount_step(month)
        return step.amount_fen if step else 0

    def persons(self, month: str) -> int:
        """Return how many members count in `month`."""
        return sum(member.counts_in(month) for member in self.members.values())

    def decided_by(self, day: datetime.date | None) -> "Entitlement":
        """Return the same case without what was decided after `day`; all of it when `day` is None."""
        if day is None:
            return self
        text = day.isoformat()
        decision = self.decision if self.decision and self.decision.decided_on <= text else None
        return Entitlement(
            decision,
            [s for s in self.statuses if s.step.decided_on <= text],
            [a for a in self.amounts if a.step.decided_on <= text],
            self.members,
        )

    # Private

    def _add(self, step: Step, status: CaseStatus | None, amount_fen: int | None) -> None:
        if status is not None:
            self.statuses.append(StatusStep(step, status))
        if amount_fen is not None:
            self.amounts.append(AmountStep(step, amount_fen))
