"""Recovery of money: the order, the fine, what came back, what was waived or written off."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import Day, DocumentNumber, Fen, FreeText, Identifier, Month, OpenCitation
from domain.vocabulary import RecoveryCause, RepaymentManner


class RecoveryOrdered(FiledEvent):
    """`refund_fen` of aid must be returned (社会救助暂行办法 arts 68-69)."""

    TOPIC: ClassVar[str] = "recovery.ordered/1"

    order: Identifier
    case: Identifier
    cause: RecoveryCause
    occurred_on: Day
    refund_fen: Fen
    first_month: Month | None = None
    last_month: Month | None = None
    months_text: FreeText | None = None


class RecoveryFined(FiledEvent):
    """A fine on top of the refund, for fraud only (社会救助暂行办法 art 68)."""

    TOPIC: ClassVar[str] = "recovery.fined/1"

    order: Identifier
    fine_fen: Fen


class RecoveryRepaid(FiledEvent):
    """Money came back to the treasury."""

    TOPIC: ClassVar[str] = "recovery.repaid/1"

    order: Identifier
    occurred_on: Day
    amount_fen: Fen
    manner: RepaymentManner


class RecoveryWaived(FiledEvent):
    """A part was waived, with approval."""

    TOPIC: ClassVar[str] = "recovery.waived/1"

    order: Identifier
    occurred_on: Day
    amount_fen: Fen


class RecoveryWrittenOff(FiledEvent):
    """A part was written off, with approval."""

    TOPIC: ClassVar[str] = "recovery.written-off/1"

    order: Identifier
    occurred_on: Day
    amount_fen: Fen


class RecoveryApproved(FiledEvent):
    """The document that approves a line of a recovery."""

    TOPIC: ClassVar[str] = "recovery.approved/1"

    order: Identifier
    approves_on: Day
    manner: RepaymentManner
    document: DocumentNumber | None = None
    document_text: FreeText | None = None


class RepaymentDemanded(FiledEvent):
    """Noted in the case: a recovery was ordered; `cites` is the order in its own stream."""

    TOPIC: ClassVar[str] = "repayment.demanded/1"

    cites: OpenCitation
    order: Identifier
    cause: RecoveryCause
    occurred_on: Day
    refund_fen: Fen
