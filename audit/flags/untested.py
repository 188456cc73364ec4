"""What a rule did not test, and why: told beside the flags, because silence would look like a clean result.

Two kinds, told apart because only one leaves a doubt: what does not apply here (the county adopted no such limit,
nothing of the kind was ever handed over), and what could not be checked (a key is gone, a standard that the law wants
is missing, the calendar of a year is not known).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from audit.errors import AuditError
from domain.words import N_

NO_KEYS: Final = N_("the sealed parts it reads are closed: no keys, or no right to open them")
KEYS_GONE: Final = N_("sealed parts it reads stay closed in these cases: their keys are gone")
KIN_CLOSED: Final = N_("what {count} staff members declared of their relatives stays closed: the keys are gone")
NO_DATA: Final = N_("nothing of this kind was ever recorded or delivered: {kind}")
MEMBERS_CLOSED: Final = N_("the members of {count} cases stay closed, so who lives with whom is not wholly known")
NO_AID: Final = N_("no temporary aid was ever recorded")
NOT_ADOPTED: Final = N_("the county adopted no limit of its own: the standard {items}")
NO_STANDARD: Final = N_("no standard {item} is in force on {day} for region {region}")
NOT_WHOLE: Final = N_("the standard {item} in force on {day} is not a whole number")
NO_CLOSING_DATE: Final = N_("no delivery has said its closing date, and no day was asked for")
NO_HOLIDAYS: Final = N_("the calendar of holidays does not cover {day}")


class Untestable(AuditError):
    """A rule cannot judge a case; `reason` is a msgid, a format string over `facts`."""

    def __init__(self, reason: str, **facts: str) -> None:
        super().__init__(reason.format(**facts))
        self.reason = reason
        self.facts = facts


class NotApplicable(Untestable):
    """A rule has nothing to judge a case by: the county never adopted the limit, which is its own choice."""


@dataclass(frozen=True, slots=True)
class Untested:
    """A rule that was not put to `cases` cases; to none at all, or not to all there is to see, when it is None.

    `applies` is false where there was nothing to test, and nothing is left in doubt.
    """

    rule: str
    reason: str
    facts: Mapping[str, str]
    cases: int | None = None
    applies: bool = True


class Untests:
    """Collects what was not tested, counting the cases of one rule and reason together."""

    def __init__(self) -> None:
        self._cases: dict[_Why, set[str] | None] = {}

    def add_rule(self, rule: str, reason: Untestable) -> None:
        """Note a rule that is put to no case, or not to all there is to see."""
        self._cases[_why(rule, reason)] = None

    def add_case(self, rule: str, case: str, reason: Untestable) -> None:
        """Note a case to which a rule could not be put."""
        cases = self._cases.setdefault(_why(rule, reason), set())
        if cases is not None:
            cases.add(case)

    def unchecked(self) -> list[Untested]:
        """Return what could not be checked, by rule and reason."""
        return [one for one in self._listed() if one.applies]

    def not_applicable(self) -> list[Untested]:
        """Return what does not apply here, by rule and reason."""
        return [one for one in self._listed() if not one.applies]

    # Private

    def _listed(self) -> Iterator[Untested]:
        for why, cases in sorted(self._cases.items(), key=itemgetter(0)):
            rule, reason, facts, applies = why
            yield Untested(rule, reason, dict(facts), None if cases is None else len(cases), applies)


# Private


class _Why(NamedTuple):
    rule: str
    reason: str
    facts: tuple[tuple[str, str], ...]
    applies: bool


def _why(rule: str, reason: Untestable) -> _Why:
    return _Why(rule, reason.reason, tuple(reason.facts.items()), not isinstance(reason, NotApplicable))
