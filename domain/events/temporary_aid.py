"""Temporary aid (临时救助): what was granted, the papers that follow an advance, the townships' reserve funds."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import (
    CitizenId,
    Day,
    DocumentNumber,
    Fen,
    Flag,
    FreeText,
    Identifier,
    PersonName,
    Region,
    StaffNumber,
)
from domain.vocabulary import TemporaryAidKind


class TemporaryAidGranted(FiledEvent):
    """A person or household in sudden need received `amount_fen` (社会救助暂行办法 arts 47-48; the opinion of 2018).

    `advance`: paid first, papers later (小额先行). `reserve`: out of the fund (备用金) of the township `region`.
    `ceiling_fen` is what that township may approve alone, a local rule.
    """

    TOPIC: ClassVar[str] = "temporary-aid.granted/1"

    number: Identifier
    kind: TemporaryAidKind
    region: Region
    occurred_on: Day
    amount_fen: Fen
    advance: Flag
    reserve: Flag
    ceiling_fen: Fen | None = None
    approver: StaffNumber | None = None
    name: PersonName | None = None
    citizen_id: CitizenId | None = None
    reason: FreeText | None = None


class TemporaryAidDocumented(FiledEvent):
    """The papers of an advance are complete: person, reason, amount and signatures (社会救助暂行办法 art 48)."""

    TOPIC: ClassVar[str] = "temporary-aid.documented/1"

    number: Identifier
    occurred_on: Day


class ReserveFunded(FiledEvent):
    """The reserve fund of a township received money."""

    TOPIC: ClassVar[str] = "reserve.funded/1"

    region: Region
    occurred_on: Day
    amount_fen: Fen
    document: DocumentNumber | None = None
