"""What may be recorded about staff and their relatives: each function returns the event, or refuses senseless ones.

They decide on what the log holds: `StaffFile` is folded from a stream `staff/…`, `CaseState` from `case/…`. A day is
given, never taken from a clock.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.case import CaseState
from domain.case_parts import Member
from domain.errors import DomainError
from domain.events.kinship import (
    FilingClosed,
    KinshipScopeAdopted,
    RecusalRecorded,
    RelationDiscovered,
    RelationRejected,
)
from domain.events.staff import RelativeDeclared, StaffAppointed
from domain.identity import check_citizen_id
from domain.kin_words import relation_of
from domain.mapping.staff import kin_of
from domain.recorded import Recorded


class KinActRefused(DomainError):
    """Something about a relative of staff that does not fit what is recorded; nothing was recorded."""


@dataclass(slots=True)
class StaffFile:
    """What the log says of one staff number, persons by citizen id; `sealed` when some part of it stayed closed."""

    number: str
    appointed: bool = False
    sealed: bool = False
    own_ids: set[str | None] = field(default_factory=set)
    declared: set[str | None] = field(default_factory=set)
    judged: dict[str | None, type[RelationDiscovered | RelationRejected]] = field(default_factory=dict)


def staff_file(number: str, records: Iterable[Recorded]) -> StaffFile:
    """Return the file of a staff number, from the entries of its stream in order."""
    found = StaffFile(number)
    for recorded in records:
        event = recorded.event
        found.sealed = found.sealed or not recorded.opened
        if isinstance(event, StaffAppointed):
            found.appointed = True
            found.own_ids.add(event.citizen_id)
        elif isinstance(event, RelativeDeclared):
            found.declared.add(event.relative_citizen_id)
        elif isinstance(event, RelationDiscovered | RelationRejected):
            found.judged[event.relative_citizen_id] = type(event)
    return found


def member_of(case: str, state: CaseState, number: int) -> Member:
    """Return a member of a case with his citizen id; refuses a number that is not there or stays sealed."""
    member = state.members.get(number)
    if member is None:
        known = ", ".join(str(one) for one in sorted(state.members)) or "none"
        raise _refused(f"case {case}", f"one of its members: {known}", str(number), "`mingzhang case show` lists them")
    if member.citizen_id is None:
        raise _refused(f"case {case}, member {number}", "a citizen id", "a sealed part", "give the keys with --keys")
    return member


def discover(
    staff: StaffFile,
    citizen_id: str,
    relation: str,
    day: datetime.date,
    today: datetime.date,
    name: str | None = None,
    reason: str | None = None,
) -> RelationDiscovered:
    """Return the event by which an officer confirms an undeclared relation."""
    _check_pair(staff, citizen_id, day, today)
    if relation_of(relation) is None:
        expected = "a word or code of GB/T 4761 that says what the relative is, such as 岳父 or 55"
        raise _refused(f"staff {staff.number}", expected, relation, "docs/relatives.md lists the words")
    if staff.judged.get(citizen_id) is RelationDiscovered:
        raise _refused(f"staff {staff.number}", "a relation not confirmed yet", "one that is", "leave it")
    return RelationDiscovered(
        relation=kin_of(relation),
        occurred_on=day,
        relation_text=relation,
        relative_name=name,
        relative_citizen_id=citizen_id,
        reason=reason,
    )


def reject(
    staff: StaffFile, citizen_id: str, day: datetime.date, today: datetime.date, by: str, reason: str
) -> RelationRejected:
    """Return the event that rules a supposed relation out; nobody does that in his own matter."""
    _check_pair(staff, citizen_id, day, today)
    _check_not_own(staff.number, by)
    if staff.judged.get(citizen_id) is RelationRejected:
        raise _refused(f"staff {staff.number}", "a relation not ruled out yet", "one that is", "leave it")
    return RelationRejected(occurred_on=day, relative_citizen_id=citizen_id, reason=reason)


def recuse(
    case: str, state: CaseState, staff: StaffFile, day: datetime.date, today: datetime.date, reason: str | None
) -> RecusalRecorded:
    """Return the event by which a staff member stands aside in a case."""
    _check_staff(staff)
    _check_case(case, state, day, today)
    if any(recusal.staff == staff.number for recusal in state.recusals):
        raise _refused(f"case {case}", f"no recusal of {staff.number} yet", "one", "leave it")
    return RecusalRecorded(occurred_on=day, staff=staff.number, reason=reason)


def close_filing(
    case: str,
    state: CaseState,
    staff: StaffFile,
    day: datetime.date,
    today: datetime.date,
    by: str,
    reason: str | None,
) -> FilingClosed:
    """Return the event that closes a filing; nobody does that in his own matter, nor before it was made."""
    _check_staff(staff)
    _check_case(case, state, day, today)
    _check_not_own(staff.number, by)
    filing = next((one for one in state.filings if one.staff == staff.number and one.filed_on is not None), None)
    if filing is None or filing.filed_on is None:
        raise _refused(f"case {case}", f"a filing of a relative of {staff.number}", "none", "check case and number")
    if filing.closed_on is not None:
        raise _refused(f"case {case}", "a filing that is open", f"one closed on {filing.closed_on}", "leave it")
    if day < filing.filed_on:
        raise _refused(f"case {case}", f"a day from {filing.filed_on} on", str(day), "give the day of the closing")
    return FilingClosed(occurred_on=day, staff=staff.number, reason=reason)


def adopt_scope(adopted: Iterable[KinshipScopeAdopted], event: KinshipScopeAdopted) -> KinshipScopeAdopted:
    """Return the adoption; refuses one without a document, and one that says nothing new."""
    where = f"scope {event.scope} from {event.effective_on}"
    if event.document is None and event.document_text is None:
        raise _refused(where, "the document that adopts it", "none", "name it with --document")
    same = (event.scope, event.effective_on, event.region)
    if any((one.scope, one.effective_on, one.region) == same for one in adopted):
        raise _refused(where, "an adoption not recorded yet", "the same one", "leave it")
    return event


# Private


def _check_pair(staff: StaffFile, citizen_id: str, day: datetime.date, today: datetime.date) -> None:
    _check_staff(staff)
    _check_day(f"staff {staff.number}", day, today)
    if (fault := check_citizen_id(citizen_id, today)) is not None:
        raise _refused(f"staff {staff.number}", "a citizen id", f"none ({fault})", "check the digits")
    if staff.sealed:
        raise _refused(f"staff {staff.number}", "a file that can be read", "sealed parts", "give the keys with --keys")
    if citizen_id in staff.own_ids:
        raise _refused(f"staff {staff.number}", "another person", "the staff member", "check who is meant")
    if citizen_id in staff.declared:
        mend = "a declared relation stands; a wrong declaration is for the staff member to correct"
        raise _refused(f"staff {staff.number}", "a person who was not declared", "a declared relative", mend)


def _check_staff(staff: StaffFile) -> None:
    if not staff.appointed:
        mend = "check the number; only staff whose appointment is recorded are known"
        raise _refused(f"staff {staff.number}", "a staff number of this ledger", "no appointment", mend)


def _check_case(case: str, state: CaseState, day: datetime.date, today: datetime.date) -> None:
    if state.application is None:
        mend = "check the number; `mingzhang case list` shows those there are"
        raise _refused(f"case {case}", "a case of this ledger", "no application", mend)
    _check_day(f"case {case}", day, today)
    applied_on = state.application.applied_on
    if applied_on is not None and day < applied_on:
        raise _refused(f"case {case}", f"a day from {applied_on} on, its application", str(day), "give the true day")


def _check_day(where: str, day: datetime.date, today: datetime.date) -> None:
    if day > today:
        raise _refused(where, f"a day until {today}", str(day), "what has not happened yet is not recorded")


def _check_not_own(number: str, by: str) -> None:
    if by == f"staff/{number}":
        raise _refused(f"staff {number}", "another officer", "the staff member himself", "let somebody else decide it")


def _refused(where: str, expected: str, found: str, mend: str) -> KinActRefused:
    return KinActRefused(where=where, expected=expected, found=found, mend=mend)
