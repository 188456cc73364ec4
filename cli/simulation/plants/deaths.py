"""Deaths that nobody handled, that were handled on the last day or a day late, and such as need no handling."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.actions import write_death
from cli.simulation.days import day_in
from cli.simulation.plants.papers import Act, Papers, day_of
from cli.simulation.plants.property import listed_member
from cli.simulation.standards import fixed_value
from cli.simulation.world import Case, Member
from domain.months import add_months, month_of, months_after

HANDLING = ("停发", "减发", "人口变化", "暂停", "渐退")


def died_unhandled(papers: Papers, case: Case) -> bool:
    """Let a counted member of a family die early in the window, and nothing follow."""
    month = papers.world.window[0]
    return not case.agenda and (case.start or "9999") <= month and _die(papers, case, day_in(month, 3))


def died_before_closing(days: int) -> Act:
    """Return what lets a member die so that the time to handle it ends so many days before the closing date."""

    def act(papers: Papers, case: Case) -> bool:
        day = _latest_death(papers.world.closing - timedelta(days=days))
        return not case.agenda and (case.start or "9999") <= month_of(day) and _die(papers, case, day)

    return act


def died_before_handling(days_late: int) -> Act:
    """Return what lets a member die so that the case's only fitting change came so many days late; 0 is in time."""

    def act(papers: Papers, case: Case) -> bool:
        changes = [row for row in papers.of("变更", case) if row.cells["变更类型"] in HANDLING]
        if len(changes) != 1 or any(member.dead for member in case.members):
            return False
        day = _latest_death(day_of(changes[0], "决定日期") - timedelta(days=days_late))
        return (case.start or "9999") <= month_of(day) and _die(papers, case, day)

    return act


def listed_died(papers: Papers, case: Case) -> bool:
    """Let somebody die who is listed but does not count."""
    if case.programme == "特困供养" or (case.start or "9999") > papers.world.window[0]:
        return False
    write_death(papers.world, listed_member(papers, case).person.id, day_in(papers.world.window[0], 5))
    return True


def died_while_suspended(papers: Papers, case: Case) -> bool:
    """Let a member die in a month in which the case is suspended."""
    changes = {str(row.cells["变更类型"]): str(row.cells["生效月份"]) for row in papers.of("变更", case)}
    if set(changes) != {"暂停", "恢复"}:
        return False
    return _die(papers, case, day_in(add_months(changes["恢复"], -1), 20))


# Private


def _latest_death(due: date) -> date:
    """Return the latest day of a death that must be handled by a day."""
    months = fixed_value("死亡处理期限")
    day = months_after(due, -months) + timedelta(days=3)
    while months_after(day, months) > due:
        day -= timedelta(days=1)
    return day


def _die(papers: Papers, case: Case, day: date) -> bool:
    """Let the last counted member die who leaves others behind."""
    counted: list[Member] = [member for member in case.counted_in(month_of(day)) if not member.dead]
    if len(counted) < 2:
        return False
    counted[-1].dead = True
    write_death(papers.world, counted[-1].person.id, day)
    return True
