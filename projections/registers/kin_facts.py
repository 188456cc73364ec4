"""The facts about relatives beside declarations and filings: who staff are, who handled a case, what was found out.

No name, id or word of a file stands here: persons are keyed pseudonyms, relations are the steps of `domain.kinship`.
"""

from collections.abc import Iterable
from typing import Final

from domain.events.kinship import FilingClosed, RecusalRecorded, RelationDiscovered, RelationRejected
from domain.events.staff import StaffAppointed
from domain.events.verification import SurveyCompleted
from domain.recorded import Recorded
from projections.register import Handler, Mark, Register, constant, plain, subject, value_of, values_of
from projections.registers.staff_facts import paths_of, staff_reference
from projections.table import Row, Table, texts

_BY_CASE: Final = ("case_id",)

OFFICER: Final = Table("officer", (*texts("staff"), ("person", "bytes")))
DISCOVERY: Final = Table("discovery", (*texts("staff", "paths"), ("person", "bytes")))
REJECTION: Final = Table("rejection", (*texts("staff"), ("person", "bytes")))
RECUSAL: Final = Table("recusal", texts("case_id", "staff", "recused_on"), _BY_CASE)
CLOSURE: Final = Table("filing_closure", texts("case_id", "staff", "closed_on"), _BY_CASE)
ADOPTION: Final = Table("kinship_scope", texts("scope", "region", "effective_on"))
HANDLING: Final = Table("handling", texts("case_id", "act", "staff", "acted_on"), _BY_CASE)
COUNTY_VISIT: Final = Table("county_visit", texts("case_id", "visited_on"), _BY_CASE)

INTAKE, SURVEY, CONFIRMATION = "intake", "survey", "confirmation"  # the acts of HANDLING and of a decision


# Private


def _officer(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, StaffAppointed)
    if event.citizen_id is None and recorded.opened:
        return ()  # nothing stayed sealed: the entry does not say who it is
    person = None if event.citizen_id is None else mark("person", event.citizen_id)
    return (Row(OFFICER, (staff_reference(subject(recorded), mark), person)),)


def _discovered(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, RelationDiscovered)
    person = None if event.relative_citizen_id is None else mark("person", event.relative_citizen_id)
    paths = paths_of(event.relation, event.relation_text)
    return (Row(DISCOVERY, (staff_reference(subject(recorded), mark), paths, person)),)


def _rejected(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, RelationRejected)
    person = None if event.relative_citizen_id is None else mark("person", event.relative_citizen_id)
    return (Row(REJECTION, (staff_reference(subject(recorded), mark), person)),)


def _about_staff(table: Table) -> Handler:
    def handle(recorded: Recorded, mark: Mark) -> Iterable[Row]:
        event = recorded.event
        assert isinstance(event, RecusalRecorded | FilingClosed)
        staff = event.staff or staff_reference(event.staff_text, mark)
        return (Row(table, (subject(recorded), staff, value_of(event, "occurred_on"))),)

    return handle


def _surveyed(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, SurveyCompleted)
    case, surveyed_on = subject(recorded), value_of(event, "occurred_on")
    surveyors = [staff for staff in (event.surveyor_1, event.surveyor_2) if staff is not None]
    return [Row(HANDLING, (case, SURVEY, staff, surveyed_on)) for staff in surveyors]


def _adopted(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    return (Row(ADOPTION, tuple(values_of("scope", "region", "effective_on")(recorded.event))),)


KIN_FACTS: Final = Register(
    "kin-facts",
    (OFFICER, DISCOVERY, REJECTION, RECUSAL, CLOSURE, ADOPTION, HANDLING, COUNTY_VISIT),
    {
        "staff.appointed/1": _officer,
        "relation.discovered/1": _discovered,
        "relation.rejected/1": _rejected,
        "recusal.recorded/1": _about_staff(RECUSAL),
        "filing.closed/1": _about_staff(CLOSURE),
        "kinship-scope.adopted/1": _adopted,
        "application.accepted/1": constant(HANDLING, "officer", "occurred_on", value=INTAKE),
        "survey.completed/1": _surveyed,
        "county.visited/1": plain(COUNTY_VISIT, "occurred_on"),
    },
    opens=frozenset({"staff.appointed/1", "relation.discovered/1", "relation.rejected/1", "recusal.recorded/1"})
    | frozenset({"filing.closed/1"}),
)
