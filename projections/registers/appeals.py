"""`register appeals`: each appeal, its outcome, and how many ended how; undecided ones are pending."""

import datetime
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from domain.appeal_terms import APPEAL_TERMS
from domain.entitlement import REVERSING_OUTCOMES
from domain.vocabulary import AppealKind
from projections.case_folds import case_heads, first_filled
from projections.case_people import people_of_cases
from projections.database import Database
from projections.register import Register, plain
from projections.registers.case_facts import APPEAL_EFFECT
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.table import Table, integers, texts

_APPEAL: Final = Table("appeal", texts("subject", "number", "case_id", "kind", "lodged_on"), ("number",))
_OUTCOME: Final = Table(
    "appeal_outcome",
    (*texts("subject", "number", "decided_on", "outcome"), *integers("amount_fen"), *texts("effective_from")),
    ("number",),
)
PENDING = "pending"
_GROUNDS: Final = Table("appeal_grounds", texts("subject", "number"))
_OUTCOME_COLUMNS = ("number", "decided_on", "outcome", "amount_fen", "effective_from")


def appeals(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the appeals in the order of their numbers; `totals` counts the outcomes 维持, 变更, 撤销 and `pending`."""
    with open_view(database, scope) as view:
        asked = {head.case for head in case_heads(view) if view.includes(head.programme, head.region)}
        outcomes = {row[0]: row[1:] for row in first_filled(view.rows(_OUTCOME, *_OUTCOME_COLUMNS), key=0)}
        appealed = list(view.rows(_APPEAL, "number", "case_id", "kind", "lodged_on", "position"))
        beside = _Beside.of(view, {row[1] for row in appealed})
        rows = [_row(view, row, outcomes, beside) for row in appealed if row[1] in asked and view.decided(row[3])]
        totals = Counter(row["outcome"] for row in rows)
        return {"rows": rows, "totals": dict(sorted(totals.items())), **view.asked}


# Private


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside an appeal: its grounds, the people of its case, and what its outcome did to the case."""

    grounds_at: Mapping[str, int]
    people: Mapping[str, tuple[int, ...]]
    applied: frozenset[str]

    @classmethod
    def of(cls, view: View, cases: Collection[str]) -> Self:
        grounds_at = dict(view.rows(_GROUNDS, "number", "position"))
        applied = view.rows(APPEAL_EFFECT, "number", where="effective_from IS NOT NULL")
        return cls(grounds_at, people_of_cases(view, cases), frozenset(number for (number,) in applied))


def _row(view: View, row: tuple[Any, ...], outcomes: dict[str, tuple[Any, ...]], beside: _Beside) -> dict[str, Any]:
    number, case, kind, lodged_on, position = row
    decided_on, outcome, amount_fen, effective_from = outcomes.get(number, (None, None, None, None))
    is_decided = decided_on is not None and outcome is not None and view.decided(decided_on)
    return {
        "number": number,
        "case": case,
        "kind": kind,
        "lodged_on": lodged_on,
        "decided_on": decided_on if is_decided else None,
        "outcome": outcome if is_decided else PENDING,
        "amount_fen": amount_fen if is_decided else None,
        "effective_from": effective_from if is_decided else None,
        "position": position,
        "grounds": sealed(beside.grounds_at.get(number), "grounds", beside.people[case]),
        **_term(view, kind, lodged_on, decided_on if is_decided else None),
        "recalculated": number in beside.applied if is_decided and outcome in REVERSING_OUTCOMES else None,
    }


def _term(view: View, kind: str, lodged_on: str, decided_on: str | None) -> dict[str, Any]:
    """Return by when the law wants a decision, and how many days later than that it came or is still missing."""
    due_on = APPEAL_TERMS[AppealKind(kind)].due_on(datetime.date.fromisoformat(lodged_on))
    until = datetime.date.fromisoformat(decided_on) if decided_on else view.as_of
    overdue = max((until - due_on).days, 0) if until else None
    return {"due_on": due_on.isoformat(), "days_overdue": overdue}


APPEALS: Final = Register(
    "appeals",
    (_APPEAL, _OUTCOME, _GROUNDS),
    {
        "appeal.lodged/1": plain(_APPEAL, "number", "case", "kind", "occurred_on"),
        "appeal.grounds-stated/1": plain(_GROUNDS, "number"),
        "appeal.decided/1": plain(_OUTCOME, "number", "occurred_on", "outcome", "amount_fen", "effective_from"),
    },
)
