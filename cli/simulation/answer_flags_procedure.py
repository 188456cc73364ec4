"""The findings of section 8 about steps of the procedure: RF12, RF14, RF15, RF16 and RF24."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from cli.simulation.books import Books, CaseBook, day_of
from cli.simulation.days import working_days_between
from cli.simulation.kin import CORE_RELATIONS
from cli.simulation.standards import fixed_value
from cli.simulation.world import Cells, World
from domain.months import month_of, months_after

Flag = dict[str, Any]


def _process_gap(_: World, books: Books) -> Iterator[Flag]:
    for case, decided in _decided(books):
        authorised = case.application["授权书日期"]
        if not _until(case.surveys, "调查日期", decided):
            yield {"rule": "RF12", "case": case.number, "ref": "调查"}
        if authorised is None or day_of(authorised) > decided:
            yield {"rule": "RF12", "case": case.number, "ref": "授权"}
        if not _until(case.publicity, "公示开始日期", decided):
            yield {"rule": "RF12", "case": case.number, "ref": "公示"}


def _overdue_step(_: World, books: Books) -> Iterator[Flag]:
    for case, decided in _decided(books):
        accepted = day_of(case.application["受理日期"])
        care = case.programme == "特困供养"
        visited = min(_until(case.surveys, "调查日期", decided), default=None)
        visit_days = fixed_value("特困时限-调查" if care else "办理时限-入户")
        if visited is not None and working_days_between(accepted, visited) > visit_days:
            yield {"rule": "RF14", "case": case.number, "ref": "入户"}
        if not care and working_days_between(accepted, decided) > _total_days(case):
            yield {"rule": "RF14", "case": case.number, "ref": "总时限"}
        closed = max((day for day in _posting_ends(case) if day < decided), default=None)
        if care and closed is not None and working_days_between(closed, decided) > fixed_value("特困时限-确认"):
            yield {"rule": "RF14", "case": case.number, "ref": "确认"}


def _total_days(case: CaseBook) -> int:
    assert case.decision is not None
    if case.decision["延期原因"] is not None:
        return fixed_value("办理时限-延长")
    return fixed_value("办理时限-总" if str(case.decision["决定机关"]).endswith("民政局") else "办理时限-委托")


def _posting_ends(case: CaseBook) -> list[date]:
    return [day_of(row["公示结束日期"]) for row in case.publicity]


def _stale_verification(_: World, books: Books) -> Iterator[Flag]:
    for case, decided in _decided(books):
        answered = _until(case.checks, "反馈日期", decided)
        if answered and decided - max(answered) > timedelta(days=fixed_value("核对报告有效天数")):
            yield {"rule": "RF15", "case": case.number}


def _overdue_review(_: World, books: Books) -> Iterator[Flag]:
    for case, decided in _decided(books):
        assert case.decision is not None
        group = case.decision["复核类别"]
        last = max([decided, *(day_of(row["复核日期"]) for row in case.reviews)])
        if group is None or not case.active(month_of(books.closing)):
            continue
        if books.closing > months_after(last, fixed_value(f"复核间隔月-{group}")):
            yield {"rule": "RF16", "case": case.number}


def _role_collision(_: World, books: Books) -> Iterator[Flag]:
    kin = {(str(row["工号"]), row["亲属身份证号"]) for row in books.of("近亲属申报") if row["关系"] in CORE_RELATIONS}
    for case, decided in _decided(books):
        assert case.decision is not None
        confirmer = str(case.decision["确认人工号"])
        surveys = [row for row in case.surveys if day_of(row["调查日期"]) <= decided]
        surveyed = any(confirmer in (row["调查人工号1"], row["调查人工号2"]) for row in surveys)
        if surveyed or any((confirmer, row["身份证号"]) in kin for row in case.members):
            yield {"rule": "RF24", "case": case.number, "ref": confirmer}


def _decided(books: Books) -> Iterator[tuple[CaseBook, date]]:
    """Yield the confirmed cases with the day of their decision."""
    for case in books.confirmed():
        assert case.decided is not None
        yield case, case.decided


def _until(rows: list[Cells], header: str, decided: date) -> list[date]:
    """Return the days of a column that are not after the decision."""
    return [day_of(row[header]) for row in rows if day_of(row[header]) <= decided]


PROCEDURE_RULES = {
    "RF12": _process_gap,
    "RF14": _overdue_step,
    "RF15": _stale_verification,
    "RF16": _overdue_review,
    "RF24": _role_collision,
}
