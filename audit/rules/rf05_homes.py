"""RF05, two homes or a shop (房产, 商铺): a household has two homes, or a shop, and the case went on.

Law: 社会救助暂行办法 arts 9, 58 and 民发〔2021〕57号 arts 14, 17. No parameter: two homes, counted over the household
by the latest answer about each person, or one shop.
Worked example: the head and the spouse have a home each: a flag, if the case is active in the second month after.
Silent: two homes by an earlier answer and one by the latest; homes of somebody who does not count; 0 shops; a refusal
or a stop in time, as in RF04.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.means_test import Answer, answers, flag_since, went_on
from domain.events.verification import VerificationReturned
from domain.vocabulary import CheckItem, FileKind
from domain.words import N_

HOMES_TOO_MANY = 2


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when homes or shops were found and the case went on."""
    homes = list({answer.member.member: answer for answer in answers(case, CheckItem.HOMES)}.values())
    shops = [answer for answer in answers(case, CheckItem.SHOPS) if answer.value.hit]
    count = sum(home.value.count or 0 for home in homes)
    hits = [*shops, *_last(homes if count >= HOMES_TOO_MANY else [])]
    since = went_on(case, county, hits)
    if since is None:
        return
    facts: dict[str, Fact] = {
        "homes": count,
        "shops": len({shop.member.member for shop in shops}),
        "answered_on": min(answer.answered_on for answer in since.answers).isoformat(),
    }
    yield flag_since(RULE.id, case, since, (*homes, *shops), facts)


# Private


def _last(homes: list[Answer]) -> list[Answer]:
    """Return the latest of the answers that are added up: its day is the day of the hit."""
    return [max(homes, key=lambda home: home.answered_on)] if homes else []


RULE = Rule(
    id="RF05",
    title=N_("Two homes or a shop"),
    sentence=N_(
        "The household has {homes} homes, and {shops} of its members have a shop, answered on {answered_on}; "
        "the case went on, with ¥{due_fen} due for {month}."
    ),
    source=N_("Interim Measures for Social Assistance arts 9 and 58; Measures for minimum allowances (2021) art 14"),
    certainty=Certainty.LIKELY,
    next_step=N_("look at the registry's extract and at what is let or ruinous, apply the local property rule"),
    find=find,
    opens=(VerificationReturned,),
    data=(FileKind.CHECKS,),
)
