"""When a disposed flag is silent, and when new facts make it speak again (docs/decisions/0021).

A disposition holds as long as the flag rests on what it rested on that day: the same money at stake, the same entries
that prove it, the same facts. Counts are left out, because days that pass are no news. A flag with a core rests on
that alone.
"""

import json
from typing import NamedTuple

from audit.flags.case_file import CaseFile
from audit.flags.flag import Fact, Flag
from domain.case_parts import Disposition


class Standing(NamedTuple):
    """The latest disposition of a flag, and whether it still holds; new facts have come when it does not."""

    disposition: Disposition
    holds: bool


def basis(flag: Flag) -> str:
    """Return what a flag rests on, as one comparable text."""
    if flag.core:
        return json.dumps({"entries": flag.core}, separators=(",", ":"))
    facts = {name: value for name, value in flag.facts.items() if _lasts(name, value)}
    rests_on = {"amount_fen": flag.amount_fen, "entries": flag.entries, "facts": facts}
    return json.dumps(rests_on, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def standing_of(flag: Flag, case: CaseFile) -> Standing | None:
    """Return what became of a flag of this case; None when nobody disposed of it, or the disposition stays closed."""
    if case.state.erased:  # what it was about and rested on was sealed; nothing new can come of it
        earlier = [one for one in case.state.dispositions if (one.rule, one.month) == (flag.rule, flag.month)]
        return Standing(earlier[-1], holds=True) if earlier else None
    about = (flag.rule, flag.month, flag.reference)
    said = [one for one in case.state.dispositions if (one.rule, one.month, one.reference) == about and one.rests_on]
    return Standing(said[-1], said[-1].rests_on == basis(flag)) if said else None


# Private


def _lasts(name: str, value: Fact) -> bool:
    return isinstance(value, str) or name.endswith("_fen")
