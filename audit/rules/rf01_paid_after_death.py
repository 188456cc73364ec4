"""RF01, paid after death (死亡后发放): money went out for a month in which nobody it was for was alive.

Law: the notice on minimum-allowance work of 2022-10-20, which lets deaths be compared with the payments; 社会救助暂行
办法 art 13. No parameter: the month of death itself is paid.
Worked example: a sole member died on 2024-02-20 and 2024-03 was paid: a flag for 2024-03. Somebody put off the
count (计出月) from 2024-03 and money for 2024-03 that was for a person still alive: silent.
Silent besides: 2024-02, the month of death; a reissue in 2024-04 of the returned money of 2024-02; a second member
who is alive and counts; a transfer that was returned; money of a month in which nobody had begun to count.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.case_parts import Member
from domain.months import month_of
from domain.vocabulary import FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each month that was paid when everybody it was for had died in an earlier one."""
    if not any(member.died_on for member in case.state.members.values()):
        return
    for month in case.transfers_by_month:
        settled = case.settled(month)
        people = [member for member in case.state.members.values() if _is_meant(member, month)]
        deaths = [member.died_on for member in people if member.died_on and month_of(member.died_on) < month]
        if settled and people and len(deaths) == len(people) and county.is_looked_at(month):
            paid_fen = case.paid_fen(month)
            facts: dict[str, Fact] = {"month": month, "paid_fen": paid_fen, "died_on": max(deaths).isoformat()}
            yield Flag.of(RULE.id, case.case, settled, people, month=month, amount_fen=paid_fen, facts=facts)


# Private


def _is_meant(member: Member, month: str) -> bool:
    """Tell whether money of a month may be for this member: counted by then, and dead or not counted out yet."""
    return (
        member.counted
        and (member.counted_from is None or member.counted_from <= month)
        and (member.died_on is not None or member.counted_until is None or member.counted_until > month)
    )


RULE = Rule(
    id="RF01",
    title=N_("Paid after death"),
    sentence=N_(
        "¥{paid_fen} was paid for {month}, although everyone it could be for was dead: the last died on {died_on}."
    ),
    source=N_("notice on minimum-allowance work of 2022-10-20; Interim Measures for Social Assistance art 13"),
    certainty=Certainty.RECORDED,
    next_step=N_("check the death with its source, order the money back, and stop the case if it still runs"),
    find=find,
    data=(FileKind.DEATHS, FileKind.BANK_SLIPS),
)
