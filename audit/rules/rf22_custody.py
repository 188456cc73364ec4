"""RF22, in custody and counted (羁押服刑): a member counted in a whole month spent in custody.

Law: 民发〔2021〕57号 art 7: who serves a sentence does not count. No parameter.
Worked example: 2024-05-01至2024-05-31, the member counts and the case is active in May: a flag for the person.
Silent: 2024-05-02至2024-06-29, which covers no whole month; somebody who is listed but does not count, or no longer;
months in which the case is suspended or stopped; months outside the window.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.means_test import Answer, answers
from domain.events.household import MemberJoined
from domain.events.verification import VerificationReturned
from domain.masking import mask_citizen_id
from domain.months import first_day, last_day
from domain.vocabulary import CheckItem, FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each person who counted in a month that was spent in custody."""
    by_person: dict[int, list[tuple[Answer, list[str]]]] = {}
    for answer in answers(case, CheckItem.CUSTODY):
        months = _wrong_months(case, county, answer)
        if months:
            by_person.setdefault(answer.member.member, []).append((answer, months))
    for found in by_person.values():
        member = found[0][0].member
        months = sorted({month for _, months in found for month in months})
        facts: dict[str, Fact] = {
            "person": mask_citizen_id(member.citizen_id or ""),
            "from_day": str(min(answer.value.first_day for answer, _ in found if answer.value.first_day)),
            "to_day": str(max(answer.value.last_day for answer, _ in found if answer.value.last_day)),
            "first_month": months[0],
            "months": len(months),
        }
        evidence = ([answer.check for answer, _ in found], member, case.grant)
        yield Flag.of(RULE.id, case.case, *evidence, reference=member.citizen_id, person=True, facts=facts)


# Private


def _wrong_months(case: CaseFile, county: County, answer: Answer) -> list[str]:
    """Return the months that the span covers wholly, in which the person counts and the case is active."""
    first_on, last_on = answer.value.first_day, answer.value.last_day
    if first_on is None or last_on is None:
        return []
    return [
        month
        for month in county.window_of(case)
        if first_on <= first_day(month)
        and last_day(month) <= last_on
        and case.is_active(month)
        and case.counts(answer.member, month)
    ]


RULE = Rule(
    id="RF22",
    title=N_("In custody and counted"),
    sentence=N_(
        "{person} was in custody from {from_day} to {to_day} and counted all the same: {months} whole months, "
        "the first {first_month}."
    ),
    source=N_("Measures for minimum allowances (2021) art 7"),
    certainty=Certainty.RECORDED,
    next_step=N_("confirm the span with the prison or the police, count the person out and order the money back"),
    find=find,
    opens=(MemberJoined, VerificationReturned),
    data=(FileKind.CHECKS,),
)
