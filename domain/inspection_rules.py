"""What may follow what in an inspection: each function refuses a step, or lets it pass and returns nothing."""

import datetime
from collections.abc import Collection

from domain.errors import InspectionRefused
from domain.events.inspection import FindingRecorded, SampleDrawn, SampleInspected
from domain.inspection import FindingState, Inspection


def check_announcement(state: Inspection, number: str, unfinished: Collection[str]) -> None:
    """Refuse a number that is taken, and a plan of which another draw is neither made nor given up.

    `unfinished` are the numbers of such draws: whoever may have seen a seed must end that draw, openly, first.
    """
    if state.announcements:
        raise _refused(number, "a new number", "a draw announced already", "choose another number")
    if unfinished:
        mend = f"make the draw {min(unfinished)}, or give it up with `mingzhang audit sample abandon {min(unfinished)}`"
        raise _refused(number, "no other draw of this plan under way", f"{', '.join(sorted(unfinished))}", mend)


def check_draw(state: Inspection, number: str) -> None:
    """Refuse a draw that was not announced, was given up, or was made already."""
    if state.announced is None:
        mend = "run `mingzhang audit sample announce` first"
        raise _refused(number, "an announced draw", "no announcement", mend)
    if state.abandoned is not None:
        raise _refused(number, "a draw that stands", "one that was given up", "announce a new one")
    if state.draws:
        raise _refused(number, "a draw not made yet", "one that was made", "a draw is made once and for all")


def check_abandonment(state: Inspection, number: str, day: datetime.date) -> None:
    """Refuse to give up what is not announced, or was made or given up already; nor before its announcement."""
    check_draw(state, number)
    assert state.announced is not None
    _check_day(number, day, state.announced.occurred_on)


def check_inspected(state: Inspection, event: SampleInspected) -> None:
    """Refuse an inspection of a case that was not drawn, a second one, and by others than drawn without a reason."""
    sample = _drawn_sample(state, event.number, event.case)
    if event.case in state.inspected:
        raise _refused(event.number, "one result for each case", f"a result of {event.case} already", "leave it")
    _check_day(event.number, event.occurred_on, _first_day(state))
    recused = {one.staff for one in sample.recused}
    if found := sorted(recused & set(event.inspectors)):
        mend = "let others inspect this case"
        raise _refused(event.number, f"nobody who is recused from {event.case}", ", ".join(found), mend)
    if set(event.inspectors) != set(sample.inspectors) and event.substitution is None:
        expected = ", ".join(sample.inspectors) or "a reason, as nobody could be drawn"
        mend = "say with --substitution why others went"
        raise _refused(event.number, expected, ", ".join(event.inspectors) or "nobody", mend)


def check_finding(state: Inspection, event: FindingRecorded) -> None:
    """Refuse a finding in a case that was not drawn or not inspected yet, and a deadline before its day."""
    _drawn_sample(state, event.number, event.case)
    inspected = state.inspected.get(event.case)
    if inspected is None:
        mend = "record its inspection first: `mingzhang audit sample inspect`"
        raise _refused(event.number, f"{event.case} inspected", "no inspection of it", mend)
    _check_day(event.number, event.occurred_on, inspected.occurred_on)
    _check_day(event.number, event.due_on, event.occurred_on)


def check_report(state: Inspection, number: str, finding: int, day: datetime.date) -> None:
    """Refuse a report of what is closed, or is reported already and waits for an answer."""
    found = _open_finding(state, number, finding, day)
    if found.reported is not None:
        mend = "accept it or send it back first"
        raise _refused(number, "no report that waits for an answer", f"one of {found.reported.occurred_on}", mend)


def check_answer(state: Inspection, number: str, finding: int, day: datetime.date) -> None:
    """Refuse to accept or send back what nobody reported."""
    if _open_finding(state, number, finding, day).reported is None:
        mend = "record the report first: `mingzhang audit finding rectify`"
        raise _refused(number, "a report of the rectification", "none", mend)


def check_extension(state: Inspection, number: str, finding: int, day: datetime.date, due_on: datetime.date) -> None:
    """Refuse a new deadline that is no later than the one that stands."""
    found = _open_finding(state, number, finding, day)
    if due_on <= found.due_on:
        raise _refused(number, f"a day after {found.due_on}", str(due_on), "give a later day")


def check_publication(state: Inspection, number: str, day: datetime.date) -> None:
    """Refuse to publish what was not drawn."""
    if state.made is None:
        raise _refused(number, "a draw that was made", "none", "make the draw first")
    _check_day(number, day, _first_day(state))


# Private


def _drawn_sample(state: Inspection, number: str, case: str) -> SampleDrawn:
    sample = state.sample(case)
    if sample is None:
        expected = "one of the drawn cases" if state.made else "a draw that was made"
        raise _refused(number, expected, case, f"`mingzhang audit sample show {number}` lists what was drawn")
    return sample


def _open_finding(state: Inspection, number: str, finding: int, day: datetime.date) -> FindingState:
    found = state.findings.get(finding)
    if found is None:
        mend = f"`mingzhang audit sample show {number}` lists them"
        raise _refused(number, f"one of {len(state.findings)} findings", str(finding), mend)
    if found.accepted_on is not None:
        raise _refused(number, "a finding that is open", f"{finding}, which is closed", "record a new finding")
    _check_day(number, day, found.last_on)
    return found


def _first_day(state: Inspection) -> datetime.date:
    assert state.announced is not None
    return state.announced.occurred_on


def _check_day(number: str, day: datetime.date, earliest: datetime.date) -> None:
    if day < earliest:
        raise _refused(number, f"a day from {earliest} on", str(day), "give the day on which it happened")


def _refused(number: str, expected: str, found: str, mend: str) -> InspectionRefused:
    return InspectionRefused(where=f"inspection {number}", expected=expected, found=found, mend=mend)
