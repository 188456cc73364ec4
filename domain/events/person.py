"""Facts that concern a person across cases. Wholly sealed, source included: the open part links no two cases."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import CitizenId, FreeText, PrivateDay, SealedSource


class DeathRecorded(Event):
    """A death reported to the bureau; the person need not be known to any case."""

    TOPIC: ClassVar[str] = "death.recorded/1"

    citizen_id: CitizenId | None = None
    died_on: PrivateDay | None = None
    received_on: PrivateDay | None = None
    reported_by: FreeText | None = None
    source: SealedSource | None = None


class CreditRecorded(Event):
    """A dishonesty entry against a person, with the case it came from. How long it stands is for local rules to say."""

    TOPIC: ClassVar[str] = "credit.recorded/1"

    citizen_id: CitizenId | None = None
    case: FreeText | None = None
    fact: FreeText | None = None
    decided_on: PrivateDay | None = None
    begins_on: PrivateDay | None = None
    ends_on: PrivateDay | None = None
    source: SealedSource | None = None
