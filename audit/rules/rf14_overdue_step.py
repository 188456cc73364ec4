"""RF14, an overdue step (超时限): the home visit, the whole procedure or the confirmation took longer than it may.

Law: 民发〔2021〕57号 arts 15 (visit) and 22 (total), the notice of 2022-10-20 (delegated); 民发〔2021〕43号 for 特困.
Parameters: 办理时限-入户, -总, -委托, -延长, 特困时限-调查, -确认, in force on the day of the decision; working days
of the State Council's calendar, make-up days included. A span of a year without a known calendar is reported as
untested.
Worked example: accepted Friday 2024-09-27, visited 2024-10-09: the working days between are Sunday 29 and Monday 30
September and 8 and 9 October, so 4: a flag 入户.
Silent: visited on 8 October, the third; 20 working days of a township, 30 of the county, 45 where the clock was
extended; 15 working days for a 特困 visit, and 15 from the end of its last posting to the confirmation. A visit after
the decision is no visit.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.flags.untested import Untestable
from audit.working_days import overdue_days
from domain.events.decision import DeadlineExtended
from domain.vocabulary import Programme, StandardItem
from domain.words import N_

VISIT, TOTAL, CONFIRMATION = "入户", "总时限", "确认"


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each step that is overdue; raises Untestable after those that could be tested."""
    if not case.is_confirmed or case.decided_on is None:
        return
    untestable = None
    is_hardship = case.programme == Programme.EXTREME_HARDSHIP
    steps: tuple[_Step, ...] = (_visit, _confirmation) if is_hardship else (_visit, _total)
    for step in steps:
        try:
            yield from step(case, county, case.decided_on)
        except Untestable as error:
            untestable = error
    if untestable is not None:
        raise untestable


# Private

_Step = Callable[[CaseFile, County, datetime.date], Iterator[Flag]]


def _visit(case: CaseFile, county: County, decided_on: datetime.date) -> Iterator[Flag]:
    is_hardship = case.programme == Programme.EXTREME_HARDSHIP
    item = StandardItem.HARDSHIP_SURVEY_DAYS if is_hardship else StandardItem.SURVEY_DAYS
    first = min((day for day in case.state.surveys if day <= decided_on), default=None)
    if first is not None and case.accepted_on is not None:
        limit_days = county.limit(item, case, decided_on)
        evidence = (case.state.application, case.state.surveys[first])
        yield from _overdue(case, VISIT, case.accepted_on, first, limit_days, evidence)


def _total(case: CaseFile, county: County, decided_on: datetime.date) -> Iterator[Flag]:
    extensions = [one.position for one in case.records if isinstance(one.event, DeadlineExtended)]
    is_delegated = case.state.ruling is not None and case.state.ruling.delegated
    item = StandardItem.DELEGATED_DAYS if is_delegated else StandardItem.TOTAL_DAYS
    if case.accepted_on is not None:
        limit_days = county.limit(StandardItem.EXTENDED_DAYS if extensions else item, case, decided_on)
        evidence = (case.state.application, extensions, case.state.ruling)
        yield from _overdue(case, TOTAL, case.accepted_on, decided_on, limit_days, evidence)


def _confirmation(case: CaseFile, county: County, decided_on: datetime.date) -> Iterator[Flag]:
    ended = [one for one in case.state.publicity.values() if one.closed_on is not None and one.closed_on < decided_on]
    last = max(ended, key=lambda posting: posting.closed_on or decided_on, default=None)
    if last is not None and last.closed_on is not None:
        limit_days = county.limit(StandardItem.HARDSHIP_DECISION_DAYS, case, decided_on)
        yield from _overdue(case, CONFIRMATION, last.closed_on, decided_on, limit_days, (last, case.state.ruling))


def _overdue(
    case: CaseFile, step: str, first: datetime.date, last: datetime.date, limit_days: int, evidence: Any
) -> Iterator[Flag]:
    days = overdue_days(first, last, limit_days)
    if days is None:
        return
    facts: dict[str, Fact] = {
        "step": step,
        "from_day": first.isoformat(),
        "to_day": last.isoformat(),
        "days": days,
        "limit_days": limit_days,
    }
    yield Flag.of(RULE.id, case.case, evidence, reference=step, facts=facts)


RULE = Rule(
    id="RF14",
    title=N_("Overdue step"),
    sentence=N_("{step}: {days} working days from {from_day} to {to_day}, {limit_days} are allowed."),
    source=N_(
        "Measures for minimum allowances (2021) arts 15 and 22; notice of 2022-10-20; "
        "Measures for extreme hardship (2021)"
    ),
    certainty=Certainty.RECORDED,
    next_step=N_("ask for the reason of the delay; an extension is decided and recorded before the time is over"),
    find=find,
    parameters=(
        StandardItem.SURVEY_DAYS,
        StandardItem.TOTAL_DAYS,
        StandardItem.DELEGATED_DAYS,
        StandardItem.EXTENDED_DAYS,
        StandardItem.HARDSHIP_SURVEY_DAYS,
        StandardItem.HARDSHIP_DECISION_DAYS,
    ),
)
