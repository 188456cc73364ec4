"""死亡信息 and 信用: rows about a person, whatever cases that person is in."""

from domain.events import person
from domain.mapping.rule import EventRule, RowContext, RowMapping, StreamId
from domain.vocabulary import FileKind

# Private


def _person_stream(context: RowContext) -> StreamId:
    return ("person", context.person)


DEATHS = RowMapping(
    FileKind.DEATHS,
    _person_stream,
    (
        EventRule(
            person.DeathRecorded,
            {"citizen_id": "身份证号", "died_on": "死亡日期", "reported_by": "来源", "received_on": "接收日期"},
        ),
    ),
)

CREDIT = RowMapping(
    FileKind.CREDIT,
    _person_stream,
    (
        EventRule(
            person.CreditRecorded,
            {
                "citizen_id": "主体身份证号",
                "case": "申请编号",
                "fact": "失信事实",
                "decided_on": "决定日期",
                "begins_on": "起",
                "ends_on": "止",
            },
        ),
    ),
)
