"""Periodic reviews that fell due on the closing date or the day before it."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.plants.papers import Act, Papers, decided
from cli.simulation.standards import fixed_value
from cli.simulation.world import Case, Cells
from domain.months import add_months, last_day, month_of, months_after


def due_before_closing(days: int) -> Act:
    """Return what makes the last review fall due so many days before the closing date."""

    def act(papers: Papers, case: Case) -> bool:
        interval = fixed_value(f"复核间隔月-{case.review_class}")
        due = papers.world.closing - timedelta(days=days)
        reviewed = last_day(add_months(month_of(due), -interval))
        while months_after(reviewed, interval) > due:
            reviewed -= timedelta(days=1)
        return months_after(reviewed, interval) == due and _review_last_on(papers, case, reviewed)

    return act


# Private


def _review_last_on(papers: Papers, case: Case, day: date) -> bool:
    """Make that day the only review of a case that runs undisturbed."""
    if case.agenda or day <= decided(case):
        return False
    reviewer = papers.of("审核确认", case)[0].cells["确认人工号"]
    for row in papers.of("复核", case):
        papers.remove(row)
    cells: Cells = {"申请编号": case.number, "复核日期": day, "结论": "维持", "复核人工号": reviewer}
    papers.add("复核", day, case, cells)
    return True
