"""Decisions on an application, and what they grant."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import Day, Fen, Flag, FreeText, Health, Month, StaffNumber
from domain.vocabulary import ReviewClass


class ApplicationConfirmed(FiledEvent):
    """The application was confirmed (民发〔2021〕57号 art 20). `delegated`: by a township (art 2)."""

    TOPIC: ClassVar[str] = "application.confirmed/1"

    occurred_on: Day
    delegated: Flag
    confirmer: StaffNumber | None = None
    confirmer_text: FreeText | None = None
    deciding_office: FreeText | None = None


class ApplicationRefused(FiledEvent):
    """The application was refused, in writing and with reasons (57号 art 21)."""

    TOPIC: ClassVar[str] = "application.refused/1"

    occurred_on: Day
    delegated: Flag
    confirmer: StaffNumber | None = None
    confirmer_text: FreeText | None = None
    deciding_office: FreeText | None = None


class ApplicationTerminated(FiledEvent):
    """The applicant withdrew or did not cooperate."""

    TOPIC: ClassVar[str] = "application.terminated/1"

    occurred_on: Day
    delegated: Flag
    confirmer: StaffNumber | None = None
    confirmer_text: FreeText | None = None
    deciding_office: FreeText | None = None


class EntitlementGranted(FiledEvent):
    """What a confirmation grants: `amount_fen` a month for the household from `effective_from` (57号 arts 21, 23)."""

    TOPIC: ClassVar[str] = "entitlement.granted/1"

    occurred_on: Day
    effective_from: Month | None = None
    amount_fen: Fen | None = None
    review_class: ReviewClass | None = None
    care_grade: Health | None = None


class DecisionExplained(FiledEvent):
    """The reasons given with a decision; a refusal must have them (57号 art 21)."""

    TOPIC: ClassVar[str] = "decision.explained/1"

    occurred_on: Day
    reason: FreeText | None = None


class CountyVisited(FiledEvent):
    """The county's own home visit, mandatory for filed kin and complaints (57号 art 20)."""

    TOPIC: ClassVar[str] = "county.visited/1"

    occurred_on: Day


class DeadlineExtended(FiledEvent):
    """The total clock was extended to 45 working days, with a reason (57号 art 22)."""

    TOPIC: ClassVar[str] = "deadline.extended/1"

    occurred_on: Day
    reason: FreeText | None = None
