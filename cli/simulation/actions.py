"""The bureau's acts on a running case: one function for each action of an agenda."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from cli.simulation.days import day_in, working_day_on_or_after
from cli.simulation.procedure import GRADE_SCORES, write_member, write_visit
from cli.simulation.standards import entitlement_fen, standard_fen
from cli.simulation.world import REGION, Case, Cells, Member, World
from domain.months import add_months

Action = Callable[[World, Case, str, str], None]  # world, case, month, argument


def write_change(
    world: World, case: Case, kind: str, day: date, first: str, amount_fen: int | None, reason: str, more: Cells
) -> None:
    """Write a 变更 row, and remember the amount it brings from its first month."""
    officers = world.posted("调查", case.township, day)
    confirmer = world.rng.choice(world.posted("审核确认", REGION, day)).number
    row: Cells = {
        "申请编号": case.number,
        "变更类型": kind,
        "决定日期": day,
        "生效月份": first,
        "变更后月金额": amount_fen,
        "变更后人口": len(case.counted_in(first)) if amount_fen is not None else None,
        "变更后月收入": None,
        "变更后照料等级": None,
        "原因": reason,
        "经办人工号": world.rng.choice(officers).number,
        "确认人工号": confirmer,
    }
    world.add("变更", day, row | more, case=case.number)
    if amount_fen is not None:
        case.amounts.append((first, day, amount_fen, False))


def adjust(world: World, case: Case, day: date, first: str, kind: str, reason: str, more: Cells) -> None:
    """Set the amount to the entitlement of the first month; `kind` blank: 增发 or 减发 as it comes."""
    amount = entitlement_fen(world, case, first)
    before = case.amount_in(first)[0]
    write_change(world, case, kind or ("增发" if amount > before else "减发"), day, first, amount, reason, more)


def decision_day(world: World, month: str) -> date:
    """Return a working day between the 12th and the 24th or so, always after pay day."""
    return working_day_on_or_after(day_in(month, world.rng.randrange(12, 22)))


def write_death(world: World, person_id: str, day: date) -> None:
    """Write a 死亡信息 row, received within a week or so."""
    received = day + timedelta(days=world.rng.randrange(2, 5))
    source = world.rng.choice(("殡葬", "公安户籍", "卫健"))
    world.add("死亡信息", received, {"身份证号": person_id, "死亡日期": day, "来源": source, "接收日期": received})


def write_review(world: World, case: Case, day: date, finding: str) -> None:
    """Write a 复核 row."""
    case.last_review = day
    reviewer = world.rng.choice(world.posted("调查", case.township, day)).number
    cells: Cells = {"申请编号": case.number, "复核日期": day, "结论": finding, "复核人工号": reviewer}
    world.add("复核", day, cells, case=case.number)


# Private


def _raise_income(world: World, case: Case, month: str, _: str) -> None:
    """Raise the income so that about three quarters of the gap remain."""
    first = add_months(month, 1)
    gap = standard_fen(world, case.programme, first) * len(case.counted_in(first)) - case.income_fen
    case.income_fen += max(6000, gap // 400 * 100)
    _review(world, case, month, "减发")
    adjust(world, case, decision_day(world, month), first, "", "收入增加", {"变更后月收入": case.income_fen})


def _lower_income(world: World, case: Case, month: str, _: str) -> None:
    case.income_fen = case.income_fen // 200 * 100
    reason = "收入减少" if case.income_fen else "失去收入来源"
    first = add_months(month, 1)
    if entitlement_fen(world, case, first) != case.amount_in(first)[0]:
        adjust(world, case, decision_day(world, month), first, "", reason, {"变更后月收入": case.income_fen})


def _stop(world: World, case: Case, month: str, ground: str) -> None:
    _review(world, case, month, "停发")
    write_change(world, case, "停发", decision_day(world, month), add_months(month, 1), None, ground, {})
    case.status = "stopped"


def _grace(world: World, case: Case, month: str, _: str) -> None:
    first = add_months(month, 1)
    _review(world, case, month, "渐退")
    amount = case.amount_in(first)[0]
    write_change(world, case, "渐退", decision_day(world, month), first, amount, "就业后收入超过标准", {})
    case.status = "grace"


def _suspend(world: World, case: Case, month: str, _: str) -> None:
    write_change(world, case, "暂停", decision_day(world, month), add_months(month, 1), None, "长期外出无法联系", {})
    case.status = "suspended"


def _resume(world: World, case: Case, month: str, _: str) -> None:
    case.status = "active"
    adjust(world, case, decision_day(world, month), add_months(month, 1), "恢复", "已返回并重新核查", {})


def _die(world: World, case: Case, month: str, _: str) -> None:
    """Record the death of the last counted member, in the first days of the month."""
    member = case.counted_in(month)[-1]
    member.dead = True
    day = day_in(month, world.rng.randrange(1, 8))
    write_death(world, member.person.id, day)


def _bury(world: World, case: Case, month: str, _: str) -> None:
    """Handle a death: the case of a person alone is stopped, a family goes on with one fewer."""
    dead = next(member for member in case.members if member.dead)
    if len(case.counted_in(month)) == 1:
        day, first = decision_day(world, month), add_months(month, 1)
        write_change(world, case, "停发", day, first, None, "死亡", {})
        case.status = "stopped"
        _count_out(world, dead, day, first)
    else:
        _shrink(world, case, month, dead, "成员死亡")


def _leave(world: World, case: Case, month: str, _: str) -> None:
    _shrink(world, case, month, case.counted_in(month)[-1], "成员婚嫁迁出")


def _shrink(world: World, case: Case, month: str, member: Member, reason: str) -> None:
    """Count a member out from next month; the income left stays below the standard of who remains."""
    day, first = decision_day(world, month), add_months(month, 1)
    _count_out(world, member, day, first)
    limit = standard_fen(world, case.programme, first) * len(case.counted_in(first)) // 200 * 100
    case.income_fen = min(max(0, case.income_fen - member.income_fen), limit)
    adjust(world, case, day, first, "人口变化", reason, {"变更后月收入": case.income_fen})


def _count_out(world: World, member: Member, day: date, first: str) -> None:
    member.until = first
    world.fill(member.row, day, {"计出月": first})


def _join(world: World, case: Case, month: str, _: str) -> None:
    """Count a new child from next month."""
    day, first = decision_day(world, month), add_months(month, 1)
    year = int(month[:4])
    child = Member(world.registry.person(year - 9, year - 2), "孙子女" if world.rng.random() < 0.5 else "子女", 0)
    child.since = first
    case.members.append(child)
    write_member(world, case, child, day)
    adjust(world, case, day, first, "人口变化", "新增共同生活成员", {})


def _reassess(world: World, case: Case, month: str, _: str) -> None:
    """Visit a 特困 person whose care grade changes, and pay the new grade from next month."""
    day, first = decision_day(world, month), add_months(month, 1)
    grade = "半护理" if case.grade == "全自理" else "全护理" if case.grade == "半护理" else "半护理"
    case.grade = grade
    write_visit(world, case, day - timedelta(days=7), GRADE_SCORES[grade][0])
    adjust(world, case, day, first, "", "自理能力变化", {"变更后照料等级": grade})


def _buy_car(world: World, case: Case, month: str, _: str) -> None:
    """Let a periodic check find a car."""
    day = day_in(month, 6)
    world.add(
        "核对结果",
        day,
        {
            "申请编号": case.number,
            "身份证号": case.head.person.id,
            "数据来源": "公安交管",
            "查询日期": day_in(month, 3),
            "反馈日期": day,
            "项目": "车辆",
            "数值": "小型普通客车",
        },
        case=case.number,
    )


def _review(world: World, case: Case, month: str, finding: str) -> None:
    """Write the review that led to a change, on one of the first days of the month."""
    day = working_day_on_or_after(day_in(month, world.rng.randrange(4, 9)))
    if case.last_review is None or day > case.last_review:
        write_review(world, case, day, finding)


ACTIONS: dict[str, Action] = {
    "raise income": _raise_income,
    "lower income": _lower_income,
    "stop": _stop,
    "grace": _grace,
    "suspend": _suspend,
    "resume": _resume,
    "die": _die,
    "bury": _bury,
    "leave": _leave,
    "join": _join,
    "reassess": _reassess,
    "buy car": _buy_car,
}
