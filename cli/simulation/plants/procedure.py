"""Steps of the procedure that are missing, in the wrong order or late, and such as are just in time."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.days import working_days_after, working_days_before
from cli.simulation.plants.papers import Act, Papers, day_of, decided
from cli.simulation.world import COUNTY, Case, Cells

HARDSHIP = "特困供养"


def without_survey(papers: Papers, case: Case) -> bool:
    """Let nobody have visited the household."""
    if case.programme == HARDSHIP:
        return False
    for row in papers.of("入户调查", case):
        papers.remove(row)
    return True


def surveyed_late(papers: Papers, case: Case) -> bool:
    """Let the home visit follow the decision."""
    return _visit_on(papers, case, working_days_after(decided(case), 2))


def surveyed_on_the_day(papers: Papers, case: Case) -> bool:
    """Let the home visit be on the day of the decision."""
    return _visit_on(papers, case, decided(case))


def authorised_late(papers: Papers, case: Case) -> bool:
    """Let the authorisation be signed on the day after the decision."""
    return _authorise_on(papers, case, decided(case) + timedelta(days=1))


def authorised_on_the_day(papers: Papers, case: Case) -> bool:
    """Let the authorisation be signed on the day of the decision."""
    return _authorise_on(papers, case, decided(case))


def without_publicity(papers: Papers, case: Case) -> bool:
    """Let nothing have been posted."""
    if case.programme == HARDSHIP:
        return False
    for row in papers.of("公示", case):
        papers.remove(row)
    return True


def posted_on_the_day(papers: Papers, case: Case) -> bool:
    """Let the posting begin on the day of the decision, and last its days."""
    row, end = papers.of("公示", case)[0], decided(case) + timedelta(days=7)
    if case.programme == HARDSHIP or end > papers.world.closing:
        return False
    row.cells |= {"公示开始日期": decided(case), "公示结束日期": end}
    row.day = end
    return True


def posted_twice(first_days: int, second_days: int) -> Act:
    """Return what posts a case twice before the decision, for so many days each."""

    def act(papers: Papers, case: Case) -> bool:
        row = papers.of("公示", case)[0]
        second = decided(case) - timedelta(days=second_days)
        first = second - timedelta(days=first_days + 2)
        if case.programme == HARDSHIP or row.day < second:
            return False
        again: Cells = {"公示开始日期": second, "公示结束日期": decided(case)}
        papers.add("公示", row.day, case, row.cells | again)
        row.cells |= {"公示开始日期": first, "公示结束日期": first + timedelta(days=first_days)}
        return True

    return act


def posted_again_after(papers: Papers, case: Case) -> bool:
    """Post a case for three days more after the decision."""
    row, start = papers.of("公示", case)[0], decided(case) + timedelta(days=5)
    end = start + timedelta(days=3)
    if end > papers.world.closing:
        return False
    papers.add("公示", end, case, row.cells | {"公示开始日期": start, "公示结束日期": end})
    return True


def visited_after(days: int) -> Act:
    """Return what makes the first home visit so many working days after acceptance."""

    def act(papers: Papers, case: Case) -> bool:
        if (case.programme == HARDSHIP) != (days > 10):
            return False
        _accept_on(papers, case, working_days_before(day_of(papers.of("入户调查", case)[0], "调查日期"), days))
        return True

    return act


def decided_after(days: int, *, delegated: bool = False, extended: bool = False) -> Act:
    """Return what makes the decision so many working days after acceptance, by the county or the township."""

    def act(papers: Papers, case: Case) -> bool:
        if case.programme == HARDSHIP:
            return False
        township = next(place.name for place in papers.world.townships if place.code == case.township)
        papers.of("审核确认", case)[0].cells |= {
            "决定机关": f"{township}人民政府" if delegated else f"{COUNTY}民政局",
            "延期原因": "家庭财产情况需跨省核对" if extended else None,
        }
        accepted = working_days_before(decided(case), days)
        _accept_on(papers, case, accepted)
        papers.of("入户调查", case)[0].cells["调查日期"] = working_days_after(accepted, 2)
        return True

    return act


def confirmed_after(days: int) -> Act:
    """Return what makes the decision on a 特困 case so many working days after the end of its posting."""

    def act(papers: Papers, case: Case) -> bool:
        if case.programme != HARDSHIP:
            return False
        end = working_days_before(decided(case), days)
        start = end - timedelta(days=7)
        papers.of("公示", case)[0].cells |= {"公示开始日期": start, "公示结束日期": end}
        accepted = working_days_before(start, 5)
        _accept_on(papers, case, accepted)
        papers.of("入户调查", case)[0].cells["调查日期"] = working_days_after(accepted, 2)
        return True

    return act


# Private


def _visit_on(papers: Papers, case: Case, day: date) -> bool:
    row = papers.of("入户调查", case)[0]
    if case.programme == HARDSHIP or day > papers.world.closing:
        return False
    row.cells["调查日期"], row.day = day, day
    return True


def _authorise_on(papers: Papers, case: Case, day: date) -> bool:
    """Leave the day of the authorisation blank at acceptance and have it filled in when it is signed."""
    if day > papers.world.closing:
        return False
    row = papers.of("申请", case)[0]
    row.cells["授权书日期"] = None
    papers.world.fill(row, day, {"授权书日期": day})
    return True


def _accept_on(papers: Papers, case: Case, day: date) -> None:
    """Date the acceptance back; the household had applied and signed by then."""
    cells = papers.of("申请", case)[0].cells
    cells["受理日期"] = day
    for header in ("申请日期", "授权书日期", "承诺书日期"):
        signed = cells[header]
        if isinstance(signed, date) and signed > day:
            cells[header] = day
