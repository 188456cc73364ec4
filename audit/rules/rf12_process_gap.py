"""RF12, a step is missing (程序缺失): confirmed without a home visit, an authorisation or a posting by that day.

Law: 民发〔2021〕57号 arts 9 (authorisation), 15-16 (visit), 19 (posting), 28. No parameter.
Worked example: decided 2024-03-22, authorisation signed 2024-03-23: a flag 授权.
Silent: signed, visited or posted on the day of the decision itself.
"""

from collections.abc import Iterator
from typing import Any

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Flag
from audit.flags.rule import Certainty, Rule
from domain.vocabulary import FileKind
from domain.words import N_

SURVEY, CONSENT, PUBLICITY = "调查", "授权", "公示"


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each of the three steps that had not been taken when the case was decided."""
    decided_on = case.decided_on
    if not case.is_confirmed or decided_on is None:
        return
    state = case.state
    signed_on = state.consent.authorized_on
    if not any(day <= decided_on for day in state.surveys):
        yield _flag(case, SURVEY, state.surveys.values())
    if signed_on is None or signed_on > decided_on:
        yield _flag(case, CONSENT, state.consent)
    if not any(day <= decided_on for day in state.publicity):
        yield _flag(case, PUBLICITY, state.publicity.values())


# Private


def _flag(case: CaseFile, step: str, too_late: Any) -> Flag:
    facts = {"step": step, "decided_on": str(case.decided_on)}
    return Flag.of(RULE.id, case.case, case.state.ruling, too_late, reference=step, facts=facts)


RULE = Rule(
    id="RF12",
    title=N_("Step missing"),
    sentence=N_("Confirmed on {decided_on} without this step having been taken by then: {step}."),
    source=N_("Measures for minimum allowances (2021) arts 9, 15, 16, 19 and 28"),
    certainty=Certainty.RECORDED,
    next_step=N_("look for the paper in the case file; where there is none, make up for the step and decide anew"),
    find=find,
    data=(FileKind.SURVEYS, FileKind.PUBLICITY),
)
