"""Staff: who held which post when, whom they declared as relatives, and the filings that follow."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import CitizenId, Day, FreeText, PersonName, Region, StaffNumber, Village
from domain.vocabulary import Kin, Post


class StaffAppointed(FiledEvent):
    """A staff member took up a post. Staff answer by number in the open; their names and ids are sealed."""

    TOPIC: ClassVar[str] = "staff.appointed/1"

    post: Post
    occurred_on: Day
    region: Region | None = None
    name: PersonName | None = None
    citizen_id: CitizenId | None = None
    office: FreeText | None = None
    region_text: Village | None = None


class StaffDeparted(FiledEvent):
    """The last day in a post taken up on `appointed_on`."""

    TOPIC: ClassVar[str] = "staff.departed/1"

    post: Post
    appointed_on: Day
    occurred_on: Day


class RelativeDeclared(FiledEvent):
    """A staff member declared a relative (民发〔2021〕57号 art 11). `relation` is the core scope or OTHER."""

    TOPIC: ClassVar[str] = "relative.declared/1"

    relation: Kin
    occurred_on: Day
    relative_name: PersonName | None = None
    relative_citizen_id: CitizenId | None = None
    relation_text: FreeText | None = None


class KinshipFiled(FiledEvent):
    """The case was filed as one of a relative of `staff` (57号 art 11). Filing does not disqualify."""

    TOPIC: ClassVar[str] = "kinship.filed/1"

    relation: Kin
    occurred_on: Day
    staff: StaffNumber | None = None
    staff_text: FreeText | None = None
    relation_text: FreeText | None = None


class KinshipVisited(FiledEvent):
    """The county's own visit to a filed relative, and what it concluded (57号 art 20)."""

    TOPIC: ClassVar[str] = "kinship.visited/1"

    staff: StaffNumber | None = None
    staff_text: FreeText | None = None
    occurred_on: Day | None = None
    visitor: StaffNumber | None = None
    visitor_text: FreeText | None = None
    conclusion: FreeText | None = None
