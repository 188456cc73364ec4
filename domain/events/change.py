"""Changes of a running case, and its periodic reviews."""

from collections.abc import Mapping
from typing import ClassVar, Final

from domain.change_kind import ChangeKind
from domain.events.base import Event, FiledEvent
from domain.fields import Count, Day, Fen, FreeText, Health, IncomeFen, Month, StaffNumber
from domain.vocabulary import ReviewConclusion, StopGround


class BenefitIncreased(FiledEvent):
    """The monthly amount rises to `amount_fen` from `effective_from` (民发〔2021〕57号 art 32)."""

    TOPIC: ClassVar[str] = "benefit.increased/1"

    occurred_on: Day
    effective_from: Month
    amount_fen: Fen | None = None
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None
    reason: FreeText | None = None


class BenefitDecreased(FiledEvent):
    """The monthly amount falls to `amount_fen` from `effective_from`; reasons are told (57号 art 32)."""

    TOPIC: ClassVar[str] = "benefit.decreased/1"

    occurred_on: Day
    effective_from: Month
    amount_fen: Fen | None = None
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None
    reason: FreeText | None = None


class BenefitStopped(FiledEvent):
    """Nothing is due from `effective_from` (57号 art 32)."""

    TOPIC: ClassVar[str] = "benefit.stopped/1"

    occurred_on: Day
    effective_from: Month
    ground: StopGround
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None


class GraceStarted(FiledEvent):
    """The household is above the line and leaves by degrees (渐退; 57号 art 33)."""

    TOPIC: ClassVar[str] = "grace.started/1"

    occurred_on: Day
    effective_from: Month
    amount_fen: Fen | None = None
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None
    reason: FreeText | None = None


class BenefitSuspended(FiledEvent):
    """Payment pauses from `effective_from`."""

    TOPIC: ClassVar[str] = "benefit.suspended/1"

    occurred_on: Day
    effective_from: Month
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None
    reason: FreeText | None = None


class BenefitResumed(FiledEvent):
    """Payment goes on with `amount_fen` from `effective_from`."""

    TOPIC: ClassVar[str] = "benefit.resumed/1"

    occurred_on: Day
    effective_from: Month
    amount_fen: Fen | None = None
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None
    reason: FreeText | None = None


class HouseholdChanged(FiledEvent):
    """The household's people changed, and with them the amount, from `effective_from` (57号 art 32)."""

    TOPIC: ClassVar[str] = "household.changed/1"

    occurred_on: Day
    effective_from: Month
    amount_fen: Fen | None = None
    handler: StaffNumber | None = None
    confirmer: StaffNumber | None = None
    handler_text: FreeText | None = None
    confirmer_text: FreeText | None = None
    reason: FreeText | None = None


class HouseholdResized(FiledEvent):
    """How many people a change says are counted from then on: information only, the members decide."""

    TOPIC: ClassVar[str] = "household.resized/1"

    occurred_on: Day
    effective_from: Month
    persons: Count


class IncomeReassessed(FiledEvent):
    """The household's counted income from `effective_from` (57号 art 13); sealed: a household of one is a person."""

    TOPIC: ClassVar[str] = "income.reassessed/1"

    occurred_on: Day
    effective_from: Month
    income_fen: IncomeFen | None = None


class CareRegraded(FiledEvent):
    """The care grade of a person in extreme hardship from `effective_from` (民发〔2021〕43号 arts 21-22)."""

    TOPIC: ClassVar[str] = "care.regraded/1"

    occurred_on: Day
    effective_from: Month
    care_grade: Health | None = None


class ReviewCompleted(FiledEvent):
    """The periodic review of a running case (57号 art 31)."""

    TOPIC: ClassVar[str] = "review.completed/1"

    occurred_on: Day
    conclusion: ReviewConclusion
    reviewer: StaffNumber | None = None
    reviewer_text: FreeText | None = None


KIND_OF_CHANGE: Final[Mapping[type[Event], ChangeKind]] = {
    BenefitIncreased: ChangeKind.INCREASED,
    BenefitDecreased: ChangeKind.DECREASED,
    BenefitStopped: ChangeKind.STOPPED,
    GraceStarted: ChangeKind.GRACE,
    BenefitSuspended: ChangeKind.SUSPENDED,
    BenefitResumed: ChangeKind.RESUMED,
    HouseholdChanged: ChangeKind.HOUSEHOLD,
}
"""The word of 变更类型 that each event of a change stands for."""
