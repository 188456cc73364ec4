"""Cars, homes, shops and firms that the means test finds, and such as must raise no flag."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.days import day_in
from cli.simulation.plants.papers import Act, Papers, day_of, decided
from cli.simulation.procedure import write_member
from cli.simulation.world import Case, Member
from domain.months import add_months

OFFICES = {
    "车辆": "公安交管",
    "房产": "不动产登记",
    "商铺": "不动产登记",
    "经营主体": "市场监管",
    "月工资": "人社",
    "公积金基数": "公积金中心",
    "羁押服刑": "司法行政",
}


def answered(item: str, value: str) -> Act:
    """Return what answers so about the last counted member of a case that goes on for months."""

    def act(papers: Papers, case: Case) -> bool:
        day = _day_of_monitoring(papers, case)
        if day is None or not case.counted_in(f"{day:%Y-%m}"):
            return False
        write_answer(papers, case, case.counted_in(f"{day:%Y-%m}")[-1], item, value, day)
        return True

    return act


def answered_of_listed(item: str, value: str) -> Act:
    """Return what answers so about somebody who is listed but does not count."""

    def act(papers: Papers, case: Case) -> bool:
        day = _day_of_monitoring(papers, case)
        if day is None or case.programme == "特困供养":
            return False
        write_answer(papers, case, listed_member(papers, case), item, value, day)
        return True

    return act


def answered_before_closing(item: str, value: str, months: int) -> Act:
    """Return what answers so in the month that is so many months before the closing month."""

    def act(papers: Papers, case: Case) -> bool:
        month = add_months(papers.world.window[-1], -months)
        if case.agenda or (case.start or month) > month or month not in papers.world.window:
            return False
        write_answer(papers, case, case.head, item, value, day_in(month, 28))
        return True

    return act


def answered_before_stop(item: str, value: str, months: int) -> Act:
    """Return what answers so in the month that is so many months before the case is stopped."""

    def act(papers: Papers, case: Case) -> bool:
        changes = [row for row in papers.of("变更", case) if row.cells["变更类型"] in ("停发", "渐退", "恢复")]
        if case.status != "stopped" or len(changes) != 1 or any(member.dead for member in case.members):
            return False
        month = add_months(str(changes[0].cells["生效月份"]), -months)
        if month < (case.start or "") or month < papers.world.window[0]:
            return False
        write_answer(papers, case, case.head, item, value, day_in(month, 9))
        return True

    return act


def homes_of_two(papers: Papers, case: Case) -> bool:
    """Let a second counted member own a home as well."""
    counted = [member for member in case.members if member.counted]
    if len(counted) < 2 or not _goes_on(papers, case):
        return False
    write_answer(papers, case, counted[1], "房产", "1", decided(case) - timedelta(days=3))
    return True


def home_sold(papers: Papers, case: Case) -> bool:
    """Let the head have had two homes by an earlier answer and one by the latest."""
    rows = [row for row in papers.until_decision("核对结果", case, "反馈日期") if row.cells["项目"] == "房产"]
    if len(rows) != 1 or not _goes_on(papers, case):
        return False
    earlier = day_of(rows[0], "反馈日期") - timedelta(days=20)
    papers.add("核对结果", rows[0].day, case, rows[0].cells | {"反馈日期": earlier, "查询日期": earlier, "数值": "2"})
    return True


def write_answer(papers: Papers, case: Case, member: Member, item: str, value: str, day: date) -> None:
    """Write an answer of the means test, asked two days before."""
    papers.add(
        "核对结果",
        day,
        case,
        {
            "申请编号": case.number,
            "身份证号": member.person.id,
            "数据来源": OFFICES[item],
            "查询日期": day - timedelta(days=2),
            "反馈日期": day,
            "项目": item,
            "数值": value,
        },
    )


def listed_member(papers: Papers, case: Case) -> Member:
    """Return somebody of the household who is listed but does not count; a grown child when there is none."""
    for member in case.members:
        if not member.counted:
            return member
    year = case.accepted.year
    member = Member(papers.world.registry.person(year - 40, year - 22), "子女", 0, counted=False)
    case.members.append(member)
    write_member(papers.world, case, member, case.accepted)
    return member


# Private


def _goes_on(papers: Papers, case: Case) -> bool:
    """Say whether the case is paid undisturbed from the middle of the window, and two months are left."""
    window = papers.world.window
    return len(window) > 3 and not case.agenda and (case.start or "9999") <= window[len(window) // 2]


def _day_of_monitoring(papers: Papers, case: Case) -> date | None:
    if not _goes_on(papers, case):
        return None
    window = papers.world.window
    return day_in(min(window[len(window) // 2], window[-3]), 6)
