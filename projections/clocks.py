"""The clocks of an application in working days: which runs, since when, how long it may (57号 art 22; 43号 arts 10-14).

The law's numbers are standards in the ledger; the one in force on the day the clock stopped, or is asked about, counts.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.vocabulary import Programme, StandardItem
from projections.case_folds import CaseFold
from projections.case_groups import Group
from projections.registers.procedure_facts import CLOSED, EXTENSION, POSTING, SURVEY
from projections.scope import View
from projections.standards_in_force import StandardsInForce
from projections.working_days import working_days_between

CLOCK_TABLES = (SURVEY, POSTING, EXTENSION)


class ClockName(StrEnum):
    """Low income has one clock from acceptance to decision, extreme hardship one to the visit and one after posting."""

    TOTAL = "to_decision"
    SURVEY = "to_visit"
    CONFIRMATION = "after_posting"


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that ran from the day after `since`: working days used so far, and how many there may be.

    `used_days` is None where the calendar does not cover the time, `limit_days` where no standard is in force.
    """

    name: ClockName
    since: str
    used_days: int | None
    limit_days: int | None

    @property
    def days_over(self) -> int | None:
        """How many working days more than allowed; 0 within the limit, None where that cannot be said."""
        if self.used_days is None or self.limit_days is None:
            return None
        return max(self.used_days - self.limit_days, 0)


def clock(view: View, fold: CaseFold, facts: Mapping[str, Group], standards: StandardsInForce) -> Clock | None:
    """Return the clock that ended with the decision, or that runs on the day asked about; None when none does."""
    decided_on = fold.ruling.decided_on if fold.ruling else None
    until = decided_on or view.as_of_text
    if fold.accepted_on is None or until is None or until < fold.accepted_on:
        return None
    if fold.head.programme != Programme.EXTREME_HARDSHIP:
        return _running(fold, standards, ClockName.TOTAL, _total_limit(fold, facts), (fold.accepted_on, until))
    surveyed_on = min((row[2] for row in facts[SURVEY.name] if row[2] <= until), default=None)
    closed = [row[4] for row in facts[POSTING.name] if row[2] == CLOSED and row[4] <= until]
    if closed:
        item = StandardItem.HARDSHIP_DECISION_DAYS
        return _running(fold, standards, ClockName.CONFIRMATION, item, (max(closed), until))
    item = StandardItem.HARDSHIP_SURVEY_DAYS
    return _running(fold, standards, ClockName.SURVEY, item, (fold.accepted_on, surveyed_on or until))


# Private


def _total_limit(fold: CaseFold, facts: Mapping[str, Group]) -> StandardItem:
    if facts[EXTENSION.name]:
        return StandardItem.EXTENDED_DAYS
    return StandardItem.DELEGATED_DAYS if fold.ruling and fold.ruling.delegated else StandardItem.TOTAL_DAYS


def _running(
    fold: CaseFold, standards: StandardsInForce, name: ClockName, item: StandardItem, span: tuple[str, str]
) -> Clock:
    since, until = span
    days = working_days_between(datetime.date.fromisoformat(since), datetime.date.fromisoformat(until))
    return Clock(name, since, days, standards.count(item, until, fold.head.region))
