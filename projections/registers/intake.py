"""`register intake`: every application, who took it in, which papers it lacks, and how its clock stands."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from projections.case_folds import CaseFold, case_folds
from projections.case_groups import Group, TableGroups
from projections.clocks import CLOCK_TABLES, clock
from projections.database import Database
from projections.decisions import PENDING
from projections.register import Register, plain
from projections.registers.procedure_facts import AUTHORIZATION, CONSENT, PLEDGE
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.standards_in_force import StandardsInForce
from projections.table import Table, texts

_TAKEN_IN: Final = Table("taken_in", texts("case_id", "channel"), ("case_id",))
_OFFICER: Final = Table("intake_officer", texts("case_id", "officer"), ("case_id",))


def intake(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the applications in the order of case numbers; `month` is that of the application.

    `papers_lacking` names the authorization and the pledge where none was signed by the decision, or by the day asked
    about. `used_days` of `limit_days` working days have passed of the clock named `clock`.
    """
    with open_view(database, scope) as view:
        rows = list(_rows(view))
        totals = {
            "applications": len(rows),
            "pending": sum(row["outcome"] == PENDING for row in rows),
            "papers_lacking": sum(bool(row["papers_lacking"]) for row in rows),
            "over_limit": sum(bool(row["days_over"]) for row in rows),
        }
        return {"rows": rows, "totals": [totals], **view.asked}


# Private


def _rows(view: View) -> Iterator[dict[str, Any]]:
    standards, groups = StandardsInForce(view), TableGroups(view, CONSENT, _TAKEN_IN, _OFFICER, *CLOCK_TABLES)
    for fold in case_folds(view):
        facts = groups.take(fold.case)
        is_asked = view.includes(fold.head.programme, fold.head.region)
        if is_asked and view.scope.month in (None, fold.head.applied_on[:7]):
            yield _row(view, fold, facts, standards)


def _row(view: View, fold: CaseFold, facts: Mapping[str, Group], standards: StandardsInForce) -> dict[str, Any]:
    ruling, found = fold.ruling, clock(view, fold, facts, standards)
    until = ruling.decided_on if ruling else view.as_of_text
    return {
        "case": fold.case,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "head_name": sealed(fold.head.position, "head_name"),
        "head_citizen_id": sealed(fold.head.position, "head_citizen_id"),
        "channel": next((row[2] for row in facts[_TAKEN_IN.name]), None),
        "applied_on": fold.head.applied_on,
        "accepted_on": fold.accepted_on,
        "officer": _officer(facts[_OFFICER.name]),
        "papers_lacking": _lacking(facts[CONSENT.name], until),
        "outcome": ruling.outcome if ruling else PENDING,
        "decided_on": ruling.decided_on if ruling else None,
        "clock": found.name.value if found else None,
        "used_days": found.used_days if found else None,
        "limit_days": found.limit_days if found else None,
        "days_over": found.days_over if found else None,
        "position": fold.head.position,
    }


def _officer(rows: Group) -> Any:
    """Return the number of the officer who accepted, or the text that stands in its place."""
    for _, position, officer in rows:
        return officer if officer is not None else sealed(position, "officer_text")
    return None


def _lacking(consents: Group, until: str | None) -> list[str]:
    signed = {kind for _, _, kind, signed_on in consents if until is None or signed_on <= until}
    return [kind for kind in (AUTHORIZATION, PLEDGE) if kind not in signed]


INTAKE: Final = Register(
    "intake",
    (_TAKEN_IN, _OFFICER),
    {
        "application.submitted/1": plain(_TAKEN_IN, "channel"),
        "application.accepted/1": plain(_OFFICER, "officer"),
    },
)
