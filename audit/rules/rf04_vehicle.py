"""RF04, a vehicle (车辆): the police answered that a counted member has one, and the case went on.

Law: 社会救助暂行办法 arts 9, 58 and 民发〔2021〕57号 arts 14, 17: family property under the local rule. No parameter.
Worked example: a car answered on 2024-06-06, the case still active in 2024-08, the second month after: a flag.
Silent: 残疾人机动轮椅车 and 残疾人专用汽车, which are aids; the car of somebody who is listed but not counted; a
refusal; a stop from 2024-07 or 2024-08; an answer so late that the second month lies after the window.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.means_test import answers, flag_since, went_on
from domain.events.verification import VerificationReturned
from domain.masking import mask_text
from domain.vocabulary import CheckItem, FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when a vehicle was found and the case went on."""
    since = went_on(case, county, [answer for answer in answers(case, CheckItem.VEHICLE) if answer.value.hit])
    if since is not None:
        first = since.answers[0]
        facts: dict[str, Fact] = {
            "vehicle": mask_text(first.value.kind or ""),
            "answered_on": first.answered_on.isoformat(),
        }
        yield flag_since(RULE.id, case, since, since.answers, facts)


RULE = Rule(
    id="RF04",
    title=N_("Vehicle"),
    sentence=N_(
        "On {answered_on} a vehicle was answered ({vehicle}); the case went on, with ¥{due_fen} due for {month}."
    ),
    source=N_("Interim Measures for Social Assistance arts 9 and 58; Measures for minimum allowances (2021) art 14"),
    certainty=Certainty.LIKELY,
    next_step=N_("look at the vehicle's papers and use, hear the household, apply the local property rule"),
    find=find,
    opens=(VerificationReturned,),
    data=(FileKind.CHECKS,),
)
