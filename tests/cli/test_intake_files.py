"""Finding, recognising and reading the files of a delivery, from spreadsheets as offices make them."""

import datetime
import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Protection

from cli.intake.error_cells import error_cells
from cli.intake.files import SourceFile, discover, read_rows
from cli.intake.problems import UnreadableFile
from cli.intake.recognition import kinds_in_name, month_in_name

DEATHS = ["身份证号", "死亡日期", "来源", "接收日期"]
DEATH = ["520121194102033014", "2024-05-31", "殡葬", "2024-06-03"]
REVIEWS = ["申请编号", "复核日期", "结论", "复核人工号"]
PUBLICITY = ["申请编号", "公示开始日期", "公示结束日期", "地点"]


def write_book(path: Path, *sheets: Sequence[Any], merges: Sequence[str] = ()) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(list(row))
        for merge in merges if number == 1 else ():
            sheet.merge_cells(merge)
    book.save(path)
    return path


def write_table(path: Path, lines: Sequence[str], encoding: str = "gb18030", end: str = "\r\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def only(path: Path) -> SourceFile:
    found = discover([path])
    assert (found.skipped, found.unreadable) == ([], [])
    (source,) = found.files
    return source


def rows_of(path: Path) -> list[tuple[str, int, list[object]]]:
    return [(row.place.sheet, row.place.row, list(row.cells.values())) for row in read_rows(only(path))]


def refusal(path: Path) -> str:
    found = discover([path])
    assert (found.files, found.skipped) == ([], [])
    (problem,) = found.unreadable
    assert problem.path == path
    assert problem.reason and problem.remedy and problem.reason.en and problem.remedy.en
    return str(problem.reason)


# Workbooks


def test_title_rows_totals_and_blank_rows_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    rows = [
        ["云岭县复核登记表"],
        ["填报单位:云岭县民政局", None, None, "填报日期"],
        [],
        REVIEWS,
        ["SQ1", "2024-01-01", "维持", "MZ1"],
        [None, "  ", "\u3000", ""],
        ["SQ2", "2024-01-02", "维持", "MZ1"],
        ["小 计", 2],
        [None, "合计：2户"],
        ["制表人:甲"],
        ["填表人"],
        ["审核人"],
        ["备注 无"],
        ["总计"],
        ["SQ3", "2024-01-03", "维持", "MZ1"],
    ]
    found = rows_of(write_book(tmp_path / "复核.xlsx", rows))
    assert [(row, cells[0]) for _, row, cells in found] == [(5, "SQ1"), (7, "SQ2"), (15, "SQ3")]


def test_a_merged_cell_fills_every_cell_it_covers(tmp_path: Path) -> None:
    rows = [
        ["表"],
        REVIEWS,
        ["SQ1", "2024-01-01", "维持", "MZ1"],
        [None, "2024-02-01", "维持", "MZ1"],
        [None, "2024-03-01", "维持", None],
    ]
    path = write_book(tmp_path / "复核.xlsx", rows, merges=["A1:D1", "A3:A5", "D4:D5"])
    assert [cells for _, _, cells in rows_of(path)] == [
        ["SQ1", "2024-01-01", "维持", "MZ1"],
        ["SQ1", "2024-02-01", "维持", "MZ1"],
        ["SQ1", "2024-03-01", "维持", "MZ1"],
    ]


def test_merges_and_rows_stay_in_place_when_the_first_rows_and_columns_are_empty(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for column, header in enumerate(REVIEWS, start=3):
        sheet.cell(4, column, header)
    for row in (5, 6):
        for column, value in enumerate(["SQ1", "2024-01-01", "维持", f"MZ{row}"], start=3):
            sheet.cell(row, column, value if row == 5 or column > 3 else None)
    sheet.merge_cells("C5:C6")
    book.save(tmp_path / "复核.xlsx")
    found = rows_of(tmp_path / "复核.xlsx")
    assert [(row, cells[0], cells[3]) for _, row, cells in found] == [(5, "SQ1", "MZ5"), (6, "SQ1", "MZ6")]


def test_every_sheet_with_a_header_is_read_in_order_and_others_are_not(tmp_path: Path) -> None:
    notes = [["填表说明"], ["1.身份证号按文本格式填写。"]]
    first = [REVIEWS, ["SQ1", "2024-01-01", "维持", "MZ1"]]
    second = [["城关街道"], list(reversed(REVIEWS)), ["MZ1", "维持", "2024-01-02", "SQ2"]]
    path = write_book(tmp_path / "复核.xlsx", notes, first, second)
    places = [(row.place.sheet, row.place.sheet_index, row.place.row) for row in read_rows(only(path))]
    assert places == [("表2", 2, 2), ("表3", 3, 3)]
    assert [row.cells["申请编号"] for row in read_rows(only(path))] == ["SQ1", "SQ2"]


def test_hidden_sheets_are_read_too(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["说明"])
    hidden = book.create_sheet("旧")
    hidden.sheet_state = "hidden"
    hidden.append(REVIEWS)
    hidden.append(["SQ1", "2024-01-01", "维持", "MZ1"])
    book.save(tmp_path / "复核.xlsx")
    assert [(sheet, row) for sheet, row, _ in rows_of(tmp_path / "复核.xlsx")] == [("旧", 2)]


def test_cells_come_raw_with_their_types(tmp_path: Path) -> None:
    cells = [12.0, datetime.datetime(2024, 1, 1), "１２", True]
    (row,) = read_rows(only(write_book(tmp_path / "复核.xlsx", [REVIEWS, cells])))
    assert list(row.cells.values()) == [12.0, datetime.date(2024, 1, 1), "１２", True]


def test_a_cell_that_shows_an_error_is_not_blank(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["表"], REVIEWS, ["SQ1", "2024-01-01", "维持", "MZ1"], ["SQ2", "2024-01-01", "维持", "MZ1"]):
        sheet.append(row)
    for cell, error in (("B4", "#N/A"), ("D3", "#DIV/0!")):
        sheet[cell].value = error
        sheet[cell].data_type = "e"
    sheet.merge_cells("D3:D4")
    book.save(tmp_path / "复核.xlsx")
    assert [cells for _, _, cells in rows_of(tmp_path / "复核.xlsx")] == [
        ["SQ1", "2024-01-01", "维持", "#DIV/0!"],
        ["SQ2", "#N/A", "维持", "#DIV/0!"],
    ]


@pytest.mark.parametrize("compression", [99, zipfile.ZIP_DEFLATED])
def test_a_part_that_cannot_be_unpacked_has_no_error_cells_and_gives_no_traceback(
    tmp_path: Path, compression: int
) -> None:
    """A method that nobody knows, and bytes that are not what their method says."""
    path = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/_rels/workbook.xml.rels", b"\xff" * 40)
    content = path.read_bytes()
    for mark, method_at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = content.index(mark) + method_at
        content = content[:place] + compression.to_bytes(2, "little") + content[place + 2 :]
    path.write_bytes(content)
    assert error_cells(path) == {}


def test_aliases_shuffled_and_unknown_columns_are_named_canonically(tmp_path: Path) -> None:
    header = ["序号", "复核 结论", "受理编号", "复核人", "定期复核日期", "电话"]
    path = write_book(tmp_path / "复核.xlsx", [header, [1, "维持", "SQ1", "MZ1", "2024-01-01", "0"], [2], [3]])
    (row,) = read_rows(only(path))
    assert row.cells == {"申请编号": "SQ1", "复核日期": "2024-01-01", "结论": "维持", "复核人工号": "MZ1"}


def test_a_header_below_row_ten_is_no_header(tmp_path: Path) -> None:
    rows: list[list[object]] = [[f"说明{number}"] for number in range(9)]
    assert len(rows_of(write_book(tmp_path / "复核.xlsx", [*rows, REVIEWS, ["SQ1", "x", "y", "z"]]))) == 1
    assert "缺少列" in refusal(write_book(tmp_path / "复核-2.xlsx", [*rows, ["又一行"], REVIEWS, ["SQ1"]]))


def test_a_protected_sheet_without_a_password_to_open_is_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(REVIEWS)
    sheet.append(["SQ1", "2024-01-01", "维持", "MZ1"])
    sheet["A1"].protection = Protection(locked=True)
    sheet.protection.set_password("密")
    book.save(tmp_path / "复核.xlsx")
    assert len(rows_of(tmp_path / "复核.xlsx")) == 1


@pytest.mark.parametrize("kept", [0, 3, 4, 100, 1500])
def test_a_cut_workbook_is_unreadable_with_a_reason(tmp_path: Path, kept: int) -> None:
    path = write_book(tmp_path / "复核.xlsx", [REVIEWS])
    path.write_bytes(path.read_bytes()[:kept])
    assert "损坏" in refusal(path)


def test_an_old_or_encrypted_workbook_is_unreadable_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "复核.xlsx"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    assert "密码" in refusal(path)


def test_no_flipped_byte_of_a_workbook_gives_a_traceback(tmp_path: Path) -> None:
    path = write_book(tmp_path / "复核.xlsx", [REVIEWS, ["SQ1", "2024-01-01", "维持", "MZ1"]])
    whole = path.read_bytes()
    outcomes: set[int] = set()
    for place in range(0, len(whole), 23):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        found = discover([path])
        try:
            outcomes.update(len(list(read_rows(source))) for source in found.files)
        except UnreadableFile:
            outcomes.add(-1)
        outcomes.update(-1 for _ in found.unreadable)
    assert outcomes <= {-1, 0, 1}


# Tables


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-8"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_csv_is_read_in_either_encoding_and_with_any_line_end(tmp_path: Path, encoding: str, end: str) -> None:
    lines = ["云岭县死亡信息登记表,,,", ",".join(DEATHS), ",".join(DEATH), "", "合计,1,,", ",".join(DEATH)]
    path = write_table(tmp_path / "死亡信息.csv", lines, encoding, end)
    assert rows_of(path) == [("", 3, DEATH), ("", 6, DEATH)]


def test_a_record_over_several_lines_has_the_number_of_its_first(tmp_path: Path) -> None:
    lines = [",".join(PUBLICITY), 'SQ1,2024-01-01,2024-01-08,"大坝村,', '""公示栏"""', "SQ2,2024-01-01,2024-01-08,"]
    found = rows_of(write_table(tmp_path / "公示.csv", lines))
    assert [(row, cells[0]) for _, row, cells in found] == [(2, "SQ1"), (4, "SQ2")]
    assert found[0][2][3] == '大坝村,\r\n"公示栏"'


def test_short_records_lack_their_last_cells(tmp_path: Path) -> None:
    path = write_table(tmp_path / "死亡信息.csv", [",".join(DEATHS), "520121"])
    (row,) = read_rows(only(path))
    assert row.cells == {"身份证号": "520121"}


def test_bytes_outside_the_encoding_become_replacement_characters(tmp_path: Path) -> None:
    path = tmp_path / "死亡信息.csv"
    path.write_bytes(f"{','.join(DEATHS)}\n520121,2024-05-31,".encode("gb18030") + b"\xff\xff,2024-06-03\n")
    (row,) = read_rows(only(path))
    assert "\ufffd" in str(row.cells["来源"])
    assert row.cells["接收日期"] == "2024-06-03"


@pytest.mark.parametrize("later", [1, 5000])
def test_a_quote_that_is_never_closed_is_told_and_swallows_nothing(tmp_path: Path, later: int) -> None:
    good, bad = ",".join(DEATH), '520121,2024-05-31,"殡葬,x'
    path = write_table(tmp_path / "死亡信息.csv", [",".join(DEATHS), *[good] * 12, bad, *[good] * later])
    with pytest.raises(UnreadableFile, match="第14行"):
        list(read_rows(only(path)))
    assert "第2行" in refusal(write_table(tmp_path / "死亡信息-2.csv", [",".join(DEATHS), bad, good]))


def test_a_stray_quote_inside_a_cell_is_plain_text(tmp_path: Path) -> None:
    path = write_table(tmp_path / "死亡信息.csv", [",".join(DEATHS), '520121,2024-05-31,殡"葬,2024-06-03'])
    assert rows_of(path)[0][2][2] == '殡"葬'


def test_progress_adds_up_to_the_size_of_the_file(tmp_path: Path) -> None:
    table = write_table(tmp_path / "死亡信息.csv", [",".join(DEATHS), *[",".join(DEATH)] * 5000])
    book = write_book(tmp_path / "复核.xlsx", [REVIEWS, ["SQ1", "2024-01-01", "维持", "MZ1"]])
    for path in (table, book):
        steps: list[int] = []
        list(read_rows(only(path), steps.append))
        assert sum(steps) == path.stat().st_size


def test_utf16_is_refused_with_a_remedy(tmp_path: Path) -> None:
    assert "UTF-16" in refusal(write_table(tmp_path / "死亡信息.csv", [",".join(DEATHS)], "utf-16"))


# Recognition


@pytest.mark.parametrize(
    ("stem", "kinds"),
    [
        ("追缴回款", ["追缴回款"]),
        ("追缴-2024", ["追缴"]),
        ("申请-第一批", ["申请"]),
        ("云岭县 申 请（第二批）", ["申请"]),
        ("申请的家庭成员", ["申请", "家庭成员"]),
        ("2024年近亲属备案", ["近亲属备案"]),
        ("名单", []),
    ],
)
def test_a_name_tells_its_kind(stem: str, kinds: list[str]) -> None:
    assert kinds_in_name(stem) == kinds


@pytest.mark.parametrize(
    ("stem", "month"),
    [
        ("银行回单-2024-05", "2024-05"),
        ("银行回单-２０２４-０５", "2024-05"),
        ("银行回单202405", "2024-05"),
        ("银行回单2024年5月", "2024-05"),
        ("2024年12月银行回单(2)", "2024-12"),
        ("银行回单-2024-05-批2024-05", "2024-05"),
        ("银行回单-2024-13", None),
        ("银行回单-2024-1", None),
        ("银行回单-2024", None),
        ("银行回单-2024-05至2024-06", None),
        ("银行回单-20240501", None),
        ("银行回单", None),
    ],
)
def test_a_name_tells_its_month_when_it_holds_just_one(stem: str, month: str | None) -> None:
    assert month_in_name(stem) == month


def test_the_header_decides_when_the_name_tells_nothing(tmp_path: Path) -> None:
    assert only(write_table(tmp_path / "名单.csv", [",".join(DEATHS)])).kind == "死亡信息"
    assert only(write_book(tmp_path / "附件1.xlsx", [["附件"]], [REVIEWS])).kind == "复核"


def test_a_name_that_tells_two_kinds_is_settled_by_the_header(tmp_path: Path) -> None:
    assert only(write_book(tmp_path / "申请复核.xlsx", [REVIEWS])).kind == "复核"


def test_a_file_whose_name_and_header_disagree_is_unreadable_and_names_the_columns(tmp_path: Path) -> None:
    reason = refusal(write_table(tmp_path / "死亡信息.csv", ["身份证号,死亡日期,其他"]))
    assert reason.endswith("缺少列：来源、接收日期")


def test_a_monthly_file_without_a_month_in_its_name_is_unreadable(tmp_path: Path) -> None:
    header = "流水号,交易日期,批次号,附言,账号,户名,金额,状态"
    assert "年月" in refusal(write_table(tmp_path / "银行回单.csv", [header]))
    assert only(write_table(tmp_path / "银行回单-2024-05.csv", [header])).month == "2024-05"


def test_what_is_no_part_of_a_delivery_is_skipped_with_a_reason(tmp_path: Path) -> None:
    for name in ("README.md", "control-totals.json", ".hidden.csv", "~$申请.xlsx", "照片.jpg", "rejects.csv"):
        (tmp_path / name).write_text("文件,工作表,行号\n", encoding="utf-8")
    (tmp_path / "上月").mkdir()
    write_table(tmp_path / "上月" / "死亡信息.csv", [",".join(DEATHS)])
    found = discover([tmp_path])
    assert (found.files, found.unreadable) == ([], [])
    assert len(found.skipped) == 7
    assert all(skipped.reason and skipped.reason.en for skipped in found.skipped)


def test_a_folder_named_itself_is_searched(tmp_path: Path) -> None:
    inner = tmp_path / "上月"
    inner.mkdir()
    write_table(inner / "死亡信息.csv", [",".join(DEATHS)])
    assert [source.name for source in discover([tmp_path, inner]).files] == ["死亡信息.csv"]


def test_a_spreadsheet_of_another_format_is_unreadable_when_its_name_tells_a_kind(tmp_path: Path) -> None:
    path = tmp_path / "申请.xls"
    path.write_bytes(b"x")
    assert ".xls" in refusal(path)


def test_a_workbook_under_the_name_of_a_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = write_book(tmp_path / "死亡信息.xlsx", [DEATHS, DEATH])
    assert len(rows_of(path.rename(tmp_path / "死亡信息.csv"))) == 1


def test_a_missing_path_is_unreadable(tmp_path: Path) -> None:
    assert "无法打开" in refusal(tmp_path / "没有.csv")


def test_files_come_in_order_of_kind_then_name_each_once_with_its_hash(tmp_path: Path) -> None:
    for name in ("信用", "复核-2", "复核-1", "复核"):
        header = REVIEWS if name.startswith("复核") else ["身份证号", "申请编号", "事实", "认定日期", "起", "止"]
        write_book(tmp_path / f"{name}.xlsx", [header])
    write_table(tmp_path / "资料说明.csv", ["项,值"])
    found = discover([tmp_path, tmp_path / "复核-1.xlsx"])
    assert [source.name for source in found.files] == [
        "资料说明.csv",
        "复核-1.xlsx",
        "复核-2.xlsx",
        "复核.xlsx",
        "信用.xlsx",
    ]
    for source in found.files:
        assert source.sha256 == hashlib.sha256(source.path.read_bytes()).hexdigest()
