"""The findings of section 8 about property, firms and wages: RF04 to RF07."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from cli.simulation.books import Books, CaseBook, day_of, fen
from cli.simulation.world import Cells, World
from domain.months import add_months, month_of

Flag = dict[str, Any]

AIDS = ("残疾人机动轮椅车", "残疾人专用汽车")


def _vehicle(_: World, books: Books) -> Iterator[Flag]:
    return _hits(books, "RF04", lambda row: row["项目"] == "车辆" and row["数值"] not in ("无", *AIDS))


def _business(_: World, books: Books) -> Iterator[Flag]:
    return _hits(books, "RF06", _is_running_business)


def _is_running_business(row: Cells) -> bool:
    parts = str(row["数值"]).split("-")
    return row["项目"] == "经营主体" and parts[0] in ("法定代表人", "个体经营者") and parts[-1] == "存续"


def _hits(books: Books, rule: str, is_hit: Callable[[Cells], bool]) -> Iterator[Flag]:
    for case in books.confirmed():
        counted = _counted_ids(case)
        answers = [row for row in case.checks if row["身份证号"] in counted and is_hit(row)]
        if any(_lasts(books, case, day_of(row["反馈日期"])) for row in answers):
            yield {"rule": rule, "case": case.number}


def _homes(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        counted = _counted_ids(case)
        rows = [row for row in case.checks if row["身份证号"] in counted]
        shops = [row for row in rows if row["项目"] == "商铺" and int(str(row["数值"])) >= 1]
        latest: dict[str, Cells] = {}
        for row in sorted(rows, key=lambda row: day_of(row["反馈日期"])):
            if row["项目"] == "房产":
                latest[str(row["身份证号"])] = row
        days = [day_of(row["反馈日期"]) for row in shops]
        if sum(int(str(row["数值"])) for row in latest.values()) >= 2:
            days.append(max(day_of(row["反馈日期"]) for row in latest.values()))
        if any(_lasts(books, case, day) for day in days):
            yield {"rule": "RF05", "case": case.number}


def _lasts(books: Books, case: CaseBook, answered: date) -> bool:
    """Say whether the case is active in a month of the window from the second after an answer."""
    from_month = add_months(month_of(answered), 2)
    return any(case.active(month) for month in books.window if month >= from_month)


def _hidden_wage(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        decided, surveyed = case.decided, case.surveyed_income_fen()
        if decided is None or surveyed is None or case.start is None or case.start > books.window[-1]:
            continue
        counted = [row for row in case.members if row["是否计入"] == "是"]
        declared = sum(fen(row["申报月收入"]) for row in counted)
        for row in counted:
            earned, said = _earned_fen(case, str(row["身份证号"]), decided), fen(row["申报月收入"])
            if earned > said and surveyed < earned + declared - said:
                yield {"rule": "RF07", "case": case.number}


def _earned_fen(case: CaseBook, person: str, decided: date) -> int:
    """Return the largest wage or housing-fund base answered by the decision, in fen."""
    answers = [
        int(Decimal(str(row["数值"])) * 100)
        for row in case.checks
        if row["身份证号"] == person and row["项目"] in ("月工资", "公积金基数") and day_of(row["反馈日期"]) <= decided
    ]
    return max(answers, default=0)


def _counted_ids(case: CaseBook) -> set[str]:
    return {str(row["身份证号"]) for row in case.members if row["是否计入"] == "是"}


MEANS_RULES = {"RF04": _vehicle, "RF05": _homes, "RF06": _business, "RF07": _hidden_wage}
