"""Answers of the means test that came long before the decision, or only after it."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.plants.papers import Act, Papers, day_of, decided
from cli.simulation.world import Case, Row


def answered_before(days: int) -> Act:
    """Return what makes the latest answer so many days older than the decision."""

    def act(papers: Papers, case: Case) -> bool:
        rows = papers.until_decision("核对结果", case, "反馈日期")
        _shift(rows, decided(case) - timedelta(days=days))
        return bool(rows)

    return act


def answered_again_before(papers: Papers, case: Case) -> bool:
    """Let all answers but the latest be old."""
    rows = papers.until_decision("核对结果", case, "反馈日期")
    rows.remove(max(rows, key=lambda row: day_of(row, "反馈日期")))
    _shift(rows, decided(case) - timedelta(days=240))
    return bool(rows)


def answered_again_after(papers: Papers, case: Case) -> bool:
    """Let the answers be old, and one more come soon after the decision."""
    rows = papers.until_decision("核对结果", case, "反馈日期")
    day = decided(case) + timedelta(days=9)
    if day > papers.world.closing or not rows:
        return False
    _shift(rows, decided(case) - timedelta(days=200))
    papers.add("核对结果", day, case, rows[0].cells | {"查询日期": day - timedelta(days=2), "反馈日期": day})
    return True


# Private


def _shift(rows: list[Row], latest: date) -> None:
    """Date the answers back so that the latest of them is of that day."""
    back = max((day_of(row, "反馈日期") for row in rows), default=latest) - latest
    for row in rows:
        row.cells |= {header: day_of(row, header) - back for header in ("查询日期", "反馈日期")}
