"""变更类型: the words for a change of a running case. No field holds one: each is a topic of its own in the log."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What a row of 变更 does (docs/import-formats.md section 4); `domain.events.change` has an event for each."""

    INCREASED = "增发"
    DECREASED = "减发"
    STOPPED = "停发"
    GRACE = "渐退"
    SUSPENDED = "暂停"
    RESUMED = "恢复"
    HOUSEHOLD = "人口变化"


WITHOUT_AMOUNT = frozenset({ChangeKind.STOPPED, ChangeKind.SUSPENDED})
"""Changes after which nothing is due; an amount beside them is not read."""
