"""RF02, death not handled (死亡未处理): nothing was decided in the case within three months after a death.

Law: the notice on minimum-allowance work of 2022-10-20: the adjustment is finished within three months of the death.
Parameter: 死亡处理期限 (months), as in force on the day of the tests.
Worked example: a counted member of an active case died on 2024-03-10 and no stop, decrease, change of people,
suspension or grace was decided from 2024-03-10 to 2024-06-10: a flag from 2024-06-11 on.
Silent: a decision on either of these two days; a member who no longer counted in the month of death; a case that was
stopped before; a death less than three months ago. An increase or a resumption is no handling.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.change_kind import ChangeKind
from domain.events.household import MemberJoined
from domain.months import month_of, months_after
from domain.vocabulary import FileKind, StandardItem
from domain.words import N_

HANDLING = frozenset(
    {
        ChangeKind.STOPPED.value,
        ChangeKind.DECREASED.value,
        ChangeKind.HOUSEHOLD.value,
        ChangeKind.SUSPENDED.value,
        ChangeKind.GRACE.value,
    }
)


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each person whose death nobody handled in time."""
    for member in case.state.members.values():
        died_on = member.died_on
        if died_on is None or not case.counts(member, month_of(died_on)) or not case.is_active(month_of(died_on)):
            continue
        due_on = months_after(died_on, county.limit(StandardItem.DEATH_MONTHS, case))
        handled = any(one.kind in HANDLING and died_on <= one.decided_on <= due_on for one in case.state.changes)
        if county.as_of > due_on and not handled:
            paid = [
                one for month in case.transfers_by_month if month > month_of(died_on) for one in case.settled(month)
            ]
            paid_fen = sum(one.amount_fen or 0 for one in paid)
            facts: dict[str, Fact] = {
                "died_on": died_on.isoformat(),
                "due_on": due_on.isoformat(),
                "paid_fen": paid_fen,
            }
            yield Flag.of(
                RULE.id,
                case.case,
                paid,
                core=member,
                reference=member.citizen_id,
                person=True,
                amount_fen=paid_fen,
                facts=facts,
            )


RULE = Rule(
    id="RF02",
    title=N_("Death not handled"),
    sentence=N_(
        "A counted member died on {died_on}; nothing was decided by {due_on}. "
        "For later months ¥{paid_fen} was paid to the household."
    ),
    source=N_("notice on minimum-allowance work of 2022-10-20: adjusted within three months of a death"),
    certainty=Certainty.RECORDED,
    next_step=N_("recheck the household, decide the change or the stop, and recover what was paid too much"),
    find=find,
    parameters=(StandardItem.DEATH_MONTHS,),
    opens=(MemberJoined,),
    data=(FileKind.DEATHS,),
)
