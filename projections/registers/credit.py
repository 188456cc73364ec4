"""`register credit`: dishonesty entries, each in the case it names; the fact and the subject stay sealed."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from projections.case_folds import CaseHead, case_heads
from projections.case_groups import Group, TableGroups, joined_positions
from projections.database import Database
from projections.register import Register, plain
from projections.registers.case_facts import MEMBER
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed, sealed
from projections.table import Table, integers, texts

_CREDIT: Final = Table(
    "credit", (*texts("case_id"), *integers("member"), *texts("decided_on", "begins_on", "ends_on")), ("case_id",)
)


class CreditStatus(StrEnum):
    """Where an entry stands on the day asked about. No file tells of a repair (信用修复) before its last day."""

    TO_COME = "to_come"
    STANDING = "standing"
    EXPIRED = "expired"


def credit(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the entries in the order of case numbers; `member` is None when the subject is no member of the case."""
    with open_view(database, scope) as view:
        groups = TableGroups(view, _CREDIT, MEMBER)
        rows: list[dict[str, Any]] = []
        for head in case_heads(view):
            facts = groups.take(head.case)
            if view.includes(head.programme, head.region):
                rows += _rows(view, head, facts)
        return {"rows": rows, **view.asked}


# Private


def _rows(view: View, head: CaseHead, facts: Mapping[str, Group]) -> Iterator[dict[str, Any]]:
    joined_at = joined_positions(facts[MEMBER.name])
    people = (head.position, *joined_at.values())
    for case, position, member, decided_on, begins_on, ends_on in facts[_CREDIT.name]:
        if view.decided(decided_on):
            yield {
                "case": case,
                "member": member,
                "decided_on": decided_on,
                "begins_on": begins_on,
                "ends_on": ends_on,
                "position": position,
                "person_name": sealed(joined_at.get(member), "name"),
                "citizen_id": Sealed(position, "subject_citizen_id"),
                "fact": Sealed(position, "fact", people),
                "status": _status(view.as_of_text, begins_on, ends_on),
            }


def _status(day: str | None, begins_on: str, ends_on: str) -> CreditStatus | None:
    """Return the status on a day; both ends belong to the entry."""
    if day is None:
        return None
    if day < begins_on:
        return CreditStatus.TO_COME
    return CreditStatus.STANDING if day <= ends_on else CreditStatus.EXPIRED


CREDIT: Final = Register(
    "credit",
    (_CREDIT,),
    {"dishonesty.noted/1": plain(_CREDIT, "member", "occurred_on", "begins_on", "ends_on")},
)
