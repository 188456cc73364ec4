"""What the office records live: entrusted passbooks, temporary aid and reserve funds, and the registers of them."""

import pytest

AID = ("record", "temporary-aid", "LS2024001", "--kind", "urgent", "--region", "520121101", "--amount", "800")
SEALED = ("--name", "罗国强", "--id", "520121196203153012", "--reason", "罗国强家房屋火灾")


@pytest.fixture
def asked(office):
    """The options that name an office's ledger, with the sample loaded."""
    office.start()
    return ("--db", office.url, "--keys", office.home / "keys")


@pytest.fixture
def told(run_at, asked):
    """Return what runs a command on that ledger."""
    return lambda *arguments: run_at(*arguments, *asked)


def test_an_entrusted_passbook_is_unfiled_then_filed_then_returned(office, told):
    entrust = ("record", "entrustment", office.case, "--keeper", "CG0007", "--reason", "罗国强不能自理")
    assert told(*entrust, "--on", "2024-05-06", "--by", "staff/CG0007").exit_code == 0
    (row,) = told("register", "entrustments", "--json").document["rows"]
    assert (row["keeper"], row["status"], row["days_unfiled"]) == ("CG0007", "unfiled", 239)  # to 31 December
    assert (row["head_name"], row["reason"]) == ("罗**", "罗**不能自理")
    step = (office.case, "--agreed", "2024-05-06", "--on")
    assert told("record", "entrustment-filed", *step, "2024-05-20").exit_code == 0
    (row,) = told("register", "entrustments", "--json").document["rows"]
    assert (row["status"], row["filed_on"], row["days_unfiled"]) == ("filed", "2024-05-20", 14)
    assert told("record", "passbook-returned", *step, "2024-11-30").exit_code == 0
    (row,) = told("register", "entrustments", "--json").document["rows"]
    assert (row["status"], row["ended_on"]) == ("given_back", "2024-11-30")
    (early,) = told("register", "entrustments", "--decided-by", "2024-05-10", "--json").document["rows"]
    assert early["status"] == "unfiled"
    (shown,) = told("case", "show", office.case, "--json").document["state"]["entrustments"]
    assert (shown["keeper"], shown["returned_on"]) == ("CG0007", "2024-11-30")
    assert told("audit", "verify").exit_code == 0


def test_a_keeper_without_a_number_is_named_under_seal(office, told):
    told("record", "entrustment", office.case, "--keeper-name", "张德贵", "--reason", "外出", "--on", "2024-05-06")
    (row,) = told("register", "entrustments", "--json").document["rows"]
    assert row["keeper"] == "张**"
    assert told("register", "entrustments", "--region", "520122", "--json").document["rows"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("entrustment", "SQ0", "--keeper", "CG0007", "--reason", "x", "--on", "2024-05-06"), "no such case"),
        (("entrustment", "SQ52012120240300017", "--reason", "x", "--on", "2024-05-06"), "either --keeper"),
        (
            ("entrustment", "SQ52012120240300017", "--keeper", "王村", "--reason", "x", "--on", "2024-05-06"),
            "staff number",
        ),
        (("entrustment-filed", "SQ52012120240300017", "--agreed", "2024-05-06", "--on", "2024-05-20"), "No agreement"),
        (("temporary-aid-papers", "LS9", "--on", "2024-05-20"), "No temporary aid"),
        (("reserve", "520121101202", "--amount", "1", "--on", "2024-05-20"), "no township"),
        (("reserve", "520121", "--amount", "1", "--on", "2024-05-20"), "no township"),
        ((*AID[1:6], "520121", *AID[7:], *SEALED, "--on", "2024-05-06"), "no township"),
        (("reserve", "520121101", "--amount", "-1", "--on", "2024-05-20"), "no amount"),
        (("reserve", "520121101", "--amount", "1", "--document", "x", "--on", "2024-05-20"), "number of a document"),
        (("reserve", "520121101", "--amount", "1", "--on", "2024-05-40"), "This is no day"),
        ((*AID[1:], "--name", "x", "--id", "520121196203153011", "--reason", "x", "--on", "2024-05-06"), "citizen id"),
        (("temporary-aid", "520121196203153012", *AID[3:], *SEALED, "--on", "2024-05-06"), "cannot be a number"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else value,
)
def test_what_cannot_be_is_refused_and_records_nothing(office, told, arguments, said):
    size = office.ledger.size
    refused = told("record", *arguments)
    assert (refused.exit_code, refused.out) == (2, "")
    assert said in refused.err
    assert "520121196203153011" not in refused.err
    assert office.ledger.size == size


def test_a_step_before_what_it_follows_is_refused(office, told):
    entrust = ("record", "entrustment", office.case, "--keeper", "CG0007", "--reason", "x")
    assert told(*entrust, "--on", "2024-05-06").exit_code == 0
    assert told(*AID, "--advance", *SEALED, "--on", "2024-05-06").exit_code == 0
    for step in (
        ("entrustment-filed", office.case, "--agreed", "2024-05-06"),
        ("passbook-returned", office.case, "--agreed", "2024-05-06"),
        ("temporary-aid-papers", "LS2024001"),
    ):
        early = told("record", *step, "--on", "2024-05-05")
        assert early.exit_code == 2
        assert "≥ 2024-05-06" in early.err
        assert told("record", *step, "--on", "2024-05-06").exit_code == 0


def test_a_passbook_given_back_is_no_returned_payment(office, told):
    entrust = ("record", "entrustment", office.case, "--keeper", "CG0007", "--reason", "x")
    told(*entrust, "--on", "2024-05-06")
    told("record", "passbook-returned", office.case, "--agreed", "2024-05-06", "--on", "2024-06-06")
    shown = told("register", "entrustments", "--lang", "zh").out
    assert "已归还" in shown
    assert "退票" not in shown


def test_a_kind_of_aid_is_chosen_by_the_word_that_records_it(told):
    told(*AID, *SEALED, "--on", "2024-05-06")
    by_code, by_word = (
        told("register", "temporary-aid", "--kind", kind, "--json").document["rows"] for kind in ("urgent", "急难型")
    )
    assert len(by_code) == 1
    assert by_code == by_word
    assert told("register", "temporary-aid", "--kind", "expense", "--json").document["rows"] == []


def test_the_same_thing_is_recorded_once(office, told):
    for command in (
        ("record", "entrustment", office.case, "--keeper", "CG0007", "--reason", "x", "--on", "2024-05-06"),
        (*AID, *SEALED, "--on", "2024-05-06"),
        ("record", "temporary-aid-papers", "LS2024001", "--on", "2024-05-07"),
    ):
        assert told(*command).exit_code == 0
        again = told(*command)
        assert again.exit_code == 2
        assert "recorded already" in again.err


def test_an_advance_out_of_the_reserve_lowers_the_fund_and_waits_for_its_papers(told):
    """A fund of 2,000 yuan pays 800 in advance and 900 with papers; a third grant is no matter of the fund."""
    fund = (
        "record",
        "reserve",
        "520121101",
        "--amount",
        "2000",
        "--document",
        "云民发〔2024〕3号",
        "--on",
        "2024-01-15",
    )
    assert told(*fund).exit_code == 0
    advance = (*AID, "--advance", "--reserve", "--ceiling", "700", "--approver", "MZ0002", *SEALED)
    assert told(*advance, "--on", "2024-05-06").exit_code == 0
    others = (("LS2", "900", "--reserve"), ("LS3", "5000", "--ceiling=6000"))
    for number, amount, option in others:
        kind = ("--kind", "expense", "--region", "520121101", "--amount", amount, option, "--on", "2024-06-01")
        assert told("record", "temporary-aid", number, *kind, *SEALED).exit_code == 0
    answer = told("register", "temporary-aid", "--json").document
    first, second, third = answer["rows"]
    assert (first["amount_fen"], first["over_ceiling"], first["balance_fen"], first["approver"]) == (
        *(80_000, True, 120_000),
        "MZ0002",
    )
    assert (first["documented_on"], first["days_undocumented"]) == (None, 239)
    assert (first["person_name"], first["citizen_id"]) == ("罗**", "520121********3012")
    assert first["reason"] == "罗**家房屋火灾"
    assert (second["balance_fen"], second["days_undocumented"], second["over_ceiling"]) == (30_000, None, None)
    assert (third["balance_fen"], third["over_ceiling"]) == (None, False)
    assert answer["reserves"] == [
        {"region": "520121101", "received_fen": 200_000, "paid_fen": 170_000, "balance_fen": 30_000}
    ]
    told("record", "temporary-aid-papers", "LS2024001", "--on", "2024-05-20")
    (papers,) = told("register", "temporary-aid", "--kind", "急难型", "--json").document["rows"]
    assert (papers["documented_on"], papers["days_undocumented"]) == ("2024-05-20", 14)
    in_june = told("register", "temporary-aid", "--month", "2024-06", "--json").document["rows"]
    assert [row["balance_fen"] for row in in_june] == [30_000, None]
    assert told("register", "temporary-aid", "--programme", "rural", "--json").document["rows"] == []


def test_an_empty_register_of_live_events_says_how_its_rows_come_to_be(told):
    for name, command in (("temporary-aid", "temporary-aid"), ("entrustments", "entrustment")):
        outcome = told("register", name)
        assert outcome.exit_code == 0
        assert f"mingzhang record {command}" in outcome.err
