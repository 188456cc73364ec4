"""The checks before a decision: means test, home visit, publicity and objections."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import Count, Day, FreeText, Health, IncomeFen, Ordinal, StaffNumber
from domain.vocabulary import CheckItem


class VerificationReturned(FiledEvent):
    """An office answered a means-test query about one member (民发〔2021〕57号 art 17)."""

    TOPIC: ClassVar[str] = "verification.returned/1"

    member: Ordinal
    item: CheckItem
    queried_on: Day
    occurred_on: Day
    office: FreeText | None = None
    result: FreeText | None = None


class SurveyCompleted(FiledEvent):
    """Two officers visited the home and counted people and income (57号 arts 15-16)."""

    TOPIC: ClassVar[str] = "survey.completed/1"

    occurred_on: Day
    persons: Count
    surveyor_1: StaffNumber | None = None
    surveyor_2: StaffNumber | None = None
    surveyor_1_text: FreeText | None = None
    surveyor_2_text: FreeText | None = None
    income_fen: IncomeFen | None = None


class SelfCareScored(FiledEvent):
    """Six abilities of a person in extreme hardship, eating to bathing: 1 can, 0 cannot (民发〔2021〕43号 art 21)."""

    TOPIC: ClassVar[str] = "self-care.scored/1"

    surveyed_on: Day
    score: Health | None = None


class SurveyRemarked(FiledEvent):
    """What the surveyors wrote of their visit."""

    TOPIC: ClassVar[str] = "survey.remarked/1"

    surveyed_on: Day
    opinion: FreeText | None = None


class PublicityOpened(FiledEvent):
    """The proposed decision was posted in the community (57号 art 19)."""

    TOPIC: ClassVar[str] = "publicity.opened/1"

    occurred_on: Day


class PublicityClosed(FiledEvent):
    """The posting ended; 7 days are the rule (57号 art 19)."""

    TOPIC: ClassVar[str] = "publicity.closed/1"

    opened_on: Day
    occurred_on: Day


class PublicityPlaced(FiledEvent):
    """Where in the community the posting hung (57号 art 19)."""

    TOPIC: ClassVar[str] = "publicity.placed/1"

    opened_on: Day
    place: FreeText | None = None


class ObjectionRaised(FiledEvent):
    """Somebody objected to the posting (57号 art 19)."""

    TOPIC: ClassVar[str] = "objection.raised/1"

    opened_on: Day
    objection: FreeText | None = None


class ObjectionAnswered(FiledEvent):
    """What the office did about the objection (57号 art 19)."""

    TOPIC: ClassVar[str] = "objection.answered/1"

    opened_on: Day
    answer: FreeText | None = None
