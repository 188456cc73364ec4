"""Wages that another office knows of: more than was declared, and such as were counted all the same."""

from __future__ import annotations

from datetime import timedelta

from cli.simulation.plants.papers import Act, Papers, decided
from cli.simulation.plants.property import listed_member, write_answer
from cli.simulation.world import Case, Member

HIDDEN_FEN = 60_000


def hidden_wage(item: str) -> Act:
    """Return what lets the head have earned more than was declared and counted."""

    def act(papers: Papers, case: Case) -> bool:
        if not papers.of("入户调查", case):
            return False
        _write_wage(papers, case, case.head, item, case.head.income_fen + HIDDEN_FEN, before_decision=3)
        return True

    return act


def wage_counted(papers: Papers, case: Case) -> bool:
    """Let the head have declared too little, and the home visit have counted the whole wage."""
    earned_fen = case.head.income_fen
    if case.agenda or earned_fen < 20_000 or case.programme == "特困供养":
        return False
    row = next(row for row in papers.of("家庭成员", case) if row.cells["身份证号"] == case.head.person.id)
    row.cells["申报月收入"] = earned_fen - 15_000
    _write_wage(papers, case, case.head, "公积金基数", earned_fen, before_decision=3)
    return True


def wage_declared(papers: Papers, case: Case) -> bool:
    """Let the head have declared the wage to the fen."""
    if case.head.income_fen == 0:
        return False
    _write_wage(papers, case, case.head, "公积金基数", case.head.income_fen, before_decision=3)
    return True


def wage_answered_late(papers: Papers, case: Case) -> bool:
    """Let the answer come on the day after the decision."""
    if decided(case) == papers.world.closing:
        return False
    _write_wage(papers, case, case.head, "月工资", case.head.income_fen + HIDDEN_FEN, before_decision=-1)
    return True


def wage_of_listed(papers: Papers, case: Case) -> bool:
    """Let somebody earn who is listed but does not count."""
    if case.programme == "特困供养":
        return False
    member = listed_member(papers, case)
    _write_wage(papers, case, member, "月工资", member.income_fen + 5 * HIDDEN_FEN, before_decision=3)
    return True


# Private


def _write_wage(papers: Papers, case: Case, member: Member, item: str, fen: int, before_decision: int) -> None:
    day = decided(case) - timedelta(days=before_decision)
    write_answer(papers, case, member, item, f"{fen // 100}.{fen % 100:02d}", day)
