"""The totals a correct ledger must reach for a simulated county: section 7 of the import formats."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypedDict

from cli.simulation.answer_flags import find_flags, flagged_rules
from cli.simulation.books import Books, CaseBook, Transfer, fen
from cli.simulation.world import World
from domain.months import last_day, month_of
from domain.vocabulary import Programme

Record = dict[str, Any]
PROGRAMMES = tuple(programme.value for programme in Programme)
UNKNOWN = "未知"
REPAID = ("一次", "分期")


class AnswerKey(TypedDict):
    """The answers; amounts are integers in fen, months are YYYY-MM, days are ISO dates."""

    meta: Record
    monthly: list[Record]
    caseload_month_end: list[Record]
    decisions: Record
    decisions_in_window: Record
    exits: Record
    filings: Record
    recoveries: list[Record]
    reconciliation: Record
    appeals: Record
    credit_entries: int
    flags: list[Record]
    flags_of: list[str]
    bad_rows: list[Record]
    held_rows: list[Record]
    conflicts: list[Record]
    duplicate_rows: Record
    files: list[Record]


def answer(world: World) -> AnswerKey:
    """Return the answers about the world; the lists about physical rows are empty until rows are placed."""
    books = Books(world)
    flags = find_flags(world, books)
    unfiled = sum(flag["rule"] == "RF10" for flag in flags)
    return AnswerKey(
        meta={
            "households": world.households,
            "first_month": world.window[0],
            "last_month": world.window[-1],
            "as_of": world.closing.isoformat(),
            "unit": "fen",
            "files": [],
        },
        monthly=_monthly(books),
        caseload_month_end=_caseload(books),
        decisions=_decisions(books),
        decisions_in_window=_decisions_in_window(books),
        exits=_exits(books),
        filings={"filed": len(books.of("近亲属备案")), "unfiled": unfiled},
        recoveries=_recoveries(books),
        reconciliation={"classes": _reconcile(books)},
        appeals=dict(Counter(str(row["结果"] or "pending") for row in books.of("申诉"))),
        credit_entries=len(books.of("信用")),
        flags=flags,
        flags_of=flagged_rules(),
        bad_rows=[],
        held_rows=[],
        conflicts=[],
        duplicate_rows={},
        files=[],
    )


# Private


def _monthly(books: Books) -> list[Record]:
    records = []
    for month in books.window:
        cash = [transfer for transfer in books.transfers if transfer.cash_month == month]
        for programme in (*PROGRAMMES, UNKNOWN):
            active = [case for case in books.confirmed() if case.programme == programme and case.active(month)]
            mine = [transfer for transfer in cash if _programme(books, transfer) == programme]
            record: Record = {"month": month, "programme": programme, "active_households": len(active)}
            record["active_persons"] = sum(len(case.counted(month)) for case in active)
            record["due_fen"] = sum(case.due_fen(month) for case in active)
            records.append(record | _cash(mine))
    return records


def _programme(books: Books, transfer: Transfer) -> str:
    return books.cases[transfer.case].programme if transfer.case else UNKNOWN


def _cash(transfers: list[Transfer]) -> Record:
    """Return the paid, returned, reissued and arrears totals of one cash month."""
    paid = [transfer for transfer in transfers if transfer.succeeded]
    groups = {
        "paid": paid,
        "returned": [transfer for transfer in transfers if not transfer.succeeded],
        "reissued": [transfer for transfer in paid if transfer.kind == "reissue"],
        "arrears": [transfer for transfer in paid if transfer.kind == "arrears"],
    }
    record: Record = {"paid_households": len({transfer.number for transfer in paid})}
    for name, group in groups.items():
        record[f"{name}_count"] = len(group)
        record[f"{name}_fen"] = sum(transfer.amount_fen for transfer in group)
    return record


def _caseload(books: Books) -> list[Record]:
    records = []
    for month in books.window:
        end = last_day(month)
        for programme in PROGRAMMES:
            cases = [case for case in books.cases.values() if case.programme == programme]
            status = Counter(case.status(month) for case in cases)
            pending = 0
            for case in cases:
                accepted = case.application["受理日期"]
                undecided = case.decided is None or case.decided > end
                pending += not isinstance(accepted, (str, int, type(None))) and accepted <= end and undecided
            records.append(
                {
                    "month": month,
                    "programme": programme,
                    "active": status["active"] + status["grace"],
                    "in_grace": status["grace"],
                    "suspended": status["suspended"],
                    "pending": pending,
                }
            )
    return records


DECISION_NAMES = {"确认": "confirmed", "不予确认": "refused", "终止": "terminated", "": "pending"}


def _decisions(books: Books) -> Record:
    totals: Record = {programme: dict.fromkeys(DECISION_NAMES.values(), 0) for programme in PROGRAMMES}
    for case in books.cases.values():
        totals[case.programme][_decision(case)] += 1
    return totals


def _decisions_in_window(books: Books) -> Record:
    names = [name for name in DECISION_NAMES.values() if name != "pending"]
    totals: Record = {programme: dict.fromkeys(names, 0) for programme in PROGRAMMES}
    for case in books.cases.values():
        if case.decided is not None and month_of(case.decided) in books.window:
            totals[case.programme][_decision(case)] += 1
    return totals


def _decision(case: CaseBook) -> str:
    return DECISION_NAMES[str(case.decision["决定"]) if case.decision else ""]


def _exits(books: Books) -> Record:
    """Count the stops of the window whose case is not active in their month, by ground."""
    exits: Counter[str] = Counter()
    for row in books.of("变更"):
        month = str(row["生效月份"])
        if row["变更类型"] == "停发" and month in books.window:
            case = books.cases[str(row["申请编号"])]
            exits[str(row["原因"])] += not case.active(month)
    return {ground: count for ground, count in sorted(exits.items()) if count}


def _recoveries(books: Books) -> list[Record]:
    records = []
    for order in books.of("追缴"):
        back = [row for row in books.of("追缴回款") if row["追缴编号"] == order["追缴编号"]]
        refund, fine = fen(order["应追缴金额"]), fen(order["罚款金额"])
        repaid = sum(fen(row["金额"]) for row in back if row["方式"] in REPAID)
        waived = sum(fen(row["金额"]) for row in back if row["方式"] == "减免")
        written_off = sum(fen(row["金额"]) for row in back if row["方式"] == "核销")
        records.append(
            {
                "order": order["追缴编号"],
                "case": order["申请编号"],
                "cause": order["原因"],
                "decided": str(order["决定日期"]),
                "refund_fen": refund,
                "fine_fen": fine,
                "ordered_fen": refund + fine,
                "repaid_fen": repaid,
                "waived_fen": waived,
                "written_off_fen": written_off,
                "outstanding_fen": refund + fine - repaid - waived - written_off,
            }
        )
    return sorted(records, key=lambda record: str(record["order"]))


def _reconcile(books: Books) -> Record:
    """Return count, due and paid by class, over case-months and, for unknown cases, over transfers."""
    classes: Record = {}
    asked = {(case.number, month) for case in books.confirmed() for month in books.window}
    asked |= {key for key in books.by_benefit if key[0]}
    for number, month in sorted(asked):
        transfers = books.by_benefit.get((number, month), [])
        due = books.cases[number].due_fen(month) if month in books.window else 0
        paid = sum(transfer.amount_fen for transfer in transfers if transfer.succeeded)
        name = _class(transfers, due, paid)
        if name:
            _count(classes, name, due, paid)
    for transfer in books.transfers:
        if not transfer.case:
            _count(classes, "unknown_case", 0, transfer.amount_fen if transfer.succeeded else 0)
    return classes


def _class(transfers: list[Transfer], due: int, paid: int) -> str:
    """Return the first class that fits; empty when nothing was due and nothing paid."""
    regular = sum(transfer.succeeded and transfer.kind == "regular" for transfer in transfers)
    if regular >= 2:
        return "duplicate"
    if due == 0:
        return "paid_not_due" if paid else ""
    if not transfers:
        return "due_not_paid"
    if not any(transfer.succeeded for transfer in transfers):
        return "returned_unresolved"
    return "matched" if paid == due else "amount_mismatch"


def _count(classes: Record, name: str, due: int, paid: int) -> None:
    total = classes.setdefault(name, {"count": 0, "due_fen": 0, "paid_fen": 0})
    total["count"] += 1
    total["due_fen"] += due
    total["paid_fen"] += paid
