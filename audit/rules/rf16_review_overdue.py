"""RF16, review overdue (复核逾期): a running case was not looked at again in the time of its class.

Law: 民发〔2021〕57号 art 31; classes and intervals are local. Parameters: 复核间隔月-A, -B, -C in force on the day of
the tests, which must be later than k months after the last review, or after the decision where there was none.
Worked example: class C (3 months), reviewed 2024-03-29, closing date 2024-06-30: due on 2024-06-29, a flag.
Silent: reviewed 2024-03-31, which has until 2024-06-30, the last day of a month that has no 31st; a case that is
suspended or stopped in the closing month; a case decided a month ago that nobody reviewed yet.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.months import months_after
from domain.vocabulary import ReviewClass, StandardItem
from domain.words import N_

_INTERVALS = {
    ReviewClass.A.value: StandardItem.REVIEW_MONTHS_A,
    ReviewClass.B.value: StandardItem.REVIEW_MONTHS_B,
    ReviewClass.C.value: StandardItem.REVIEW_MONTHS_C,
}


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield one flag when the next review was due before the day of the tests."""
    review_class = case.grant.review_class if case.grant else None
    item = _INTERVALS.get(review_class or "")
    if item is None or case.decided_on is None or not case.is_active(county.closing_month):
        return
    last = max(case.state.reviews, key=lambda review: review.reviewed_on, default=None)
    last_on = max(case.decided_on, last.reviewed_on) if last else case.decided_on
    due_on = months_after(last_on, county.limit(item, case))
    if county.as_of > due_on:
        facts: dict[str, Fact] = {
            "review_class": str(review_class),
            "last_on": last_on.isoformat(),
            "due_on": due_on.isoformat(),
            "days": (county.as_of - due_on).days,
        }
        yield Flag.of(RULE.id, case.case, last, case.grant, facts=facts)


RULE = Rule(
    id="RF16",
    title=N_("Review overdue"),
    sentence=N_("Class {review_class}, last looked at on {last_on}: the review was due on {due_on}, {days} days ago."),
    source=N_("Measures for minimum allowances (2021) art 31"),
    certainty=Certainty.RECORDED,
    next_step=N_("review the household now; where its income rose, decide whether the months since were due"),
    find=find,
    parameters=tuple(_INTERVALS.values()),
)
