"""Monthly payments: 发放计划 and 银行回单, with returns, reissues, arrears and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cli.simulation.days import day_in, working_day_on_or_after, working_day_on_or_before
from cli.simulation.world import REGION, Case, World
from domain.months import add_months

RETURN_REASONS = ("账号户名不符", "账户已销户", "账户状态异常")
RETURN_RATE = 0.012
MISHAPS = (  # what goes wrong with regular transfers over the window: rate of households, at least
    ("skipped", 0.02, 2),
    ("skipped for ever", 0.01, 1),
    ("returned", 0.02, 2),
    ("doubled", 0.012, 1),
    ("wrong amount", 0.012, 1),
    ("other account", 0.006, 1),
    ("unknown case", 0.012, 2),
    ("paid after stop", 0.012, 1),
)


@dataclass(slots=True)
class Returned:
    """A returned transfer that waits for its reissue."""

    case: Case
    serial: str
    benefit_month: str
    amount_fen: int
    next_try: str  # month


class Bank:
    """Pays the cases of each month and remembers what came back and what is owed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0
        self._returned: list[Returned] = []
        self._owed: list[tuple[Case, str, str]] = []  # case, benefit month, month of payment
        self.paid_fen: dict[tuple[str, str], int] = {}  # successful, by case and benefit month
        self.doubled: list[tuple[Case, str, int]] = []  # case, month, fen sent once too often
        self._mishaps: dict[str, list[str]] = {}
        for mishap, rate, least in MISHAPS:
            for _ in range(world.some(rate, least)):
                month = world.rng.choice(world.window)
                self._mishaps.setdefault(month, []).append(mishap)

    def owe(self, case: Case, first: str, last: str) -> None:
        """Have the months from first to last made up to their due amounts in the month after last."""
        for month in self._world.window:
            if first <= month <= last:
                self._owed.append((case, month, add_months(last, 1)))

    def pay(self, month: str, stopped: list[Case]) -> None:
        """Pay a month's cases, then reissues and arrears; `stopped` lost their status this month."""
        day = working_day_on_or_before(day_in(month, 10))
        payable = [case for case in self._world.cases if case.is_paid_in(month)]
        mishaps = self._draw(month, payable, stopped)
        self._pay_strangers(month, day, self._mishaps.get(month, []).count("unknown case"))
        for case in payable:
            self._pay_regular(case, month, day, mishaps.get(case.number, ""))
        for case in stopped:
            if mishaps.get(case.number) == "paid after stop":
                self._pay_regular(case, month, day, "")
        self._reissue(month, working_day_on_or_after(day + timedelta(days=7)))
        self._make_up(month, working_day_on_or_after(day + timedelta(days=9)))

    # Private

    def _draw(self, month: str, payable: list[Case], stopped: list[Case]) -> dict[str, str]:
        """Return the mishap of each case that has one: by the quota, and returns by their rate."""
        rng = self._world.rng
        drawn = {case.number: "returned" for case in payable if rng.random() < RETURN_RATE}
        honest = [case for case in payable if not case.spoiled]
        for mishap in self._mishaps.get(month, []):
            pool = stopped if mishap == "paid after stop" else [] if mishap == "unknown case" else honest
            if pool:
                drawn[rng.choice(pool).number] = mishap
            elif mishap == "paid after stop":
                self._mishaps.setdefault(add_months(month, 1), []).append(mishap)
        return drawn

    def _pay_regular(self, case: Case, month: str, day: date, mishap: str) -> None:
        rng, batch = self._world.rng, f"FF{month[:4]}{month[5:]}-01"
        amount = case.amount_in(month)[0]
        if mishap.startswith("skipped"):
            if mishap == "skipped":
                self._owed.append((case, month, add_months(month, rng.randrange(1, 3))))
            return
        self._instruct(case, month, day, batch, amount, month)
        account = self._world.registry.account() if mishap == "other account" else case.account
        paid = amount + rng.choice((-3000, 3000)) if mishap == "wrong amount" and amount > 3000 else amount
        if mishap == "doubled":
            self.doubled.append((case, month, paid))
        for _ in range(2 if mishap == "doubled" else 1):
            self._transfer(case, month, day, batch, paid, account, mishap == "returned", "", "", month)

    def _reissue(self, month: str, day: date) -> None:
        """Send again what came back: mostly at the first try, some twice, a few never."""
        rng, waiting = self._world.rng, self._returned
        self._returned = []
        for item in waiting:
            if item.next_try != month:
                self._returned.append(item)
                continue
            batch = f"FF{month[:4]}{month[5:]}-TH"
            self._instruct(item.case, month, day, batch, item.amount_fen, item.benefit_month)
            fails = rng.random() < 0.15
            named = item.benefit_month if rng.random() < 0.2 else ""
            self._transfer(
                item.case,
                month,
                day,
                batch,
                item.amount_fen,
                item.case.account,
                fails,
                item.serial,
                named,
                item.benefit_month,
            )

    def _make_up(self, month: str, day: date) -> None:
        """Pay arrears: what a month's due amount still lacks, in a batch of its own."""
        waiting, self._owed = self._owed, []
        for case, benefit_month, when in waiting:
            if when != month:
                self._owed.append((case, benefit_month, when))
                continue
            on_its_way = sum(
                item.amount_fen for item in self._returned if item.case is case and item.benefit_month == benefit_month
            )
            lacking = case.amount_in(benefit_month)[0] - on_its_way
            lacking -= self.paid_fen.get((case.number, benefit_month), 0)
            if lacking > 0:
                batch = f"FF{month[:4]}{month[5:]}-BF"
                self._instruct(case, month, day, batch, lacking, benefit_month)
                self._transfer(case, month, day, batch, lacking, case.account, False, "", benefit_month, benefit_month)

    def _pay_strangers(self, month: str, day: date, count: int) -> None:
        """Pay transfers whose remark holds a number of no application."""
        rng, registry = self._world.rng, self._world.registry
        for _ in range(count):
            year = int(month[:4]) - rng.randrange(4, 8)
            number = f"SQ{REGION}{year}{rng.randrange(1, 13):02d}{rng.randrange(90000, 99999):05d}"
            stranger = registry.person(1940, 1980)
            amount = 100 * rng.randrange(200, 900)
            self._slip(month, day, f"FF{month[:4]}{month[5:]}-01", number, registry.account(), stranger.name, amount)

    def _instruct(self, case: Case, month: str, day: date, batch: str, amount_fen: int, benefit_month: str) -> None:
        self._world.add(
            "发放计划",
            day,
            {
                "批次号": batch,
                "发放月份": month,
                "申请编号": case.number,
                "金额": amount_fen,
                "银行账号": case.account,
                "账户户名": case.holder,
                "所属月份": benefit_month,
            },
            case=case.number,
            month=month,
        )

    def _transfer(
        self,
        case: Case,
        month: str,
        day: date,
        batch: str,
        amount_fen: int,
        account: str,
        fails: bool,
        original: str,
        named_month: str,
        benefit_month: str,
    ) -> None:
        """Write the bank's row and remember whether the money arrived."""
        serial = self._slip(
            month, day, batch, case.number, account, case.holder, amount_fen, fails, original, named_month
        )
        if not fails:
            key = (case.number, benefit_month)
            self.paid_fen[key] = self.paid_fen.get(key, 0) + amount_fen
        elif self._world.rng.random() < 0.88:
            next_try = add_months(month, self._world.rng.choice((1, 1, 1, 2)))
            self._returned.append(Returned(case, serial, benefit_month, amount_fen, next_try))

    def _slip(
        self,
        month: str,
        day: date,
        batch: str,
        number: str,
        account: str,
        holder: str,
        amount_fen: int,
        fails: bool = False,
        original: str = "",
        named_month: str = "",
    ) -> str:
        """Write a 银行回单 row and return its serial number."""
        self._count += 1
        serial = f"NX{day:%Y%m%d}{self._count:06d}"
        self._world.add(
            "银行回单",
            day,
            {
                "流水号": serial,
                "交易日期": day,
                "批次号": batch,
                "申请编号(附言)": number,
                "收款账号": account,
                "收款户名": holder,
                "金额": amount_fen,
                "状态": "退票" if fails else "成功",
                "退票原因": self._world.rng.choice(RETURN_REASONS) if fails else None,
                "原流水号": original or None,
                "所属月份": named_month or None,
            },
            case=number,
            month=month,
        )
        return serial
