"""Weights by risk: a case has one ticket, and one more for each red flag of it that nobody has disposed of.

Rules about something else than cases, such as temporary aid, add no ticket to any.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable

from audit.draws.pool import Selection
from audit.errors import CouldNotCheck
from audit.flags.rule import Rule, Subject
from audit.flags.search import Scope, search
from domain.draw import WEIGHT_MAX
from ledger.ledger import Ledger

Advance = Callable[[int], None]


def flag_weights(
    ledger: Ledger, rules: Iterable[Rule], selection: Selection, day: datetime.date, advance: Advance
) -> dict[str, int]:
    """Return the weight of each case that has a flag on `day`, as the entries of the selection's moment show it.

    Raises CouldNotCheck where a rule could not look: what it would have found is then in no weight.
    """
    scope = Scope(day, selection.known_at, selection.region, selection.programme)
    about_cases = [rule for rule in rules if rule.subject is Subject.CASE]
    found = search(ledger, about_cases, scope, advance)
    blind = sorted({one.rule for one in found.untested})
    if blind:
        mend = "name the rules to count with --rule; `mingzhang audit flags` says why these cannot look"
        raise CouldNotCheck("the red flags", "every rule to look", f"{', '.join(blind)} could not", mend)
    flags = Counter(flag.case for flag in found.flags if not found.is_silent(flag))
    return {case: min(1 + count, WEIGHT_MAX) for case, count in flags.items()}
