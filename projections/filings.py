"""`register filings`: staff relatives who were filed, and those who were not: RF10.

Source: docs/import-formats.md section 8.
A relative is found by a keyed pseudonym of the citizen id; without the keys the register says what it could not check.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from domain.vocabulary import Kin, Post
from projections.case_folds import CaseFold, case_folds, with_rows
from projections.case_groups import Group
from projections.database import Database
from projections.registers.case_facts import MEMBER
from projections.registers.erasures import erased
from projections.registers.staff_facts import DECLARATION, DEPARTURE, FILING, MARKED, POST, VISIT
from projections.scope import Scope, View, open_view

_POSTS_TESTED = frozenset({Post.INTAKE, Post.SURVEY, Post.CONFIRMATION, Post.SUPERVISION, Post.VILLAGE})
_NO_END = "9999-12-31"


class _Declared(NamedTuple):
    staff: str
    relation: str


@dataclass(slots=True)
class _Kinship:
    """Who declared whom, who served when in a post that is tested, and which visits were made."""

    relatives: defaultdict[bytes, list[_Declared]] = field(default_factory=lambda: defaultdict(list))
    service: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    visits: dict[tuple[str, str | None], str] = field(default_factory=dict)
    sealed_relatives: int = 0


def filings(database: Database, scope: Scope) -> dict[str, Any]:
    """Return how many relatives' cases were filed and how many were not; the rows of the missing ones come first.

    `status` is unfiled, filed, or filed_late: after the decision. `unfiled` is None when no relative or no member
    could be opened; `unchecked` counts those, and is absent when everything was checked.
    """
    with open_view(database, scope) as view:
        kinship = _kinship(view)
        unfiled: list[dict[str, Any]] = []
        filed: list[dict[str, Any]] = []
        for fold, _, rows in with_rows(case_folds(view), _filed_rows(view)):
            if fold is not None and view.includes(fold.head.programme, fold.head.region):
                unfiled += _missing(fold, rows, kinship)
                filed += [_filed_row(fold, row, kinship) for row in rows]
        unchecked = _unchecked(view, kinship)
        blind = unchecked is not None and not kinship.relatives
        return {
            "filed": len(filed),
            "unfiled": None if blind else len(unfiled),
            "rows": unfiled + filed,
            **({"unchecked": unchecked} if unchecked else {}),
        }


# Private


def _kinship(view: View) -> _Kinship:
    kinship = _Kinship()
    for staff, relation, person in view.rows(DECLARATION, "staff", "relation", "person"):
        if relation == Kin.OTHER.value:
            continue
        if person is None or staff is None:
            kinship.sealed_relatives += 1
        else:
            kinship.relatives[person].append(_Declared(staff, relation))
    ends = {row[:3]: row[3] for row in view.rows(DEPARTURE, "staff", "post", "appointed_on", "departed_on")}
    for staff, post, appointed_on in view.rows(POST, "staff", "post", "appointed_on"):
        if post in _POSTS_TESTED:
            kinship.service[staff].append((appointed_on, ends.get((staff, post, appointed_on), _NO_END)))
    for case, staff, visited_on in view.rows(VISIT, "case_id", "staff", "visited_on"):
        if visited_on is not None:
            kinship.visits.setdefault((case, staff), visited_on)
    return kinship


def _filed_rows(view: View) -> Iterator[tuple[Any, ...]]:
    rows = view.rows(FILING, "case_id", "staff", "relation", "filed_on")
    return (row for row in rows if view.decided(row[3]))


def _missing(fold: CaseFold, rows: Group, kinship: _Kinship) -> Iterator[dict[str, Any]]:
    """Yield RF10's findings of one case: one for each staff member."""
    if fold.ruling is None or fold.entitlement.starts_from() is None:
        return
    decided_on = fold.ruling.decided_on
    in_time = {staff for _, staff, _, filed_on in rows if filed_on <= decided_on}
    for declared in _serving(fold, decided_on, kinship):
        if declared.staff not in in_time:
            in_time.add(declared.staff)
            yield _row(fold.case, declared.staff, declared.relation, None, None, "unfiled")


def _serving(fold: CaseFold, decided_on: str, kinship: _Kinship) -> Iterable[_Declared]:
    """Yield the declarations that name a member, of staff in a tested post between acceptance and decision."""
    accepted_on = fold.accepted_on or fold.head.applied_on
    for _, person in fold.persons:
        for declared in kinship.relatives.get(person, ()) if person is not None else ():
            spans = kinship.service.get(declared.staff, ())
            if any(begins_on <= decided_on and ends_on >= accepted_on for begins_on, ends_on in spans):
                yield declared


def _filed_row(fold: CaseFold, row: tuple[Any, ...], kinship: _Kinship) -> dict[str, Any]:
    case, staff, relation, filed_on = row
    is_late = fold.ruling is not None and filed_on > fold.ruling.decided_on
    visited_on = kinship.visits.get((case, staff))
    return _row(case, staff, relation, filed_on, visited_on, "filed_late" if is_late else "filed")


def _row(
    case: str, staff: str | None, relation: str, filed_on: str | None, visited_on: str | None, status: str
) -> dict[str, Any]:
    return {
        "case": case,
        "staff": None if staff is None or staff.startswith(MARKED) else staff,
        "relation": relation,
        "filed_on": filed_on,
        "visited_on": visited_on,
        "status": status,
    }


def _unchecked(view: View, kinship: _Kinship) -> dict[str, int] | None:
    gone = erased(view, "case")
    members = sum(case not in gone for (case,) in view.rows(MEMBER, "case_id", where="person IS NULL"))
    if not members and not kinship.sealed_relatives:
        return None
    return {"members": members, "relatives": kinship.sealed_relatives}
