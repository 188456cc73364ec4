"""RF13, short publicity (公示不足): the last posting begun by the decision hung fewer days than it must.

Law: 民发〔2021〕57号 art 19: 7 days in the community. Parameter: the standard 公示天数 in force on the day of the
decision. The days are the difference of the two dates. Worked example: 1 March to 7 March is 6: a flag.
Silent: 1 March to 8 March, which is 7; a short posting that a later full one replaced; one begun after the decision.
A posting of which no end is recorded counts to the day of the decision.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.vocabulary import FileKind, StandardItem
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when the last posting was too short."""
    decided_on = case.decided_on
    if not case.is_confirmed or decided_on is None:
        return
    begun = [posting for posting in case.state.publicity.values() if posting.opened_on <= decided_on]
    if not begun:
        return
    last = max(begun, key=lambda posting: posting.opened_on)
    days = ((last.closed_on or decided_on) - last.opened_on).days
    limit_days = county.limit(StandardItem.PUBLICITY_DAYS, case, decided_on)
    if days < limit_days:
        facts: dict[str, Fact] = {
            "opened_on": last.opened_on.isoformat(),
            "closed_on": (last.closed_on or decided_on).isoformat(),
            "days": days,
            "limit_days": limit_days,
        }
        yield Flag.of(RULE.id, case.case, last, case.state.ruling, facts=facts)


RULE = Rule(
    id="RF13",
    title=N_("Short publicity"),
    sentence=N_("Posted from {opened_on} to {closed_on}, {days} days instead of {limit_days}."),
    source=N_("Measures for minimum allowances (2021) art 19"),
    certainty=Certainty.RECORDED,
    next_step=N_("ask the village when the notice was taken down; post again where people could not object"),
    find=find,
    parameters=(StandardItem.PUBLICITY_DAYS,),
    data=(FileKind.PUBLICITY,),
)
