"""A red flag: a lead (疑点) that a rule found in a case, never a finding of guilt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from domain.masking import mask_citizen_id

Fact = str | int


@dataclass(frozen=True, slots=True)
class Flag:
    """What a rule found. `reference` says which of several things in the case; a citizen id when `person`.

    `amount_fen` is the money at stake, 0 where none is. `entries` are positions of the entries that prove it,
    ascending. `facts` fill the rule's sentence: days as ISO text, months as `YYYY-MM`, money in integer fen under a
    name that ends in `_fen`, and no personal value that is not masked.

    `sentence` says it where one rule finds several kinds of things; else the rule's own does.

    Where money goes on from month to month because of what the flag is about, `core` are the entries without it: a
    flag that was explained is not made new by the next payment.
    """

    rule: str
    case: str
    month: str | None
    reference: str | None
    person: bool
    amount_fen: int
    entries: tuple[int, ...]
    facts: Mapping[str, Fact]
    core: tuple[int, ...] = ()
    sentence: str | None = None

    @classmethod
    def of(
        cls,
        rule: str,
        case: str,
        *evidence: Any,
        month: str | None = None,
        reference: str | None = None,
        person: bool = False,
        amount_fen: int = 0,
        facts: Mapping[str, Fact] | None = None,
        core: Any = (),
        sentence: str | None = None,
    ) -> Self:
        """Make a flag; `evidence` and `core` are parts of a case's state, positions, or collections of either.

        What is in `core` is evidence as well and need not be named twice.
        """
        lasting = tuple(sorted(set(_positions((core,)))))
        entries = tuple(sorted({*lasting, *_positions(evidence)}))
        return cls(rule, case, month, reference, person, amount_fen, entries, facts or {}, lasting, sentence)

    @property
    def shown_reference(self) -> str | None:
        """The reference as it is printed: a person's id with its first 6 and last 4 characters."""
        return mask_citizen_id(self.reference) if self.person and self.reference else self.reference

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What findings are a set over, and are sorted by: rule, case, month, reference."""
        return self.rule, self.case, self.month or "", self.reference or ""


# Private


def _positions(evidence: Iterable[Any]) -> Iterable[int]:
    for one in evidence:
        if one is None:
            continue
        if isinstance(one, int):
            yield one
        elif isinstance(one, Iterable):
            yield from _positions(one)
        else:
            yield from one.positions
