"""An office that hands files over: small counties written as real files, and a ledger that loads them."""

import csv
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from cli.intake.loader import load_delivery
from cli.intake.report import DeliveryReport, FileReport
from domain.events.base import Event
from domain.formats.catalogue import FORMATS
from domain.identity import check_character
from domain.recorded import Recorded
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger

ORIGIN = "county.example/ledger"
Row = Mapping[str, object]
COUNTS = ("loaded", "completed", "duplicates", "rejected", "held", "conflicts")


def citizen_id(number: int, born: str = "19620315") -> str:
    """Return a sound citizen id; the same for the same number and birth date."""
    digits = f"520121{born}{number:03d}"
    return digits + check_character(digits)


HEAD, WIFE, OTHER_HEAD, STRANGER = (citizen_id(number) for number in (1, 2, 3, 4))
STAFF_ID, KIN_ID = citizen_id(5, "19800101"), citizen_id(6, "19720304")
CASE, OTHER_CASE = "SQ52012120240300017", "SQ52012120240300018"
ACCOUNT = "6299010000000000018"

SAMPLE: Mapping[str, Sequence[Row]] = {
    "资料说明": [
        {"项": "县名称", "值": "云岭县"},
        {"项": "地区代码", "值": "520121"},
        {"项": "资料起始月份", "值": "2024-01"},
        {"项": "资料截止日期", "值": "2024-12-31"},
    ],
    "标准": [
        {
            **{"项目": "农村低保", "地区代码": "520121", "数值": "365", "单位": "元/人/月"},
            **{"生效日期": "2024-01-01", "文号": "云府办发〔2024〕21号"},
        }
    ],
    "工作人员": [
        {
            **{"工号": number, "姓名": "周敏", "身份证号": STAFF_ID, "单位": "青石镇", "地区代码": "520121101"},
            **{"岗位": "调查", "任职日期": "2019-05-06"},
        }
        for number in ("MZ0001", "MZ0002")
    ],
    "近亲属申报": [
        {"工号": "MZ0001", "亲属姓名": "周强", "亲属身份证号": KIN_ID, "关系": "兄弟姐妹", "申报日期": "2023-12-20"}
    ],
    "近亲属备案": [{"申请编号": CASE, "工号": "MZ0001", "关系": "兄弟姐妹", "备案日期": "2024-03-06"}],
    "申请": [
        {
            **{"申请编号": case, "申请日期": "2024-03-04", "救助项目": programme, "地区代码": "520121101202"},
            **{"申请方式": "本人申请", "户主姓名": "罗国强", "户主身份证号": head, "开户银行": "云岭农商行"},
            **{"银行账号": ACCOUNT, "账户户名": "罗国强", "受理日期": "2024-03-05", "受理人工号": "MZ0001"},
        }
        for case, head, programme in ((CASE, HEAD, "农村低保"), (OTHER_CASE, OTHER_HEAD, "特困供养"))
    ],
    "家庭成员": [
        {
            **{"申请编号": case, "姓名": "罗国强", "身份证号": person, "与户主关系": relation},
            **{"申报月收入": "350", "是否计入": "是"},
        }
        for case, person, relation in ((CASE, HEAD, "本人"), (CASE, WIFE, "配偶"), (OTHER_CASE, OTHER_HEAD, "本人"))
    ],
    "核对结果": [
        {
            **{"申请编号": CASE, "身份证号": HEAD, "数据来源": "公安交管", "查询日期": "2024-03-06"},
            **{"反馈日期": "2024-03-08", "项目": "车辆", "数值": "无"},
        }
    ],
    "入户调查": [
        {
            **{"申请编号": CASE, "调查日期": "2024-03-07", "调查人工号1": "MZ0001", "调查人工号2": "MZ0002"},
            **{"家庭人口": "2", "核定月收入": "200"},
        }
    ],
    "公示": [{"申请编号": CASE, "公示开始日期": "2024-03-11", "公示结束日期": "2024-03-18"}],
    "审核确认": [
        {
            **{"申请编号": CASE, "决定": "确认", "决定日期": "2024-03-22", "月保障金额": "676", "起始月份": "2024-04"},
            **{"决定机关": "云岭县民政局", "确认人工号": "MZ0002", "复核类别": "B"},
        }
    ],
    "变更": [
        {
            **{"申请编号": CASE, "变更类型": "减发", "决定日期": "2024-08-16", "生效月份": "2024-09"},
            **{"变更后月金额": "540", "原因": "收入增加", "经办人工号": "MZ0001", "确认人工号": "MZ0002"},
        }
    ],
    "复核": [{"申请编号": CASE, "复核日期": "2024-08-14", "结论": "减发", "复核人工号": "MZ0001"}],
    "死亡信息": [{"身份证号": WIFE, "死亡日期": "2024-05-31", "来源": "殡葬", "接收日期": "2024-06-03"}],
    "发放计划": [
        {
            **{"批次号": "FF202404-01", "发放月份": "2024-04", "申请编号": CASE, "金额": "676.00"},
            **{"银行账号": ACCOUNT, "账户户名": "罗国强", "所属月份": "2024-04"},
        }
    ],
    "银行回单": [
        {
            **{"流水号": "NX20240410000031", "交易日期": "2024-04-10", "批次号": "FF202404-01"},
            **{"申请编号(附言)": f"救助{CASE}", "收款账号": ACCOUNT, "收款户名": "罗国强", "金额": "676.00"},
            **{"状态": "退票"},
        }
    ],
    "追缴": [
        {
            **{"追缴编号": "ZJ2024004", "申请编号": CASE, "原因": "骗取", "决定日期": "2024-06-12"},
            **{"涉及月份": "2024-02至2024-05", "应追缴金额": "2704.00"},
        }
    ],
    "追缴回款": [{"追缴编号": "ZJ2024004", "回款日期": "2024-07-15", "金额": "500.00", "方式": "分期"}],
    "申诉": [{"申诉编号": "SS2024003", "申请编号": CASE, "类型": "复议", "提出日期": "2024-09-20"}],
    "信用": [
        {
            **{"主体身份证号": HEAD, "申请编号": CASE, "失信事实": "隐瞒收入", "决定日期": "2024-06-20"},
            **{"起": "2024-06-20", "止": "2026-06-19"},
        }
    ],
}
"""A county of two cases with one good row or more of every kind, optional cells blank."""


class Office:
    """Writes deliveries below a folder and loads them into a ledger of its own."""

    citizen_id = staticmethod(citizen_id)
    sample = SAMPLE
    case, other_case = CASE, OTHER_CASE
    head, wife, other_head, stranger = HEAD, WIFE, OTHER_HEAD, STRANGER
    account = ACCOUNT

    def __init__(self, home: Path) -> None:
        self.home = home
        self.keys = KeyStore.create(home / "keys", ORIGIN, SHA256)
        self.url = f"sqlite:///{home / 'ledger.db'}"
        self.ledger = Ledger.create(self.url, ORIGIN, SHA256, self.keys)
        self._deliveries = 0

    def deliver(
        self, rows: Mapping[str, Sequence[Row]], *, names: Mapping[str, str] | None = None, folder: str = ""
    ) -> Path:
        """Write one file for each kind into a folder of its own; the months of monthly kinds are 2024-04."""
        self._deliveries += 1
        target = self.home / (folder or f"delivery-{self._deliveries}")
        target.mkdir(exist_ok=True)
        for kind, lines in rows.items():
            fmt = FORMATS[kind]
            stem = (names or {}).get(kind, f"{kind}-2024-04" if fmt.monthly else kind)
            self.write(target / f"{stem}.{fmt.container}", kind, lines)
        return target

    def write(self, path: Path, kind: str, *sheets: Sequence[Row]) -> Path:
        """Write a file of a kind: a CSV in UTF-8 with BOM, or a workbook of one sheet or more, header in row 1."""
        headers = [column.header for column in FORMATS[kind].columns]
        grids = [[headers, *([row.get(header) for header in headers] for row in rows)] for rows in sheets]
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream).writerows(grids[0])
            return path
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for number, grid in enumerate(grids, start=1):
            sheet = book.create_sheet(kind if number == 1 else f"{kind}{number}")
            for line in grid:
                sheet.append(line)
        book.save(path)
        return path

    def load(self, *paths: Path) -> DeliveryReport:
        """Load folders or files as one delivery; every file's rows must add up."""
        report = load_delivery(
            self.ledger,
            self.keys,
            paths,
            by="system/import",
            clock=lambda: datetime.datetime.now(datetime.UTC),
            progress=lambda name, count: None,
        )
        for file in report.files:
            assert file.rows == sum(getattr(file, name) for name in COUNTS), file
        return report

    def load_rows(self, rows: Mapping[str, Sequence[Row]], **options: object) -> DeliveryReport:
        """Write and load a delivery."""
        return self.load(self.deliver(rows, **options))  # type: ignore[arg-type]

    def start(self, *kinds: str) -> DeliveryReport:
        """Load the sample: all of it, or only these kinds."""
        return self.load_rows({kind: SAMPLE[kind] for kind in kinds or SAMPLE})

    @staticmethod
    def counts(report: DeliveryReport, kind: str) -> dict[str, int]:
        """Return what became of the rows of a kind, only the counts that are not 0."""
        files = [file for file in report.files if file.kind == kind]
        totals = {name: sum(getattr(file, name) for file in files) for name in COUNTS}
        return {name: count for name, count in totals.items() if count}

    @staticmethod
    def file(report: DeliveryReport, name: str) -> FileReport:
        """Return the report of the file with this name."""
        return next(file for file in report.files if file.file == name)

    def events(self, *classes: type[Event]) -> list[Recorded]:
        """Return what was recorded of these classes, opened; all when none is named."""
        return [r for r in self.ledger.events() if not classes or isinstance(r.event, classes)]

    def fingerprint(self) -> list[tuple[str, int, str, str]]:
        """Return what was recorded, without what differs from run to run: times, salts, hashes."""
        return [(r.stream, r.seq, r.topic, repr(r.event)) for r in self.ledger.events()]

    def close(self) -> None:
        self.ledger.close()
        self.keys.close()
