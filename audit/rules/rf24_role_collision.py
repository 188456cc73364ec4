"""RF24, two roles in one hand (岗位冲突): who confirmed the case had surveyed it, or is near kin of a member.

Law: 公务员法 art 76 (recusal), 社会救助暂行办法 art 66; intake, survey and confirmation are separate. No parameter;
kin of the core scope, filed or not. Worked example: MZ0010 is the second surveyor of 2024-03-07 and confirms on
2024-03-22: a flag.
Silent: a survey of the confirmer after the decision; a nephew of the confirmer; somebody of the same name and another
number: staff are the same only when 工号 is.
"""

from collections.abc import Iterator
from typing import Any

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.case_parts import Survey
from domain.events.decision import ApplicationConfirmed, ApplicationRefused
from domain.events.household import MemberJoined
from domain.events.staff import RelativeDeclared
from domain.events.verification import SurveyCompleted
from domain.masking import mask_staff
from domain.vocabulary import FileKind, Kin
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when the confirmer surveyed the case or declared one of its members."""
    ruling, decided_on = case.state.ruling, case.decided_on
    confirmer = (ruling.confirmer or ruling.confirmer_text) if ruling else None
    if not case.is_confirmed or decided_on is None or confirmer is None:
        return
    surveys = [one for day, one in case.state.surveys.items() if day <= decided_on and confirmer in _surveyors(one)]
    kin = _kin(case, county, confirmer)
    if surveys or kin:
        shown = (ruling.confirmer if ruling else None) or mask_staff(confirmer)
        facts: dict[str, Fact] = {
            "staff": shown,
            "decided_on": decided_on.isoformat(),
            "surveys": len(surveys),
            "kin": len(kin),
        }
        yield Flag.of(RULE.id, case.case, ruling, surveys, kin, reference=shown, facts=facts)


# Private


def _surveyors(survey: Survey) -> tuple[str | None, ...]:
    return survey.surveyor_1, survey.surveyor_2, survey.surveyor_1_text, survey.surveyor_2_text


def _kin(case: CaseFile, county: County, confirmer: str) -> list[Any]:
    """Return the members whom the confirmer declared, each with the declaration."""
    return [
        (member, relative)
        for member in case.state.members.values()
        for relative in county.relatives.get(member.citizen_id or "", ())
        if relative.staff == confirmer and relative.relation is not Kin.OTHER
    ]


RULE = Rule(
    id="RF24",
    title=N_("Two roles in one hand"),
    sentence=N_(
        "{staff} confirmed the case on {decided_on}, had made {surveys} of its home visits, and had declared {kin} "
        "of its members as near relatives."
    ),
    source=N_("Civil Servant Law art 76; Interim Measures for Social Assistance art 66"),
    certainty=Certainty.RECORDED,
    next_step=N_("let somebody else survey and confirm the case again"),
    find=find,
    opens=(MemberJoined, RelativeDeclared, SurveyCompleted, ApplicationConfirmed, ApplicationRefused),
    data=(FileKind.SURVEYS,),
)
