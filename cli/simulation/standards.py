"""The county's standards, the 标准 rows, and the entitlement they give in a month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from cli.simulation.days import day_in
from cli.simulation.people import Person
from cli.simulation.world import REGION, Case, World
from domain.months import add_months

# value before the rise, value from the rise month on; yuan per person and month
MONEY = {
    "城市低保": (680, 720),
    "农村低保": (370, 390),
    "特困供养": (1088, 1152),
    "最低工资": (1800, 1900),
}
FIXED = (
    ("特困照料-全自理", 20, "%"),
    ("特困照料-半护理", 60, "%"),
    ("特困照料-全护理", 100, "%"),
    ("分类施保-城市-重度残疾", 40, "%"),
    ("分类施保-城市-老年残疾", 30, "%"),
    ("分类施保-城市-普通残疾", 10, "%"),
    ("分类施保-农村-重度残疾", 40, "%"),
    ("分类施保-农村-老年残疾", 30, "%"),
    ("分类施保-农村-普通残疾", 50, "元/人/月"),
    ("低保边缘线", 150, "%"),
    ("核对报告有效天数", 180, "天"),
    ("公示天数", 7, "天"),
    ("复核间隔月-A", 12, "月"),
    ("复核间隔月-B", 6, "月"),
    ("复核间隔月-C", 3, "月"),
    ("办理时限-入户", 3, "工作日"),
    ("办理时限-总", 30, "工作日"),
    ("办理时限-延长", 45, "工作日"),
    ("办理时限-委托", 20, "工作日"),
    ("特困时限-调查", 15, "工作日"),
    ("特困时限-确认", 15, "工作日"),
    ("死亡处理期限", 3, "月"),
    ("退票处理期限", 3, "月"),
    ("追缴停滞天数", 90, "天"),
)


def publish_standards(world: World) -> None:
    """Write the standards in force from the start, and the rise in the middle of the window."""
    year = int(world.window[0][:4])
    start = date(year - 5, 1, 1)
    for item, (before, _) in MONEY.items():
        _publish(world, item, before, "元/人/月", start, f"青府办发〔{start.year}〕11号")
    for item, value, unit in FIXED:
        _publish(world, item, value, unit, start, f"青民发〔{start.year}〕5号")
    if world.rise_month:
        for item, (_, after) in MONEY.items():
            first = day_in(world.rise_month, 1)
            _publish(world, item, after, "元/人/月", first, f"青府办发〔{first.year}〕21号")


def fixed_value(item: str) -> int:
    """Return a standard that does not change in the window, in its own unit."""
    return _fixed(item)[0]


def standard_fen(world: World, item: str, month: str) -> int:
    """Return a money standard in force in a month, in fen."""
    before, after = MONEY[item]
    return 100 * (after if world.rise_month and month >= world.rise_month else before)


def entitlement_fen(world: World, case: Case, month: str) -> int:
    """Return the amount R(m) of section 6 for what the bureau knows of the case, in fen."""
    if case.programme == "特困供养":
        return care_amount_fen(world, case.grade or "全自理", month)
    standard = standard_fen(world, case.programme, month)
    counted = case.counted_in(month)
    gap = max(0, standard * len(counted) - case.income_fen)
    people = ((member.person, member.disability, member.level) for member in counted)
    return gap + supplements_fen(case.programme, standard, people, month)


def care_amount_fen(world: World, grade: str, month: str) -> int:
    """Return basic living plus care money of 特困供养, in fen."""
    wage = standard_fen(world, "最低工资", month)
    return standard_fen(world, "特困供养", month) + wage * _fixed(f"特困照料-{grade}")[0] // 100


def supplements_fen(
    programme: str, standard: int, people: Iterable[tuple[Person, str | None, int | None]], month: str
) -> int:
    """Return the sum of the people's 分类施保 supplements, the highest single one for each, in fen."""
    total = 0
    for person, disability, level in people:
        if disability is None or level is None:
            continue
        severe = level <= 2 or (level == 3 and disability in ("智力", "精神"))
        old = person.age_on(day_in(month, 1)) >= 60
        group = "重度残疾" if severe else "老年残疾" if old else "普通残疾"
        value, unit = _fixed(f"分类施保-{programme[:2]}-{group}")
        total += standard * value // 100 if unit == "%" else value * 100
    return total


# Private


@cache
def _fixed(item: str) -> tuple[int, str]:
    return next((value, unit) for name, value, unit in FIXED if name == item)


def _publish(world: World, item: str, value: int, unit: str, first: date, document: str) -> None:
    """Write one row; a document is out a month before its value applies."""
    world.add(
        "标准",
        day_in(add_months(f"{first.year:04d}-{first.month:02d}", -1), 10),
        {
            "项目": item,
            "地区代码": REGION,
            "数值": str(value),
            "单位": unit,
            "生效日期": first,
            "文号": document,
        },
    )
