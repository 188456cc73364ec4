"""`register verifications`: each answer to a means-test query; what it says and which office gave it stay sealed."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from projections.case_folds import case_heads
from projections.case_groups import Group, TableGroups, joined_positions
from projections.database import Database
from projections.register import Register, plain
from projections.registers.case_facts import MEMBER
from projections.registers.procedure_facts import AUTHORIZATION, CONSENT
from projections.scope import Scope, View, open_view
from projections.sealed import Sealed, sealed
from projections.table import Table, integers, texts

VERIFICATION: Final = Table(
    "verification", (*texts("case_id"), *integers("member"), *texts("item", "queried_on", "returned_on")), ("case_id",)
)


def verifications(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the answers in the order of case numbers and of the log; `finding` is one of domain.check_finding."""
    with open_view(database, scope) as view:
        return {"known_at": view.known_at, "rows": list(_rows(view)), **view.asked}


# Private


def _rows(view: View) -> Iterator[dict[str, Any]]:
    groups = TableGroups(view, VERIFICATION, CONSENT, MEMBER)
    for head in case_heads(view):
        facts = groups.take(head.case)
        if view.includes(head.programme, head.region):
            yield from _rows_of_case(view, facts)


def _rows_of_case(view: View, facts: Mapping[str, Group]) -> Iterator[dict[str, Any]]:
    authorized_on = next((row[3] for row in facts[CONSENT.name] if row[2] == AUTHORIZATION), None)
    joined_at = joined_positions(facts[MEMBER.name])
    for case, position, member, item, queried_on, returned_on in facts[VERIFICATION.name]:
        if view.decided(returned_on):
            yield {
                "case": case,
                "member": member,
                "item": item,
                "queried_on": queried_on,
                "returned_on": returned_on,
                "position": position,
                "person_name": sealed(joined_at.get(member), "name"),
                "citizen_id": sealed(joined_at.get(member), "citizen_id"),
                "authorized_on": authorized_on,
                "office": Sealed(position, "office"),
                "finding": Sealed(position, "finding"),
            }


VERIFICATIONS: Final = Register(
    "verifications",
    (VERIFICATION,),
    {"verification.returned/1": plain(VERIFICATION, "member", "item", "queried_on", "occurred_on")},
)
