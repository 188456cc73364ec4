"""The county's townships, villages and staff, and the 工作人员 rows they give."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.days import day_in
from cli.simulation.world import COUNTY, REGION, Staff, Township, World
from domain.months import add_months

TOWNSHIP_NAMES = ("城关街道", "松坪镇", "白岩镇", "清溪乡", "石门镇", "双河乡")
VILLAGE_NAMES = ("大坝", "小寨", "新民", "龙井", "水头", "和平", "茶园", "柏香")
HOUSEHOLDS_PER_TOWNSHIP = 40
TOWNSHIP_POSTS = ("受理", "受理", "调查", "调查", "调查", "审核确认", "发放")
COUNTY_POSTS = ("审核确认", "审核确认", "审核确认", "监督", "监督", "发放")


def open_offices(world: World) -> None:
    """Found the townships and appoint the staff; one surveyor leaves in the window and is replaced."""
    count = min(len(TOWNSHIP_NAMES), max(2, world.households // HOUSEHOLDS_PER_TOWNSHIP + 1))
    world.townships = [_township(world, index) for index in range(count)]
    for post in COUNTY_POSTS:
        _appoint(world, REGION, f"{COUNTY}民政局", post)
    for township in world.townships:
        for post in TOWNSHIP_POSTS:
            _appoint(world, township.code, f"{township.name}人民政府", post)
        for code, name in township.villages:
            _appoint(world, code, f"{name}委员会", "村居干部")
    _turnover(world)


# Private


def _township(world: World, index: int) -> Township:
    code = f"{REGION}{101 + index}"
    suffix = "社区" if index == 0 else "村"
    names = world.rng.sample(VILLAGE_NAMES, 4)
    villages = tuple((f"{code}{201 + place}", name + suffix) for place, name in enumerate(names))
    return Township(code, TOWNSHIP_NAMES[index], villages, delegated=index == 2)


def _appoint(world: World, region: str, office: str, post: str, since: date | None = None) -> Staff:
    """Appoint somebody new, long before the first application unless a day is given."""
    person = world.registry.person(1966, 1996)
    if since is None:
        years = world.rng.randrange(4, 10)
        since = date(int(world.window[0][:4]) - years, world.rng.randrange(1, 13), world.rng.randrange(1, 29))
    member = Staff(f"MZ{len(world.staff) + 1:04d}", person.name, region, post, since)
    world.staff.append(member)
    world.add(
        "工作人员",
        since,
        {
            "工号": member.number,
            "姓名": person.name,
            "身份证号": person.id,
            "单位": office,
            "地区代码": region,
            "岗位": post,
            "任职日期": since,
            "离任日期": None,
        },
    )
    return member


def _turnover(world: World) -> None:
    """Let one surveyor of the first township leave in the window, and one long before it."""
    township = world.townships[0]
    surveyors = [member for member in world.staff if member.region == township.code and member.post == "调查"]
    middle = world.window[len(world.window) // 2]
    _leave(world, surveyors[-1], day_in(middle, 15))
    _appoint(world, township.code, f"{township.name}人民政府", "调查", day_in(middle, 16))
    early = _appoint(world, township.code, f"{township.name}人民政府", "受理")
    _leave(world, early, day_in(add_months(world.window[0], -30), 20) + timedelta(days=3))


def _leave(world: World, member: Staff, day: date) -> None:
    """Record the last day in the post, on that day."""
    if member.since > day:
        return
    index = world.staff.index(member)
    world.staff[index] = Staff(member.number, member.name, member.region, member.post, member.since, day)
    row = next(row for row in world.rows["工作人员"] if row.cells["工号"] == member.number)
    world.fill(row, day, {"离任日期": day})
