"""What cannot be loaded at all: values without a form in the log, damaged files, a store or keys that refuse."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from audit.verification import verify
from cli.intake.report import write_rejects
from domain.events.delivery import RowRejected
from domain.events.verification import SurveyRemarked
from domain.formats.catalogue import FORMATS
from ledger.errors import LedgerError
from ledger.store_errors import DatabaseBusy

UNWRITABLE = ["罗\ufffe强", "\ufdd0罗", "罗\U0001ffff"]
NUMBER_COLUMNS = [
    ("工作人员", "工号"),
    ("申请", "申请编号"),
    ("发放计划", "批次号"),
    ("银行回单", "批次号"),
    ("追缴", "追缴编号"),
    ("申诉", "申诉编号"),
]
TEXT_COLUMNS = [
    ("标准", "文号"),
    ("工作人员", "姓名"),
    ("近亲属申报", "关系"),
    ("近亲属备案", "结论"),
    ("核对结果", "数值"),
    ("入户调查", "意见"),
    ("公示", "地点"),
    ("审核确认", "决定机关"),
    ("变更", "原因"),
    ("死亡信息", "来源"),
    ("银行回单", "收款户名"),
    ("追缴", "涉及月份"),
    ("申诉", "事由"),
    ("信用", "失信事实"),
    ("资料说明", "值"),
]


@pytest.mark.parametrize(("kind", "column"), NUMBER_COLUMNS)
@pytest.mark.parametrize("number", ["N" * 300, "号" * 40, "A\x07B", "A\ufffeB", "..", "520121196203153012"])
def test_a_number_that_no_stream_can_have_is_a_fault_of_its_column(
    office: Any, changed: Any, kind: str, column: str, number: str
) -> None:
    folder = office.deliver({"申请": office.sample["申请"], "家庭成员": office.sample["家庭成员"]})
    path = office.write(folder / f"{kind}-2024-04.csv", kind, [*office.sample[kind], changed(kind, {column: number})])
    report = office.load(path) if kind == "申请" else office.load(folder)
    faults = [(cell.fault.column, cell.fault.code) for cell in report.rejects if cell.place.file == path.name]
    assert (column, "unknown_value") in faults


@pytest.mark.parametrize("column", ["流水号", "原流水号"])
def test_a_transfer_number_is_any_text_of_80_characters(office: Any, changed: Any, column: str) -> None:
    numbers = ["号" * 80, "号" * 81, "A\ufffeB"]
    slips = [changed("银行回单", {"流水号": f"N{n}", column: number}) for n, number in enumerate(numbers)]
    report = office.load_rows({"银行回单": slips})
    assert office.counts(report, "银行回单") == {"loaded": 1, "rejected": 2}
    assert {(c.fault.column, c.fault.code) for c in report.rejects} == {(column, "unknown_value")}


@pytest.mark.parametrize("text", UNWRITABLE)
@pytest.mark.parametrize(("kind", "column"), TEXT_COLUMNS)
def test_text_with_code_points_that_are_no_characters_is_rejected(
    office: Any, changed: Any, kind: str, column: str, text: str
) -> None:
    folder = office.deliver({k: office.sample[k] for k in ("申请", "家庭成员", "工作人员")})
    path = office.write(folder / f"{kind}-2024-04.csv", kind, [changed(kind, {column: text})])
    report = office.load(folder)
    found = [(c.fault.column, c.fault.code, c.fault.value) for c in report.rejects if c.place.file == path.name]
    assert found == [(column, "unknown_value", text)]
    (recorded,) = office.events(RowRejected)
    assert "\ufffd" in recorded.event.faults[0].value


NASTY = st.one_of(
    st.sampled_from(
        ["", " ", "\ufeff", "=1", "SQ" + "9" * 17, "0000-00", "9999-12-31", "0001-01-01", "1" * 19, "确认"]
    ),
    st.sampled_from(["-0", "0", "90071992547409.91", "1e5", "Ａ" * 81, "%2F", "/", "..", "\x00", "\x7f", "\u2028"]),
    st.text(max_size=12),
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(data=st.data())
def test_no_cell_whatever_crashes_an_import(
    office: Any, changed: Any, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = type(office)(tmp_path_factory.mktemp("office"))
    for _ in range(2):
        folder = made.deliver({})
        for kind, rows in made.sample.items():
            columns = [column.header for column in FORMATS[kind].columns]
            cells = [data.draw(st.dictionaries(st.sampled_from(columns), NASTY, max_size=2)) for _ in range(3)]
            lines = [*rows, *(changed(kind, one) for one in cells)]
            made.write(folder / f"{kind}-2024-04.csv", kind, lines)
        report = made.load(folder)
        assert len(report.files) == len(FORMATS)
        write_rejects(made.home / "rejects.csv", report)
        json.dumps(report.to_json())
        assert made.load(folder).entries_added == 0
    assert verify(made.ledger.store, keys=made.keys).sound
    made.close()


def test_a_member_that_no_entry_can_hold_holds_its_unit(office: Any, changed: Any) -> None:
    members = [*office.sample["家庭成员"], changed("家庭成员", {"身份证号": office.stranger, "姓名": "罗\ufffe"})]
    report = office.load_rows({**office.sample, "家庭成员": members})
    assert office.counts(report, "家庭成员") == {"rejected": 1, "held": 2, "loaded": 1}
    assert office.counts(report, "申请") == {"held": 1, "loaded": 1}


def test_byte_order_marks_and_control_characters_of_texts_do_no_harm(office: Any, changed: Any) -> None:
    office.start()
    cells = {"调查日期": "2024-05-01", "意见": "\ufeff符合\x0b条件\x01\ufeff"}
    folder = office.deliver({})
    office.write(folder / "入户调查.csv", "入户调查", [changed("入户调查", cells)])
    assert office.counts(office.load(folder), "入户调查") == {"loaded": 1}
    assert [r.event.opinion for r in office.events(SurveyRemarked)] == ["符合\x0b条件\x01"]


@pytest.mark.parametrize("amount", ["90071992547409.92", "1" * 40, "1e400"])
def test_an_amount_beyond_the_log_is_not_a_number(office: Any, changed: Any, amount: str) -> None:
    report = office.load_rows({**office.sample, "变更": [changed("变更", {"变更后月金额": amount})]})
    assert [(c.fault.column, c.fault.code) for c in report.rejects] == [("变更后月金额", "not_a_number")]


def test_a_standard_beyond_the_log_is_rejected(office: Any, changed: Any) -> None:
    report = office.load_rows({"标准": [changed("标准", {"数值": "99999999999999.99"})]})
    assert [(c.fault.column, c.fault.code) for c in report.rejects] == [("数值", "unknown_value")]


def test_a_remark_of_100_000_characters_is_sealed_and_comes_back(office: Any, changed: Any) -> None:
    office.start()
    remark = "情" * 100_000
    folder = office.deliver({})
    office.write(folder / "入户调查.csv", "入户调查", [changed("入户调查", {"调查日期": "2024-05-01", "意见": remark})])
    assert office.counts(office.load(folder), "入户调查") == {"loaded": 1}
    assert [r.event.opinion for r in office.events(SurveyRemarked)] == [remark]


def test_more_text_than_a_sealed_part_holds_is_rejected_at_the_longest_cell(office: Any, changed: Any) -> None:
    office.start()
    cells = {
        "公示开始日期": "2024-05-01",
        "公示结束日期": "2024-05-09",
        "地点": "村" * 90_000,
        "异议内容": "议" * 120_000,
    }
    folder = office.deliver({})
    office.write(folder / "公示.csv", "公示", [changed("公示", cells)])
    report = office.load(folder)
    assert [(c.fault.column, c.fault.code) for c in report.rejects] == [("异议内容", "unknown_value")]


def test_two_longest_rows_that_contradict_each_other_fit_into_one_conflict(office: Any, changed: Any) -> None:
    folder = office.deliver({k: office.sample[k] for k in ("申请", "家庭成员")})
    texts = ({"地点": one * 80_000, "异议内容": one * 80_000} for one in "甲乙")
    office.write(folder / "公示.csv", "公示", [changed("公示", cells) for cells in texts])
    assert office.counts(office.load(folder), "公示") == {"loaded": 1, "conflicts": 1}


def test_staff_numbers_of_any_form_can_be_filed_and_visited(office: Any, changed: Any) -> None:
    office.load_rows(
        {
            **office.sample,
            "工作人员": [changed("工作人员", {"工号": "民政-007/甲"})],
            "近亲属申报": [changed("近亲属申报", {"工号": "民政-007/甲"})],
            "近亲属备案": [changed("近亲属备案", {"工号": "民政-007/甲", "县级入户日期": "2024-03-20"})],
        }
    )
    visits = {
        "近亲属备案": [changed("近亲属备案", {"工号": "民政-007/甲", "县级入户日期": "2024-03-20", "结论": "符合"})]
    }
    assert office.counts(office.load_rows(visits), "近亲属备案") == {"completed": 1}


def test_a_file_name_that_is_no_text_is_recorded_all_the_same(office: Any) -> None:
    folder = office.deliver({"申请": office.sample["申请"]})
    odd = os.fsencode(folder) + b"/\xc9\xea\xc7\xeb.xlsx"
    try:
        (folder / "申请.xlsx").rename(Path(os.fsdecode(odd)))
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    report = office.load(folder)
    assert [(f.kind, f.loaded) for f in report.files] == [("申请", 2)]
    assert "\ufffd" in report.files[0].file


def test_a_file_damaged_in_its_middle_is_left_out_whole(office: Any) -> None:
    folder = office.deliver(office.sample)
    with (folder / "死亡信息.csv").open("a", encoding="utf-8") as stream:
        stream.write('\r\n"520121196203150011,2024-01-01,殡葬,2024-01-02\r\n')
    report = office.load(folder)
    assert [u.file for u in report.unreadable] == ["死亡信息.csv"]
    assert "死亡信息" not in {f.kind for f in report.files}
    assert office.counts(report, "申请") == {"loaded": 2}
    assert not any(r.stream.startswith("person/") and r.topic == "death.recorded/1" for r in office.events())
    assert report.entries_added == report.size == len(office.events())


def test_a_damaged_applications_file_is_left_out_before_anything_is_loaded(office: Any) -> None:
    folder = office.deliver(office.sample)
    (folder / "申请.xlsx").unlink()
    path = office.write(folder / "申请.csv", "申请", office.sample["申请"])
    path.write_text(path.read_text("utf-8-sig") + '"SQ', "utf-8-sig")
    report = office.load(folder)
    assert [u.file for u in report.unreadable] == ["申请.csv"]
    assert office.counts(report, "复核") == {"rejected": 1}
    path.unlink()
    office.write(folder / "申请.xlsx", "申请", office.sample["申请"])
    assert office.counts(office.load(folder), "复核") == {"loaded": 1}


def test_nothing_is_loaded_when_the_keys_cannot_be_kept(office: Any) -> None:
    folder = office.deliver(office.sample)
    office.keys.unlock()
    holder = sqlite3.connect(office.home / "keys" / "sealing.db", isolation_level=None)
    holder.execute("DROP TABLE sealing_key")
    holder.close()
    with pytest.raises(LedgerError) as caught:
        office.load(folder)
    assert "sealing.db" in str(caught.value)
    assert office.ledger.size == 0 and not office.events()


def test_a_second_import_while_one_runs_is_told_that_the_ledger_is_busy(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = office.deliver(office.sample)
    holder = sqlite3.connect(office.home / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("ledger.sqlite_connection.BUSY_MILLISECONDS", 50, raising=False)
    with office.ledger.store.datastore.transaction(commit=False) as cursor:
        cursor.sqlite_cursor.connection.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(DatabaseBusy):
        office.load(folder)
    holder.execute("ROLLBACK")
    holder.close()
    assert office.counts(office.load(folder), "申请") == {"loaded": 2}


FULL_DISK = """
    import datetime, resource, sys
    from pathlib import Path
    from cli.intake.loader import load_delivery
    from ledger.errors import LedgerError
    from ledger.hashing import SHA256
    from ledger.keystore import KeyStore
    from ledger.ledger import Ledger
    home, limit = Path(sys.argv[1]), int(sys.argv[2])
    keys = KeyStore.open(home / "keys", "county.example/ledger", SHA256)
    ledger = Ledger.open(f"sqlite:///{home / 'ledger.db'}", keys)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        load_delivery(ledger, keys, [Path(sys.argv[3])], by="system/import",
                      clock=lambda: datetime.datetime.now(datetime.UTC), progress=lambda name, count: None)
    except (LedgerError, OSError) as error:
        print(type(error).__name__, error)
        sys.exit(7)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limits on this system")
def test_a_full_disk_is_a_clear_error_and_loads_nothing(office: Any) -> None:
    folder = office.deliver(office.sample)
    limit = str((office.home / "ledger.db").stat().st_size // 4)
    program = [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(office.home), limit, str(folder)]
    done = subprocess.run(program, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == 7, done.stderr
    assert "ledger.db" in done.stdout or "sealing.db" in done.stdout
    assert office.ledger.size == 0 and not office.events()
    assert office.counts(office.load(folder), "申请") == {"loaded": 2}
