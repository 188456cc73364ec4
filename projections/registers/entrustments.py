"""`register entrustments`: whose passbook or card somebody else keeps, since when, filed with the county or not."""

from collections.abc import Iterator
from typing import Any, Final

from projections.case_folds import CaseHead, case_heads
from projections.case_groups import Group, TableGroups
from projections.database import Database
from projections.days import days_between
from projections.register import Register, constant, plain
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed
from projections.table import Table, texts

_AGREEMENT: Final = Table("entrustment", texts("case_id", "agreed_on", "keeper"), ("case_id",))
_STEP: Final = Table("entrustment_step", texts("case_id", "kind", "agreed_on", "day"), ("case_id",))

FILED: Final = "filed"
UNFILED: Final = "unfiled"
RETURNED: Final = "returned"
GIVEN_BACK: Final = "given_back"  # `returned` is what a status says of money


def entrustments(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the agreements in the order of case numbers; `days_unfiled` counts to the filing or the day asked about.

    `status` is `unfiled`, `filed`, or `given_back` once the household has its passbook again.
    """
    with open_view(database, scope) as view:
        groups, rows = TableGroups(view, _AGREEMENT, _STEP), list[dict[str, Any]]()
        for head in case_heads(view):
            facts = groups.take(head.case)
            if view.includes(head.programme, head.region):
                rows += _rows(view, head, facts[_AGREEMENT.name], facts[_STEP.name])
        return {"rows": rows, **view.asked}


# Private


def _rows(view: View, head: CaseHead, agreements: Group, steps: Group) -> Iterator[dict[str, Any]]:
    for case, position, agreed_on, keeper in agreements:
        if not view.decided(agreed_on):
            continue
        days = {kind: day for _, _, kind, agreed, day in reversed(steps) if agreed == agreed_on and view.decided(day)}
        yield {
            "case": case,
            "programme": head.programme,
            "region": head.region,
            "head_name": Sealed(head.position, "head_name"),
            "keeper": keeper if keeper is not None else Sealed(position, "keeper_text"),
            "reason": Sealed(position, "reason", (head.position,)),
            "agreed_on": agreed_on,
            "filed_on": days.get(FILED),
            "ended_on": days.get(RETURNED),
            "days_unfiled": days_between(agreed_on, days.get(FILED) or days.get(RETURNED) or view.as_of_text),
            "status": GIVEN_BACK if RETURNED in days else FILED if FILED in days else UNFILED,
            "position": position,
        }


ENTRUSTMENTS: Final = Register(
    "entrustments",
    (_AGREEMENT, _STEP),
    {
        "passbook.entrusted/1": plain(_AGREEMENT, "occurred_on", "keeper"),
        "entrustment.filed/1": constant(_STEP, "agreed_on", "occurred_on", value=FILED),
        "passbook.returned/1": constant(_STEP, "agreed_on", "occurred_on", value=RETURNED),
    },
)
