"""From application to decision: the rows of intake, checks, home visit, publicity and confirmation."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.days import working_days_after
from cli.simulation.standards import entitlement_fen
from cli.simulation.world import COUNTY, REGION, Case, Member, Township, World
from domain.months import add_months, month_of

GRADE_SCORES = {"全自理": ("111111",), "半护理": ("110111", "101011", "111010"), "全护理": ("000010", "010000")}
HEALTH = ("良好", "一般", "慢性病", "重病")
REASONS = {"不予确认": "家庭人均收入高于保障标准", "终止": "申请人主动撤回"}
BANKS = ("青禾农商行", "农业银行青禾支行", "邮储银行青禾支行")


def handle_application(world: World, case: Case) -> None:
    """Write every row of a case from its acceptance to its decision; later days are never reached."""
    township = next(place for place in world.townships if place.code == case.township)
    _accept(world, case)
    asked = working_days_after(case.accepted, world.rng.randrange(1, 3))
    _check(world, case, asked)
    limit = 12 if case.programme == "特困供养" else 4
    visited = working_days_after(case.accepted, world.rng.randrange(1, limit))
    _visit(world, case, visited)
    if case.decision == "终止":
        _decide(world, case, township, working_days_after(visited, 2))
        return
    closed = _publish(world, case, working_days_after(visited, world.rng.randrange(1, 4)))
    _decide(world, case, township, working_days_after(closed, world.rng.randrange(1, 6)))


def write_member(world: World, case: Case, member: Member, day: date) -> None:
    """Write the 家庭成员 row of a member, known on that day."""
    age = member.person.age_on(day)
    able = "无" if age < 16 or age >= 75 else "部分丧失" if age >= 60 or member.disability else "有"
    member.row = world.add(
        "家庭成员",
        day,
        {
            "申请编号": case.number,
            "姓名": member.person.name,
            "身份证号": member.person.id,
            "与户主关系": member.relation,
            "残疾类别": member.disability,
            "残疾等级": member.level,
            "健康状况": world.rng.choice(HEALTH),
            "是否在校": "是" if 6 <= age < 19 else "否",
            "劳动能力": able,
            "申报月收入": member.income_fen,
            "是否计入": "是" if member.counted else "否",
            "计入起月": member.since,
            "计出月": None,
        },
        case=case.number,
    )


def write_visit(world: World, case: Case, day: date, score: str | None) -> None:
    """Write a home visit by two officers who serve on that day."""
    pair = world.rng.sample(world.posted("调查", case.township, day), 2)
    case.surveyors = (pair[0].number, pair[1].number)
    enough = case.decision == "确认"
    world.add(
        "入户调查",
        day,
        {
            "申请编号": case.number,
            "调查日期": day,
            "调查人工号1": case.surveyors[0],
            "调查人工号2": case.surveyors[1],
            "家庭人口": len(case.counted_in(month_of(day))),
            "核定月收入": case.income_fen,
            "自理能力评分": score,
            "意见": "符合条件" if enough else "收入超标准",
        },
        case=case.number,
    )


# Private


def _accept(world: World, case: Case) -> None:
    intake = world.rng.choice(world.posted("受理", case.township, case.accepted))
    world.add(
        "申请",
        case.accepted,
        {
            "申请编号": case.number,
            "申请日期": case.applied,
            "救助项目": case.programme,
            "地区代码": case.village,
            "申请方式": "主动发现" if world.rng.random() < 0.1 else "本人申请",
            "户主姓名": case.head.person.name,
            "户主身份证号": case.head.person.id,
            "联系电话": world.registry.telephone(),
            "住址": case.address,
            "开户银行": world.rng.choice(BANKS),
            "银行账号": case.account,
            "账户户名": case.holder,
            "受理日期": case.accepted,
            "受理人工号": intake.number,
            "授权书日期": None if "no consent" in case.quirks else case.applied,
            "承诺书日期": case.applied,
        },
        case=case.number,
    )
    for member in case.members:
        write_member(world, case, member, case.accepted)


def _check(world: World, case: Case, asked: date) -> None:
    """Write what the other offices answered: cars, deposits, homes, firms and wages."""
    for member in case.members:
        if not member.counted:
            continue
        head = member is case.head
        _answer(world, case, member, asked, "公安交管", "车辆", _vehicle(case, head))
        _answer(world, case, member, asked, "银行查询", "存款余额", f"{world.rng.randrange(20000, 900000) / 100:.2f}")
        if head:
            _answer(world, case, member, asked, "不动产登记", "房产", "1")
            firm = "合作社成员-青禾种养合作社-存续" if world.rng.random() < 0.08 else "无"
            _answer(world, case, member, asked, "市场监管", "经营主体", firm)
        if member.income_fen > 0 and world.rng.random() < 0.3:
            _answer(world, case, member, asked, "人社", "月工资", f"{member.income_fen / 100:.2f}")


def _vehicle(case: Case, head: bool) -> str:
    if not head:
        return "无"
    return "小型普通客车" if "car" in case.quirks else "残疾人机动轮椅车" if "aid car" in case.quirks else "无"


def _answer(world: World, case: Case, member: Member, asked: date, office: str, item: str, value: str) -> None:
    answered = asked + timedelta(days=world.rng.randrange(0, 4))
    world.add(
        "核对结果",
        answered,
        {
            "申请编号": case.number,
            "身份证号": member.person.id,
            "数据来源": office,
            "查询日期": asked,
            "反馈日期": answered,
            "项目": item,
            "数值": value,
        },
        case=case.number,
    )


def _visit(world: World, case: Case, day: date) -> None:
    score = None
    if case.programme == "特困供养":
        case.grade = world.rng.choice(("全自理", "全自理", "半护理", "全护理"))
        score = world.rng.choice(GRADE_SCORES[case.grade])
    write_visit(world, case, day, score)


def _publish(world: World, case: Case, opened: date) -> date:
    """Write the publicity and return its last day: 7 days or a little more, or one too few."""
    days = 6 if "short publicity" in case.quirks else world.rng.choice((7, 7, 7, 8))
    closed = opened + timedelta(days=days)
    objection = world.rng.random() < 0.03
    world.add(
        "公示",
        closed,
        {
            "申请编号": case.number,
            "公示开始日期": opened,
            "公示结束日期": closed,
            "地点": f"{case.address.rstrip('0123456789组')}公示栏",
            "异议内容": "群众反映家庭收入情况" if objection else None,
            "异议处理": "已复核，情况属实" if objection else None,
        },
        case=case.number,
    )
    return closed


def _decide(world: World, case: Case, township: Township, day: date) -> None:
    """Write the decision, unless the closing date comes first; a confirmed case starts next month."""
    if day > world.closing:
        return
    case.decided = day
    confirmed, amount_fen = case.decision == "确认", 0
    if confirmed:
        case.start = add_months(month_of(day), 1)
        amount_fen = entitlement_fen(world, case, case.start)
        amount_fen += 3000 if "wrong decision" in case.quirks else 0
        case.status = "active"
        case.amounts.append((case.start, day, amount_fen, False))
        case.last_review = day
    region = township.code if township.delegated else REGION
    office = f"{township.name}人民政府" if township.delegated else f"{COUNTY}民政局"
    officers = [member.number for member in world.posted("审核确认", region, day)]
    case.confirmer = world.rng.choice([number for number in officers if number not in case.surveyors])
    world.add(
        "审核确认",
        day,
        {
            "申请编号": case.number,
            "决定": case.decision,
            "决定日期": day,
            "月保障金额": amount_fen if confirmed else None,
            "起始月份": case.start,
            "决定机关": office,
            "确认人工号": case.confirmer,
            "理由": REASONS.get(case.decision),
            "复核类别": case.review_class if confirmed else None,
            "县级入户日期": None,
            "照料等级": case.grade if confirmed else None,
            "延期原因": None,
        },
        case=case.number,
    )
