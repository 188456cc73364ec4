"""Where a case stands in one month, as the registers show it: status, since when, people, amount due."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.entitlement import ACTIVE_STATUSES
from domain.months import last_day
from domain.vocabulary import CaseStatus
from projections.case_folds import CaseFold


@dataclass(frozen=True, slots=True)
class Standing:
    """A case in a month; `persons` and `due_fen` are what a register of the roll sums up."""

    status: CaseStatus
    persons: int
    due_fen: int

    @property
    def is_active(self) -> bool:
        """Whether the case is 在享: active, grace included."""
        return self.status in ACTIVE_STATUSES


def standing(fold: CaseFold, month: str) -> Standing:
    """Return where the case stands in the month."""
    entitlement = fold.entitlement
    return Standing(entitlement.status_in(month), entitlement.persons(month), entitlement.due_fen(month))


def standings(fold: CaseFold, months: list[str]) -> Iterator[tuple[str, Standing]]:
    """Yield (month, standing) for months that follow each other; looked up anew only where something changes."""
    turns = _turns(fold)
    found: Standing | None = None
    for month in months:
        if found is None or month in turns:
            found = standing(fold, month)
        yield month, found


def since(fold: CaseFold, month: str, status: CaseStatus) -> str | None:
    """Return the month from which the case has had the status that it has in `month`.

    For a pending case that is the month of acceptance, for one refused, terminated or not yet started the month of
    the decision.
    """
    if status is CaseStatus.PENDING:
        return _month(fold.accepted_on or fold.head.applied_on)
    if status in (CaseStatus.REFUSED, CaseStatus.TERMINATED, CaseStatus.NOT_STARTED):
        return _month(fold.ruling.decided_on) if fold.ruling else None
    return fold.entitlement.status_since(month)


def is_pending(fold: CaseFold, month: str) -> bool:
    """Tell whether the case was accepted by the last day of the month and not decided by that day (section 7)."""
    end = last_day(month).isoformat()
    accepted = fold.accepted_on is not None and fold.accepted_on <= end
    return accepted and (fold.ruling is None or fold.ruling.decided_on > end)


# Private


def _turns(fold: CaseFold) -> set[str | None]:
    """Return every month from which something about the case may be different."""
    entitlement = fold.entitlement
    turns: set[str | None] = {entitlement.starts_from()}
    turns.update(status.step.effective_from for status in entitlement.statuses)
    turns.update(amount.step.effective_from for amount in entitlement.amounts)
    for member in entitlement.members.values():
        turns |= {member.counted_from, member.counted_until}
    return turns


def _month(day: str) -> str:
    return day[:7]
