"""标准, 工作人员, 近亲属申报: rows about the rules and the people who apply them."""

from collections.abc import Mapping
from typing import Any

from domain.events import staff, standard
from domain.formats.columns import Value
from domain.formats.standards import standard_hundredths, standard_item
from domain.mapping.rule import EventRule, RowContext, RowMapping, StreamId
from domain.regions import township_of
from domain.vocabulary import FileKind, Kin


def kin_of(text: str) -> Kin:
    """Return the relation of the core scope, or OTHER for any other word."""
    return Kin(text) if text in set(Kin) else Kin.OTHER


def staff_stream(context: RowContext) -> StreamId:
    """Return the stream of the staff member that the row names."""
    return ("staff", str(context.values["工号"]))


# Private


def _standard_stream(context: RowContext) -> StreamId:
    item = standard_item(str(context.values["项目"]))
    return ("standard", item.name.lower().replace("_", "-") if item else "unlisted")


def _exact(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """Give a listed standard its name without white space, and read the value to the hundredth."""
    item = standard_item(str(values["项目"]))
    return {**values, "项目": item.value if item else values["项目"], "数值": standard_hundredths(str(values["数值"]))}


def _kin(context: RowContext) -> Mapping[str, Any]:
    return {"relation": kin_of(str(context.values["关系"]))}


def _township(context: RowContext) -> Mapping[str, Any]:
    return {"region": township_of(str(context.values["地区代码"]))}


STANDARDS = RowMapping(
    FileKind.STANDARDS,
    _standard_stream,
    (
        EventRule(
            standard.StandardAdopted,
            {
                "item": "项目",
                "region": "地区代码",
                "value_hundredths": "数值",
                "unit": "单位",
                "effective_on": "生效日期",
                "document": "文号",
            },
        ),
    ),
    prepare=_exact,
)

STAFF = RowMapping(
    FileKind.STAFF,
    staff_stream,
    (
        EventRule(
            staff.StaffAppointed,
            {
                "name": "姓名",
                "citizen_id": "身份证号",
                "office": "单位",
                "region": "地区代码",
                "post": "岗位",
                "occurred_on": "任职日期",
            },
            derived=_township,
        ),
        EventRule(
            staff.StaffDeparted,
            {"post": "岗位", "appointed_on": "任职日期", "occurred_on": "离任日期"},
            placing=frozenset({"post", "appointed_on"}),
            optional=True,
        ),
    ),
)

RELATIVES = RowMapping(
    FileKind.RELATIVES,
    staff_stream,
    (
        EventRule(
            staff.RelativeDeclared,
            {
                "relative_name": "亲属姓名",
                "relative_citizen_id": "亲属身份证号",
                "relation_text": "关系",
                "occurred_on": "申报日期",
            },
            derived=_kin,
        ),
    ),
)
