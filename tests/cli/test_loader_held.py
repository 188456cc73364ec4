"""Rows that are not loaded: bad ones, and good ones whose case, person, staff member or order was not loaded."""

from typing import Any

import pytest

from domain.events.delivery import RowHeld, RowRejected
from domain.events.household import MemberJoined
from domain.events.payment import PaymentInstructed, PaymentReturned, ReturnExplained
from domain.events.verification import VerificationReturned

CASE_KINDS = ("近亲属备案", "核对结果", "入户调查", "公示", "审核确认", "变更", "复核", "追缴", "申诉", "信用")
BAD_ID = "520121196203150010"


def without(sample: Any, kind: str, case: str) -> list[Any]:
    """Return the sample rows of a kind that do not name the case."""
    return [row for row in sample[kind] if row.get("申请编号") != case]


def with_bad_application(office: Any, changed: Any) -> dict[str, Any]:
    rows = [changed("申请", {"申请日期": "2024-02-30"}), *without(office.sample, "申请", office.case)]
    return {**office.sample, "申请": rows}


def with_bad_member(office: Any, changed: Any) -> dict[str, Any]:
    members = list(office.sample["家庭成员"])
    return {**office.sample, "家庭成员": [members[0], changed("家庭成员", {"申报月收入": ""}, of=1), members[2]]}


@pytest.mark.parametrize("make", [with_bad_application, with_bad_member])
def test_one_bad_row_holds_the_whole_unit_and_all_that_names_it(office: Any, changed: Any, make: Any) -> None:
    report = office.load_rows(make(office, changed))
    for kind in CASE_KINDS:
        assert office.counts(report, kind) == {"held": 1}, kind
    assert office.counts(report, "追缴回款") == {"held": 1}
    for kind in ("发放计划", "银行回单", "死亡信息"):
        assert office.counts(report, kind) == {"loaded": 1}, kind
    assert not list(office.ledger.stream(f"case/{office.case}"))
    assert {row.case for row in report.held} == {office.case, ""}


def test_held_rows_say_where_the_bad_row_stands(office: Any, changed: Any) -> None:
    report = office.load_rows(with_bad_member(office, changed))
    reasons = {row.fault.reason for row in report.held if row.case == office.case}
    assert reasons == {"本行无误，但所属申请未能载入：家庭成员.xlsx 家庭成员 第3行"}
    (repayment,) = [row for row in report.held if row.place.file == "追缴回款.csv"]
    assert "追缴.xlsx 追缴 第2行" in repayment.fault.reason


def test_the_other_rows_of_the_delivery_are_loaded(office: Any, changed: Any) -> None:
    report = office.load_rows(with_bad_member(office, changed))
    assert office.counts(report, "申请") == {"loaded": 1, "held": 1}
    assert office.counts(report, "家庭成员") == {"loaded": 1, "held": 1, "rejected": 1}


def test_a_mended_unit_is_loaded_from_the_next_delivery(office: Any, changed: Any) -> None:
    office.load_rows(with_bad_member(office, changed))
    report = office.start()
    assert office.counts(report, "申请") == {"loaded": 1, "duplicates": 1}
    assert all(office.counts(report, kind) == {"loaded": 1} for kind in CASE_KINDS)


def test_a_bad_row_of_a_later_delivery_holds_only_its_own_rows_of_the_unit(office: Any, changed: Any) -> None:
    office.start()
    bad = changed("家庭成员", {"身份证号": BAD_ID})
    new = changed("家庭成员", {"身份证号": office.stranger})
    answer = changed("核对结果", {"数据来源": "税务"})
    report = office.load_rows(
        {
            "申请": office.sample["申请"][:1],
            "家庭成员": [bad, new],
            "核对结果": [answer, {**answer, "身份证号": office.stranger}],
            "复核": [changed("复核", {"复核日期": "2024-09-14"})],
        }
    )
    assert office.counts(report, "申请") == {"held": 1}
    assert office.counts(report, "家庭成员") == {"rejected": 1, "held": 1}
    assert office.counts(report, "核对结果") == {"loaded": 1, "held": 1}
    assert office.counts(report, "复核") == {"loaded": 1}
    assert len(office.events(MemberJoined)) == 3


def test_a_case_rejected_by_an_earlier_delivery_is_held_not_unknown(office: Any, changed: Any) -> None:
    office.load_rows({"申请": [changed("申请", {"银行账号": "6.29901E+18"})]}, names={"申请": "申请-一月"})
    report = office.load_rows({"复核": office.sample["复核"], "家庭成员": office.sample["家庭成员"][:1]})
    assert office.counts(report, "复核") == office.counts(report, "家庭成员") == {"held": 1}
    assert all("申请-一月.xlsx 申请 第2行" in row.fault.reason for row in report.held)


def test_staff_orders_and_people_of_rejected_rows_are_held_for(office: Any, changed: Any) -> None:
    staff = [
        changed("工作人员"),
        changed("工作人员", {"任职日期": "2019-13-01"}, of=1),
        changed("工作人员", {"工号": "M3"}),
    ]
    orders = [changed("追缴", {"追缴编号": "ZJ9", "决定日期": "?"})]
    report = office.load_rows(
        {
            **office.sample,
            "工作人员": staff,
            "近亲属申报": [changed("近亲属申报", {"工号": "MZ0002"})],
            "近亲属备案": [changed("近亲属备案", {"工号": "MZ0002"})],
            "追缴": orders,
            "追缴回款": [changed("追缴回款", {"追缴编号": "ZJ9"})],
        }
    )
    for kind in ("近亲属申报", "近亲属备案", "追缴回款"):
        assert office.counts(report, kind) == {"held": 1}, kind
    places = {row.place.file: row.fault.reason.partition("：")[2] for row in report.held}
    assert places["近亲属申报.xlsx"] == places["近亲属备案.xlsx"] == "工作人员.xlsx 工作人员 第3行"
    assert places["追缴回款.csv"] == "追缴.xlsx 追缴 第2行"
    assert not report.warnings  # an officer whose row was rejected is not unknown


def test_the_same_is_true_when_an_earlier_delivery_rejected_them(office: Any, changed: Any) -> None:
    bad = {"工作人员": [changed("工作人员", {"工号": "MZ0009", "任职日期": ""})]}
    office.load_rows({**office.sample, "追缴": [changed("追缴", {"追缴编号": "ZJ9", "决定日期": "?"})]})
    office.load_rows(bad)
    report = office.load_rows(
        {
            "近亲属申报": [changed("近亲属申报", {"工号": "MZ0009"})],
            "追缴回款": [changed("追缴回款", {"追缴编号": "ZJ9"})],
        }
    )
    assert [office.counts(report, kind) for kind in ("近亲属申报", "追缴回款")] == [{"held": 1}, {"held": 1}]


@pytest.mark.parametrize(
    ("kind", "cells", "code"),
    [
        *((kind, {"申请编号": "SQ52012120240399999"}, "unknown_case") for kind in CASE_KINDS),
        ("家庭成员", {"申请编号": "SQ52012120240399999"}, "unknown_case"),
        ("核对结果", {"身份证号": "stranger"}, "unknown_person"),
        ("近亲属申报", {"工号": "MZ9999"}, "unknown_staff"),
        ("近亲属备案", {"工号": "MZ9999"}, "unknown_staff"),
        ("追缴回款", {"追缴编号": "ZJ9999"}, "unknown_order"),
    ],
)
def test_what_nobody_knows_is_a_fault_of_its_column(
    office: Any, changed: Any, kind: str, cells: dict[str, str], code: str
) -> None:
    cells = {column: getattr(office, value, value) for column, value in cells.items()}
    report = office.load_rows({**office.sample, kind: [*office.sample[kind], changed(kind, cells)]})
    (reject,) = report.rejects
    assert (reject.fault.column, reject.fault.code, reject.fault.value) == (*cells.keys(), code, *cells.values())
    (recorded,) = office.events(RowRejected)
    assert recorded.event.codes == (code,)


def test_a_row_with_several_faults_gets_a_line_for_each(office: Any, changed: Any) -> None:
    cells = {"申请编号": "SQ52012120240399999", "复核日期": "2024-02-30", "结论": "保留", "复核人工号": ""}
    report = office.load_rows({**office.sample, "复核": [changed("复核", cells)]})
    assert {(cell.fault.column, cell.fault.code.value) for cell in report.rejects} == {
        ("申请编号", "unknown_case"),
        ("复核日期", "bad_date"),
        ("结论", "unknown_value"),
        ("复核人工号", "missing_required"),
    }
    assert office.counts(report, "复核") == {"rejected": 1}


def test_an_unknown_staff_number_of_an_officer_is_only_a_warning(office: Any, changed: Any) -> None:
    office.start()
    report = office.load_rows({"复核": [changed("复核", {"复核日期": "2024-09-01", "复核人工号": "MZ7777"})]})
    assert office.counts(report, "复核") == {"loaded": 1}
    assert [(w.notice.column, w.notice.code) for w in report.warnings] == [("复核人工号", "unknown_officer")]


def test_a_conflict_or_duplicate_does_not_hold_a_unit(office: Any, changed: Any) -> None:
    rows = [*office.sample["申请"], changed("申请"), changed("申请", {"开户银行": "另一银行"})]
    report = office.load_rows({**office.sample, "申请": rows})
    assert office.counts(report, "申请") == {"loaded": 2, "duplicates": 1, "conflicts": 1}
    assert office.counts(report, "家庭成员") == {"loaded": 3}


def test_a_rejected_row_takes_no_part_in_duplicates_and_conflicts(office: Any, changed: Any) -> None:
    bad, good = changed("复核", {"结论": "不明"}), changed("复核")
    report = office.load_rows({**office.sample, "复核": [bad, good, bad]})
    assert office.counts(report, "复核") == {"loaded": 1, "rejected": 2}


def test_the_programme_that_stands_decides_what_a_row_needs(office: Any, changed: Any) -> None:
    office.start()
    contradicting = changed("申请", {"救助项目": "特困"})
    survey = changed("入户调查", {"调查日期": "2024-04-07"})
    report = office.load_rows({"申请": [contradicting], "入户调查": [survey]})
    assert office.counts(report, "申请") == {"conflicts": 1}
    assert office.counts(report, "入户调查") == {"loaded": 1}


def test_support_programme_of_an_earlier_delivery_needs_a_self_care_score(office: Any, changed: Any) -> None:
    office.start()
    survey = changed("入户调查", {"申请编号": office.other_case})
    report = office.load_rows({"入户调查": [survey]})
    assert [(c.fault.column, c.fault.code.value) for c in report.rejects] == [("自理能力评分", "missing_required")]


def test_money_of_a_held_case_is_kept_in_its_batch_and_stays_there(office: Any, changed: Any) -> None:
    first = office.load_rows(with_bad_member(office, changed))
    assert office.counts(first, "银行回单") == office.counts(first, "发放计划") == {"loaded": 1}
    again = office.start()
    assert office.counts(again, "银行回单") == office.counts(again, "发放计划") == {"duplicates": 1}
    money = office.events(PaymentReturned, PaymentInstructed)
    assert [(r.stream, r.event.case) for r in money] == [("batch/FF202404-01", office.case)] * 2
    completed = office.load_rows({"银行回单": [changed("银行回单", {"退票原因": "销户"})]})
    assert office.counts(completed, "银行回单") == {"completed": 1}
    (explained,) = office.events(ReturnExplained)
    assert explained.stream == "batch/FF202404-01"


def test_money_after_the_case_is_loaded_stands_in_the_case(office: Any, changed: Any) -> None:
    office.load_rows({"银行回单": office.sample["银行回单"]})
    office.start()
    office.load_rows({"银行回单": [changed("银行回单", {"流水号": "NX2"})]}, names={"银行回单": "银行回单-2024-05"})
    streams = [r.stream for r in office.events(PaymentReturned)]
    assert streams == ["batch/FF202404-01", f"case/{office.case}"]


def test_a_held_row_is_recorded_with_what_it_named(office: Any, changed: Any) -> None:
    office.load_rows(with_bad_application(office, changed))
    held = [r.event for r in office.events(RowHeld)]
    assert {event.case for event in held} == {office.case, None}
    assert all(event.source.file.stream == "import/000001" for event in held)


def test_an_answer_names_the_member_by_number(office: Any) -> None:
    office.start()
    (answer,) = office.events(VerificationReturned)
    members = {r.event.citizen_id: r.event.member for r in office.events(MemberJoined) if r.stream == answer.stream}
    assert answer.event.member == members[office.head]
