"""The findings of section 8 about deaths, custody and care grades: RF02, RF22 and RF23."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from cli.simulation.books import Books, CaseBook, day_of
from cli.simulation.standards import fixed_value
from cli.simulation.world import World
from domain.masking import mask_citizen_id
from domain.months import add_months, first_day, last_day, month_of, months_after

Flag = dict[str, Any]

HANDLING = ("停发", "减发", "人口变化", "暂停", "渐退")


def _unhandled_death(_: World, books: Books) -> Iterator[Flag]:
    died = {str(row["身份证号"]): day_of(row["死亡日期"]) for row in books.of("死亡信息")}
    for case in books.confirmed():
        for row in case.members:
            day = died.get(str(row["身份证号"]))
            if day is None or row not in case.counted(month_of(day)) or not case.active(month_of(day)):
                continue
            due = months_after(day, fixed_value("死亡处理期限"))
            if books.closing > due and not _is_handled(case, day, due):
                yield {"rule": "RF02", "case": case.number, "ref": mask_citizen_id(str(row["身份证号"]))}


def _is_handled(case: CaseBook, first: date, last: date) -> bool:
    return any(row["变更类型"] in HANDLING and first <= day_of(row["决定日期"]) <= last for row in case.changes)


def _counted_in_custody(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        for answer in case.checks:
            person = str(answer["身份证号"])
            if answer["项目"] == "羁押服刑" and _is_counted(books, case, person, str(answer["数值"])):
                yield {"rule": "RF22", "case": case.number, "ref": mask_citizen_id(person)}


def _is_counted(books: Books, case: CaseBook, person: str, span: str) -> bool:
    first, last = (date.fromisoformat(day) for day in span.split("至"))
    whole = [month for month in books.window if first <= first_day(month) and last_day(month) <= last]
    return any(case.active(month) and any(row["身份证号"] == person for row in case.counted(month)) for month in whole)


def _care_grade(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        if case.programme == "特困供养" and any(_is_wrongly_graded(case, month) for month in books.window):
            yield {"rule": "RF23", "case": case.number}


def _is_wrongly_graded(case: CaseBook, month: str) -> bool:
    grade = case.care_grade(month)
    scored = [(day_of(row["调查日期"]), str(row["自理能力评分"])) for row in case.surveys if row["自理能力评分"]]
    settled = [row for row in scored if month_of(row[0]) <= add_months(month, -2)]
    if not settled or grade is None or not case.active(month):
        return False
    recent = [score for day, score in scored if add_months(month, -1) <= month_of(day) <= month]
    return grade not in {_grade_of(score) for score in (max(settled)[1], *recent)}


def _grade_of(score: str) -> str:
    failed = score.count("0")
    return "全自理" if failed == 0 else "半护理" if failed <= 3 else "全护理"


PEOPLE_RULES = {"RF02": _unhandled_death, "RF22": _counted_in_custody, "RF23": _care_grade}
