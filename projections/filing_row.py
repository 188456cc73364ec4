"""One row of `register filings`: the columns of 近亲属备案, and what the row rests on."""

from collections.abc import Iterable, Sequence
from typing import Any

from projections.case_folds import CaseFold
from projections.kin_findings import Candidate
from projections.kin_view import Service
from projections.registers.staff_facts import MARKED
from projections.sealed import sealed


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
    """Return the row; `staff` is shown as a staff number, None for a text in its place.

    Office, relative, conclusion and the name of an unusual visitor are sealed cells.
    """
    appointed = service.position if service is not None else None
    joined = candidate.listed.member.position if candidate is not None else None
    people = tuple(position for position in (appointed, joined) if position is not None)
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
        "staff_office": sealed(appointed, "office", people),
        "relative": sealed(joined, "name"),
        "decided_on": fold.ruling.decided_on if fold.ruling is not None else None,
        "days_late": days_late,
        "visit": visit,
        "visitor": visitor or sealed(visit_position, "visitor_text"),
        "conclusion": sealed(visit_position, "conclusion", people),
        "recused_on": recused_on,
        "closed_on": closed_on,
        "handled_as": list(handled_as),
        "scope": candidate.scope if candidate is not None else None,
        "certainty": candidate.certainty if candidate is not None else None,
        "because": _because(candidate),
        "entries": sorted({*entries, *(candidate.entries if candidate is not None else ())}),
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
