"""Officers in two roles: who surveys and confirms, who decides on kin, and such as only look so."""

from __future__ import annotations

from datetime import date, timedelta

from cli.simulation.plants.papers import Act, Papers, decided
from cli.simulation.world import COUNTY, REGION, Case, Cells
from domain.months import months_after


def confirmed_by_surveyor(papers: Papers, case: Case) -> bool:
    """Let the second surveyor confirm the case."""
    surveys = papers.of("入户调查", case)
    if not surveys:
        return False
    papers.of("审核确认", case)[0].cells["确认人工号"] = surveys[0].cells["调查人工号2"]
    return True


def surveyed_after_by_confirmer(papers: Papers, case: Case) -> bool:
    """Let the confirmer make a visit after the decision."""
    surveys, day = papers.of("入户调查", case), decided(case) + timedelta(days=20)
    if not surveys or day > papers.world.closing or case.programme == "特困供养":
        return False
    papers.add("入户调查", day, case, surveys[0].cells | {"调查日期": day, "调查人工号2": _confirmer(papers, case)})
    return True


def confirmed_under_second_number(papers: Papers, case: Case) -> bool:
    """Let somebody confirm who bears the first surveyor's name, under a number of their own."""
    surveys, world = papers.of("入户调查", case), papers.world
    if not surveys:
        return False
    surveyor = next(row for row in world.rows["工作人员"] if row.cells["工号"] == surveys[0].cells["调查人工号1"])
    number = f"MZ{len(world.rows['工作人员']) + 1001:04d}"
    namesake = world.registry.person(1966, 1996)
    since = months_after(decided(case), -30)
    world.add(
        "工作人员",
        since,
        surveyor.cells
        | {
            "工号": number,
            "身份证号": namesake.id,
            "单位": f"{COUNTY}民政局",
            "地区代码": REGION,
            "岗位": "审核确认",
            "任职日期": since,
            "离任日期": None,
        },
    )
    papers.of("审核确认", case)[0].cells["确认人工号"] = number
    return True


def confirmed_by_kin(relation: str) -> Act:
    """Return what makes the confirmer declare a member as that relation, filed and visited in time."""

    def act(papers: Papers, case: Case) -> bool:
        if papers.of("近亲属备案", case):
            return False
        confirmer = _confirmer(papers, case)
        _declare(papers, case, confirmer, relation, months_after(decided(case), -2))
        _file(papers, case, confirmer, relation)
        visited = decided(case) - timedelta(days=1)
        visit: Cells = {"县级入户日期": visited, "入户人工号": "MZ0004", "结论": "符合"}
        papers.world.fill(papers.of("近亲属备案", case)[-1], visited, visit)
        return True

    return act


def visit_said_by_decision(days_before: int) -> Act:
    """Return what files kin, with the county's visit on the decision, so many days before it."""

    def act(papers: Papers, case: Case) -> bool:
        if papers.of("近亲属备案", case):
            return False
        visited = decided(case) - timedelta(days=days_before)
        if visited > papers.world.closing:
            return False
        officer = papers.of("申请", case)[0].cells["受理人工号"]
        _declare(papers, case, str(officer), "兄弟姐妹", months_after(decided(case), -2))
        _file(papers, case, str(officer), "兄弟姐妹")
        row = papers.of("审核确认", case)[0]
        if visited <= row.day:
            row.cells["县级入户日期"] = visited
        else:
            papers.world.fill(row, visited, {"县级入户日期": visited})
        return True

    return act


# Private


def _confirmer(papers: Papers, case: Case) -> str:
    return str(papers.of("审核确认", case)[0].cells["确认人工号"])


def _declare(papers: Papers, case: Case, number: str, relation: str, day: date) -> None:
    person = case.members[-1].person
    papers.world.add(
        "近亲属申报",
        day,
        {
            "工号": number,
            "亲属姓名": person.name,
            "亲属身份证号": person.id,
            "关系": relation,
            "申报日期": day,
        },
    )


def _file(papers: Papers, case: Case, number: str, relation: str) -> None:
    day = decided(case) - timedelta(days=2)
    papers.add(
        "近亲属备案",
        day,
        case,
        {
            "申请编号": case.number,
            "工号": number,
            "关系": relation,
            "备案日期": day,
            "县级入户日期": None,
            "入户人工号": None,
            "结论": None,
        },
    )
