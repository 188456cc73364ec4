"""docs/import-formats.md says what the code does: its tables are not stale, its worked examples come out as it says."""

import csv
import datetime
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from cli.intake.loader import load_delivery
from cli.intake.report import DeliveryReport
from domain.formats.catalogue import FORMATS
from domain.formats.columns import FaultCode
from domain.formats.faults import REASONS
from domain.formats.normalise import parse_hundredths
from domain.identity import check_character
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from projections.case_folds import case_folds
from projections.changes import changes
from projections.database import Database
from projections.follower import Follower
from projections.payments import monthly
from projections.reconciliation import reconcile
from projections.registers.recoveries import recoveries
from projections.scope import Scope, open_view
from projections.sqlite import SQLiteDatabase
from projections.standing import standing

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "import-formats.md").read_text(encoding="utf-8")
ORIGIN = "county.example/ledger"
CASES = {"SQ…17": "SQ52012120240300017", "SQ…18": "SQ52012120240300018"}
CASE = CASES["SQ…17"]
BEFORE_THE_APPEAL = datetime.date(2024, 11, 30)
Row = Mapping[str, str]


def test_tables_are_not_stale() -> None:
    """The tables are those the script would write now: run it after changing a format."""
    script = _script()
    assert script.page(TEXT) == TEXT, "stale: run python scripts/document_formats.py"
    assert set(re.findall(r"<!-- generated: ([a-z]+) -->", TEXT)) == set(script._TABLES)


def test_every_column_is_explained() -> None:
    """A meaning for each column of each kind, and none for a column that is not there."""
    told = {kind: set(meanings) for kind, meanings in _script().MEANINGS.items()}
    assert told == {kind: {column.header for column in fmt.columns} for kind, fmt in FORMATS.items()}


def test_reasons_stand_under_the_code_that_they_are_given_with() -> None:
    """Every reason is on the page, and no source gives it with another code."""
    code_of = _script().CODE_OF_REASON
    assert {*code_of, *(code.value for code in FaultCode)} == set(REASONS)
    given = re.compile(r'FaultCode\.(\w+),[^()]*?(?:\([^()]*\)[^()]*?)?"(\w+)"')
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("domain", "cli/intake")
        for path in (ROOT / folder).rglob("*.py")
    )
    pairs = {(reason, code) for code, reason in given.findall(sources) if reason in REASONS}
    assert len(pairs) > 10
    assert {(reason, code) for reason, code in pairs if code not in (reason, code_of.get(reason))} == set()


def test_sections_keep_their_numbers() -> None:
    """Docstrings cite them."""
    assert re.findall(r"^## ([0-9])\. ", TEXT, re.MULTILINE) == list("12345678")
    cited = re.compile(r"docs/import-formats\.md sections? ([0-9])")
    for folder in ("domain", "projections", "cli", "ledger", "audit"):
        for path in (ROOT / folder).rglob("*.py"):
            assert set(cited.findall(path.read_text(encoding="utf-8"))) <= set("12345678"), path


def test_no_docstring_cites_a_page_that_is_not_here() -> None:
    """A page named in a source exists in this repository."""
    named = re.compile(r"(?:\bdocs/)?(?:\bdecisions/)?\b[a-z0-9-]+\.md\b")
    for folder in ("domain", "projections", "cli", "ledger", "audit", "scripts"):
        for path in (ROOT / folder).rglob("*.py"):
            for page in set(named.findall(path.read_text(encoding="utf-8"))):
                assert (ROOT / page).is_file() or (ROOT / "docs" / page).is_file(), f"{path}: {page}"


def test_a_row_that_comes_again_is_counted_as_the_page_says(tmp_path: Path) -> None:
    """Section 2: one delivery after another."""
    fixed = {"工号": "MZ0012", "岗位": "调查", "任职日期": "2019-05-06", "姓名": "周敏", "地区代码": "520121101"}
    person = {"身份证号": _citizen_id(5, "19800101")}
    with _Bureau(tmp_path) as bureau:
        for line in _example("repeats"):
            cells = {"单位": line["单位"], "离任日期": line["离任日期"]}
            (file,) = bureau.load({"工作人员": [{**fixed, **person, **cells}]}).files
            assert (file.rows, getattr(file, line["counted as"])) == (1, 1), line


def test_what_is_due_is_what_the_page_says(registers: Database) -> None:
    """Section 6: status, persons and amount of each month, with and without the appeal."""
    for line in _example("due"):
        day = datetime.date.fromisoformat(f"{line['month']}-28")
        (now,) = _standing(registers, Scope(as_of=day))
        (then,) = _standing(registers, Scope(as_of=day, decided_by=BEFORE_THE_APPEAL))
        assert now == (line["status"], int(line["persons"]), _fen(line["due"])), line
        assert then[::2] == (line["status before the appeal"], _fen(line["due before the appeal"])), line


def test_transfers_fall_into_the_classes_of_the_page(registers: Database) -> None:
    """Section 7: every class once, and every transfer in one of them."""
    found = [
        (row["month"], row["class"], row["due_fen"], row["paid_fen"]) for row in reconcile(registers, Scope())["rows"]
    ]
    told = [(line["month"], line["class"], _fen(line["due"]), _fen(line["paid"])) for line in _example("classes")]
    assert sorted(found) == sorted(told)
    settled = [_fen(line["金额"]) for line in _example("transfers") if line["状态"] == "成功"]
    assert sum(paid_fen for *_, paid_fen in found) == sum(settled)
    assert {line["class"] for line in _example("classes")} == set(reconcile(registers, Scope())["classes"])


def test_monthly_totals_are_those_of_the_page(registers: Database) -> None:
    """Section 7: a returned transfer stays returned in its month, the reissue is paid in its own."""
    rows = {row["month"]: row for row in monthly(registers, Scope()) if row["programme"] == "农村低保"}
    for line in _example("totals"):
        month, *names = line
        assert {name: int(line[name]) for name in names} == {name: rows[line[month]][name] for name in names}, line


def test_recovery_comes_out_as_the_page_says(registers: Database) -> None:
    """Section 7: what is outstanding; and the stop that was revoked is no exit."""
    (line,) = _example("recovery")
    (order,) = recoveries(registers, Scope())["rows"]
    assert order["outstanding_fen"] == _fen(line["outstanding"])
    assert changes(registers, Scope())["exits"] == {}
    assert changes(registers, Scope(decided_by=BEFORE_THE_APPEAL))["exits"] == {"收入超标": 1}


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The registers of a ledger into which the rows of the page's examples were imported."""
    database = SQLiteDatabase.private()
    with _Bureau(tmp_path_factory.mktemp("bureau")) as bureau:
        report = bureau.load({**_household(), **_decisions(), **_transfers(), **_recovery()})
        assert report.is_clean
        Follower(bureau.ledger, database).catch_up()
        yield database
    database.close()


# Private


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("document_formats", ROOT / "scripts" / "document_formats.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def _example(name: str) -> list[dict[str, str]]:
    """Return the lines of the table below the marker, blank cells empty."""
    table = TEXT.split(f"<!-- example: {name} -->\n\n")[1].split("\n\n")[0]
    headings, _, *lines = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n"))
    return [{k: "" if v == "(blank)" else v for k, v in zip(headings, line, strict=True)} for line in lines]


def _fen(text: str) -> int:
    return parse_hundredths(text)


def _citizen_id(number: int, born: str = "19620315") -> str:
    digits = f"520121{born}{number:03d}"
    return digits + check_character(digits)


class _Bureau:
    """A ledger with its keys; deliveries are CSV files, whatever the kind."""

    def __init__(self, home: Path) -> None:
        self.home, self.deliveries = home, 0
        self.keys = KeyStore.create(home / "keys", ORIGIN, SHA256)
        self.ledger = Ledger.create(f"sqlite:///{home / 'ledger.db'}", ORIGIN, SHA256, self.keys)

    def __enter__(self) -> "_Bureau":
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()
        self.keys.close()

    def load(self, files: Mapping[str, Sequence[Row]]) -> DeliveryReport:
        """Load the rows by name of the file, a kind or a kind and a month."""
        self.deliveries += 1
        folder = self.home / str(self.deliveries)
        folder.mkdir()
        for name, rows in files.items():
            headers = [column.header for column in FORMATS[name.partition("-")[0]].columns]
            with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
                writer = csv.DictWriter(stream, headers)
                writer.writeheader()
                writer.writerows(rows)
        clock = datetime.datetime(2025, 1, 6, 9, tzinfo=datetime.UTC)
        return load_delivery(
            self.ledger,
            self.keys,
            [folder],
            by="system/import",
            clock=lambda: clock + datetime.timedelta(hours=self.deliveries),
            progress=lambda name, count: None,
        )


def _household() -> dict[str, list[Row]]:
    described = {"县名称": "云岭县", "地区代码": "520121", "资料起始月份": "2024-03", "资料截止日期": "2024-12-31"}
    staff = {"工号": "MZ0001", "姓名": "周敏", "身份证号": _citizen_id(5, "19800101"), "单位": "青石镇人民政府"}
    application = {
        **{"申请编号": CASE, "申请日期": "2024-03-01", "受理日期": "2024-03-01", "救助项目": "农村低保"},
        **{"地区代码": "520121101202", "申请方式": "本人申请", "户主姓名": "罗国强", "户主身份证号": _citizen_id(1)},
        **{"开户银行": "云岭农商行", "银行账号": "6299010000000000018", "账户户名": "罗国强", "受理人工号": "MZ0001"},
    }
    members = [
        {
            **{"申请编号": CASE, "姓名": "罗国强", "身份证号": _citizen_id(number), "申报月收入": "0"},
            **{"与户主关系": "本人" if number == 1 else "配偶"},
            **{"是否计入": line["是否计入"], "计出月": line["计出月"]},
        }
        for number, line in enumerate(_example("members"), start=1)
    ]
    return {
        "资料说明": [{"项": item, "值": value} for item, value in described.items()],
        "工作人员": [{**staff, "地区代码": "520121101", "岗位": "受理", "任职日期": "2019-05-06"}],
        "申请": [application],
        "家庭成员": members,
    }


def _decisions() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for number, line in enumerate(_example("decisions"), start=1):
        kind, word, month, amount = line["file"], line["类型"], line["from month"], line["monthly amount"]
        row = {"申请编号": CASE, "决定日期": line["决定日期"], "确认人工号": "MZ0001"}
        if kind == "审核确认":
            row |= {"决定": word, "月保障金额": amount, "起始月份": month, "决定机关": "云岭县民政局", "复核类别": "B"}
        elif kind == "变更":
            row |= {"变更类型": word, "生效月份": month, "变更后月金额": amount, "经办人工号": "MZ0001"}
            row |= {"原因": line[""] or "收入增加"}
        else:
            row = {"申请编号": CASE, "决定日期": line["决定日期"], "申诉编号": f"SS{number}", "类型": "复议"}
            row |= {"提出日期": "2024-11-05", "结果": word, "变更后月金额": amount, "起始月份": month}
        found.setdefault(kind, []).append(row)
    return found


def _transfers() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for line in _example("transfers"):
        row = {name: line[name] for name in ("流水号", "金额", "状态", "原流水号", "所属月份")}
        row |= {
            "申请编号(附言)": f"救助金{CASES[line['case']]}",
            "批次号": "FF-01",
            "交易日期": f"{line['file of']}-10",
        }
        row |= {"收款账号": "6299010000000000018", "收款户名": "罗国强"}
        found.setdefault(f"银行回单-{line['file of']}", []).append(row)
    return found


def _recovery() -> dict[str, list[Row]]:
    (line,) = _example("recovery")
    order = {"追缴编号": "ZJ1", "申请编号": CASE, "原因": "骗取", "决定日期": "2024-06-12", "涉及月份": "2024-04"}
    order |= {name: line[name] for name in ("应追缴金额", "罚款金额")}
    repayments = [
        {
            "追缴编号": "ZJ1",
            "回款日期": "2024-07-15",
            "方式": manner,
            "金额": line[manner],
            "批准文号": "云民〔2024〕3号",
        }
        for manner in ("分期", "减免", "核销")
    ]
    return {"追缴": [order], "追缴回款": repayments}


def _standing(registers: Database, scope: Scope) -> list[tuple[str, int, int]]:
    with open_view(registers, scope) as view:
        assert view.month is not None
        found = [standing(fold, view.month) for fold in case_folds(view)]
    return [(one.status.value, one.persons, one.due_fen) for one in found]
