"""核对结果 to 复核, 申诉: rows that carry a case from the means test to a decision, and change it later."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from domain.events import appeal, change, decision, verification
from domain.events.base import Event
from domain.fields import Citation
from domain.formats.catalogue import CONFIRMED, REFUSED, TERMINATED
from domain.mapping.household import case_stream
from domain.mapping.rule import CaseNote, EventRule, RowContext, RowMapping
from domain.vocabulary import FileKind

# Private


def _member(context: RowContext) -> Mapping[str, Any]:
    return {"member": context.member}


def _delegated(context: RowContext) -> Mapping[str, Any]:
    return {"delegated": not str(context.values["决定机关"]).endswith("民政局")}


def _appeal_notes(context: RowContext, events: Sequence[Event]) -> list[CaseNote]:
    stream = case_stream(context)
    notes = []
    for index, event in enumerate(events):
        if isinstance(event, appeal.AppealLodged):
            notes.append(CaseNote(stream, index, partial(_received, event)))
        elif isinstance(event, appeal.AppealDecided):
            notes.append(CaseNote(stream, index, partial(_applied, event)))
    return notes


def _received(event: appeal.AppealLodged, cites: Citation) -> Event:
    return appeal.AppealReceived(
        cites=cites, number=event.number, kind=event.kind, occurred_on=event.occurred_on, source=event.source
    )


def _applied(event: appeal.AppealDecided, cites: Citation) -> Event:
    return appeal.AppealApplied(
        cites=cites,
        number=event.number,
        occurred_on=event.occurred_on,
        outcome=event.outcome,
        amount_fen=event.amount_fen,
        effective_from=event.effective_from,
        source=event.source,
    )


_DECISION = {"occurred_on": "决定日期", "confirmer": "确认人工号", "deciding_office": "决定机关"}
_DECIDED = {"occurred_on": "决定日期"}
_CHANGE = {
    "occurred_on": "决定日期",
    "effective_from": "生效月份",
    "handler": "经办人工号",
    "confirmer": "确认人工号",
}
_CHANGE_PLACE = {"occurred_on": "决定日期", "effective_from": "生效月份"}
_CHANGE_PLACING = frozenset(_CHANGE_PLACE)


def _change(event: type[Event], **fields: str) -> EventRule:
    return EventRule(event, {**_CHANGE, **fields}, given={"变更类型": (change.KIND_OF_CHANGE[event].value,)})


def _change_detail(event: type[Event], **fields: str) -> EventRule:
    return EventRule(event, {**_CHANGE_PLACE, **fields}, placing=_CHANGE_PLACING, optional=True)


CHECKS = RowMapping(
    FileKind.CHECKS,
    case_stream,
    (
        EventRule(
            verification.VerificationReturned,
            {
                "office": "数据来源",
                "queried_on": "查询日期",
                "occurred_on": "反馈日期",
                "item": "项目",
                "result": "数值",
            },
            derived=_member,
        ),
    ),
)

SURVEYS = RowMapping(
    FileKind.SURVEYS,
    case_stream,
    (
        EventRule(
            verification.SurveyCompleted,
            {
                "occurred_on": "调查日期",
                "surveyor_1": "调查人工号1",
                "surveyor_2": "调查人工号2",
                "persons": "家庭人口",
                "income_fen": "核定月收入",
            },
        ),
        EventRule(
            verification.SelfCareScored,
            {"surveyed_on": "调查日期", "score": "自理能力评分"},
            placing=frozenset({"surveyed_on"}),
            optional=True,
        ),
        EventRule(
            verification.SurveyRemarked,
            {"surveyed_on": "调查日期", "opinion": "意见"},
            placing=frozenset({"surveyed_on"}),
            optional=True,
        ),
    ),
)

_OPENED = frozenset({"opened_on"})

PUBLICITY = RowMapping(
    FileKind.PUBLICITY,
    case_stream,
    (
        EventRule(verification.PublicityOpened, {"occurred_on": "公示开始日期"}),
        EventRule(
            verification.PublicityPlaced, {"opened_on": "公示开始日期", "place": "地点"}, placing=_OPENED, optional=True
        ),
        EventRule(verification.PublicityClosed, {"opened_on": "公示开始日期", "occurred_on": "公示结束日期"}),
        EventRule(
            verification.ObjectionRaised,
            {"opened_on": "公示开始日期", "objection": "异议内容"},
            placing=_OPENED,
            optional=True,
        ),
        EventRule(
            verification.ObjectionAnswered,
            {"opened_on": "公示开始日期", "answer": "异议处理"},
            placing=_OPENED,
            optional=True,
        ),
    ),
)

_DECISION_PLACING = frozenset(_DECIDED)

DECISIONS = RowMapping(
    FileKind.DECISIONS,
    case_stream,
    (
        EventRule(decision.CountyVisited, {"occurred_on": "县级入户日期"}, optional=True),
        EventRule(decision.ApplicationConfirmed, _DECISION, given={"决定": (CONFIRMED,)}, derived=_delegated),
        EventRule(decision.ApplicationRefused, _DECISION, given={"决定": (REFUSED,)}, derived=_delegated),
        EventRule(decision.ApplicationTerminated, _DECISION, given={"决定": (TERMINATED,)}, derived=_delegated),
        EventRule(
            decision.EntitlementGranted,
            {
                **_DECIDED,
                "effective_from": "起始月份",
                "amount_fen": "月保障金额",
                "review_class": "复核类别",
                "care_grade": "照料等级",
            },
            placing=_DECISION_PLACING,
            optional=True,
        ),
        EventRule(decision.DecisionExplained, {**_DECIDED, "reason": "理由"}, placing=_DECISION_PLACING, optional=True),
        EventRule(
            decision.DeadlineExtended, {**_DECIDED, "reason": "延期原因"}, placing=_DECISION_PLACING, optional=True
        ),
    ),
)

CHANGES = RowMapping(
    FileKind.CHANGES,
    case_stream,
    (
        _change(change.BenefitIncreased, amount_fen="变更后月金额", reason="原因"),
        _change(change.BenefitDecreased, amount_fen="变更后月金额", reason="原因"),
        _change(change.BenefitStopped, ground="原因"),
        _change(change.GraceStarted, amount_fen="变更后月金额", reason="原因"),
        _change(change.BenefitSuspended, reason="原因"),
        _change(change.BenefitResumed, amount_fen="变更后月金额", reason="原因"),
        _change(change.HouseholdChanged, amount_fen="变更后月金额", reason="原因"),
        _change_detail(change.HouseholdResized, persons="变更后人口"),
        _change_detail(change.IncomeReassessed, income_fen="变更后月收入"),
        _change_detail(change.CareRegraded, care_grade="变更后照料等级"),
    ),
)

REVIEWS = RowMapping(
    FileKind.REVIEWS,
    case_stream,
    (EventRule(change.ReviewCompleted, {"occurred_on": "复核日期", "conclusion": "结论", "reviewer": "复核人工号"}),),
)

_APPEAL_PLACING = frozenset({"number"})

APPEALS = RowMapping(
    FileKind.APPEALS,
    lambda context: ("appeal", str(context.values["申诉编号"])),
    (
        EventRule(
            appeal.AppealLodged,
            {"number": "申诉编号", "case": "申请编号", "kind": "类型", "occurred_on": "提出日期"},
        ),
        EventRule(
            appeal.AppealGroundsStated,
            {"number": "申诉编号", "grounds": "事由"},
            placing=_APPEAL_PLACING,
            optional=True,
        ),
        EventRule(
            appeal.AppealDecided,
            {
                "number": "申诉编号",
                "occurred_on": "决定日期",
                "outcome": "结果",
                "amount_fen": "变更后月金额",
                "effective_from": "起始月份",
            },
            placing=_APPEAL_PLACING,
            optional=True,
        ),
    ),
    notes=_appeal_notes,
)
