"""Bad rows: every code of section 3, planted beside honest rows or in cases that must be held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from cli.simulation.paper import Delivery, Line, Raw
from cli.simulation.people import Registry, with_check_character
from cli.simulation.world import REGION, Cells, World


class Fault(NamedTuple):
    """A fault: the file, the column, the code and the text that stands there; `where` limits the copy."""

    kind: str
    column: str
    code: str
    text: str  # {case}, {id}, {flipped} and {year} are filled in
    where: tuple[str, str] | None = None  # column and value of the honest row to copy, * for any value


FAULTS = (
    Fault("核对结果", "申请编号", "unknown_case", "{case}"),
    Fault("入户调查", "申请编号", "unknown_case", "{case}"),
    Fault("审核确认", "申请编号", "unknown_case", "{case}"),
    Fault("变更", "申请编号", "unknown_case", "{case}"),
    Fault("复核", "申请编号", "unknown_case", "{case}"),
    Fault("家庭成员", "申请编号", "unknown_case", "{case}"),
    Fault("核对结果", "身份证号", "bad_check_digit", "{flipped}"),
    Fault("核对结果", "身份证号", "unknown_person", "{id}"),
    Fault("核对结果", "反馈日期", "bad_date", "{year}-06-31"),
    Fault("核对结果", "项目", "unknown_value", "飞机"),
    Fault("入户调查", "核定月收入", "negative_amount", "-200"),
    Fault("入户调查", "调查人工号1", "missing_required", ""),
    Fault("入户调查", "自理能力评分", "unknown_value", "11011", ("自理能力评分", "*")),
    Fault("公示", "公示结束日期", "end_before_start", ""),
    Fault("公示", "公示开始日期", "bad_date", "{year}-13-05"),
    Fault("审核确认", "月保障金额", "negative_amount", "-300.00", ("决定", "确认")),
    Fault("审核确认", "复核类别", "missing_required", "", ("决定", "确认")),
    Fault("变更", "生效月份", "bad_month", "{year}-13"),
    Fault("变更", "变更后月金额", "negative_amount", "-120", ("变更后月金额", "*")),
    Fault("变更", "决定日期", "missing_required", ""),
    Fault("变更", "变更类型", "unknown_value", "调标"),
    Fault("变更", "原因", "unknown_value", "其他", ("变更类型", "停发")),
    Fault("复核", "复核日期", "bad_date", "{year}-11-31"),
    Fault("死亡信息", "身份证号", "bad_check_digit", "{flipped}"),
    Fault("死亡信息", "死亡日期", "bad_date", "{year}年2月31日"),
    Fault("死亡信息", "身份证号", "bad_id", "5.20199E+17"),
    Fault("银行回单", "金额", "negative_amount", "-365.00"),
    Fault("银行回单", "交易日期", "bad_date", "{year}0532"),
    Fault("银行回单", "流水号", "missing_required", ""),
    Fault("银行回单", "金额", "not_a_number", "叁佰元"),
    Fault("银行回单", "状态", "unknown_value", "处理中"),
    Fault("银行回单", "收款账号", "bad_account", "6.29901E+18"),
    Fault("发放计划", "所属月份", "bad_month", "{year}-00"),
    Fault("发放计划", "金额", "not_a_number", "365.123"),
    Fault("追缴回款", "追缴编号", "unknown_order", "ZJ20159000"),
    Fault("追缴回款", "金额", "negative_amount", "0"),
    Fault("追缴", "应追缴金额", "negative_amount", "-500"),
    Fault("近亲属申报", "工号", "unknown_staff", "MZ9800"),
    Fault("近亲属备案", "工号", "unknown_staff", "MZ9800"),
    Fault("工作人员", "身份证号", "bad_check_digit", "{flipped}"),
    Fault("标准", "数值", "not_a_number", "另行通知"),
    Fault("申诉", "结果", "missing_required", "", ("决定日期", "*")),
    Fault("信用", "主体身份证号", "bad_id", "52019919620315301"),
)

Damage = tuple[str, str, str, str]  # kind, column, code, text
SPOILS: tuple[Damage, ...] = (  # one damaged row makes the whole case wait
    ("家庭成员", "身份证号", "bad_check_digit", "{flipped}"),
    ("申请", "申请日期", "bad_date", "{year}-02-30"),
    ("家庭成员", "残疾等级", "unknown_value", "5"),
    ("申请", "银行账号", "bad_account", "6.29901E+18"),
    ("申请", "申请编号", "missing_required", ""),
    ("家庭成员", "申报月收入", "missing_required", ""),
    ("申请", "救助项目", "unknown_value", "农低宝"),
    ("家庭成员", "身份证号", "bad_id", "5.20199E+17"),
    ("申请", "户主身份证号", "missing_required", ""),
    ("家庭成员", "残疾等级", "missing_required", ""),
)
MENDED_EVERY = 3  # spoiled cases


def plant_faults(papers: list[Delivery], world: World, rng: Random, messy: float) -> None:
    """Put bad rows into the deliveries: each fault once at messy 1, a share of them below, more above."""
    registry = Registry(rng, REGION)
    chosen = [fault for _ in range(int(messy)) for fault in FAULTS]
    chosen += rng.sample(FAULTS, round((messy - int(messy)) * len(FAULTS)))
    for fault in chosen:
        _plant(papers, fault, world, rng, registry)
    if messy >= 1:
        _plant_dependants(papers, rng, registry)
        _plant_double_fault(papers, rng)


def spoil_cases(papers: list[Delivery], world: World, rng: Random) -> None:
    """Damage one row of the application unit of each spoiled case.

    Every third case, when a later delivery is left, is handed over again there, whole and right.
    """
    registry = Registry(rng, REGION)
    for place, case in enumerate([case for case in world.cases if case.spoiled]):
        kind, column, code, text = SPOILS[place % len(SPOILS)]
        mine = [
            line
            for paper in papers
            for lines in paper.values()
            for line in lines
            if line.case == case.number and line.fate == "held"
        ]
        target = [line for line in mine if line.kind == kind][-1]
        if place % MENDED_EVERY == 0 and target.delivery + 1 < len(papers):
            case.spoiled = False
            mine = _hand_over_again(papers[target.delivery + 1], mine, target.delivery + 1)
        old_id = target.cells.get("身份证号")
        if column == "残疾等级":
            target.cells["残疾类别"] = "肢体"
        _damage(target, column, code, _text(text, target.cells, column, world, rng, registry))
        if column == "身份证号":
            _forget_checks(papers, mine, old_id)
        if column == "申请编号":
            for line in mine:
                if line is not target:
                    _damage(line, "申请编号", "unknown_case", case.number)


# Private


def _plant(papers: list[Delivery], fault: Fault, world: World, rng: Random, registry: Registry) -> None:
    """Copy an honest row, damage the copy and put it somewhere into the same table."""
    line = _copy(papers, fault.kind, rng, lambda line: _fits(line, fault))
    if line is None:
        return
    text = _text(fault.text, line.cells, fault.column, world, rng, registry)
    if fault.code == "end_before_start":
        start = line.cells["公示开始日期"]
        assert isinstance(start, date)
        text = (start - timedelta(days=rng.randrange(2, 20))).isoformat()
    if fault.kind in ("追缴", "工作人员"):  # their numbers must not look like those of an honest row
        number = "追缴编号" if fault.kind == "追缴" else "工号"
        line.cells[number] = f"{str(line.cells[number])[:2]}98{rng.randrange(10, 99)}"
    if fault.column == "结果":
        line.cells |= {"变更后月金额": None, "起始月份": None}
    _damage(line, fault.column, fault.code, text)


def _fits(line: Line, fault: Fault) -> bool:
    if line.fate != "loaded" or (not line.settled and fault.where is None):
        return False
    if fault.kind == "申诉":  # a decided appeal may stand there as completed only
        return line.cells["决定日期"] is not None
    if fault.where is None:
        return True
    value = line.cells[fault.where[0]]
    return value is not None and fault.where[1] in ("*", value)


def _copy(papers: list[Delivery], kind: str, rng: Random, fits: Callable[[Line], bool]) -> Line | None:
    """Return a copy of a random honest line that fits, already put into its table."""
    found = [
        (lines, line)
        for paper in papers
        for (name, _), lines in sorted(paper.items())
        if name == kind
        for line in lines
        if fits(line)
    ]
    if not found:
        return None
    lines, line = rng.choice(found)
    copy = Line(line.kind, line.month, dict(line.cells), line.case, line.township, delivery=line.delivery)
    lines.insert(rng.randrange(len(lines) + 1), copy)
    return copy


def _damage(line: Line, column: str, code: str, text: str) -> None:
    line.cells[column] = Raw(text) if text else None
    line.fate = "rejected"
    line.faults.append((column, code, text))


def _text(text: str, cells: Cells, column: str, world: World, rng: Random, registry: Registry) -> str:
    """Fill in what the faulty text says."""
    if "{flipped}" in text:
        number = str(cells[column])
        return number[:17] + rng.choice([sign for sign in "0123456789X" if sign != number[17]])
    if "{id}" in text:
        return registry.person(1950, 1990).id
    if "{case}" in text:
        year = int(world.window[0][:4]) - 7
        return f"SQ{REGION}{year}{rng.randrange(1, 13):02d}{rng.randrange(80000, 89999):05d}"
    return text.replace("{year}", world.window[0][:4])


def _hand_over_again(paper: Delivery, mine: list[Line], place: int) -> list[Line]:
    """Put good copies of a case's early lines into a delivery, and return the early lines."""
    early = [line for line in mine if line.delivery < place]
    for line in mine:
        if line not in early:
            line.fate = "loaded"
    for line in early:
        copy = Line(line.kind, line.month, dict(line.cells), line.case, line.township, delivery=place)
        paper.setdefault((line.kind, line.month), []).append(copy)
    return early


def _forget_checks(papers: list[Delivery], mine: list[Line], person_id: object) -> None:
    """Take away the checks of a person whose member row became unreadable."""
    gone = {id(line) for line in mine if line.kind == "核对结果" and line.cells["身份证号"] == person_id}
    for paper in papers:
        lines = paper.get(("核对结果", ""), [])
        lines[:] = [line for line in lines if id(line) not in gone]


def _plant_dependants(papers: list[Delivery], rng: Random, registry: Registry) -> None:
    """Plant good rows that name a rejected order or a rejected staff member: they are held with it."""
    for kind, column, rejected_kind in (("追缴回款", "追缴编号", "追缴"), ("近亲属申报", "工号", "工作人员")):
        rejected = [
            line
            for paper in papers
            for line in paper.get((rejected_kind, ""), [])
            if line.fate == "rejected" and line.cells[column] is not None
        ]
        if not rejected:
            continue
        line = _copy(papers[rejected[0].delivery :], kind, rng, lambda line: line.fate == "loaded")
        if line is not None:
            line.cells[column] = rejected[0].cells[column]
            line.fate, line.case = "held", ""
            if kind == "近亲属申报":
                line.cells["亲属身份证号"] = registry.person(1950, 1990).id


def _plant_double_fault(papers: list[Delivery], rng: Random) -> None:
    """Plant one row with two faults, and an id whose birth date never was."""
    line = _copy(papers, "复核", rng, lambda line: line.fate == "loaded")
    if line is not None:
        _damage(line, "复核日期", "bad_date", "2023-02-29")
        _damage(line, "复核人工号", "missing_required", "")
    line = _copy(papers, "死亡信息", rng, lambda line: line.fate == "loaded")
    if line is not None:
        _damage(line, "身份证号", "bad_id", with_check_character(f"{REGION}19500230{rng.randrange(100, 999)}"))
