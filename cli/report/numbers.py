"""Everything that a report says in numbers, asked of the registers once and summed up where rows would be too many."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cli.columns import Row
from ledger.ledger import Ledger
from projections.caseload import caseload
from projections.cases import cases
from projections.changes import changes
from projections.database import Database
from projections.filings import filings
from projections.payments import payments
from projections.reconciliation import MatchClass, reconcile
from projections.registers.intake import intake
from projections.registers.recoveries import recoveries
from projections.reviews import reviews
from projections.scope import Scope

PROBLEM_CLASSES = tuple(one for one in MatchClass if one is not MatchClass.MATCHED)


@dataclass(frozen=True)
class Numbers:
    """The answers of the registers to one question; money is in fen.

    `classes_by_month` counts case-months by benefit month and class; `unresolved` are (case, month, due) of money
    that came back and was never sent again with success; `regions` has the township of every case.
    """

    as_of: str | None
    totals: Sequence[Row]
    roll: Sequence[Row]
    monthly: Sequence[Row]
    classes: Mapping[str, Mapping[str, int]]
    classes_by_month: Mapping[str, Mapping[str, int]]
    unresolved: Sequence[tuple[str, str, int]]
    exits: Mapping[str, int]
    filings: Mapping[str, Any]
    recoveries: Sequence[Row]
    applications: Sequence[Row]
    reviews: Sequence[Row]
    regions: Mapping[str, str]


def numbers(ledger: Ledger, database: Database, scope: Scope) -> Numbers:
    """Ask the registers; raises what they raise."""
    load = caseload(database, scope)
    money = payments(database, replace(scope, month=None))
    classes, by_month, unresolved = _reconciled(database, scope)
    return Numbers(
        as_of=load["as_of"],
        totals=load["totals"],
        roll=load["rows"],
        monthly=money["rows"],
        classes=classes,
        classes_by_month=by_month,
        unresolved=unresolved,
        exits=changes(database, scope)["exits"],
        filings=filings(database, scope),
        recoveries=recoveries(database, scope)["rows"],
        applications=intake(database, scope)["rows"],
        reviews=reviews(database, scope)["rows"],
        regions={row["case"]: row["region"] for row in cases(database, scope)["rows"]},
    )


# Private


def _reconciled(
    database: Database, scope: Scope
) -> tuple[Mapping[str, Mapping[str, int]], Mapping[str, Mapping[str, int]], list[tuple[str, str, int]]]:
    answer = reconcile(database, scope)
    by_month: defaultdict[str, Counter[str]] = defaultdict(Counter)
    unresolved = []
    for row in answer["rows"]:
        by_month[row["month"]][row["class"]] += 1
        if row["class"] == MatchClass.RETURNED_UNRESOLVED:
            unresolved.append((row["case"], row["month"], row["due_fen"]))
    return answer["classes"], dict(sorted(by_month.items())), unresolved
