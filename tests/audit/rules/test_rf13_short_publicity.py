"""RF13: postings that hung too few days."""

import pytest


def posted(*spans):
    return {"公示": [{"公示开始日期": f"2024-03-{a:02d}", "公示结束日期": f"2024-03-{b:02d}"} for a, b in spans]}


STORIES = {
    "1 to 8 March": (posted((1, 8)), set()),
    "1 to 7 March": (posted((1, 7)), {None}),
    "short, then in full": (posted((1, 4), (11, 18)), set()),
    "in full, then short": (posted((1, 8), (15, 20)), {None}),
    "short, but begun after the decision": (posted((11, 18), (25, 27)), set()),
    "never posted": ({"公示": []}, set()),
}


@pytest.fixture(scope="module")
def found(told):
    return told("RF13", {name: rows for name, (rows, _) in STORIES.items()} | {"others were posted": {}})


@pytest.mark.parametrize("story", STORIES)
def test_a_last_posting_of_fewer_than_seven_days_is_flagged(found, story):
    assert found.references(story) == STORIES[story][1]


def test_the_standard_in_force_on_the_day_of_the_decision_counts(told):
    standard = {"项目": "公示天数", "地区代码": "520121", "单位": "天", "文号": "云民发〔2024〕5号"}
    later = [
        standard | {"数值": "5", "生效日期": "2024-03-22"},
        standard | {"数值": "9", "生效日期": "2024-03-23"},
    ]
    found = told("RF13", {"6 days": posted((1, 7)), "4 days": posted((1, 5))}, {"标准": later})
    assert found.references("6 days") == set()
    assert [flag.facts["limit_days"] for flag in found.flags("4 days")] == [5]
