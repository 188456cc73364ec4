"""The loaded rows of a county gathered by case, and the definitions of section 6 of the import formats.

Written anew from the text and the rows the simulator meant, without the ledger's own rules: it is the
independent side of the comparison.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from cli.simulation.world import Cells, World

STATUS_OF_CHANGE = {"停发": "stopped", "暂停": "suspended", "恢复": "active", "渐退": "grace"}


@dataclass(slots=True)
class CaseBook:
    """The loaded rows of one case, in the order of the files."""

    number: str
    application: Cells
    members: list[Cells] = field(default_factory=list)
    surveys: list[Cells] = field(default_factory=list)
    publicity: list[Cells] = field(default_factory=list)
    checks: list[Cells] = field(default_factory=list)
    decision: Cells | None = None
    changes: list[Cells] = field(default_factory=list)
    reviews: list[Cells] = field(default_factory=list)
    appeals: list[Cells] = field(default_factory=list)
    filings: list[Cells] = field(default_factory=list)

    @property
    def programme(self) -> str:
        """Return the programme's Chinese name."""
        return str(self.application["救助项目"])

    @property
    def start(self) -> str | None:
        """Return 起始月份 of the confirmation, or of the appeal that confirms a refused case."""
        if self.decision is None:
            return None
        if self.decision["决定"] == "确认":
            return str(self.decision["起始月份"])
        granted = [str(row["起始月份"]) for row in self.appeals if row["结果"] in ("变更", "撤销")]
        return min(granted, default=None)

    @property
    def decided(self) -> date | None:
        """Return 决定日期, None while undecided."""
        return day_of(self.decision["决定日期"]) if self.decision else None

    def counted(self, month: str) -> list[Cells]:
        """Return the members who count in the month."""
        return [
            row
            for row in self.members
            if row["是否计入"] == "是"
            and str(row["计入起月"] or "") <= month
            and (row["计出月"] is None or str(row["计出月"]) > month)
        ]

    def status(self, month: str) -> str:
        """Return active, grace, suspended or stopped; empty before the start."""
        if self.start is None or month < self.start:
            return ""
        rows = [
            (str(row["生效月份"]), day_of(row["决定日期"]), 0, place, STATUS_OF_CHANGE[str(row["变更类型"])])
            for place, row in enumerate(self.changes)
            if row["变更类型"] in STATUS_OF_CHANGE
        ]
        rows += [
            (str(row["起始月份"]), day_of(row["决定日期"]), 1, place, "active")
            for place, row in enumerate(self.appeals)
            if row["结果"] in ("变更", "撤销")
        ]
        return max((row for row in rows if row[0] <= month), default=("", None, 0, 0, "active"))[4]

    def active(self, month: str) -> bool:
        """Say whether the case is 在享 in the month."""
        return self.status(month) in ("active", "grace")

    def amount(self, month: str) -> tuple[int, bool]:
        """Return the amount row in force, in fen, and whether it comes from an appeal."""
        rows = []
        if self.decision is not None and self.decision["决定"] == "确认":
            first = (str(self.decision["起始月份"]), day_of(self.decision["决定日期"]), 0, -1)
            rows.append((*first, fen(self.decision["月保障金额"])))
        for place, row in enumerate(self.changes):
            if row["变更后月金额"] is not None:
                rows.append((str(row["生效月份"]), day_of(row["决定日期"]), 0, place, fen(row["变更后月金额"])))
        for place, row in enumerate(self.appeals):
            if row["结果"] in ("变更", "撤销"):
                rows.append((str(row["起始月份"]), day_of(row["决定日期"]), 1, place, fen(row["变更后月金额"])))
        known = [row for row in rows if row[0] <= month]
        last = max(known) if known else ("", None, 0, 0, 0)
        return last[4], last[2] == 1

    def due_fen(self, month: str) -> int:
        """Return due(m): the amount in force, 0 when the case is not active."""
        return self.amount(month)[0] if self.active(month) else 0

    def changes_until(self, month: str) -> list[Cells]:
        """Return the changes that apply by the month, the latest last."""
        known = [row for row in self.changes if str(row["生效月份"]) <= month]
        return sorted(known, key=lambda row: (str(row["生效月份"]), day_of(row["决定日期"])))

    def care_grade(self, month: str) -> str | None:
        """Return the care grade in force in the month."""
        said = [row["变更后照料等级"] for row in self.changes_until(month)]
        first = self.decision["照料等级"] if self.decision else None
        return next((str(grade) for grade in [*reversed(said), first] if grade is not None), None)

    def surveyed_income_fen(self) -> int | None:
        """Return the income that the last survey not after the decision counted, in fen; None without one."""
        rows = [row for row in self.surveys if self.decided is not None and day_of(row["调查日期"]) <= self.decided]
        return fen(max(rows, key=lambda row: day_of(row["调查日期"]))["核定月收入"]) if rows else None


@dataclass(slots=True)
class Transfer:
    """A loaded 银行回单 row; `case` is empty when its remark holds no loaded case."""

    serial: str
    number: str
    case: str
    cash_month: str
    benefit_month: str
    kind: str  # regular, reissue or arrears
    amount_fen: int
    succeeded: bool
    day: date
    account: str
    original: str


class Books:
    """Everything loaded: cases by number, transfers by case and benefit month, and the plain rows."""

    def __init__(self, world: World) -> None:
        spoiled = {case.number for case in world.cases if case.spoiled}
        self.window = world.window
        self.closing = world.closing
        self.rows: dict[str, list[Cells]] = {
            kind: [row.final() for row in rows if kind in ("银行回单", "发放计划") or row.case not in spoiled]
            for kind, rows in world.rows.items()
        }
        self.cases = {str(row["申请编号"]): CaseBook(str(row["申请编号"]), row) for row in self.of("申请")}
        self._gather()
        months = [row.month for row in world.rows.get("银行回单", [])]
        self.transfers = self._read_transfers(months)
        self.by_benefit: dict[tuple[str, str], list[Transfer]] = defaultdict(list)
        for transfer in self.transfers:
            self.by_benefit[transfer.case, transfer.benefit_month].append(transfer)

    def of(self, kind: str) -> list[Cells]:
        """Return the loaded rows of a kind."""
        return self.rows.get(kind, [])

    def confirmed(self) -> list[CaseBook]:
        """Return the cases with a confirmation, by decision or by appeal."""
        return [case for case in self.cases.values() if case.start is not None]

    # Private

    def _gather(self) -> None:
        for kind, name in (
            ("家庭成员", "members"),
            ("入户调查", "surveys"),
            ("公示", "publicity"),
            ("核对结果", "checks"),
            ("变更", "changes"),
            ("复核", "reviews"),
            ("申诉", "appeals"),
            ("近亲属备案", "filings"),
        ):
            for row in self.of(kind):
                getattr(self.cases[str(row["申请编号"])], name).append(row)
        for row in self.of("审核确认"):
            self.cases[str(row["申请编号"])].decision = row

    def _read_transfers(self, months: list[str]) -> list[Transfer]:
        transfers: dict[str, Transfer] = {}
        for row, month in zip(self.of("银行回单"), months, strict=True):
            number, original = str(row["申请编号(附言)"]), str(row["原流水号"] or "")
            named = str(row["所属月份"] or "")
            origin = transfers.get(original)
            transfers[str(row["流水号"])] = Transfer(
                serial=str(row["流水号"]),
                number=number,
                case=number if number in self.cases else "",
                cash_month=month,
                benefit_month=named or (origin.benefit_month if origin else month),
                kind="reissue" if original else "arrears" if named else "regular",
                amount_fen=fen(row["金额"]),
                succeeded=row["状态"] == "成功",
                day=day_of(row["交易日期"]),
                account=str(row["收款账号"]),
                original=original,
            )
        return list(transfers.values())


def fen(value: object) -> int:
    """Return an amount cell as integer fen; blank is 0."""
    if value is None:
        return 0
    assert isinstance(value, int)
    return value


def day_of(value: object) -> date:
    """Return the day in a cell that holds one."""
    assert isinstance(value, date)
    return value
