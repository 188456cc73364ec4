"""RF07, income above what was declared (收入高于申报): a wage or a housing-fund base that the amount did not count.

Law: 社会救助暂行办法 art 58 (tax, social insurance and housing fund are asked); 民发〔2021〕57号 art 13 (what is
counted). No parameter. h = the largest 月工资 or 公积金基数 answered by the decision. A flag when h is more than the
person declared, and the survey counted less than h and what the other counted members declared.
Worked example: declared 350, wage 1,200, the other member declared 100, the survey counted 450: 450 < 1,300, a flag.
Silent: the survey counted 1,300; a wage answered after the decision; a base equal to what was declared; the wage of
somebody who does not count; a case that has not started by the closing date.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.means_test import Answer, answers
from domain.case_parts import Survey
from domain.events.household import MemberJoined
from domain.events.verification import SurveyCompleted, VerificationReturned
from domain.vocabulary import CheckItem, FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag, for the person whose income was counted shortest."""
    survey = _survey(case)
    if survey is None or survey.income_fen is None or (case.starts_from or "9999") > county.closing_month:
        return
    declared = {one.member: one.declared_income_fen or 0 for one in case.state.members.values() if one.counted}
    missing = {}
    for number, answer in _largest(case).items():
        earned_fen = answer.value.amount_fen or 0
        expected_fen = earned_fen + sum(declared.values()) - declared[number]
        if earned_fen > declared[number] and survey.income_fen < expected_fen:
            missing[number] = expected_fen - survey.income_fen
    if missing:
        number = max(missing, key=lambda one: missing[one])
        yield _flag(case, survey, _largest(case)[number], declared[number], missing[number])


# Private


def _survey(case: CaseFile) -> Survey | None:
    """Return the latest survey not after the decision."""
    if case.decided_on is None or not case.is_confirmed:
        return None
    until = [survey for survey in case.state.surveys.values() if survey.surveyed_on <= case.decided_on]
    return max(until, key=lambda survey: survey.surveyed_on, default=None)


def _largest(case: CaseFile) -> dict[int, Answer]:
    """Return the largest wage or housing-fund base about each counted member, answered by the decision."""
    found: dict[int, Answer] = {}
    for answer in answers(case, CheckItem.WAGE, CheckItem.HOUSING_FUND):
        known = found.get(answer.member.member)
        in_time = case.decided_on is not None and answer.answered_on <= case.decided_on
        if in_time and (known is None or (answer.value.amount_fen or 0) > (known.value.amount_fen or 0)):
            found[answer.member.member] = answer
    return found


def _flag(case: CaseFile, survey: Survey, answer: Answer, declared_fen: int, missing_fen: int) -> Flag:
    facts: dict[str, Fact] = {
        "earned_fen": answer.value.amount_fen or 0,
        "declared_fen": declared_fen,
        "missing_fen": missing_fen,
        "answered_on": answer.answered_on.isoformat(),
    }
    evidence = (answer.check, answer.member, survey, case.grant)
    return Flag.of(RULE.id, case.case, *evidence, amount_fen=missing_fen, facts=facts)


RULE = Rule(
    id="RF07",
    title=N_("Income above what was declared"),
    sentence=N_(
        "A member who declared ¥{declared_fen} a month earned ¥{earned_fen} by the answer of {answered_on}; "
        "¥{missing_fen} a month of it was not counted when the case was decided."
    ),
    source=N_("Interim Measures for Social Assistance art 58; Measures for minimum allowances (2021) art 13"),
    certainty=Certainty.LIKELY,
    next_step=N_("ask the employer for the pay slips of the months before the decision, and count the income again"),
    find=find,
    opens=(MemberJoined, VerificationReturned, SurveyCompleted),
    data=(FileKind.CHECKS, FileKind.SURVEYS),
)
