"""RF15: answers of the means test that were too old on the day of the decision."""

import pytest

STORIES = {  # the decision is of 2024-03-22
    "180 days": (["2023-09-24"], set()),
    "181 days": (["2023-09-23"], {None}),
    "one fresh answer beside an old one": (["2023-01-05", "2024-03-08"], set()),
    "old, and again after the decision": (["2023-09-01", "2024-03-25"], {None}),
    "on the day of the decision": (["2023-01-05", "2024-03-22"], set()),
    "no answer by the decision": (["2024-03-23"], set()),
}


@pytest.fixture(scope="module")
def found(told):
    return told(
        "RF15", {name: {"核对结果": [{"反馈日期": day} for day in days]} for name, (days, _) in STORIES.items()}
    )


@pytest.mark.parametrize("story", STORIES)
def test_answers_older_than_they_may_be_are_flagged(found, story):
    assert found.references(story) == STORIES[story][1]
