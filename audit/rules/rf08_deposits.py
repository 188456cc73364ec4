"""RF08, deposits over the limit (存款超限): the banks answered more than a household may have, and the case went on.

Law: 民发〔2021〕57号 art 14: the limit of financial property is set locally. Parameter: the standard 存款限额月数
(月), the months of the programme's monthly standard that each counted person may have on deposit. Without it nothing
is tested.
Worked example: rural standard 365, 24 months, two people: 17,520 may be there. Latest answers of 9,000 and 9,000: a
flag, if the case is active in the second month after.
Silent: 17,520 itself; a larger earlier answer of the same office; deposits of somebody who does not count; a refusal
or a stop in time, as in RF04. A county that adopted no 存款限额月数 is told that the rule does not apply to it.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.means_test import Answer, answers, flag_since, latest_of_each, went_on
from domain.events.verification import VerificationReturned
from domain.months import month_of
from domain.vocabulary import CheckItem, FileKind, Programme, StandardItem
from domain.words import N_

_STANDARD_OF = {
    Programme.URBAN.value: StandardItem.URBAN,
    Programme.RURAL.value: StandardItem.RURAL,
    Programme.EXTREME_HARDSHIP.value: StandardItem.EXTREME_HARDSHIP,
}


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when the deposits of a household are over its limit and the case went on."""
    if not case.is_confirmed or case.programme not in _STANDARD_OF:
        return
    deposits = list(latest_of_each(answers(case, CheckItem.DEPOSITS)).values())
    if not deposits:
        return
    last = max(deposits, key=lambda answer: answer.answered_on)
    total_fen = sum(answer.value.amount_fen or 0 for answer in deposits)
    limit_fen = _limit_fen(case, county, last)
    since = went_on(case, county, [last])
    if total_fen <= limit_fen or since is None:
        return
    facts: dict[str, Fact] = {
        "deposits_fen": total_fen,
        "limit_fen": limit_fen,
        "answered_on": last.answered_on.isoformat(),
    }
    yield flag_since(RULE.id, case, since, deposits, facts)


# Private


def _limit_fen(case: CaseFile, county: County, last: Answer) -> int:
    """Return what may be on deposit by the standards of the last answer, in fen; raises Untestable, NotApplicable."""
    month = month_of(last.answered_on)
    months = county.own_limit(StandardItem.DEPOSIT_MONTHS, case, last.answered_on)
    standard = county.standard_in(_STANDARD_OF[str(case.programme)], case, month)
    persons = sum(member.counted for member in case.state.members.values())
    return months * standard.value_hundredths * persons


RULE = Rule(
    id="RF08",
    title=N_("Deposits over the limit"),
    sentence=N_(
        "The banks answered ¥{deposits_fen} on deposit by {answered_on}, the household may have ¥{limit_fen}; "
        "the case went on, with ¥{due_fen} due for {month}."
    ),
    source=N_("Measures for minimum allowances (2021) art 14; the county's own limit"),
    certainty=Certainty.LIKELY,
    next_step=N_("ask where the money comes from: compensation and gifts for illness may not count"),
    find=find,
    parameters=(StandardItem.DEPOSIT_MONTHS, *_STANDARD_OF.values()),
    opens=(VerificationReturned,),
    data=(FileKind.CHECKS,),
)
