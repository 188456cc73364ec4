"""Erasure: how long a case file is kept, and that one is to be erased."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import Count, Day, DocumentNumber, FreeText, Identifier, Ordinal


class RetentionAdopted(Event):
    """From `effective_on` case files are kept so many years after the case ended: papers of approval, of management."""

    TOPIC: ClassVar[str] = "retention.adopted/1"

    approval_years: Ordinal
    management_years: Ordinal
    effective_on: Day
    document: DocumentNumber | None = None
    document_text: FreeText | None = None


class ErasureOrdered(Event):
    """The personal data of a case is to be erased (个人信息保护法 art 47).

    `keys` sealing keys are destroyed for it; each is asked for by `ledger.erasure-requested/1` of the same command, in
    the stream that it sealed. `retained_until` is the first day on which that was allowed.
    """

    TOPIC: ClassVar[str] = "erasure.ordered/1"

    case: Identifier
    ended_on: Day
    retained_until: Day
    keys: Count
    reason: FreeText | None = None
