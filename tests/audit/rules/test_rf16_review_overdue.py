"""RF16: reviews that were due before the closing date, 30 June 2024."""

import pytest


def reviewed(group, *days, changes=()):
    rows = {
        "审核确认": {"决定日期": "2023-06-20", "起始月份": "2023-07", "复核类别": group},
        "复核": [{"复核日期": day} for day in days],
    }
    return rows | {"变更": list(changes)} if changes else rows


def suspended(month):
    return {"变更类型": "暂停", "决定日期": "2024-05-20", "生效月份": month, "原因": "外出"}


STORIES = {
    "three months, due yesterday": (reviewed("C", "2024-03-29"), {None}),
    "three months, due today": (reviewed("C", "2024-03-30"), set()),
    "three months from the 31st, due on the last day of June": (reviewed("C", "2024-03-31"), set()),
    "six months from the end of the year": (reviewed("B", "2023-12-31"), set()),
    "six months from the day before": (reviewed("B", "2023-12-29"), {None}),
    "reviewed again in time": (reviewed("C", "2023-09-10", "2024-04-10"), set()),
    "a year, never reviewed since the decision": (reviewed("A"), {None}),
    "suspended by then": (reviewed("C", "2024-01-10", changes=[suspended("2024-06")]), set()),
    "suspended only from the month after": (reviewed("C", "2024-01-10", changes=[suspended("2024-07")]), {None}),
    "decided this year": ({"审核确认": {"复核类别": "B"}}, set()),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF16", {name: rows for name, (rows, _) in STORIES.items()}, closing="2024-06-30")


@pytest.mark.parametrize("story", STORIES)
def test_a_review_that_was_due_before_the_closing_date_is_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


def test_a_review_due_at_the_end_of_february_is_not_overdue_on_that_day(told):
    found = told("RF16", {"from 30 November": reviewed("C", "2024-11-30")}, closing="2025-02-28")
    assert found.result.flags == []
