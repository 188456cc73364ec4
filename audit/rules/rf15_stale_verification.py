"""RF15, stale verification (核对报告过期): the decision rests on answers of the means test that are too old.

Law: local; 民发〔2021〕57号 art 17 lets the means test precede the decision. Parameter: 核对报告有效天数 (180) in
force on the day of the decision. Worked example: the latest answer by the decision is 181 days older: a flag.
Silent: 180 days; one fresh answer beside old ones. An answer after the decision does not make it fresher. Where no
answer is recorded by the decision there is nothing to be stale.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.vocabulary import FileKind, StandardItem
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when the latest answer by the decision is too old."""
    decided_on = case.decided_on
    if not case.is_confirmed or decided_on is None:
        return
    answered = [check for check in case.state.checks if check.answered_on and check.answered_on <= decided_on]
    last_on = max((check.answered_on for check in answered if check.answered_on), default=None)
    if last_on is None:
        return
    limit_days = county.limit(StandardItem.REPORT_VALID_DAYS, case, decided_on)
    if (decided_on - last_on).days > limit_days:
        facts: dict[str, Fact] = {
            "answered_on": last_on.isoformat(),
            "decided_on": decided_on.isoformat(),
            "days": (decided_on - last_on).days,
            "limit_days": limit_days,
        }
        latest = [check for check in answered if check.answered_on == last_on]
        yield Flag.of(RULE.id, case.case, latest, case.state.ruling, facts=facts)


RULE = Rule(
    id="RF15",
    title=N_("Stale verification"),
    sentence=N_(
        "Decided on {decided_on} on answers of the means test of {answered_on} or before, {days} days old; "
        "{limit_days} are allowed."
    ),
    source=N_("Measures for minimum allowances (2021) art 17; the county's own limit"),
    certainty=Certainty.RECORDED,
    next_step=N_("run the means test again and compare its answers with those the decision used"),
    find=find,
    parameters=(StandardItem.REPORT_VALID_DAYS,),
    data=(FileKind.CHECKS,),
)
