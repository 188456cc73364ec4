"""`register filings`: staff relatives who were filed, and those who were not: RF10, and what the kinship graph adds.

Source: docs/import-formats.md section 8; docs/relatives.md. A relative is found by a keyed pseudonym of the citizen id;
without the keys the register says what it could not check.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from domain.kin_graph import Person
from domain.kinship import KinshipScope
from domain.vocabulary import Kin
from projections.case_folds import CaseFold, case_folds, with_rows
from projections.case_groups import Group
from projections.database import Database
from projections.filing_row import filing_row
from projections.kin_findings import Candidate, CaseKin, case_kin, relatives_in
from projections.kin_view import KinView, Service, kin_view
from projections.registers.case_facts import MEMBER
from projections.registers.erasures import erased
from projections.registers.kin_facts import CLOSURE, CONFIRMATION, COUNTY_VISIT, HANDLING, INTAKE, RECUSAL, SURVEY
from projections.registers.staff_facts import DECLARATION, FILING, VISIT
from projections.scope import Scope, View, open_view

_ACTS = (INTAKE, SURVEY, CONFIRMATION)
_NEEDED = ("members", "relatives")  # what RF10 needs opened; who the officers are it does not ask


class _Declared(NamedTuple):
    staff: str
    relation: str
    position: int


class _Visit(NamedTuple):
    visited_on: str | None
    visitor: str | None
    position: int


@dataclass(slots=True)
class _Facts:
    """What is small enough to be held: declarations of the core scope, and what was noted of single filings."""

    kin: KinView
    relatives: defaultdict[Person, list[_Declared]] = field(default_factory=lambda: defaultdict(list))
    visits: dict[tuple[str, str | None], _Visit] = field(default_factory=dict)
    recusals: dict[tuple[str, str | None], str] = field(default_factory=dict)
    closures: dict[tuple[str, str | None], str] = field(default_factory=dict)
    county_visits: dict[str, str] = field(default_factory=dict)  # the first of each case
    handlings: defaultdict[str, list[tuple[str, str, int]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class _Rows:
    """The rows of the register, by why they are in it."""

    unfiled: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    handled: list[dict[str, Any]] = field(default_factory=list)
    filed: list[dict[str, Any]] = field(default_factory=list)


def filings(database: Database, scope: Scope) -> dict[str, Any]:
    """Return how many relatives' cases were filed and how many were not; the rows of the missing ones come first.

    `status` is unfiled (RF10), wider_unfiled, discovered_unfiled, implied_unfiled, handled_by_kin, filed, or
    filed_late: after the decision. `unfiled` is None when no relative or no member could be opened; `unchecked`
    counts those, and is absent when everything was checked.
    """
    with open_view(database, scope) as view:
        facts = _facts(view)
        rows = _Rows()
        for fold, _, filed in with_rows(case_folds(view), _filed_rows(view)):
            if fold is not None and view.includes(fold.head.programme, fold.head.region):
                _add_case(rows, _Case(fold, filed, facts, case_kin(fold, facts.kin), view.as_of))
        unchecked = _unchecked(view, facts.kin)
        blind = unchecked is not None and any(unchecked[key] for key in _NEEDED) and not facts.relatives
        return {
            "filed": len(rows.filed),
            "unfiled": None if blind else len(rows.unfiled),
            "late": sum(row["status"] == "filed_late" for row in rows.filed),
            "unvisited": sum(row["visit"] in ("unvisited", "visited_late") for row in rows.filed),
            "wider": sum(row["status"] != "implied_unfiled" for row in rows.missing),
            "implied": sum(row["status"] == "implied_unfiled" for row in rows.missing),
            "handled": len(rows.handled),
            "rows": rows.unfiled + rows.missing + rows.handled + rows.filed,
            **({"unchecked": unchecked} if unchecked else {}),
            **view.asked,
        }


# Private


@dataclass(frozen=True, slots=True)
class _Case:
    """One case with its filings, and the relatives of staff in it."""

    fold: CaseFold
    filed: Group
    facts: _Facts
    kin: CaseKin | None
    as_of: date | None

    @property
    def decided_on(self) -> str | None:
        return self.fold.ruling.decided_on if self.fold.ruling is not None else None

    def row(
        self,
        staff: str | None,
        status: str,
        relation: str,
        candidate: Candidate | None,
        filed_on: str | None = None,
        entries: Iterable[int] = (),
        **more: Any,
    ) -> dict[str, Any]:
        """Return one row of this case; see `filing_row`."""
        number = (self.fold.case, staff)
        visit = self.facts.visits.get(number)
        return filing_row(
            self.fold,
            staff,
            status,
            relation,
            candidate,
            self._service(staff),
            entries=entries,
            filed_on=filed_on,
            visited_on=(visit.visited_on if visit is not None else None)
            or self.facts.county_visits.get(self.fold.case),
            visitor=visit.visitor if visit is not None else None,
            visit_position=visit.position if visit is not None else None,
            recused_on=self.facts.recusals.get(number),
            closed_on=self.facts.closures.get(number),
            **more,
        )

    def candidate(self, staff: str | None) -> Candidate | None:
        return self.kin.of(staff) if self.kin is not None and staff is not None else None

    def days_late(self, filed_on: str | None) -> int | None:
        """Return the days from the decision to the filing, to the day asked about when there is none."""
        until = date.fromisoformat(filed_on) if filed_on is not None else self.as_of
        if until is None or self.decided_on is None:
            return None
        return max((until - date.fromisoformat(self.decided_on)).days, 0)

    def visit(self, staff: str | None, filed_on: str) -> str | None:
        """Return whether the county visited a case that was filed in time: before the decision, late, or never."""
        if self.decided_on is None or filed_on > self.decided_on or self.fold.entitlement.starts_from() is None:
            return None
        own = self.facts.visits.get((self.fold.case, staff))
        days = [own.visited_on if own is not None else None, self.facts.county_visits.get(self.fold.case)]
        made = [day for day in days if day is not None]
        if not made:
            return "unvisited"
        return "visited" if min(made) <= self.decided_on else "visited_late"

    def _service(self, staff: str | None) -> Service | None:
        if staff is None:
            return None
        accepted_on = self.fold.accepted_on or self.fold.head.applied_on
        day = self.decided_on or accepted_on
        kin = self.facts.kin
        return kin.service(staff, accepted_on, day) or kin.post_on(staff, day)


def _facts(view: View) -> _Facts:
    facts = _Facts(kin_view(view))
    for staff, relation, person, position in view.rows(DECLARATION, "staff", "relation", "person", "position"):
        if relation != Kin.OTHER.value and person is not None and staff is not None:
            facts.relatives[person].append(_Declared(staff, relation, position))
    for case, staff, *visit in view.rows(VISIT, "case_id", "staff", "visited_on", "visitor", "position"):
        known = facts.visits.get((case, staff))
        if known is None or known.visited_on is None:
            facts.visits[case, staff] = _Visit(*visit)
    for table, noted, column in ((RECUSAL, facts.recusals, "recused_on"), (CLOSURE, facts.closures, "closed_on")):
        for case, staff, day in view.rows(table, "case_id", "staff", column):
            noted.setdefault((case, staff), day)
    for case, visited_on in view.rows(COUNTY_VISIT, "case_id", "visited_on"):
        facts.county_visits[case] = min(visited_on, facts.county_visits.get(case, visited_on))
    for case, act, staff, position in view.rows(HANDLING, "case_id", "act", "staff", "position"):
        if case in facts.kin.cases and staff is not None:
            facts.handlings[case].append((act, staff, position))
    return facts


def _filed_rows(view: View) -> Iterator[tuple[Any, ...]]:
    rows = view.rows(FILING, "case_id", "staff", "relation", "filed_on", "position")
    return (row for row in rows if view.decided(row[3]))


def _add_case(rows: _Rows, case: _Case) -> None:
    unfiled = dict(_unfiled(case))
    rows.unfiled += unfiled.values()
    if case.kin is not None:
        named = {row[1] for row in case.filed} | unfiled.keys()
        rows.missing += [
            case.row(one.staff, one.status, one.relation, one, days_late=case.days_late(None), entries=one.entries)
            for one in case.kin.missing(case.facts.kin, named)
        ]
        rows.handled += _handled(case, case.kin)
    rows.filed += [_filed(case, row) for row in case.filed]


def _unfiled(case: _Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield RF10's findings of one case: a staff number and a row for each staff member."""
    fold = case.fold
    if fold.ruling is None or fold.entitlement.starts_from() is None:
        return
    decided_on = fold.ruling.decided_on
    done = {staff for _, staff, _, filed_on, _ in case.filed if filed_on <= decided_on}
    for declared in _serving(fold, decided_on, case.facts):
        if declared.staff not in done:
            done.add(declared.staff)
            filed_on = next((row[3] for row in case.filed if row[1] == declared.staff), None)
            row = case.row(
                declared.staff,
                "unfiled",
                declared.relation,
                case.candidate(declared.staff),
                days_late=case.days_late(filed_on),
                entries=(declared.position,),
            )
            yield declared.staff, row


def _serving(fold: CaseFold, decided_on: str, facts: _Facts) -> Iterable[_Declared]:
    """Yield the declarations that name a member, of staff in a tested post between acceptance and decision."""
    accepted_on = fold.accepted_on or fold.head.applied_on
    for _, person in fold.persons:
        for declared in facts.relatives.get(person, ()) if person is not None else ():
            if facts.kin.service(declared.staff, accepted_on, decided_on) is not None:
                yield declared


def _handled(case: _Case, kin: CaseKin) -> Iterator[dict[str, Any]]:
    """Yield a row for each officer who dealt with the case of a relative, filed or not."""
    acts = [*case.facts.handlings.get(case.fold.case, ())]
    ruling = case.fold.ruling
    if ruling is not None and ruling.confirmer is not None:
        acts.append((CONFIRMATION, ruling.confirmer, ruling.position))
    for staff in dict.fromkeys(candidate.staff for candidate in kin.candidates):
        own = [act for act in acts if act[1] == staff]
        candidate = kin.of(staff)
        if own and candidate is not None:
            yield case.row(
                staff,
                "handled_by_kin",
                _word(case.facts, candidate),
                candidate,
                filed_on=next((row[3] for row in case.filed if row[1] == staff), None),
                entries=(*candidate.entries, *(position for _, _, position in own)),
                handled_as=[act for act in _ACTS if any(act == one[0] for one in own)],
            )


def _word(facts: _Facts, candidate: Candidate) -> str:
    """Return the word that the officer declared, of the core scope, else what the facts make the relative."""
    declared = facts.relatives.get(candidate.listed.member.person, ())
    return next((one.relation for one in declared if one.staff == candidate.staff), candidate.relation)


def _filed(case: _Case, row: tuple[Any, ...]) -> dict[str, Any]:
    _, staff, relation, filed_on, position = row
    is_late = case.decided_on is not None and filed_on > case.decided_on
    return case.row(
        staff,
        "filed_late" if is_late else "filed",
        relation,
        _filed_relative(case, staff),
        filed_on=filed_on,
        days_late=case.days_late(filed_on) if is_late else None,
        visit=case.visit(staff, filed_on),
        entries=(position,),
    )


def _filed_relative(case: _Case, staff: str | None) -> Candidate | None:
    """Return whom a filing is about, whatever the scope in force: it was made."""
    found = relatives_in(case.fold.case, case.facts.kin, KinshipScope.EXTENDED)
    return next((candidate for candidate in found if candidate.staff == staff), None)


def _unchecked(view: View, kin: KinView) -> dict[str, int] | None:
    gone = erased(view, "case")
    members = sum(case not in gone for (case,) in view.rows(MEMBER, "case_id", where="person IS NULL"))
    found = {"members": members, "relatives": kin.sealed_relatives}
    if not any(found.values()) and not kin.sealed_officers:
        return None
    return {**found, **({"officers": kin.sealed_officers} if kin.sealed_officers else {})}
