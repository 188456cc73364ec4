"""申请, 家庭成员, 近亲属备案: rows that say who asks, who lives there, and whose relative they are."""

from collections.abc import Mapping
from typing import Any

from domain.events import application, household, staff
from domain.mapping.rule import EventRule, RowContext, RowMapping, StreamId
from domain.mapping.staff import kin_of
from domain.regions import township_of
from domain.vocabulary import FileKind


def case_stream(context: RowContext) -> StreamId:
    """Return the stream of the case that the row names."""
    return ("case", str(context.values["申请编号"]))


# Private


def _application_region(context: RowContext) -> Mapping[str, Any]:
    return {"region": township_of(str(context.values["地区代码"]))}


def _member(context: RowContext) -> Mapping[str, Any]:
    return {"member": context.member}


def _kin(context: RowContext) -> Mapping[str, Any]:
    return {"relation": kin_of(str(context.values["关系"]))}


APPLICATIONS = RowMapping(
    FileKind.APPLICATIONS,
    case_stream,
    (
        EventRule(
            application.ApplicationSubmitted,
            {
                "occurred_on": "申请日期",
                "programme": "救助项目",
                "village": "地区代码",
                "channel": "申请方式",
                "head_name": "户主姓名",
                "head_citizen_id": "户主身份证号",
            },
            derived=_application_region,
        ),
        EventRule(application.ContactRegistered, {"telephone": "联系电话", "address": "住址"}, optional=True),
        EventRule(application.PayeeRegistered, {"bank": "开户银行", "account": "银行账号", "holder": "账户户名"}),
        EventRule(application.AuthorizationSigned, {"occurred_on": "授权书日期"}, optional=True),
        EventRule(application.TruthPledged, {"occurred_on": "承诺书日期"}, optional=True),
        EventRule(application.ApplicationAccepted, {"occurred_on": "受理日期", "officer": "受理人工号"}),
    ),
)

MEMBERS = RowMapping(
    FileKind.MEMBERS,
    case_stream,
    (
        EventRule(
            household.MemberJoined,
            {
                "name": "姓名",
                "citizen_id": "身份证号",
                "relation": "与户主关系",
                "declared_income_fen": "申报月收入",
                "counted": "是否计入",
            },
            derived=_member,
        ),
        EventRule(
            household.MemberDescribed,
            {
                "disability_kind": "残疾类别",
                "disability_grade": "残疾等级",
                "health": "健康状况",
                "at_school": "是否在校",
                "work_ability": "劳动能力",
            },
            optional=True,
            derived=_member,
        ),
        EventRule(
            household.MemberCounted,
            {"counted_from": "计入起月", "counted_until": "计出月"},
            optional=True,
            derived=_member,
        ),
    ),
)

FILINGS = RowMapping(
    FileKind.FILINGS,
    case_stream,
    (
        EventRule(
            staff.KinshipFiled,
            {"staff": "工号", "relation_text": "关系", "occurred_on": "备案日期"},
            derived=_kin,
        ),
        EventRule(
            staff.KinshipVisited,
            {"staff": "工号", "occurred_on": "县级入户日期", "visitor": "入户人工号", "conclusion": "结论"},
            placing=frozenset({"staff"}),
            optional=True,
        ),
    ),
)
