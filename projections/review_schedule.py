"""When a running case is to be reviewed next (57号 art 31): the interval is a standard of the case's class."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from domain.months import months_after
from domain.vocabulary import ReviewClass, StandardItem
from projections.case_folds import CaseFold
from projections.case_groups import Group
from projections.registers.need_facts import GRANT, REVIEW
from projections.scope import View
from projections.standards_in_force import StandardsInForce

REVIEW_TABLES = (GRANT, REVIEW)
_INTERVALS = {
    ReviewClass.A.value: StandardItem.REVIEW_MONTHS_A,
    ReviewClass.B.value: StandardItem.REVIEW_MONTHS_B,
    ReviewClass.C.value: StandardItem.REVIEW_MONTHS_C,
}


@dataclass(frozen=True, slots=True)
class LastReview:
    """The last periodic review by the day asked about; `position` is that of its entry."""

    reviewed_on: str
    position: int
    conclusion: str
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The class of a case, its last review, the interval, and the day by which the next review is due.

    `days_overdue` counts the days since that day; 0 when it has not passed, None where no interval is in force.
    """

    review_class: str | None
    last: LastReview | None
    interval_months: int | None = None
    due_on: str | None = None
    days_overdue: int | None = None

    @property
    def reviewed_on(self) -> str | None:
        """The day of the last review."""
        return self.last.reviewed_on if self.last else None


def schedule(view: View, fold: CaseFold, facts: Mapping[str, Group], standards: StandardsInForce) -> Schedule:
    """Return the schedule of a case, counted from the later of its decision and its last review."""
    review_class = next((row[4] for row in facts[GRANT.name] if row[4] and view.decided(row[2])), None)
    last = _last(view, facts[REVIEW.name])
    if review_class is None or view.as_of is None or fold.ruling is None:
        return Schedule(review_class, last)
    months = standards.count(_INTERVALS[review_class], view.as_of.isoformat(), fold.head.region)
    if months is None:
        return Schedule(review_class, last)
    begun = max(fold.ruling.decided_on, last.reviewed_on if last else "")
    due_on = months_after(datetime.date.fromisoformat(begun), months)
    return Schedule(review_class, last, months, due_on.isoformat(), max((view.as_of - due_on).days, 0))


# Private


def _last(view: View, rows: Group) -> LastReview | None:
    until = view.as_of_text or ""
    made = [LastReview(row[2], row[1], *row[3:]) for row in rows if row[2] <= until and view.decided(row[2])]
    return max(made, key=lambda review: (review.reviewed_on, review.position), default=None)
