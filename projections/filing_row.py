"""One row of `register filings`: the columns of 近亲属备案, what the row rests on, and where its sealed cells stand."""

from collections.abc import Iterable, Sequence
from typing import Any

from projections.case_folds import CaseFold
from projections.kin_findings import Candidate
from projections.kin_view import Service
from projections.registers.staff_facts import MARKED


def filing_row(
    fold: CaseFold,
    staff: str | None,
    status: str,
    relation: str,
    candidate: Candidate | None,
    service: Service | None,
    *,
    entries: Iterable[int],
    filed_on: str | None,
    visited_on: str | None,
    visitor: str | None,
    visit_position: int | None,
    recused_on: str | None,
    closed_on: str | None,
    days_late: int | None = None,
    visit: str | None = None,
    handled_as: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the row: open facts, and under `places` the entries whose sealed part holds office, relative, conclusion.

    `number` is the staff number as the tables have it; `staff` that of a person's, None for a text in its place.
    """
    return {
        "case": fold.case,
        "staff": _shown(staff),
        "relation": relation,
        "filed_on": filed_on,
        "visited_on": visited_on,
        "status": status,
        "programme": fold.head.programme,
        "region": fold.head.region,
        "post": service.post if service is not None else None,
        "unit": None,
        "relative": None,
        "decided_on": fold.ruling.decided_on if fold.ruling is not None else None,
        "days_late": days_late,
        "visit": visit,
        "visitor": visitor,
        "conclusion": None,
        "recused_on": recused_on,
        "closed_on": closed_on,
        "handled_as": list(handled_as),
        "scope": candidate.scope if candidate is not None else None,
        "certainty": candidate.certainty if candidate is not None else None,
        "because": _because(candidate),
        "entries": sorted({*entries, *(candidate.entries if candidate is not None else ())}),
        "number": staff,
        "places": {
            "unit": service.position if service is not None else None,
            "relative": candidate.listed.member.position if candidate is not None else None,
            "conclusion": visit_position,
        },
    }


# Private


def _shown(staff: str | None) -> str | None:
    return None if staff is None or staff.startswith(MARKED) else staff


def _because(candidate: Candidate | None) -> list[dict[str, Any]]:
    """Return the chain of facts that makes the member a relative, the officer's own declaration as one fact."""
    if candidate is None:
        return []
    return [
        {
            "fact": link.fact.value,
            "of": _shown(link.of),
            "entries": list(link.entries),
        }
        for link in candidate.relative.chain
    ]
