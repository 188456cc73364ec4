"""The findings of the rules of section 8 that the answer key lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from cli.simulation.answer_flags_means import MEANS_RULES
from cli.simulation.answer_flags_people import PEOPLE_RULES
from cli.simulation.answer_flags_procedure import PROCEDURE_RULES
from cli.simulation.books import Books, CaseBook, Transfer, day_of, fen
from cli.simulation.kin import CORE_RELATIONS, DUTIES
from cli.simulation.people import Person
from cli.simulation.standards import care_amount_fen, fixed_value, standard_fen, supplements_fen
from cli.simulation.world import Cells, World
from domain.months import month_of, months_after

Flag = dict[str, Any]
Rule = Callable[[World, Books], Iterator[Flag]]


def find_flags(world: World, books: Books) -> list[Flag]:
    """Return the findings of the listed rules, ordered by rule, case, month and reference."""
    flags = {tuple(flag.items()) for rule in RULES.values() for flag in rule(world, books)}
    return [dict(items) for items in sorted(flags, key=lambda items: tuple(str(value) for _, value in items))]


def flagged_rules() -> list[str]:
    """Return the numbers of the rules listed in full."""
    return sorted(RULES)


# Private


def _paid_after_death(_: World, books: Books) -> Iterator[Flag]:
    died = {str(row["身份证号"]): month_of(day_of(row["死亡日期"])) for row in books.of("死亡信息")}
    for transfer in books.transfers:
        month = transfer.benefit_month
        if not transfer.case or not transfer.succeeded:
            continue
        people = [
            str(row["身份证号"])
            for row in books.cases[transfer.case].members
            if row["是否计入"] == "是"
            and str(row["计入起月"] or "") <= month
            and (row["身份证号"] in died or row["计出月"] is None or str(row["计出月"]) > month)
        ]
        if people and all(died.get(person, "9999-12") < month for person in people):
            yield {"rule": "RF01", "case": transfer.case, "month": month}


def _double_benefit(_: World, books: Books) -> Iterator[Flag]:
    cases_of: dict[str, list[CaseBook]] = defaultdict(list)
    for case in books.confirmed():
        for row in case.members:
            cases_of[str(row["身份证号"])].append(case)
    for person, cases in cases_of.items():
        ordered = sorted(cases, key=lambda case: (case.start or "", case.number))
        for place, second in enumerate(ordered):
            for first in ordered[:place]:
                month = next((m for m in books.window if _gets(first, person, m) and _gets(second, person, m)), "")
                if month:
                    yield {"rule": "RF03", "case": second.number, "month": month, "ref": first.number}


def _gets(case: CaseBook, person: str, month: str) -> bool:
    return case.active(month) and any(row["身份证号"] == person for row in case.counted(month))


def _paid_after_stop(_: World, books: Books) -> Iterator[Flag]:
    for transfer in books.transfers:
        month = transfer.benefit_month
        if not transfer.case or not transfer.succeeded or month not in books.window:
            continue
        if books.cases[transfer.case].status(month) == "stopped":
            yield {"rule": "RF09", "case": transfer.case, "month": month}


def _kin_not_filed(_: World, books: Books) -> Iterator[Flag]:
    relatives: dict[str, list[str]] = defaultdict(list)
    for row in books.of("近亲属申报"):
        if row["关系"] in CORE_RELATIONS:
            relatives[str(row["亲属身份证号"])].append(str(row["工号"]))
    for case in books.confirmed():
        for member in case.members:
            for staff in relatives[str(member["身份证号"])]:
                if _handled(books, case, staff) and not _filed_in_time(case, staff):
                    yield {"rule": "RF10", "case": case.number, "ref": staff}


def _handled(books: Books, case: CaseBook, number: str) -> bool:
    """Say whether the staff member held a handling post some time from acceptance to decision."""
    accepted, decided = day_of(case.application["受理日期"]), case.decided
    assert decided is not None
    return any(
        row["工号"] == number
        and row["岗位"] in DUTIES
        and day_of(row["任职日期"]) <= decided
        and (row["离任日期"] is None or day_of(row["离任日期"]) >= accepted)
        for row in books.of("工作人员")
    )


def _filed_in_time(case: CaseBook, number: str) -> bool:
    assert case.decided is not None
    return any(row["工号"] == number and day_of(row["备案日期"]) <= case.decided for row in case.filings)


def _filed_not_visited(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        assert case.decided is not None and case.decision is not None
        for row in case.filings:
            visits = (row["县级入户日期"], case.decision["县级入户日期"])
            seen = any(visit is not None and day_of(visit) <= case.decided for visit in visits)
            if day_of(row["备案日期"]) <= case.decided and not seen:
                yield {"rule": "RF11", "case": case.number, "ref": row["工号"]}


def _short_publicity(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        assert case.decided is not None
        shown = [row for row in case.publicity if day_of(row["公示开始日期"]) <= case.decided]
        if shown:
            last = max(shown, key=lambda row: day_of(row["公示开始日期"]))
            if day_of(last["公示结束日期"]) - day_of(last["公示开始日期"]) < timedelta(days=fixed_value("公示天数")):
                yield {"rule": "RF13", "case": case.number}


def _wrong_payee(_: World, books: Books) -> Iterator[Flag]:
    heads: dict[str, set[str]] = defaultdict(set)
    for case in books.confirmed():
        heads[str(case.application["银行账号"])].add(str(case.application["户主身份证号"]))
    for case in books.confirmed():
        application = case.application
        if application["账户户名"] != application["户主姓名"]:
            yield {"rule": "RF17", "case": case.number, "ref": "户名不符"}
        if len(heads[str(application["银行账号"])]) > 1:
            yield {"rule": "RF17", "case": case.number, "ref": "共用账号"}
    for transfer in books.transfers:
        if not transfer.case or not transfer.succeeded or books.cases[transfer.case].start is None:
            continue
        if transfer.account != books.cases[transfer.case].application["银行账号"]:
            yield {"rule": "RF17", "case": transfer.case, "ref": "回单账号不符"}


def _unresolved_return(_: World, books: Books) -> Iterator[Flag]:
    replaced = {transfer.original for transfer in books.transfers}
    for transfer in books.transfers:
        if not transfer.case or transfer.succeeded or transfer.serial in replaced:
            continue
        if books.closing > months_after(transfer.day, fixed_value("退票处理期限")):
            month, serial = transfer.benefit_month, transfer.serial
            yield {"rule": "RF18", "case": transfer.case, "month": month, "ref": serial}


def _wrong_amount(world: World, books: Books) -> Iterator[Flag]:
    for (number, month), transfers in books.by_benefit.items():
        if not number or not books.cases[number].active(month):
            continue
        paid, entitled = _paid_fen(transfers), _recomputed_fen(world, books.cases[number], month)
        if paid > 0 and entitled is not None and paid != entitled:
            yield {"rule": "RF20", "case": number, "month": month}


def _recomputed_fen(world: World, case: CaseBook, month: str) -> int | None:
    """Return R(m) in fen; None where it is undefined."""
    if case.status(month) == "grace" or case.amount(month)[1] or case.decided is None:
        return None
    if case.programme == "特困供养":
        return care_amount_fen(world, str(case.care_grade(month)), month)
    income = case.surveyed_income_fen()
    if income is None:
        return None
    for row in case.changes_until(month):
        income = income if row["变更后月收入"] is None else fen(row["变更后月收入"])
    counted = case.counted(month)
    standard = standard_fen(world, case.programme, month)
    people = [_person(row) for row in counted]
    return max(0, standard * len(counted) - income) + supplements_fen(case.programme, standard, people, month)


def _person(row: Cells) -> tuple[Person, str | None, int | None]:
    number = str(row["身份证号"])
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    disability = None if row["残疾类别"] is None else str(row["残疾类别"])
    level = None if row["残疾等级"] is None else fen(row["残疾等级"])
    return Person(str(row["姓名"]), number, birth), disability, level


def _active_but_unpaid(_: World, books: Books) -> Iterator[Flag]:
    for case in books.confirmed():
        for month in books.window:
            if case.due_fen(month) > 0 and not books.by_benefit.get((case.number, month)):
                yield {"rule": "RF21", "case": case.number, "month": month}


def _stalled_recovery(_: World, books: Books) -> Iterator[Flag]:
    for order in books.of("追缴"):
        back = [row for row in books.of("追缴回款") if row["追缴编号"] == order["追缴编号"]]
        outstanding = fen(order["应追缴金额"]) + fen(order["罚款金额"]) - sum(fen(row["金额"]) for row in back)
        last = max([day_of(order["决定日期"]), *(day_of(row["回款日期"]) for row in back)])
        if outstanding > 0 and books.closing - last > timedelta(days=fixed_value("追缴停滞天数")):
            yield {"rule": "RF26", "case": order["申请编号"], "ref": order["追缴编号"]}


def _paid_fen(transfers: list[Transfer]) -> int:
    return sum(transfer.amount_fen for transfer in transfers if transfer.succeeded)


RULES: dict[str, Rule] = {
    "RF01": _paid_after_death,
    "RF03": _double_benefit,
    "RF09": _paid_after_stop,
    "RF10": _kin_not_filed,
    "RF11": _filed_not_visited,
    "RF13": _short_publicity,
    "RF17": _wrong_payee,
    "RF18": _unresolved_return,
    "RF20": _wrong_amount,
    "RF21": _active_but_unpaid,
    "RF26": _stalled_recovery,
    **MEANS_RULES,
    **PEOPLE_RULES,
    **PROCEDURE_RULES,
}
