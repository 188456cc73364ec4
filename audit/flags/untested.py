"""What a rule could not test, and why: told beside the flags, because silence would look like a clean result."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from audit.errors import AuditError
from domain.words import N_

NO_KEYS: Final = N_("the sealed parts it reads are closed: no keys, or no right to open them")
KEYS_GONE: Final = N_("sealed parts it reads stay closed in these cases: their keys are gone")
NO_DATA: Final = N_("nothing of this kind was ever recorded or delivered: {kind}")
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


@dataclass(frozen=True, slots=True)
class Untested:
    """A rule that was not put to `cases` cases; to none at all when `cases` is None."""

    rule: str
    reason: str
    facts: Mapping[str, str]
    cases: int | None = None


class Untests:
    """Collects what was not tested, counting the cases of one rule and reason together."""

    def __init__(self) -> None:
        self._cases: dict[tuple[str, str, tuple[tuple[str, str], ...]], set[str] | None] = {}

    def add_rule(self, rule: str, reason: str, **facts: str) -> None:
        """Note a rule that is put to no case."""
        self._cases[rule, reason, tuple(facts.items())] = None

    def add_case(self, rule: str, case: str, reason: str, facts: Mapping[str, str]) -> None:
        """Note a case to which a rule could not be put."""
        cases = self._cases.setdefault((rule, reason, tuple(facts.items())), set())
        if cases is not None:
            cases.add(case)

    def listed(self) -> list[Untested]:
        """Return what was noted, by rule and reason."""
        return [
            Untested(rule, reason, dict(facts), None if cases is None else len(cases))
            for (rule, reason, facts), cases in sorted(self._cases.items(), key=itemgetter(0))
        ]
