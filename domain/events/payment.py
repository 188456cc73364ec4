"""Money: what was instructed, what the bank did with each line, and what a transfer replaces or is for."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import AccountNumber, Day, Fen, FreeText, Identifier, Month, PersonName


class PaymentInstructed(FiledEvent):
    """A line of a disbursement plan: `amount_fen` for `month`, sent in `pay_month` (民发〔2021〕57号 art 25).

    `case` is absent only when the line names no case; a line for a case that is not loaded stands in `batch/…`.
    """

    TOPIC: ClassVar[str] = "payment.instructed/1"

    batch: Identifier
    pay_month: Month
    month: Month
    amount_fen: Fen
    case: Identifier | None = None
    account: AccountNumber | None = None
    holder: PersonName | None = None


class PaymentSettled(FiledEvent):
    """The bank credited `amount_fen` (57号 art 25). `cash_month` is the month of the bank's file."""

    TOPIC: ClassVar[str] = "payment.settled/1"

    transfer: Identifier
    batch: Identifier
    cash_month: Month
    occurred_on: Day
    amount_fen: Fen
    case: Identifier | None = None
    account: AccountNumber | None = None
    holder: PersonName | None = None
    remark: FreeText | None = None


class PaymentReturned(FiledEvent):
    """The bank could not credit the transfer and sent it back. It stays returned in its own month for ever."""

    TOPIC: ClassVar[str] = "payment.returned/1"

    transfer: Identifier
    batch: Identifier
    cash_month: Month
    occurred_on: Day
    amount_fen: Fen
    case: Identifier | None = None
    account: AccountNumber | None = None
    holder: PersonName | None = None
    remark: FreeText | None = None


class PaymentReissued(FiledEvent):
    """`transfer` replaces the returned transfer `original`."""

    TOPIC: ClassVar[str] = "payment.reissued/1"

    transfer: Identifier
    original: Identifier


class PaymentAttributed(FiledEvent):
    """The bank slip says which month `transfer` is for: arrears, unless it is a reissue."""

    TOPIC: ClassVar[str] = "payment.attributed/1"

    transfer: Identifier
    month: Month


class ReturnExplained(FiledEvent):
    """Why the bank sent `transfer` back."""

    TOPIC: ClassVar[str] = "return.explained/1"

    transfer: Identifier
    reason: FreeText | None = None
