"""The kinship graph: whom officers declared, who shares a household, and the relatives that follow from both.

Persons are whatever tells two of them apart (a citizen id, or its keyed pseudonym). A link joins two persons and
carries the entries that say so. What an officer is to a person is composed along the shortest chains of links, of
`CHAIN_LINKS_MAX` at most; where several chains are equally short, only the readings that all of them allow are left.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from domain.kin_words import household_kinship
from domain.kinship import SELF, Kinship, compose, inverse, of_another, scope_of
from domain.vocabulary import HouseholdRelation

CHAIN_LINKS_MAX: Final = 3  # the officer, a relative, another officer or household, the person found

Person = Hashable


class Fact(StrEnum):
    """What kind of entry a link rests on."""

    OFFICER = "officer"  # the appointment that says who an officer is
    DECLARED = "declared"  # an officer declared a relative
    DISCOVERED = "discovered"  # an officer confirmed a relation that nobody had declared
    HOUSEHOLD = "household"  # both are members of one household, related to its head


class Link(NamedTuple):
    """What one person is to another by one fact: `of` is the staff number or case, `entries` are positions."""

    fact: Fact
    of: str
    entries: tuple[int, ...]
    target: Person
    kinship: Kinship


class Relative(NamedTuple):
    """A person found to be a relative of an officer, by a chain of links that begins with the officer."""

    person: Person
    kinship: Kinship
    chain: tuple[Link, ...]

    @property
    def entries(self) -> tuple[int, ...]:
        """The positions of the entries that the chain rests on, ascending."""
        return tuple(sorted({position for link in self.chain for position in link.entries}))


class HouseholdMember(NamedTuple):
    """A member as the log lists him: his relation to the head, and the position of the entry that says so."""

    person: Person
    relation: HouseholdRelation
    position: int


@dataclass(slots=True)
class _Officer:
    """One staff number: the person, once the log says who it is, and what was found out about relatives."""

    staff: str
    person: Person
    appointed: tuple[int, ...] = ()
    own: set[Person] = field(default_factory=set)  # persons that this officer declared
    rejected: dict[Person, int] = field(default_factory=dict)
    discovered: dict[Person, int] = field(default_factory=dict)


class KinGraph:
    """Relations of staff: filled from the log in any order, then asked.

    Officers are filled in before what they declared, for two numbers of one person share what they declared.
    """

    def __init__(self) -> None:
        self._officers: dict[str, _Officer] = {}
        self._links: defaultdict[Person, list[Link]] = defaultdict(list)
        self._households: defaultdict[Person, list[tuple[str, Sequence[HouseholdMember]]]] = defaultdict(list)

    @property
    def staff(self) -> list[str]:
        """The staff numbers known, in order."""
        return sorted(self._officers)

    def add_officer(self, staff: str, person: Person | None, position: int) -> None:
        """Note who a staff member is, by the first entry of an appointment that says so."""
        known = self._officers.get(staff)
        if known is None or (person is not None and not known.appointed):
            appointed = (position,) if person is not None else ()
            self._officers[staff] = _Officer(staff, person if person is not None else _unknown(staff), appointed)

    def add_declaration(
        self, staff: str, person: Person, relation: Kinship | None, position: int, fact: Fact = Fact.DECLARED
    ) -> None:
        """Note a relative that a staff member declared, or that an officer found out to be one."""
        officer = self._officer(staff)
        if fact is Fact.DECLARED:
            officer.own.add(person)
        else:
            officer.discovered[person] = max(position, officer.discovered.get(person, position))
        if relation is not None and person != officer.person:
            self._links[officer.person].append(Link(fact, staff, (position,), person, relation))
            back = (*officer.appointed, position)
            self._links[person].append(Link(fact, staff, back, officer.person, inverse(relation)))

    def add_household(self, case: str, members: Sequence[HouseholdMember]) -> None:
        """Note the members of a household; one with more heads than one says nothing of how they are related."""
        if sum(member.relation is HouseholdRelation.SELF for member in members) <= 1:
            for member in members:
                self._households[member.person].append((case, members))

    def reject(self, staff: str, person: Person, position: int) -> None:
        """Note that a relation was looked into and is none; one that was declared, or found out later, stands."""
        officer = self._officer(staff)
        officer.rejected[person] = max(position, officer.rejected.get(person, position))

    def relatives_of(self, staff: str) -> dict[Person, Relative]:
        """Return by person whom the facts make a relative of a staff member, himself included, within any scope."""
        officer = self._officers[staff]
        start = officer.person
        found = {start: Relative(start, SELF, ())}
        edge = [found[start]]
        for _ in range(CHAIN_LINKS_MAX):
            nearer = self._next(officer, edge, found)
            found |= nearer
            edge = list(nearer.values())
        return found | {start: Relative(start, SELF, (_identity(officer),))}

    def is_declared(self, staff: str, person: Person) -> bool:
        """Tell whether the staff member declared this person, whatever the word."""
        return person in self._officers[staff].own

    # Private

    def _officer(self, staff: str) -> _Officer:
        return self._officers.setdefault(staff, _Officer(staff, _unknown(staff)))

    def _next(self, officer: _Officer, edge: list[Relative], found: dict[Person, Relative]) -> dict[Person, Relative]:
        """Return the relatives that one more link reaches."""
        nearer: dict[Person, Relative] = {}
        for relative in edge:
            for link in self._links_of(relative.person):
                person = link.target
                if person in found or _is_rejected(officer, person):
                    continue
                kinship = of_another(compose(relative.kinship, link.kinship))
                if any(scope_of(path) is not None for path in kinship.paths):
                    reached = Relative(person, kinship, self._chain(officer, relative, link))
                    nearer[person] = _agreed(nearer.get(person), reached)
        return nearer

    def _links_of(self, person: Person) -> Iterator[Link]:
        yield from self._links.get(person, ())
        for case, members in self._households.get(person, ()):
            own = next(member for member in members if member.person == person)
            to_head = household_kinship(own.relation)
            for other in members:
                from_head = household_kinship(other.relation)
                if to_head is not None and from_head is not None and other.person != person:
                    kinship = of_another(compose(inverse(to_head), from_head))
                    yield Link(Fact.HOUSEHOLD, case, (own.position, other.position), other.person, kinship)

    def _chain(self, officer: _Officer, relative: Relative, link: Link) -> tuple[Link, ...]:
        """Return the links to a relative and one more; they begin with who the officer is, where that matters.

        It does not where he declared somebody himself: that needs no citizen id of his own.
        """
        if relative.chain or (link.fact is not Fact.HOUSEHOLD and link.of == officer.staff):
            return (*relative.chain, link)
        return (_identity(officer), link)


# Private


def _unknown(staff: str) -> Person:
    """Return what stands for a staff member while the log does not say who it is."""
    return ("staff", staff)


def _identity(officer: _Officer) -> Link:
    return Link(Fact.OFFICER, officer.staff, officer.appointed, officer.person, SELF)


def _agreed(known: Relative | None, other: Relative) -> Relative:
    """Return what two chains of one length say together: what both allow, or all when they contradict each other."""
    if known is None:
        return other
    first, second = sorted((known, other), key=lambda one: (_rank(one), one.entries))
    both = first.kinship.paths & second.kinship.paths
    paths = both or first.kinship.paths | second.kinship.paths
    assumed = (first.kinship.assumed and second.kinship.assumed) if both else True
    return Relative(first.person, Kinship(paths, assumed), first.chain)


def _rank(relative: Relative) -> int:
    """Return 0 for what the officer declared or was found to have, 1 for what follows."""
    return 0 if len(relative.chain) == 1 else 1


def _is_rejected(officer: _Officer, person: Person) -> bool:
    rejected = officer.rejected.get(person)
    if rejected is None or person in officer.own:
        return False
    return officer.discovered.get(person, -1) < rejected
