"""RF23, care grade (照料等级): the grade paid is not the one that the score of six abilities gives.

Law: 民发〔2021〕43号 arts 21-22: none failed is 全自理, 1 to 3 半护理, 4 to 6 全护理. No parameter. A reassessment
has until the second month after it to take effect, and may take effect sooner: the grade in force in a month must be
that of the latest scored survey of two months before or earlier, or that of one of the month before or of the month
itself.
Worked example: scored 100001 (4 failed) on 2024-05-10, still paid 半护理 in 2024-07: a flag.
Silent: 半护理 in 2024-06; 全护理 from 2024-06; a second survey in 2024-06 that gives 半护理 again, for 2024-07.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.case_parts import Survey
from domain.events.change import CareRegraded
from domain.events.decision import EntitlementGranted
from domain.events.verification import SelfCareScored
from domain.months import add_months, month_of
from domain.vocabulary import FileKind, Programme
from domain.words import N_

ABILITIES_HALF = 3


def grade_of(score: str) -> str:
    """Return the care grade of a score of six digits, 1 for can and 0 for cannot."""
    failed = score.count("0")
    return "全自理" if failed == 0 else "半护理" if failed <= ABILITIES_HALF else "全护理"


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag for the first month of the window in which the grade does not fit."""
    if case.programme != Programme.EXTREME_HARDSHIP:
        return
    scored = sorted((one for one in case.state.surveys.values() if one.score), key=lambda one: one.surveyed_on)
    for month in county.window_of(case):
        settled = [survey for survey in scored if month_of(survey.surveyed_on) <= add_months(month, -2)]
        grade = case.state.care_grade(month)
        if settled and grade is not None and case.is_active(month) and grade not in _grades(scored, settled[-1], month):
            yield _flag(case, month, grade, settled[-1])
            return


# Private


def _grades(scored: list[Survey], settled: Survey, month: str) -> set[str]:
    """Return the grades that may be in force in a month."""
    recent = [one for one in scored if add_months(month, -1) <= month_of(one.surveyed_on) <= month]
    return {grade_of(survey.score or "") for survey in (settled, *recent)}


def _flag(case: CaseFile, month: str, grade: str, survey: Survey) -> Flag:
    regraded = [change for change in case.state.changes if change.care_grade is not None]
    facts: dict[str, Fact] = {
        "month": month,
        "grade": grade,
        "scored": grade_of(survey.score or ""),
        "surveyed_on": survey.surveyed_on.isoformat(),
    }
    return Flag.of(RULE.id, case.case, survey, case.grant, regraded, facts=facts)


RULE = Rule(
    id="RF23",
    title=N_("Care grade does not fit the score"),
    sentence=N_("The survey of {surveyed_on} scored {scored}, but {grade} was in force in {month}."),
    source=N_("Measures for extreme hardship (2021) arts 21 and 22"),
    certainty=Certainty.RECORDED,
    next_step=N_("assess the person again with two people, then change the grade or explain the score"),
    find=find,
    opens=(SelfCareScored, EntitlementGranted, CareRegraded),
    data=(FileKind.SURVEYS,),
)
