"""Household members: who they are, who counts and from when, and what happened to them."""

from typing import ClassVar

from domain.events.base import Event, FiledEvent
from domain.fields import (
    CitizenId,
    Day,
    Flag,
    FreeText,
    Health,
    HealthGrade,
    IncomeFen,
    Month,
    Ordinal,
    PersonName,
    SealedSource,
)
from domain.vocabulary import HouseholdRelation


class MemberJoined(FiledEvent):
    """A person belongs to the household. `member` is a number local to the case; the citizen id is sealed."""

    TOPIC: ClassVar[str] = "member.joined/1"

    member: Ordinal
    relation: HouseholdRelation
    counted: Flag
    name: PersonName | None = None
    citizen_id: CitizenId | None = None
    declared_income_fen: IncomeFen | None = None


class MemberDescribed(FiledEvent):
    """What bears on a member's need: disability, health, school, ability to work. All sealed."""

    TOPIC: ClassVar[str] = "member.described/1"

    member: Ordinal
    disability_kind: Health | None = None
    disability_grade: HealthGrade | None = None
    health: Health | None = None
    at_school: Health | None = None
    work_ability: Health | None = None


class MemberCounted(FiledEvent):
    """From which month a member counts, and the first month in which no longer.

    Source: 民发〔2021〕57号 art 7, which says who does not count.
    """

    TOPIC: ClassVar[str] = "member.counted/1"

    member: Ordinal
    counted_from: Month | None = None
    counted_until: Month | None = None


class MemberDied(Event):
    """A member's death, known to the bureau, noted in the case it touches.

    Source: the notice on 低保 work of 2022-10-20, which gives 3 months for the adjustment.

    The row it came from is sealed: one row of the death file can touch two cases, and the open part links none.
    """

    TOPIC: ClassVar[str] = "member.died/1"

    member: Ordinal
    occurred_on: Day
    received_on: Day
    source: SealedSource | None = None


class DishonestyNoted(Event):
    """A credit entry against a person of this case, noted in the case it names."""

    TOPIC: ClassVar[str] = "dishonesty.noted/1"

    occurred_on: Day
    begins_on: Day
    ends_on: Day
    member: Ordinal | None = None
    fact: FreeText | None = None
    subject_citizen_id: CitizenId | None = None
    source: SealedSource | None = None
