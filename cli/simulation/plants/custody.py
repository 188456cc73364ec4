"""Members in custody: for whole months in which they count, for parts of months, or while they do not count."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.days import day_in
from cli.simulation.plants.papers import Act, Papers
from cli.simulation.plants.property import listed_member, write_answer
from cli.simulation.world import Case, Member
from domain.months import add_months, first_day, last_day


def in_custody(first: int, last: int) -> Act:
    """Return what holds a counted member from a day of one month to a day of the next; 1 and 0: the first month.

    `first` is the day of the month on which it begins, `last` the days by which it ends after the end of that month.
    """

    def act(papers: Papers, case: Case) -> bool:
        month = papers.world.window[len(papers.world.window) // 2]
        counted = case.counted_in(month)
        if case.agenda or (case.start or "9999") > month or not counted:
            return False
        _hold(papers, case, counted[-1], day_in(month, first), last_day(month) + timedelta(days=last))
        return True

    return act


def listed_in_custody(papers: Papers, case: Case) -> bool:
    """Hold somebody who is listed but does not count, for all of the window."""
    if case.programme == "特困供养" or (case.start or "9999") > papers.world.window[0]:
        return False
    window = papers.world.window
    _hold(papers, case, listed_member(papers, case), first_day(window[0]), last_day(window[-1]))
    return True


def held_while_suspended(papers: Papers, case: Case) -> bool:
    """Hold a member for the months in which the case is suspended, and some days about them."""
    changes = {str(row.cells["变更类型"]): str(row.cells["生效月份"]) for row in papers.of("变更", case)}
    if set(changes) != {"暂停", "恢复"}:
        return False
    before, after = add_months(changes["暂停"], -1), changes["恢复"]
    _hold(papers, case, case.head, day_in(before, 2), day_in(after, 5))
    return True


# Private


def _hold(papers: Papers, case: Case, member: Member, first: date, last: date) -> None:
    answered = min(papers.world.closing, last + timedelta(days=4))
    write_answer(papers, case, member, "羁押服刑", f"{first.isoformat()}至{last.isoformat()}", answered)
