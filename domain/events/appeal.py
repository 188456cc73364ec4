"""Appeals: reconsideration, lawsuit, petition, and what their outcome changes in the case."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import Day, Fen, FreeText, Identifier, Month, OpenCitation
from domain.vocabulary import AppealKind, AppealOutcome


class AppealLodged(FiledEvent):
    """Somebody appealed against a decision of the case (行政复议法 art 20; 行政诉讼法 arts 45-46; 信访工作条例)."""

    TOPIC: ClassVar[str] = "appeal.lodged/1"

    number: Identifier
    case: Identifier
    kind: AppealKind
    occurred_on: Day


class AppealGroundsStated(FiledEvent):
    """What the appeal is about."""

    TOPIC: ClassVar[str] = "appeal.grounds-stated/1"

    number: Identifier
    grounds: FreeText | None = None


class AppealDecided(FiledEvent):
    """The appeal's outcome; a changed or revoked decision sets `amount_fen` from `effective_from`, often past.

    Source: 行政复议法 art 62; 信访工作条例 arts 34-36.
    """

    TOPIC: ClassVar[str] = "appeal.decided/1"

    number: Identifier
    occurred_on: Day | None = None
    outcome: AppealOutcome | None = None
    amount_fen: Fen | None = None
    effective_from: Month | None = None


class AppealReceived(FiledEvent):
    """Noted in the case: an appeal was lodged; `cites` is the appeal in its own stream."""

    TOPIC: ClassVar[str] = "appeal.received/1"

    cites: OpenCitation
    number: Identifier
    kind: AppealKind
    occurred_on: Day


class AppealApplied(FiledEvent):
    """Noted in the case: an appeal was decided, and what that means for the case; `cites` is the decision."""

    TOPIC: ClassVar[str] = "appeal.applied/1"

    cites: OpenCitation
    number: Identifier
    occurred_on: Day | None = None
    outcome: AppealOutcome | None = None
    amount_fen: Fen | None = None
    effective_from: Month | None = None
