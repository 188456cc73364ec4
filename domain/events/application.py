"""Intake: an application, its acceptance, the household's consent and pledge, how to reach and to pay it."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import (
    AccountNumber,
    Address,
    CitizenId,
    Day,
    FreeText,
    PersonName,
    Region,
    StaffNumber,
    Telephone,
    Village,
)
from domain.vocabulary import Channel, Programme


class ApplicationSubmitted(FiledEvent):
    """A household asked for assistance, or was found to need it.

    Source: 民发〔2021〕57号 arts 9-10. `region` is the township (9 digits); the village (12) is sealed.
    """

    TOPIC: ClassVar[str] = "application.submitted/1"

    programme: Programme
    channel: Channel
    occurred_on: Day
    region: Region | None = None
    village: Village | None = None
    head_name: PersonName | None = None
    head_citizen_id: CitizenId | None = None


class ApplicationAccepted(FiledEvent):
    """The township accepted the application; every clock starts here (57号 arts 10, 15, 22)."""

    TOPIC: ClassVar[str] = "application.accepted/1"

    occurred_on: Day
    officer: StaffNumber | None = None
    officer_text: FreeText | None = None


class ContactRegistered(FiledEvent):
    """Where the household can be reached."""

    TOPIC: ClassVar[str] = "contact.registered/1"

    telephone: Telephone | None = None
    address: Address | None = None


class PayeeRegistered(FiledEvent):
    """The account the aid is to be paid into (57号 art 25)."""

    TOPIC: ClassVar[str] = "payee.registered/1"

    bank: FreeText | None = None
    account: AccountNumber | None = None
    holder: PersonName | None = None


class AuthorizationSigned(FiledEvent):
    """The household authorised the means test (57号 art 9)."""

    TOPIC: ClassVar[str] = "authorization.signed/1"

    occurred_on: Day


class TruthPledged(FiledEvent):
    """The household pledged that what it said is true (57号 art 9)."""

    TOPIC: ClassVar[str] = "truth.pledged/1"

    occurred_on: Day
