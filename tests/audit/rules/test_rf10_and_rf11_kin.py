"""RF10 and RF11: relatives of staff who were not filed, filed late, or filed and not visited."""

import pytest


def staff(number, post="调查", since="2019-05-06", until=None):
    return {
        **{"工号": number, "姓名": "周敏", "身份证号": "{officer}", "单位": "青石镇", "岗位": post},
        **{"地区代码": "520121101", "任职日期": since, "离任日期": until},
    }


def declared(number, story, relation="兄弟姐妹", day="2023-12-20"):
    head = "{head of " + story + "}"
    return {"工号": number, "亲属姓名": "罗国强", "亲属身份证号": head, "关系": relation, "申报日期": day}


def filed(number, day="2024-03-06", visited=None):
    return {"近亲属备案": {"工号": number, "备案日期": day, "县级入户日期": visited}}


STAFF = [
    staff("MZ0012"),
    staff("MZ0013", post="发放"),
    staff("MZ0014", until="2024-03-04"),
    staff("MZ0015", until="2024-03-05"),
    staff("MZ0016", since="2024-03-22"),
    staff("MZ0017", since="2024-03-23"),
    staff("MZ0018", post="村居干部"),
    staff("A-17"),
    staff("A-18"),
]
KIN = {  # accepted 2024-03-05, decided 2024-03-22
    "never filed": ({}, ("MZ0012",), {"MZ0012"}),
    "filed the day after the decision": (filed("MZ0012", "2024-03-23"), ("MZ0012",), {"MZ0012"}),
    "filed on the day of the decision": (filed("MZ0012", "2024-03-22"), ("MZ0012",), set()),
    "filed for another officer": (filed("MZ0018"), ("MZ0012",), {"MZ0012"}),
    "kin of a cashier": ({}, ("MZ0013",), set()),
    "kin of somebody who left the day before": ({}, ("MZ0014",), set()),
    "kin of somebody who left on the day of acceptance": ({}, ("MZ0015",), {"MZ0015"}),
    "kin of somebody who came on the day of the decision": ({}, ("MZ0016",), {"MZ0016"}),
    "kin of somebody who came the day after": ({}, ("MZ0017",), set()),
    "kin of a village cadre": ({}, ("MZ0018",), {"MZ0018"}),
    "kin of two, one filed": (filed("MZ0012"), ("MZ0012", "MZ0018"), {"MZ0018"}),
    "a member who does not count": ({"家庭成员": {"是否计入": "否"}}, ("MZ0012",), {"MZ0012"}),
    "a nephew": ({}, (), set()),
    "declared only later": ({}, (), {"MZ0012"}),
}
VISITS = {
    "never visited": (filed("MZ0012"), {"MZ0012"}),
    "visited on the day of the decision": (filed("MZ0012", visited="2024-03-22"), set()),
    "visited the day after": (filed("MZ0012", visited="2024-03-23"), {"MZ0012"}),
    "visited by the decision's own word": (filed("MZ0012") | {"审核确认": {"县级入户日期": "2024-03-20"}}, set()),
    "filed after the decision": (filed("MZ0012", "2024-03-25"), set()),
    "filed for two officers of unusual numbers": (
        {"近亲属备案": [filed("A-17")["近亲属备案"], filed("A-18", visited="2024-03-20")["近亲属备案"]]},
        {"A-17"},
    ),
}


@pytest.fixture(scope="module")
def kin(told):
    relatives = [declared(number, story) for story, (_, numbers, _) in KIN.items() for number in numbers]
    relatives.append(declared("MZ0012", "a nephew", "侄甥"))
    relatives.append(declared("MZ0012", "declared only later", "外祖父母", "2024-10-01"))
    return told("RF10", {name: rows for name, (rows, *_) in KIN.items()}, {"工作人员": STAFF, "近亲属申报": relatives})


@pytest.fixture(scope="module")
def visits(told):
    return told("RF11", {name: rows for name, (rows, _) in VISITS.items()}, {"工作人员": STAFF})


@pytest.mark.parametrize("story", KIN)
def test_near_kin_of_somebody_on_duty_who_was_not_filed_is_flagged(kin, story):
    assert kin.references(story) == KIN[story][2]


@pytest.mark.parametrize("story", VISITS)
def test_filed_kin_without_a_visit_of_the_county_is_flagged(visits, story):
    assert visits.references(story) == VISITS[story][1]
