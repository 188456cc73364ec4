"""What an import tells: rejects.csv for the office, masked JSON for programs, warnings of odd rows."""

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cli.intake.report import write_conflicts, write_rejects

HEADERS = ["文件", "工作表", "行号", "列", "值", "代码", "原因", "更正办法"]


def lines_of(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.fixture
def untidy(office: Any, changed: Any) -> Any:
    """A delivery with a rejected, a held and a conflicting row, and personal data in many columns."""
    members = [
        *office.sample["家庭成员"][:2],
        changed("家庭成员", {"身份证号": "520121196203150010", "姓名": "罗小小"}, of=2),
    ]
    applications = [{**row, "联系电话": "19900012345", "住址": "青石镇大坝村3组"} for row in office.sample["申请"]]
    other = {**applications[0], "银行账号": "6299010000000000026", "户主姓名": "罗国良", "联系电话": "19900054321"}
    shifted = changed("复核", {"复核日期": office.head, "结论": "6299010000000000018", "复核人工号": "MZ0001"})
    slip = changed("银行回单", {"金额": "-365.00元"})
    return office.load_rows(
        {
            **office.sample,
            "申请": [*applications, other],
            "家庭成员": members,
            "复核": [shifted],
            "银行回单": [slip],
            "死亡信息": [changed("死亡信息"), changed("死亡信息", {"死亡日期": "2024-01-01"})],
        }
    )


def test_rejects_are_written_for_the_office(untidy: Any, tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    target.write_text("old")
    target.chmod(0o644)
    write_rejects(target, untidy)
    lines = lines_of(target)
    assert lines[0] == HEADERS
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert ["家庭成员.xlsx", "家庭成员", "4", "身份证号", "520121196203150010", "bad_check_digit"] in [
        line[:6] for line in lines
    ]
    held = [line for line in lines if line[5] == "held"]
    assert [line[0] for line in held] == ["申请.xlsx"]
    assert "家庭成员.xlsx 家庭成员 第4行" in held[0][6]
    assert all(line[6] and line[7] for line in lines[1:])
    assert len(lines) - 1 == len(untidy.rejects) + len(untidy.held)
    assert not list(tmp_path.glob(".rejects*"))


def test_a_negative_amount_stands_in_the_rejects_as_it_stood_in_the_file(untidy: Any, tmp_path: Path) -> None:
    write_rejects(tmp_path / "rejects.csv", untidy)
    assert "-365.00元" in {line[4] for line in lines_of(tmp_path / "rejects.csv")}


@pytest.mark.parametrize("value", ["=1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "+A1"])
def test_a_formula_in_a_rejected_cell_is_not_run_by_a_spreadsheet(
    office: Any, changed: Any, tmp_path: Path, value: str
) -> None:
    folder = office.deliver({})
    office.write(folder / "死亡信息.csv", "死亡信息", [changed("死亡信息", {"死亡日期": value})])
    write_rejects(tmp_path / "rejects.csv", office.load(folder))
    (line,) = lines_of(tmp_path / "rejects.csv")[1:]
    assert line[4] == f"'{value.replace(' ', '')}"


def test_a_report_that_cannot_be_written_leaves_the_old_one(untidy: Any, tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    target.mkdir()
    with pytest.raises(OSError):
        write_rejects(target, untidy)
    assert [path.name for path in tmp_path.glob(".rejects*")] == []


def test_conflicts_are_written_unmasked_and_private(untidy: Any, tmp_path: Path) -> None:
    write_conflicts(tmp_path / "conflicts.csv", untidy)
    text = (tmp_path / "conflicts.csv").read_text("utf-8-sig")
    assert "6299010000000000026" in text
    assert stat.S_IMODE((tmp_path / "conflicts.csv").stat().st_mode) == 0o600


def test_the_document_for_programs_holds_no_personal_data(untidy: Any, office: Any) -> None:
    text = json.dumps(untidy.to_json(), ensure_ascii=False)
    personal = ("罗国强", "罗国良", "罗小小", "周敏", "19900012345", "19900054321", "大坝村", "6299010000000000018")
    ids = (office.head, office.wife, office.other_head, "520121196203150010", "6299010000000000026")
    assert [word for word in (*personal, *ids) if word in text] == []
    assert "520121********" in text and "罗**" in text and "199****4321" in text


def test_the_document_has_the_shape_that_is_promised(untidy: Any) -> None:
    document = untidy.to_json()
    assert set(document) >= {"files", "rejects", "held", "conflicts", "entries_added", "size", "root"}
    assert set(document["files"][0]) >= {"file", "kind", "sha256", "rows", "loaded", "completed", "duplicates"}
    assert set(document["rejects"][0]) == {"file", "sheet", "row", "column", "code", "value", "reason", "remedy"}
    assert set(document["held"][0]) == {"file", "sheet", "row", "case"}
    assert set(document["conflicts"][0]) == {"first", "second", "key", "column", "kept", "other"}


def test_a_head_who_is_no_member_is_a_warning(office: Any, changed: Any) -> None:
    rows = {**office.sample, "申请": [changed("申请", {"户主身份证号": office.stranger}), office.sample["申请"][1]]}
    report = office.load_rows(rows)
    assert [(w.notice.code, w.place.row) for w in report.warnings] == [("head_no_member", 2)]
    assert office.counts(report, "申请") == {"loaded": 2}


def test_a_head_whose_member_row_came_earlier_is_no_warning(office: Any, changed: Any) -> None:
    office.start()
    report = office.load_rows({"申请": [changed("申请", {"联系电话": "19900012345"})]})
    assert office.counts(report, "申请") == {"completed": 1}
    assert report.warnings == []


def test_a_failing_luhn_digit_is_a_warning(office: Any, changed: Any) -> None:
    slip = changed("银行回单", {"收款账号": "6299010000000000019"})
    report = office.load_rows({**office.sample, "银行回单": [slip]})
    assert [w.notice.code for w in report.warnings] == ["luhn"]
    assert office.file(report, "银行回单-2024-04.csv").warnings == 1


def test_an_original_that_no_slip_carries_is_a_warning(office: Any, changed: Any) -> None:
    slips = [changed("银行回单", {"流水号": f"N{n}", "原流水号": original}) for n, original in enumerate(("N2", "N9"))]
    report = office.load_rows({**office.sample, "银行回单": [*slips, changed("银行回单", {"流水号": "N2"})]})
    assert [(w.notice.code, w.notice.value) for w in report.warnings] == [("unknown_original", "N9")]


def test_an_original_of_a_later_file_or_earlier_delivery_is_known(office: Any, changed: Any) -> None:
    office.start()
    original = office.sample["银行回单"][0]["流水号"]
    folder = office.deliver({})
    for month, cells in (("05", {"流水号": "A", "原流水号": original}), ("06", {"流水号": "B", "原流水号": "C"})):
        office.write(folder / f"银行回单-2024-{month}.csv", "银行回单", [changed("银行回单", cells)])
    office.write(folder / "银行回单-2024-07.csv", "银行回单", [changed("银行回单", {"流水号": "C"})])
    assert office.load(folder).warnings == []
