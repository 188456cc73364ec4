"""Whether what a row refers to is loaded, waits for a bad row, or is unknown (docs/import-formats.md section 3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cli.intake.earlier import Named
from cli.intake.recordable import STREAM_OF_COLUMN, stream_name
from cli.intake.units import Units
from domain.events.application import ApplicationSubmitted
from domain.events.household import MemberJoined
from domain.formats.catalogue import FORMATS
from domain.formats.columns import FaultCode
from domain.formats.faults import Fault, Notice, make_fault, make_notice
from domain.formats.rows import CheckedRow, Place
from domain.recorded import Recorded
from domain.vocabulary import FileKind
from ledger.entry import encode_name
from ledger.keystore import KeyStore
from ledger.ledger import Recording

MONEY_KINDS = frozenset({FileKind.PLANS, FileKind.BANK_SLIPS})
STAFF_KINDS = frozenset({FileKind.RELATIVES, FileKind.FILINGS})
OFFICER_COLUMNS = (
    "受理人工号",
    "调查人工号1",
    "调查人工号2",
    "确认人工号",
    "经办人工号",
    "复核人工号",
    "入户人工号",
)
_OFFICERS_OF_KIND = {
    kind: tuple(header for header in OFFICER_COLUMNS if header in {column.header for column in fmt.columns})
    for kind, fmt in FORMATS.items()
}


class Reference(NamedTuple):
    """What a row names in a column: loaded, or waiting for the row in `because`; unknown where that is None."""

    column: str
    unknown: FaultCode
    is_loaded: bool
    because: Place | None


@dataclass(slots=True)
class References:
    """The answers, from the log as it is inside the running transaction, this delivery and earlier ones.

    Files that others refer to are loaded first (`loader.LOAD_ORDER`), so an answer once given stays right.
    """

    recording: Recording
    keys: KeyStore
    units: Units
    earlier: Named
    named: Named = field(default_factory=Named)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    programmes: dict[str, str | None] = field(default_factory=dict)
    existing: dict[tuple[str, str], bool] = field(default_factory=dict)

    def is_case(self, case: str) -> bool:
        """Tell whether the case is loaded."""
        return self._exists("case", case)

    def is_officer(self, staff: str) -> bool:
        """Tell whether some row of 工作人员 carries the number, loaded or not."""
        return self._exists("staff", staff) or staff in self.named.staff or staff in self.earlier.staff

    def of_row(self, kind: FileKind, row: CheckedRow) -> list[Reference]:
        """Return how everything stands that the row must be able to refer to."""
        return list(self._references(kind, row))

    def holding_fault(self, kind: FileKind, row: CheckedRow, references: Iterable[Reference]) -> Fault | None:
        """Return the fault `held` when something the row belongs to was not loaded, with the place of the bad row."""
        case = row.values.get("申请编号")
        if kind in (FileKind.APPLICATIONS, FileKind.MEMBERS) and isinstance(case, str) and self._is_held(case):
            return _held("申请编号", case, self.units.bad[case])
        for reference in references:
            if not reference.is_loaded and reference.because is not None:
                return _held(reference.column, str(row.values[reference.column]), reference.because)
        return None

    def member_number(self, case: str, citizen_id: str) -> int | None:
        """Return the member's number within the case; None when the person is no loaded member."""
        known = self.numbers.get((case, citizen_id))
        if known is not None:
            return known
        found = self.recording.find(self._member_command(case, citizen_id))
        joined = next((item.event for item in found or () if isinstance(item.event, MemberJoined)), None)
        if joined is None:
            return None
        self.numbers[(case, citizen_id)] = joined.member
        return joined.member

    def next_member(self, case: str) -> int:
        """Return the number that the case's next member gets."""
        if case not in self.counts:
            stream = self.recording.stream(encode_name("case", case))
            self.counts[case] = max((r.event.member for r in stream if isinstance(r.event, MemberJoined)), default=0)
        return self.counts[case] + 1

    def add_case(self, case: str, programme: str) -> None:
        """Remember a case that was just recorded; it has no members yet."""
        self.existing["case", case] = True
        self.counts[case] = 0
        self.programmes[case] = programme

    def add_member(self, case: str, citizen_id: str, number: int) -> None:
        """Remember a member that was just recorded."""
        self.numbers[(case, citizen_id)] = number
        self.counts[case] = number

    def programme_of(self, case: str) -> str | None:
        """Return the programme of a case as the log has it; of one that is not loaded, as its row in 申请 says."""
        if case not in self.programmes:
            found = self.recording.find(self.keys.command_id("row", FileKind.APPLICATIONS.value, case)) or ()
            self.note_programme(case, found)
        return self.programmes[case]

    def note_programme(self, case: str, found: Iterable[Recorded]) -> None:
        """Remember the programme of a case, whose row in 申请 is recorded as `found` says."""
        events = [item.event for item in found if isinstance(item.event, ApplicationSubmitted)]
        self.programmes[case] = events[0].programme.value if events else self.units.programmes.get(case)

    def expect(self, kind: FileKind, row: CheckedRow, streams: set[str], commands: set[str]) -> None:
        """Add the streams and commands that loading the row will look for, besides its own command."""
        for column, stream_kind in STREAM_OF_COLUMN.items():
            identifier = row.values.get(column)
            if isinstance(identifier, str) and (name := stream_name(stream_kind, identifier)) is not None:
                streams.add(name)
        case, citizen_id = row.values.get("申请编号"), row.values.get("身份证号")
        if kind is not FileKind.CHECKS or not isinstance(case, str) or not isinstance(citizen_id, str):
            return
        if (case, citizen_id) not in self.numbers:
            commands.add(self._member_command(case, citizen_id))

    def officer_warnings(self, kind: FileKind, row: CheckedRow) -> Iterator[Notice]:
        """Yield a warning for every officer whose number no row of 工作人员 holds."""
        for column in _OFFICERS_OF_KIND[kind]:
            value = row.values.get(column)
            if isinstance(value, str) and not self.is_officer(value):
                yield make_notice(column, "unknown_officer", value)

    # Private

    def _is_held(self, case: str) -> bool:
        """Tell whether a bad row holds the unit of the case; a case that no row of 申请 names has no unit."""
        is_named = case in self.units.named or case in self.earlier.cases or self.is_case(case)
        return is_named and self.units.is_held(case)

    def _member_command(self, case: str, citizen_id: str) -> str:
        return self.keys.command_id("row", FileKind.MEMBERS.value, case, citizen_id)

    def _exists(self, kind: str, identifier: str) -> bool:
        known = self.existing.get((kind, identifier))
        if known is None:
            name = stream_name(kind, identifier)
            known = name is not None and self.recording.head_of(name) is not None
            self.existing[kind, identifier] = known
        return known

    def _references(self, kind: FileKind, row: CheckedRow) -> Iterator[Reference]:
        values = row.values
        case = values.get("申请编号")
        if isinstance(case, str) and kind not in MONEY_KINDS and kind is not FileKind.APPLICATIONS:
            loaded = self.is_case(case)
            named = self.units.named.get(case) or self.earlier.cases.get(case)
            bad = self.units.bad.get(case, named) if named else None
            yield Reference("申请编号", FaultCode.unknown_case, loaded, bad)
            citizen_id = values.get("身份证号")
            if kind is FileKind.CHECKS and loaded and isinstance(citizen_id, str):
                person = (case, citizen_id)
                bad = self.named.members.get(person) or self.earlier.members.get(person)
                yield Reference("身份证号", FaultCode.unknown_person, self.member_number(*person) is not None, bad)
        staff = values.get("工号")
        if kind in STAFF_KINDS and isinstance(staff, str):
            bad = self.named.staff.get(staff) or self.earlier.staff.get(staff)
            yield Reference("工号", FaultCode.unknown_staff, self._exists("staff", staff), bad)
        order = values.get("追缴编号")
        if kind is FileKind.REPAYMENTS and isinstance(order, str):
            bad = self.named.orders.get(order) or self.earlier.orders.get(order)
            yield Reference("追缴编号", FaultCode.unknown_order, self._exists("recovery", order), bad)


def unknown_faults(row: CheckedRow, references: Iterable[Reference]) -> list[Fault]:
    """Return a fault for everything the row names that nobody knows."""
    return [
        make_fault(column, unknown, str(row.values[column]))
        for column, unknown, is_loaded, because in references
        if not is_loaded and because is None
    ]


# Private


def _held(column: str, value: str, because: Place) -> Fault:
    sheet = f" {because.sheet}" if because.sheet else ""
    detail = f"{because.file}{sheet} 第{because.row}行"
    english = f"{because.file}{sheet} row {because.row}"
    return make_fault(column, FaultCode.held, value, detail=detail, detail_en=english)
