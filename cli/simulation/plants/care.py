"""Care grades that do not follow the score of six abilities, and reassessments that still have time."""

from __future__ import annotations

from datetime import timedelta

from cli.simulation.days import day_in
from cli.simulation.plants.papers import Act, Papers
from cli.simulation.procedure import GRADE_SCORES
from cli.simulation.world import Case
from domain.months import add_months

OTHER_GRADE = {"全自理": "全护理", "半护理": "全自理", "全护理": "半护理"}


def scored_otherwise(papers: Papers, case: Case) -> bool:
    """Let the first home visit give another grade than the one decided."""
    if not _is_quiet(case):
        return False
    papers.of("入户调查", case)[0].cells["自理能力评分"] = _other_score(case)
    return True


def scored_again(months_before_closing: int, *, back_after: int | None = None) -> Act:
    """Return what scores another grade so many months before the closing month, and the old one again later."""

    def act(papers: Papers, case: Case) -> bool:
        window = papers.world.window
        month = add_months(window[-1], -months_before_closing)
        if not _is_quiet(case) or month < max(window[0], case.start or "9999"):
            return False
        _score(papers, case, month, _other_score(case))
        if back_after is not None:
            _score(papers, case, add_months(month, back_after), GRADE_SCORES[str(case.grade)][0])
        return True

    return act


# Private


def _is_quiet(case: Case) -> bool:
    return case.programme == "特困供养" and case.grade is not None and not case.agenda


def _other_score(case: Case) -> str:
    return GRADE_SCORES[OTHER_GRADE[str(case.grade)]][0]


def _score(papers: Papers, case: Case, month: str, score: str) -> None:
    day = day_in(month, 15) + timedelta(days=2)
    first = papers.of("入户调查", case)[0]
    papers.add("入户调查", day, case, first.cells | {"调查日期": day, "自理能力评分": score})
