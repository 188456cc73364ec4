"""Relatives of staff: declarations, filings, the county's visits, and the filings that are missing."""

from __future__ import annotations

from datetime import timedelta

from cli.simulation.days import day_in, working_days_after
from cli.simulation.world import REGION, Case, Member, Staff, World
from domain.months import add_months

CORE_RELATIONS = ("配偶", "父母", "子女", "兄弟姐妹", "祖父母", "外祖父母", "孙子女", "外孙子女")
OTHER_RELATIONS = ("侄甥", "表兄弟姐妹", "儿女亲家")
DUTIES = ("受理", "调查", "审核确认", "监督", "村居干部")


def declare_relatives(world: World) -> None:
    """Write 近亲属申报 and 近亲属备案: mostly filed and visited, some late, unvisited or not filed at all."""
    for staff in world.staff:
        for _ in range(world.rng.choice((0, 0, 1, 1, 2))):
            person = world.registry.person(1945, 2005)
            relation = world.rng.choice(CORE_RELATIONS + OTHER_RELATIONS)
            _declare(world, staff, person.name, person.id, relation)
    free = [case for case in world.cases if case.start and not case.spoiled]
    world.rng.shuffle(free)
    for habit, rate, least in (
        ("filed", 0.035, 2),
        ("unfiled", 0.006, 1),
        ("filed late", 0.006, 1),
        ("filed, not visited", 0.006, 1),
        ("distant", 0.008, 1),
        ("cashier", 0.006, 1),
        ("left before", 0.004, 1),
    ):
        for _ in range(world.some(rate, least)):
            if free:
                _relate(world, free.pop(), habit)


def double_people(world: World) -> None:
    """List some people in a second household too; before the procedure is run."""
    able = [
        case
        for case in world.cases
        if case.decision == "确认" and not case.spoiled and not case.quirks and case.programme != "特困供养"
    ]
    for _ in range(min(world.some(0.006), len(able) // 10)):
        first, second = world.rng.sample(able, 2)
        if first.quirks or second.quirks:
            continue
        person = first.members[-1].person
        second.members.append(Member(person, "其他", 0))
        first.quirks.add("double")
        second.quirks.add("double")


# Private


def _relate(world: World, case: Case, habit: str) -> None:
    """Make a member of the case a relative of somebody on the staff, and file it or not."""
    staff = _relative(world, case, habit)
    assert case.decided is not None
    if staff is None:
        return
    member = world.rng.choice(case.members)
    relation = world.rng.choice(OTHER_RELATIONS if habit == "distant" else CORE_RELATIONS)
    _declare(world, staff, member.person.name, member.person.id, relation)
    if habit == "filed late":
        _file(world, case, staff, relation, (case.decided - case.accepted).days + 10)
    elif habit.startswith("filed"):
        _file(world, case, staff, relation, 0)
        if habit == "filed":
            _visit(world, case)


def _relative(world: World, case: Case, habit: str) -> Staff | None:
    """Return a staff member who may be the relative: on duty during the case, and not its confirmer."""
    assert case.decided is not None
    pool = []
    for staff in world.staff:
        here = staff.region in (REGION, case.township, case.village)
        duty = staff.post == "发放" if habit == "cashier" else staff.post in DUTIES
        during = staff.since <= case.accepted and staff.serves_on(case.decided)
        if habit == "left before":
            here, during = True, staff.until is not None and staff.until < case.accepted
        if here and duty and during and staff.number != case.confirmer:
            pool.append(staff)
    return world.rng.choice(pool) if pool else None


def _declare(world: World, staff: Staff, name: str, person_id: str, relation: str) -> None:
    day = day_in(add_months(world.window[0], -1), 20)
    if world.rng.random() < 0.5:
        day = max(staff.since, day_in(add_months(world.window[0], -world.rng.randrange(2, 12)), 8))
    world.add(
        "近亲属申报",
        max(day, staff.since),
        {
            "工号": staff.number,
            "亲属姓名": name,
            "亲属身份证号": person_id,
            "关系": relation,
            "申报日期": max(day, staff.since),
        },
    )


def _file(world: World, case: Case, staff: Staff, relation: str, days_late: int) -> None:
    day = case.accepted + timedelta(days=days_late) if days_late else working_days_after(case.accepted, 1)
    world.add(
        "近亲属备案",
        day,
        {
            "申请编号": case.number,
            "工号": staff.number,
            "关系": relation,
            "备案日期": day,
            "县级入户日期": None,
            "入户人工号": None,
            "结论": None,
        },
        case=case.number,
    )


def _visit(world: World, case: Case) -> None:
    """Fill in the county's own visit, on or shortly before the day of the decision."""
    assert case.decided is not None
    row = world.rows["近亲属备案"][-1]
    day = max(row.day, case.decided - timedelta(days=world.rng.randrange(1, 5)))
    others = [staff.number for staff in world.posted("监督", REGION, day) if staff.number != row.cells["工号"]]
    visitor = world.rng.choice(others)
    world.fill(row, day, {"县级入户日期": day, "入户人工号": visitor, "结论": "符合"})
