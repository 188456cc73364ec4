"""RF26, recovery stalled (追缴停滞): money is still to come back and nothing has moved for too long.

Law: 行政强制法 arts 53-54 (the window for the court closes three months after remedies expire).
Parameter: 追缴停滞天数 (days), as in force on the day of the tests.
Worked example: 2704 yuan ordered on 2024-06-12, 500 repaid on 2024-07-15, nothing since: with 90 days a flag from
2024-10-14 on, day 91; on 2024-10-13 it is still in time.
Silent: repaid, waived and written off come to what was ordered with its fine; an instalment within the 90 days.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.vocabulary import FileKind, StandardItem
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each order of a confirmed case that has money outstanding and has not moved in time."""
    if not case.is_confirmed:
        return
    for one in case.state.recoveries.values():
        moved = [day for day in (one.ordered_on, one.last_movement_on) if day is not None]
        if one.outstanding_fen <= 0 or not moved:
            continue
        days = (county.as_of - max(moved)).days
        if days > county.limit(StandardItem.RECOVERY_STALL_DAYS, case):
            facts: dict[str, Fact] = {
                "outstanding_fen": one.outstanding_fen,
                "moved_on": max(moved).isoformat(),
                "days": days,
            }
            yield Flag.of(RULE.id, case.case, one, reference=one.order, amount_fen=one.outstanding_fen, facts=facts)


RULE = Rule(
    id="RF26",
    title=N_("Recovery stalled"),
    sentence=N_("¥{outstanding_fen} is still to come back, and nothing has moved since {moved_on}: {days} days."),
    source=N_("Administrative Compulsion Law arts 53-54"),
    certainty=Certainty.RECORDED,
    next_step=N_("demand it in writing, agree on instalments, or apply to the court before the time is over"),
    find=find,
    parameters=(StandardItem.RECOVERY_STALL_DAYS,),
    data=(FileKind.RECOVERIES,),
)
