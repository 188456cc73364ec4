"""RF06, a running business (经营主体): a counted member is its head or owner, and the case went on.

Law: 社会救助暂行办法 art 58 and 民发〔2021〕57号 arts 14, 17, which name market registration among the sources. No
parameter.
Worked example: 个体经营者-青禾百货店-存续, answered on 2024-06-06, the case active in 2024-08: a flag.
Silent: a member of a co-operative (合作社成员); a business that is deregistered (注销); somebody who does not count;
a refusal or a stop in time, as in RF04.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.means_test import answers, flag_since, went_on
from domain.events.verification import VerificationReturned
from domain.vocabulary import CheckItem, FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when a running business was found and the case went on."""
    since = went_on(case, county, [answer for answer in answers(case, CheckItem.BUSINESS) if answer.value.hit])
    if since is not None:
        first = since.answers[0]
        facts: dict[str, Fact] = {"role": first.value.kind or "", "answered_on": first.answered_on.isoformat()}
        yield flag_since(RULE.id, case, since, since.answers, facts)


RULE = Rule(
    id="RF06",
    title=N_("Running business"),
    sentence=N_(
        "On {answered_on} a member was answered to be {role} of a business that exists; "
        "the case went on, with ¥{due_fen} due for {month}."
    ),
    source=N_("Interim Measures for Social Assistance art 58; Measures for minimum allowances (2021) arts 14 and 17"),
    certainty=Certainty.LIKELY,
    next_step=N_("ask the tax office what the business earned; a shell in a borrowed name is explained, not ignored"),
    find=find,
    opens=(VerificationReturned,),
    data=(FileKind.CHECKS,),
)
