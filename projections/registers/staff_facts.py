"""The facts of staff and their relatives: posts held, relatives declared, cases filed, county visits."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from domain.events.staff import KinshipFiled, KinshipVisited, RelativeDeclared
from domain.fields import STAFF_NUMBER_PATTERN
from domain.kin_words import kinship_of_kin, relation_of
from domain.recorded import Recorded
from domain.vocabulary import Kin
from projections.register import Mark, Register, subject, value_of
from projections.table import Row, Table, texts

POST: Final = Table("post", texts("staff", "post", "appointed_on"))
DEPARTURE: Final = Table("departure", texts("staff", "post", "appointed_on", "departed_on"))
DECLARATION: Final = Table("declaration", (*texts("staff", "relation", "paths"), ("person", "bytes")))
FILING: Final = Table("filing", texts("case_id", "staff", "relation", "filed_on"), ("case_id",))
VISIT: Final = Table("visit", texts("case_id", "staff", "visited_on", "visitor"), ("case_id",))

MARKED: Final = "~"  # begins the stand-in for a staff number that is none: a free text, which no table may hold
PARTING: Final = "|"  # between the readings of a relation


def staff_reference(number: str | None, mark: Mark) -> str | None:
    """Return a staff number as it is, or the keyed stand-in of a text that stands where a number should."""
    if number is None or _is_staff_number(number):
        return number
    pseudonym = mark("staff", number)
    return MARKED + pseudonym.hex() if pseudonym is not None else None


def paths_of(relation: Kin, text: str | None) -> str | None:
    """Return the readings of a relation as a column holds them, `bu|b`, never its word; None when it says none."""
    found = relation_of(text) if text is not None else kinship_of_kin(relation)
    return None if found is None else PARTING.join(sorted(found.paths))


# Private

_is_staff_number: Final[Callable[[str], Any]] = re.compile(STAFF_NUMBER_PATTERN).fullmatch


def _appointed(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    staff = staff_reference(subject(recorded), mark)
    return (Row(POST, (staff, value_of(event, "post"), value_of(event, "occurred_on"))),)


def _departed(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    fields = (value_of(recorded.event, name) for name in ("post", "appointed_on", "occurred_on"))
    return (Row(DEPARTURE, (staff_reference(subject(recorded), mark), *fields)),)


def _declared(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, RelativeDeclared)
    person = None if event.relative_citizen_id is None else mark("person", event.relative_citizen_id)
    paths = paths_of(event.relation, event.relation_text)
    return (Row(DECLARATION, (staff_reference(subject(recorded), mark), event.relation.value, paths, person)),)


def _filed(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, KinshipFiled)
    staff = event.staff or staff_reference(event.staff_text, mark)
    return (Row(FILING, (subject(recorded), staff, event.relation.value, value_of(event, "occurred_on"))),)


def _visited(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, KinshipVisited)
    staff = event.staff or staff_reference(event.staff_text, mark)
    return (Row(VISIT, (subject(recorded), staff, value_of(event, "occurred_on"), event.visitor)),)


STAFF_FACTS: Final = Register(
    "staff-facts",
    (POST, DEPARTURE, DECLARATION, FILING, VISIT),
    {
        "staff.appointed/1": _appointed,
        "staff.departed/1": _departed,
        "relative.declared/1": _declared,
        "kinship.filed/1": _filed,
        "kinship.visited/1": _visited,
    },
    opens=frozenset({"relative.declared/1", "kinship.filed/1", "kinship.visited/1"}),
)
