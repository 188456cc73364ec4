"""The kinship graph as the registers hold it at one moment: officers, declarations, and the households that matter.

The members of all cases are read in the order of case numbers, once for each link that a chain may have: first the
households of officers and declared relatives are kept, then those of the people met there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from domain.kin_graph import CHAIN_LINKS_MAX, Fact, HouseholdMember, KinGraph, Person, Relative
from domain.kinship import Kinship, KinshipScope, kinship
from domain.kinship_scope import ScopeRule
from domain.vocabulary import HouseholdRelation, Post
from projections.registers.case_facts import MEMBER
from projections.registers.kin_facts import ADOPTION, DISCOVERY, OFFICER, REJECTION
from projections.registers.staff_facts import DECLARATION, DEPARTURE, PARTING, POST
from projections.scope import View

NO_END = "9999-12-31"
POSTS_TESTED = frozenset({Post.INTAKE, Post.SURVEY, Post.CONFIRMATION, Post.SUPERVISION, Post.VILLAGE})
"""Whose relatives are filed (docs/import-formats.md section 8, RF10): not of those who only pay."""


class Service(NamedTuple):
    """One post held, by the entry at `position`."""

    post: str
    begins_on: str
    ends_on: str
    position: int


class Listed(NamedTuple):
    """A member of a case: his number in it, and what the log says of him."""

    number: int
    member: HouseholdMember


@dataclass(slots=True)
class KinView:
    """Who is whose relative, and in which cases such people are; `sealed` counts what could not be opened."""

    graph: KinGraph = field(default_factory=KinGraph)
    cases: dict[str, list[Listed]] = field(default_factory=dict)
    relatives: dict[Person, list[tuple[str, Relative]]] = field(default_factory=dict)
    services: defaultdict[str, list[Service]] = field(default_factory=lambda: defaultdict(list))
    rules: list[ScopeRule] = field(default_factory=list)
    sealed_relatives: int = 0
    sealed_officers: int = 0

    def service(self, staff: str, first_on: str, last_on: str) -> Service | None:
        """Return the tested post that a staff member held at some time between two days; None when in none."""
        held = (one for one in self.services.get(staff, ()) if one.post in POSTS_TESTED)
        return next((one for one in held if one.begins_on <= last_on and one.ends_on >= first_on), None)

    def post_on(self, staff: str, day: str) -> Service | None:
        """Return the post a staff member held on a day, else the last one before it, else any."""
        services = sorted(self.services.get(staff, ()), key=lambda one: (one.begins_on > day, one.ends_on < day))
        return services[0] if services else None


def kin_view(view: View) -> KinView:
    """Return the graph at the position asked about, with everybody whom it makes an officer's relative."""
    found = KinView()
    _read_staff(view, found)
    declared = set(_read_relations(view, found))
    found.cases = _households(view, declared)
    for case, listed in found.cases.items():
        found.graph.add_household(case, [one.member for one in listed])
    relatives: defaultdict[Person, list[tuple[str, Relative]]] = defaultdict(list)
    for staff in found.graph.staff:
        for person, relative in found.graph.relatives_of(staff).items():
            relatives[person].append((staff, relative))
    found.relatives = dict(relatives)
    found.rules = [
        ScopeRule(KinshipScope(scope), date.fromisoformat(effective_on), region, position)
        for scope, region, effective_on, position in view.rows(ADOPTION, "scope", "region", "effective_on", "position")
    ]
    return found


# Private


def _read_staff(view: View, found: KinView) -> None:
    ends = {row[:3]: row[3] for row in view.rows(DEPARTURE, "staff", "post", "appointed_on", "departed_on")}
    for staff, post, appointed_on, position in view.rows(POST, "staff", "post", "appointed_on", "position"):
        ends_on = ends.get((staff, post, appointed_on), NO_END)
        found.services[staff].append(Service(post, appointed_on, ends_on, position))
    for staff, person, position in view.rows(OFFICER, "staff", "person", "position"):
        found.sealed_officers += person is None
        if staff is not None:
            found.graph.add_officer(staff, person, position)


def _read_relations(view: View, found: KinView) -> Iterator[Person]:
    """Fill in what was declared, found out and ruled out; yield the officers and their relatives."""
    for fact, table in ((Fact.DECLARED, DECLARATION), (Fact.DISCOVERED, DISCOVERY)):
        for staff, paths, person, position in view.rows(table, "staff", "paths", "person", "position"):
            if person is None or staff is None:
                found.sealed_relatives += 1
                continue
            found.graph.add_declaration(staff, person, _kinship(paths), position, fact)
            yield person
    for staff, person, position in view.rows(REJECTION, "staff", "person", "position"):
        if person is not None and staff is not None:
            found.graph.reject(staff, person, position)
    yield from (row[0] for row in view.rows(OFFICER, "person") if row[0] is not None)


def _kinship(paths: str | None) -> Kinship | None:
    return None if paths is None else kinship(*paths.split(PARTING))


def _households(view: View, persons: set[Person]) -> dict[str, list[Listed]]:
    """Return the cases of these persons, and of those whom they share a case with, as far as a chain reaches."""
    kept: dict[str, list[Listed]] = {}
    for _ in range(CHAIN_LINKS_MAX + 1):
        met = {case: listed for case, listed in _cases(view) if case not in kept and _has(listed, persons)}
        if not met:
            break
        kept |= met
        persons = persons | {one.member.person for listed in met.values() for one in listed}
    return kept


def _cases(view: View) -> Iterator[tuple[str, list[Listed]]]:
    columns = ("case_id", "member", "person", "relation", "position")
    for case, rows in groupby(view.rows(MEMBER, *columns), key=itemgetter(0)):
        yield (
            case,
            [
                Listed(number, HouseholdMember(person, HouseholdRelation(relation), position))
                for _, number, person, relation, position in rows
                if person is not None
            ],
        )


def _has(listed: Iterable[Listed], persons: set[Person]) -> bool:
    return any(one.member.person in persons for one in listed)
