"""RF17: money that goes to somebody else than the head."""

OWN, OTHER = "6299010000000000018", "6299010000000000026"


def test_a_holder_who_is_not_the_head_is_found_with_masked_names(bureau):
    bureau.apply(holder="罗国富")
    bureau.confirm()
    bureau.pay("NX1", "2024-02", 300)
    (flag,) = bureau.flags("RF17")
    assert (flag.case, flag.month, flag.reference, flag.amount_fen) == (bureau.case, None, "户名不符", 300)
    assert "国富" not in str(flag.facts)


def test_white_space_and_full_width_do_not_make_another_holder(bureau):
    bureau.apply(head="ABC国强", holder="ＡＢＣ 国强")
    bureau.confirm()
    assert bureau.found("RF17") == []


def test_an_unconfirmed_application_is_not_tested_for_its_holder(bureau):
    bureau.apply(holder="罗国富")
    assert bureau.found("RF17") == []


def test_two_heads_with_one_account_are_found_in_both_cases(bureau):
    for number, case in ((1, bureau.case), (2, bureau.other_case)):
        bureau.apply(case, members=[bureau.person(number)])
        bureau.confirm(case=case)
    assert bureau.found("RF17") == [(bureau.case, None, "共用账号"), (bureau.other_case, None, "共用账号")]


def test_one_head_with_two_cases_may_have_one_account(bureau):
    for case in (bureau.case, bureau.other_case):
        bureau.apply(case)
        bureau.confirm(case=case)
    assert bureau.found("RF17") == []


def test_an_account_shared_with_a_refused_case_is_not_shared(bureau):
    bureau.apply()
    bureau.confirm()
    bureau.apply(bureau.other_case, members=[bureau.person(2)])
    bureau.refuse(bureau.other_case)
    assert bureau.found("RF17") == []


def test_transfers_to_another_account_are_one_flag_with_their_sum(bureau):
    bureau.apply(account=OWN)
    bureau.confirm()
    bureau.pay("NX1", "2024-02", account=OWN)
    bureau.pay("NX2", "2024-03", 100, account=OTHER)
    bureau.pay("NX3", "2024-04", 200, account=OTHER)
    (flag,) = bureau.flags("RF17")
    assert (flag.case, flag.reference, flag.amount_fen) == (bureau.case, "回单账号不符", 300)
    assert OTHER not in str(flag.facts)


def test_a_transfer_to_another_account_that_came_back_is_right(bureau):
    bureau.apply(account=OWN)
    bureau.confirm()
    bureau.pay("NX1", "2024-02", account=OTHER, returned=True)
    assert bureau.found("RF17") == []


def test_money_to_another_account_is_found_in_an_unconfirmed_case_too(bureau):
    bureau.apply(account=OWN)
    bureau.pay("NX1", "2024-02", account=OTHER)
    assert bureau.found("RF17") == [(bureau.case, None, "回单账号不符")]
