"""Disclosures: that what is sealed was shown to somebody, unmasked, and what for."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import Count, FreeText, Identifier, OpenDuties, Slug


class PersonalDataViewed(Event):
    """`by` had personal data shown to him, which is masked otherwise (个人信息保护法 art 28, 51).

    One case is named; of several only their number stands here, for two numbers side by side would link the cases of
    one person. `duties` are those of the login that opens sealed facts; a file knows none.
    """

    TOPIC: ClassVar[str] = "personal-data.viewed/1"

    command: Slug
    case: Identifier | None = None
    of_register: Slug | None = None
    rows: Count | None = None
    duties: OpenDuties | None = None
    reason: FreeText | None = None
