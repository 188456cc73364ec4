"""What supervision made of a red flag."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import Day, FreeText, Identifier, Month
from domain.vocabulary import DispositionOutcome


class FlagDisposed(Event):
    """An officer looked into a red flag of the case and says what it came to (民发〔2021〕57号 art 28).

    `reference` says which flag of the rule, where there may be several in one case and month. `rests_on` is what the
    flag rested on that day (docs/decisions/0021-dispositions-of-flags.md): the flag is silent until that changes.
    """

    TOPIC: ClassVar[str] = "flag.disposed/1"

    rule: Identifier
    outcome: DispositionOutcome
    occurred_on: Day
    month: Month | None = None
    reference: FreeText | None = None
    reason: FreeText | None = None
    rests_on: FreeText | None = None
