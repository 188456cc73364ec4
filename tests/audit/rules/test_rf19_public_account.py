"""RF19: accounts of offices, villages and firms."""

import pytest

from audit.policy.public_holders import public_word

CREDITED = {
    "to the household": ({"收款户名": "罗国强"}, set()),
    "to a finance office": ({"收款户名": "青石镇财政所"}, {"回单"}),
    "to a village": ({"收款户名": "大坝村 村民委员会"}, {"回单"}),
    "to a firm": ({"收款户名": "青禾农机有限公司"}, {"回单"}),
    "to a home for the old": ({"收款户名": "青石镇敬老院"}, set()),
    "returned by a finance office": ({"收款户名": "青石镇财政所", "状态": "退票"}, set()),
}


@pytest.fixture(scope="module")
def found(told):
    stories = {name: {"银行回单": [slip]} for name, (slip, _) in CREDITED.items()}
    stories["registered for an office"] = {"申请": {"账户户名": "青石镇民政办专户"}}
    stories["registered for another person"] = {"申请": {"账户户名": "罗小龙"}}
    return told("RF19", stories)


@pytest.mark.parametrize("story", CREDITED)
def test_money_to_a_public_account_is_flagged(found, story):
    assert found.references(story) == CREDITED[story][1]


def test_the_account_registered_for_a_household_is_looked_at_too(found):
    assert found.references("registered for an office") == {"登记账户"}
    assert found.references("registered for another person") == set()


def test_money_at_stake_is_what_was_credited(found):
    assert [flag.amount_fen for flag in found.flags("to a firm")] == [28_000]


@pytest.mark.parametrize("name", ["罗国强", "欧阳民", "买买提·艾力", "王镇财", "李商", ""])
def test_a_persons_name_is_never_public(name):
    assert public_word(name) is None
