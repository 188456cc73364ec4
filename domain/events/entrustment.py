"""A household's passbook or card in somebody else's hands: the agreement, its filing with the county, its end."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import Day, FreeText, StaffNumber


class PassbookEntrusted(FiledEvent):
    """Somebody keeps the household's passbook or card, by a written agreement (民发〔2021〕57号 art 26).

    `keeper` is a staff number; `keeper_text` names a keeper who has none.
    """

    TOPIC: ClassVar[str] = "passbook.entrusted/1"

    occurred_on: Day
    keeper: StaffNumber | None = None
    keeper_text: FreeText | None = None
    reason: FreeText | None = None


class EntrustmentFiled(FiledEvent):
    """The county keeps a copy of the agreement made on `agreed_on` (57号 art 26)."""

    TOPIC: ClassVar[str] = "entrustment.filed/1"

    agreed_on: Day
    occurred_on: Day


class PassbookReturned(FiledEvent):
    """The household has its passbook or card again; the agreement made on `agreed_on` is over."""

    TOPIC: ClassVar[str] = "passbook.returned/1"

    agreed_on: Day
    occurred_on: Day
