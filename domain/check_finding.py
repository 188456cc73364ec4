"""What an answer of the means test comes to, in one word: all that a register may show of it."""

from enum import StrEnum

from domain.formats.checks import NONE, parse_check_value


class CheckFinding(StrEnum):
    """The answer of one office about one person and item. Amounts and counts themselves are never shown.

    `REPORTED`: something is there, and whether it speaks against the household is judged over several answers
    (docs/import-formats.md section 5): homes, income, deposits, a span in custody.
    """

    NOTHING = "no_hit"
    HIT = "hit"
    REPORTED = "reported"
    UNREADABLE = "unreadable"


def finding_of(item: str, text: str) -> CheckFinding:
    """Return what the answer `text` to a query for `item` comes to."""
    value = parse_check_value(item, text)
    if value is None:
        return CheckFinding.UNREADABLE
    if value.hit:
        return CheckFinding.HIT
    is_there = bool(value.count or value.amount_fen or value.first_day)
    return CheckFinding.REPORTED if is_there and value.kind != NONE else CheckFinding.NOTHING
