"""RF14: clocks in working days, over holidays with make-up days, and where the calendar is not known."""

import datetime

import chinese_calendar
import pytest

from audit.flags.untested import NO_HOLIDAYS, Untestable
from audit.working_days import is_working_day, overdue_days

HARDSHIP = {"救助项目": "特困供养"}
GRADED = {"照料等级": "全自理"}
TOWNSHIP = {"决定机关": "青石镇人民政府"}


def visited(accepted, visited_on, **decision):
    return {
        "申请": {"受理日期": accepted},
        "入户调查": {"调查日期": visited_on},
        "审核确认": {"决定日期": "2024-10-12", "起始月份": "2024-11", **decision},
    }


def decided(accepted, decided_on, **decision):
    """Visited at once; only the whole clock is at stake."""
    rows = visited(accepted, accepted)
    return rows | {"审核确认": {"决定日期": decided_on, "起始月份": "2024-12", **decision}}


def hardship(accepted, visited_on, posted_until, decided_on):
    return {
        "申请": {"受理日期": accepted, **HARDSHIP},
        "入户调查": {"调查日期": visited_on, "自理能力评分": "111111"},
        "公示": {"公示开始日期": "2024-03-01", "公示结束日期": posted_until},
        "审核确认": {"决定日期": decided_on, **GRADED},
    }


STORIES = {
    "Monday to Thursday": (visited("2024-09-09", "2024-09-12"), set()),
    "Monday to Friday": (visited("2024-09-09", "2024-09-13"), {"入户"}),
    "over National Day, on the third with a Sunday made up": (visited("2024-09-27", "2024-10-08"), set()),
    "over National Day, on the fourth": (visited("2024-09-27", "2024-10-09"), {"入户"}),
    "over Mid-Autumn, a made-up Saturday is the third": (visited("2024-09-11", "2024-09-14"), set()),
    "over Mid-Autumn, the day after the holiday is the fourth": (visited("2024-09-11", "2024-09-18"), {"入户"}),
    "visited only after the decision": (visited("2024-09-27", "2024-10-14"), set()),
    "the county on the thirtieth": (decided("2024-04-01", "2024-05-15"), set()),
    "the county on the thirty-first": (decided("2024-04-01", "2024-05-16"), {"总时限"}),
    "a township on the twentieth": (decided("2024-06-11", "2024-07-09", **TOWNSHIP), set()),
    "a township on the twenty-first": (decided("2024-06-11", "2024-07-10", **TOWNSHIP), {"总时限"}),
    "extended, on the forty-fifth": (decided("2024-06-11", "2024-08-13", 延期原因="跨省核对"), set()),
    "extended, on the forty-sixth": (decided("2024-06-11", "2024-08-14", 延期原因="跨省核对"), {"总时限"}),
    "a township, extended": (decided("2024-06-11", "2024-08-13", 延期原因="跨省核对", **TOWNSHIP), set()),
    "hardship, all in time": (hardship("2024-03-01", "2024-03-22", "2024-03-08", "2024-03-29"), set()),
    "hardship, visited on the sixteenth": (hardship("2024-03-01", "2024-03-25", "2024-03-08", "2024-03-29"), {"入户"}),
    "hardship, confirmed on the sixteenth": (
        hardship("2024-03-01", "2024-03-22", "2024-03-07", "2024-03-29"),
        {"确认"},
    ),
    "hardship, forty working days in all": (hardship("2024-01-22", "2024-02-02", "2024-03-11", "2024-03-22"), set()),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF14", {name: rows for name, (rows, _) in STORIES.items()})


@pytest.mark.parametrize("story", STORIES)
def test_a_step_beyond_its_working_days_is_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


def test_a_year_without_a_published_calendar_is_told_and_never_guessed(told):
    later = {"决定日期": "2035-03-20", "起始月份": "2035-04"}
    stories = {
        "unknown year": visited("2035-03-01", "2035-03-12", **later),
        "unknown year, but fewer days than the limit": visited("2035-03-05", "2035-03-08", **later),
    }
    found = told("RF14", stories, closing="2035-12-31")
    assert found.result.flags == []
    assert found.reasons() == {NO_HOLIDAYS: 1}


def test_the_working_days_of_the_format_are_counted():
    monday = datetime.date(2024, 3, 4)
    assert overdue_days(monday, datetime.date(2024, 3, 7), 2) == 3
    assert overdue_days(monday, datetime.date(2024, 3, 7), 3) is None
    assert overdue_days(monday, monday, 0) is None
    assert is_working_day(datetime.date(2024, 9, 29)) and not is_working_day(datetime.date(2024, 10, 1))


def test_fewer_days_than_the_limit_need_no_calendar():
    day = datetime.date(2050, 1, 3)
    assert overdue_days(day, day + datetime.timedelta(days=3), 3) is None
    with pytest.raises(Untestable):
        overdue_days(day, day + datetime.timedelta(days=4), 3)


def test_what_the_known_days_alone_exceed_is_overdue_whatever_comes_after():
    last_known = datetime.date(max(day.year for day in chinese_calendar.constants.holidays), 12, 31)
    first = last_known - datetime.timedelta(days=60)
    days = overdue_days(first, last_known + datetime.timedelta(days=4), 30)
    assert days is not None and days > 30
