"""RF27, a back-dated entry (事后补录): an act was recorded long after the day on which it is said to have happened.

Law: 社会救助暂行办法 art 66(5), which punishes tampering with records. Parameter: the standard 补录天数 (天) in force
on the day of the record; a county that adopted none is judged by 30 days. The day of the record is that of the
entry's `at` in China. Looked at are entries that a person recorded (`by` staff/…, user/…, login/…, not system/…) and
that come from no file: imported history is late by nature and never judged. Worked example: MZ0010 records on
2024-06-20 a home visit of 2024-05-20, 31 days before: a flag.
Silent: 30 days; the same visit imported from a file on that day; what the program recorded itself; a death, which the
office learns when it learns it.
"""

import datetime
from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.flags.untested import Untestable
from domain.events.base import FiledEvent
from domain.recorded import Recorded
from domain.vocabulary import StandardItem
from domain.words import N_

DAYS_WITHOUT_STANDARD = 30
_CHINA = datetime.timezone(datetime.timedelta(hours=8))


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each entry recorded live too long after its day."""
    for recorded in case.records:
        occurred_on = getattr(recorded.event, "occurred_on", None)
        if occurred_on is None or not _is_live(recorded):
            continue
        recorded_on = recorded.at.astimezone(_CHINA).date()
        limit_days = _limit_days(case, county, recorded_on)
        if (recorded_on - occurred_on).days > limit_days:
            facts: dict[str, Fact] = {
                "officer": recorded.by.partition("/")[2],
                "occurred_on": occurred_on.isoformat(),
                "recorded_on": recorded_on.isoformat(),
                "days": (recorded_on - occurred_on).days,
                "limit_days": limit_days,
            }
            position = recorded.position
            yield Flag.of(RULE.id, case.case, position, reference=str(position), facts=facts)


# Private


def _is_live(recorded: Recorded) -> bool:
    """Tell whether a person recorded this, under a staff number or a login, out of no file."""
    event = recorded.event
    return isinstance(event, FiledEvent) and event.source is None and not recorded.by.startswith("system/")


def _limit_days(case: CaseFile, county: County, day: datetime.date) -> int:
    try:
        return county.limit(StandardItem.LATE_ENTRY_DAYS, case, day)
    except Untestable:
        return DAYS_WITHOUT_STANDARD


RULE = Rule(
    id="RF27",
    title=N_("Back-dated entry"),
    sentence=N_(
        "{officer} recorded on {recorded_on} what is said to have happened on {occurred_on}, {days} days before; "
        "{limit_days} are allowed."
    ),
    source=N_("Interim Measures for Social Assistance art 66"),
    certainty=Certainty.POSSIBLE,
    next_step=N_("ask the officer for the paper of that day, and compare what was decided in between"),
    find=find,
    parameters=(StandardItem.LATE_ENTRY_DAYS,),
)
