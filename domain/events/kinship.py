"""What is done about relatives: how far the duty to file reaches, relations found out or ruled out, recusals, closing.

Declarations, filings and visits come from a county's files as well and stand with the staff (domain/events/staff.py).
"""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import CitizenId, Day, DocumentNumber, FreeText, PersonName, Region, StaffNumber
from domain.kinship import KinshipScope
from domain.vocabulary import Kin


class KinshipScopeAdopted(Event):
    """From `effective_on` the duty to file relatives reaches as far as `scope`, in a region or, without one, all over.

    Source: 民发〔2021〕57号 art 11 leaves the scope to the place; the document that sets it is named here.
    """

    TOPIC: ClassVar[str] = "kinship-scope.adopted/1"

    scope: KinshipScope
    effective_on: Day
    region: Region | None = None
    document: DocumentNumber | None = None
    document_text: FreeText | None = None


class RelationDiscovered(Event):
    """An officer confirmed that a person is a relative whom the staff member had not declared."""

    TOPIC: ClassVar[str] = "relation.discovered/1"

    relation: Kin
    occurred_on: Day
    relation_text: FreeText | None = None
    relative_name: PersonName | None = None
    relative_citizen_id: CitizenId | None = None
    reason: FreeText | None = None


class RelationRejected(Event):
    """A relation that facts implied was looked into: the person is no relative of the staff member."""

    TOPIC: ClassVar[str] = "relation.rejected/1"

    occurred_on: Day
    relative_citizen_id: CitizenId | None = None
    reason: FreeText | None = None


class RecusalRecorded(Event):
    """A staff member stands aside in this case (公务员法 art 76)."""

    TOPIC: ClassVar[str] = "recusal.recorded/1"

    occurred_on: Day
    staff: StaffNumber | None = None
    staff_text: FreeText | None = None
    reason: FreeText | None = None


class FilingClosed(Event):
    """The filing of a relative of `staff` is closed: nothing further is due for it."""

    TOPIC: ClassVar[str] = "filing.closed/1"

    occurred_on: Day
    staff: StaffNumber | None = None
    staff_text: FreeText | None = None
    reason: FreeText | None = None
