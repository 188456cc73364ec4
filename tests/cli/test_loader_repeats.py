"""The same row again: a duplicate, a completion by a later delivery, or a conflict in which the first stands."""

import csv
from typing import Any

import openpyxl
import pytest

from cli.intake import loader
from domain.events.delivery import RowCompleted, RowConflicted
from domain.events.payment import PaymentSettled

COMPLETIONS = [
    ("工作人员", {"离任日期": "2024-10-31"}),
    ("近亲属备案", {"县级入户日期": "2024-03-20"}),
    ("近亲属备案", {"入户人工号": "MZ0002"}),
    ("近亲属备案", {"结论": "符合"}),
    ("申请", {"联系电话": "19900012345"}),
    ("申请", {"住址": "青石镇大坝村3组"}),
    ("申请", {"授权书日期": "2024-03-04"}),
    ("申请", {"承诺书日期": "2024-03-04"}),
    ("家庭成员", {"残疾类别": "肢体", "残疾等级": "2"}),
    ("家庭成员", {"健康状况": "慢性病"}),
    ("家庭成员", {"是否在校": "否"}),
    ("家庭成员", {"劳动能力": "部分丧失"}),
    ("家庭成员", {"计入起月": "2024-09"}),
    ("家庭成员", {"计出月": "2024-11"}),
    ("入户调查", {"自理能力评分": "110111"}),
    ("入户调查", {"意见": "符合条件"}),
    ("公示", {"地点": "大坝村公示栏"}),
    ("公示", {"异议内容": "有车"}),
    ("公示", {"异议处理": "已核实"}),
    ("审核确认", {"县级入户日期": "2024-03-20"}),
    ("审核确认", {"照料等级": "半护理"}),
    ("审核确认", {"延期原因": "待核对"}),
    ("审核确认", {"理由": "符合条件"}),
    ("变更", {"变更后人口": "2"}),
    ("变更", {"变更后月收入": "336"}),
    ("变更", {"变更后照料等级": "全护理"}),
    ("银行回单", {"退票原因": "户名不符"}),
    ("银行回单", {"原流水号": "NX20240310000001"}),
    ("银行回单", {"所属月份": "2024-03"}),
    ("追缴", {"罚款金额": "100"}),
    ("追缴回款", {"批准文号": "云民发〔2024〕9号"}),
    ("追缴回款", {"批准文号": "口头同意"}),
    ("申诉", {"事由": "对减发决定不服"}),
    ("申诉", {"决定日期": "2024-11-08", "结果": "变更", "变更后月金额": "676", "起始月份": "2024-09"}),
]
"""Every optional cell of section 4, filled as a later delivery fills it."""


def test_every_kind_of_file_is_loaded(office: Any) -> None:
    report = office.start()
    assert {f.kind: f.loaded for f in report.files} == {kind: len(rows) for kind, rows in office.sample.items()}
    assert report.is_clean and not report.warnings


def test_the_same_folder_twice_adds_nothing(office: Any) -> None:
    folder = office.deliver(office.sample)
    first = office.load(folder)
    again = office.load(folder)
    assert (again.entries_added, again.size, again.root) == (0, first.size, first.root)
    assert all(file.duplicates == file.rows for file in again.files)


@pytest.mark.parametrize("limit", ["ROWS_AT_ONCE", "CHARACTERS_AT_ONCE"])
def test_rows_looked_up_one_by_one_are_judged_as_many_at_once_are(office: Any, monkeypatch: Any, limit: str) -> None:
    monkeypatch.setattr(loader, limit, 1)
    folder = office.deliver(office.sample)
    first = office.load(folder)
    assert {f.kind: f.loaded for f in first.files} == {kind: len(rows) for kind, rows in office.sample.items()}
    monkeypatch.undo()
    assert all(file.duplicates == file.rows for file in office.load(folder).files)


def test_a_saved_again_workbook_counts_duplicates_only(office: Any) -> None:
    folder = office.deliver(office.sample)
    office.load(folder)
    book = openpyxl.load_workbook(folder / "申请.xlsx")
    book.create_sheet("说明").append(["另存"])
    book.save(folder / "申请.xlsx")
    before = office.fingerprint()
    again = office.load(folder)
    assert office.counts(again, "申请") == {"duplicates": 2}
    added = office.fingerprint()[len(before) :]
    assert added and all(topic.startswith("import.") for _, _, topic, _ in added)


@pytest.mark.parametrize("kind", ["申请", "变更", "核对结果", "死亡信息", "信用", "标准"])
def test_a_row_twice_in_one_file_is_a_duplicate(office: Any, kind: str) -> None:
    rows = {**office.sample, kind: [*office.sample[kind], office.sample[kind][0]]}
    report = office.load_rows(rows)
    assert office.counts(report, kind) == {"loaded": len(office.sample[kind]), "duplicates": 1}


def test_a_row_in_two_files_of_one_kind_is_a_duplicate_of_the_first_by_name(office: Any) -> None:
    office.start()
    slip = {**office.sample["银行回单"][0], "流水号": "NX2"}
    folder = office.deliver({"银行回单": [slip]}, names={"银行回单": "银行回单-2024-06"})
    office.write(folder / "银行回单-2024-05.csv", "银行回单", [slip])
    report = office.load(folder)
    assert office.file(report, "银行回单-2024-05.csv").loaded == 1
    assert office.file(report, "银行回单-2024-06.csv").duplicates == 1


def test_normalised_cells_are_compared_not_typed_ones(office: Any, changed: Any) -> None:
    office.start()
    row = changed("变更", {"变更后月金额": "５４０．００元", "决定日期": "2024年8月16日", "原因": " 收入增加　"})
    assert office.counts(office.load_rows({"变更": [row]}), "变更") == {"duplicates": 1}


def test_an_old_delivery_after_those_that_completed_it_adds_nothing(office: Any, changed: Any) -> None:
    old = office.deliver(office.sample)
    office.load(old)
    office.load_rows({"公示": [changed("公示", {"地点": "公示栏"})]})
    both = changed("公示", {"地点": "公示栏", "异议内容": "有车"})
    middle = office.deliver({"公示": [both]})
    office.load(middle)
    last = office.load_rows({"公示": [{**both, "异议处理": "已核实"}]})
    assert office.counts(last, "公示") == {"completed": 1}
    for folder in (old, middle):
        again = office.load(folder)
        assert again.entries_added == 0 and again.root == last.root


@pytest.mark.parametrize(("kind", "cells"), COMPLETIONS, ids=lambda value: "-".join(value) if value else "")
def test_a_later_delivery_completes_a_blank_cell(office: Any, changed: Any, kind: str, cells: dict[str, str]) -> None:
    office.start()
    again = office.deliver({kind: [changed(kind, cells)]})
    assert office.counts(office.load(again), kind) == {"completed": 1}
    assert office.load(again).entries_added == 0
    assert not office.events(RowCompleted)  # every optional cell has an event of its own


@pytest.mark.parametrize(("kind", "cells"), COMPLETIONS, ids=lambda value: "-".join(value) if value else "")
def test_the_same_fill_inside_one_delivery_is_a_conflict(
    office: Any, changed: Any, kind: str, cells: dict[str, str]
) -> None:
    first = office.sample[kind]
    report = office.load_rows({**office.sample, kind: [*first, changed(kind, cells)]})
    assert office.counts(report, kind) == {"loaded": len(first), "conflicts": 1}
    assert {(c.column, c.kept) for c in report.conflicts} == {(column, "") for column in cells}


def test_a_fill_inside_one_delivery_stays_a_conflict_when_its_file_comes_again(office: Any, changed: Any) -> None:
    filled = changed("公示", {"地点": "公示栏"})
    folder = office.deliver({**office.sample, "公示": [changed("公示"), filled]})
    first = office.load(folder)
    again = office.load(folder)
    assert office.counts(again, "公示") == {"duplicates": 1, "conflicts": 1}
    assert again.root == first.root
    assert office.counts(office.load_rows({"公示": [filled]}), "公示") == {"completed": 1}
    assert office.load(folder).entries_added == 0


def test_a_fill_that_follows_a_fill_of_the_same_delivery_is_a_conflict(office: Any, changed: Any) -> None:
    office.start()
    one, two = changed("公示", {"地点": "公示栏"}), changed("公示", {"地点": "公示栏", "异议内容": "有车"})
    report = office.load_rows({"公示": [one, two]})
    assert office.counts(report, "公示") == {"completed": 1, "conflicts": 1}


def test_a_completion_that_also_changes_a_value_is_a_conflict(office: Any, changed: Any) -> None:
    office.start()
    report = office.load_rows({"公示": [changed("公示", {"地点": "公示栏", "公示结束日期": "2024-03-19"})]})
    assert office.counts(report, "公示") == {"conflicts": 1}
    assert {c.column for c in report.conflicts} == {"公示结束日期", "地点"}


def test_a_row_that_blanks_what_was_completed_and_fills_another_cell_is_a_conflict(office: Any, changed: Any) -> None:
    office.start()
    office.load_rows({"公示": [changed("公示", {"地点": "公示栏"})]})
    report = office.load_rows({"公示": [changed("公示", {"异议内容": "有车"})]})
    assert [(c.column, c.kept, c.other) for c in report.conflicts] == [("地点", "公示栏", ""), ("异议内容", "", "有车")]


def test_a_row_between_two_states_of_the_log_is_a_conflict(office: Any, changed: Any) -> None:
    office.start()
    office.load_rows({"公示": [changed("公示", {"地点": "公示栏", "异议内容": "有车"})]})
    report = office.load_rows({"公示": [changed("公示", {"地点": "公示栏"})]})
    assert office.counts(report, "公示") == {"conflicts": 1}
    assert [(c.column, c.kept, c.other) for c in report.conflicts] == [("异议内容", "有车", "")]


def test_a_conflict_with_a_completed_cell_names_the_row_that_completed_it(office: Any, changed: Any) -> None:
    office.start()
    folder = office.deliver({"公示": [changed("公示", {"地点": "公示栏"})]}, names={"公示": "公示-补充"})
    office.load(folder)
    report = office.load_rows({"公示": [changed("公示", {"地点": "村委会"})]})
    assert [(c.first.file, c.column, c.kept, c.other) for c in report.conflicts] == [
        ("公示-补充.xlsx", "地点", "公示栏", "村委会")
    ]


def test_a_conflict_gives_places_key_and_texts_as_the_contract_writes_them(office: Any, changed: Any) -> None:
    office.start()
    cells = {"变更后月金额": "1,080.50元", "原因": "减员", "变更后月收入": "1"}
    folder = office.deliver({})
    office.write(folder / "变更.xlsx", "变更", [changed("变更", {"生效月份": "2024-10"})], [changed("变更", cells)])
    document = office.load(folder).to_json()["conflicts"]
    place = {"file": "变更.xlsx", "sheet": "变更", "row": 2}
    key = [office.case, "减发", "2024-09", "2024-08-16"]
    common = {"first": place, "second": {**place, "sheet": "变更2"}, "key": key}
    assert document == [
        {**common, "column": "变更后月金额", "kept": "54000", "other": "108050"},
        {**common, "column": "变更后月收入", "kept": "", "other": "100"},
        {**common, "column": "原因", "kept": "收入增加", "other": "减员"},
    ]
    recorded = [r.event for r in office.events(RowConflicted)]
    assert [[d.column for d in event.differences] for event in recorded] == [["变更后月金额", "变更后月收入", "原因"]]


def test_dates_and_months_of_a_conflict_are_iso(office: Any, changed: Any) -> None:
    office.start()
    death = changed("死亡信息", {"死亡日期": "2024年6月1日"})
    decision = changed("审核确认", {"起始月份": "2024年5月", "月保障金额": "676"})
    report = office.load_rows({"死亡信息": [death], "审核确认": [decision]})
    assert [(c.column, c.kept, c.other) for c in report.conflicts] == [
        ("起始月份", "2024-04", "2024-05"),
        ("死亡日期", "2024-05-31", "2024-06-01"),
    ]


def test_the_earlier_sheet_and_then_the_earlier_row_stands(office: Any, changed: Any) -> None:
    folder = office.deliver(office.sample)
    rows = [changed("复核", {"结论": result}) for result in ("维持", "增发", "停发")]
    office.write(folder / "复核.xlsx", "复核", rows[:2], rows[2:])
    report = office.load(folder)
    places = [(c.second.sheet, c.second.row, c.first.sheet, c.first.row, c.kept, c.other) for c in report.conflicts]
    assert places == [("复核", 3, "复核", 2, "维持", "增发"), ("复核2", 2, "复核", 2, "维持", "停发")]


def test_a_chart_sheet_before_the_data_does_not_shift_the_sheets_names(office: Any, changed: Any) -> None:
    folder = office.deliver(office.sample)
    path = office.write(folder / "复核.xlsx", "复核", [changed("复核")], [changed("复核", {"结论": "停发"})])
    book = openpyxl.load_workbook(path)
    book.create_chartsheet("图", 0)
    book.save(path)
    (conflict,) = office.load(folder).conflicts
    assert (conflict.first.sheet, conflict.second.sheet) == ("复核", "复核2")


def test_the_transfer_number_runs_over_all_months(office: Any, changed: Any) -> None:
    office.start()
    names = {"银行回单": "银行回单-2024-05"}
    report = office.load_rows({"银行回单": [changed("银行回单", {"金额": "1.00"})]}, names=names)
    (conflict,) = report.conflicts
    assert (conflict.first.file, conflict.second.file) == ("银行回单-2024-04.csv", "银行回单-2024-05.csv")


def test_a_case_number_in_any_text_of_the_remark_is_found(office: Any, changed: Any) -> None:
    remarks = [f"低保{office.case}三月", office.case, "无编号", "SQ123"]
    slips = [
        changed("银行回单", {"流水号": f"N{n}", "状态": "成功", "申请编号(附言)": r}) for n, r in enumerate(remarks)
    ]
    office.load_rows({**office.sample, "银行回单": slips})
    settled = [(r.event.transfer, r.event.case, r.stream) for r in office.events(PaymentSettled)]
    case, batch = f"case/{office.case}", "batch/FF202404-01"
    assert settled == [("N0", office.case, case), ("N1", office.case, case), ("N2", None, batch), ("N3", None, batch)]


def test_a_description_repeated_in_its_file_is_a_duplicate_and_a_second_answer_a_conflict(office: Any) -> None:
    rows = [*office.sample["资料说明"], office.sample["资料说明"][0], {"项": "县名称", "值": "另一县"}]
    report = office.load_rows({"资料说明": rows})
    assert office.counts(report, "资料说明") == {"loaded": 4, "duplicates": 1, "conflicts": 1}


def test_a_later_delivery_describes_itself_anew_without_conflict(office: Any) -> None:
    office.start()
    rows = [*office.sample["资料说明"][:3], {"项": "资料截止日期", "值": "2025-06-30"}]
    report = office.load_rows({"资料说明": rows})
    assert office.counts(report, "资料说明") == {"loaded": 4}
    assert report.is_clean


def test_encoding_title_line_and_totals_row_do_not_matter_for_repeats(office: Any) -> None:
    folder = office.deliver(office.sample)
    office.load(folder)
    path = folder / "死亡信息.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([["死亡人员名单"], *rows, ["合计", "1"]])
    assert office.counts(office.load(folder), "死亡信息") == {"duplicates": 1}
