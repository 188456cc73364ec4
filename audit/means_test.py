"""The answers of the means test as rules weigh them: what was found about whom, and how the case went on since."""

import datetime
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from domain.case_parts import Check, Member
from domain.formats.checks import CheckValue, parse_check_value
from domain.months import add_months, month_of
from domain.vocabulary import CheckItem

MONTHS_TO_ACT = 2  # a stop decided in the month of the answer, or in the next one, is in time


class Answer(NamedTuple):
    """A readable answer about a person who is listed as counting."""

    member: Member
    check: Check
    value: CheckValue
    answered_on: datetime.date


class Since(NamedTuple):
    """The answers after which a case went on, the first month in which it did, and what was due for that month.

    Not what was paid since: that grows with every payment, and a flag that was explained would come back each month.
    """

    answers: list[Answer]
    month: str
    due_fen: int


def answers(case: CaseFile, *items: CheckItem) -> list[Answer]:
    """Return the answers of these items about persons with 是否计入 = 是, the earliest first."""
    found = []
    for check in case.state.checks:
        member = case.state.members.get(check.member or 0)
        if member is None or not member.counted or check.item not in items or check.answered_on is None:
            continue
        value = parse_check_value(check.item, check.result or "")
        if value is not None:
            found.append(Answer(member, check, value, check.answered_on))
    return sorted(found, key=lambda answer: answer.answered_on)


def latest_of_each(found: Iterable[Answer]) -> dict[tuple[int, str | None], Answer]:
    """Return the latest answer about each person of each office; `found` has the earliest first."""
    return {(answer.member.member, answer.check.office): answer for answer in found}


def went_on(case: CaseFile, county: County, hits: Iterable[Answer]) -> Since | None:
    """Return those of the hits after which the case was active in the second month or later in the window, if any."""
    found: list[Answer] = []
    months: list[str] = []
    for hit in hits:
        second_month = add_months(month_of(hit.answered_on), MONTHS_TO_ACT)
        active = [month for month in county.window_of(case) if month >= second_month and case.is_active(month)]
        if active:
            found.append(hit)
            months.append(active[0])
    return Since(found, min(months), case.entitlement.due_fen(min(months))) if found else None


def flag_since(rule: str, case: CaseFile, since: Since, evidence: Iterable[Answer], facts: Mapping[str, Fact]) -> Flag:
    """Return the flag of a case that went on, with the month in which it did and what was due for it."""
    return Flag.of(
        rule,
        case.case,
        [answer.check for answer in evidence],
        case.grant,
        amount_fen=since.due_fen,
        facts={**facts, "month": since.month, "due_fen": since.due_fen},
    )
