"""What follows a wrong or a quarrel: recoveries, repayments, credit entries and appeals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cli.simulation.actions import decision_day
from cli.simulation.days import day_in
from cli.simulation.payments import Bank
from cli.simulation.standards import standard_fen
from cli.simulation.world import Case, Cells, Row, World
from domain.months import add_months, months_after

# (months after the order, share of what is ordered in percent, way); what is left stays outstanding
REPAYMENTS: tuple[tuple[tuple[int, int, str], ...], ...] = (
    ((1, 40, "分期"), (2, 30, "分期")),
    ((1, 100, "一次"),),
    ((1, 50, "一次"), (2, 50, "减免")),
    (),
    ((1, 20, "分期"), (3, 80, "核销")),
)


@dataclass
class Aftermath:
    """Orders, appeals and credit entries of the county, numbered as they come."""

    world: World
    bank: Bank
    orders: int = 0
    appeals: int = 0

    def recover(self, case: Case, month: str, cause: str) -> None:
        """Order the money of wrong months back: all of the window for fraud, the last months for an error."""
        stop = next((row for row in self.world.rows.get("变更", []) if self._is_stop(row, case)), None)
        if stop is None:
            return
        until = add_months(str(stop.cells["生效月份"]), -1)
        first = max(case.start or "", add_months(until, -3 if cause == "骗取" else -1))
        wrong = [m for m in self.world.window if first <= m <= until and self.bank.paid_fen.get((case.number, m))]
        if wrong:
            refund = sum(self.bank.paid_fen[case.number, m] for m in wrong)
            self._order(case, month, cause, wrong, refund)

    def recover_double(self, case: Case, month: str, refund_fen: int) -> None:
        """Order back what was paid twice in a month before."""
        self._order(case, month, "误发", [add_months(month, -1)], refund_fen)

    def lodge(self, case: Case, month: str, ground: str) -> None:
        """Write an appeal that nobody has decided yet."""
        self.appeals += 1
        day = day_in(month, self.world.rng.randrange(6, 20))
        cells: Cells = {
            "申诉编号": f"SS{month[:4]}{self.appeals:04d}",
            "申请编号": case.number,
            "类型": self.world.rng.choice(("复议", "复议", "诉讼", "信访")),
            "提出日期": day,
            "事由": ground,
            "决定日期": None,
            "结果": None,
            "变更后月金额": None,
            "起始月份": None,
        }
        self.world.add("申诉", day, cells, case=case.number)

    def settle(self, case: Case, month: str, outcome: str) -> None:
        """Decide the case's appeal: uphold, change decrease, revoke stop or revoke refusal."""
        appeal = next((row for row in self.world.rows.get("申诉", []) if row.case == case.number), None)
        if appeal is None:
            return
        day = decision_day(self.world, month)
        if outcome == "uphold":
            self.world.fill(appeal, day, {"决定日期": day, "结果": "维持"})
            return
        first, amount = self._remedy(case, month, outcome)
        result = "变更" if outcome == "change decrease" else "撤销"
        self.world.fill(appeal, day, {"决定日期": day, "结果": result, "变更后月金额": amount, "起始月份": first})
        case.amounts.append((first, day, amount, True))
        case.start = case.start or first
        case.status = "active"
        self.bank.owe(case, first, month)

    # Private

    def _is_stop(self, row: Row, case: Case) -> bool:
        return row.case == case.number and row.cells["变更类型"] == "停发"

    def _remedy(self, case: Case, month: str, outcome: str) -> tuple[str, int]:
        """Return the first month and the amount that an appeal grants, in fen."""
        if outcome == "revoke refusal":
            assert case.decided is not None
            first = add_months(f"{case.decided.year:04d}-{case.decided.month:02d}", 1)
            if case.programme == "特困供养":
                return first, standard_fen(self.world, "特困供养", first)
            return first, standard_fen(self.world, case.programme, first) * 2 // 5
        change = [row for row in self.world.rows["变更"] if row.case == case.number][-1]
        wanted = "停发" if outcome == "revoke stop" else "减发"
        for row in self.world.rows["变更"]:
            if row.case == case.number and row.cells["变更类型"] == wanted:
                change = row
        first = str(change.cells["生效月份"])
        return first, case.amount_in(add_months(first, -1))[0]

    def _order(self, case: Case, month: str, cause: str, wrong: list[str], refund_fen: int) -> None:
        """Write the order, its fine, its repayments as far as they come, and the credit entry of a fraud."""
        self.orders += 1
        number = f"ZJ{month[:4]}{self.orders:04d}"
        day = decision_day(self.world, month)
        fine = refund_fen if cause == "骗取" and self.world.rng.random() < 0.7 else 0
        cells: Cells = {
            "追缴编号": number,
            "申请编号": case.number,
            "原因": cause,
            "决定日期": day,
            "涉及月份": wrong[0] if len(wrong) == 1 else f"{wrong[0]}至{wrong[-1]}",
            "应追缴金额": refund_fen,
            "罚款金额": fine or None,
        }
        self.world.add("追缴", day, cells, case=case.number)
        self._repay(case, number, day, refund_fen + fine)
        if cause == "骗取":
            self._record_fraud(case, day)

    def _repay(self, case: Case, number: str, ordered: date, ordered_fen: int) -> None:
        """Write the repayments of an order by the plan whose turn it is; those after the closing date never come."""
        for later, percent, way in REPAYMENTS[(self.orders - 1) % len(REPAYMENTS)]:
            approval = f"青民发〔{number[2:6]}〕{30 + self.orders}号" if way in ("减免", "核销") else None
            repaid = months_after(ordered, later) + timedelta(days=self.world.rng.randrange(0, 6))
            cells: Cells = {
                "追缴编号": number,
                "回款日期": repaid,
                "金额": ordered_fen * percent // 100,
                "方式": way,
                "批准文号": approval,
            }
            self.world.add("追缴回款", repaid, cells, case=case.number)

    def _record_fraud(self, case: Case, day: date) -> None:
        """Write the credit entry of a fraud, for a year."""
        cells: Cells = {
            "主体身份证号": case.head.person.id,
            "申请编号": case.number,
            "失信事实": f"隐瞒收入骗取{case.programme}",
            "决定日期": day,
            "起": day,
            "止": months_after(day, 12) - timedelta(days=1),
        }
        self.world.add("信用", day, cells, case=case.number)
