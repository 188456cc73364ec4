"""Whether what a row refers to is loaded, waits for a bad row, or is unknown (import-formats.md section 3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from cli.intake.earlier import Named
from cli.intake.units import Units
from domain.events.application import ApplicationSubmitted
from domain.events.household import MemberJoined
from domain.formats.columns import FaultCode
from domain.formats.faults import Fault, make_fault, make_notice
from domain.formats.faults import Notice as FormatNotice
from domain.formats.rows import CheckedRow, Place
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


class Standing(Enum):
    """How a case, staff member, order or person stands at the moment a row names it."""

    LOADED = "loaded"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Standings:
    """The answers, from the log as it is inside the running transaction, this delivery and earlier ones."""

    recording: Recording
    keys: KeyStore
    units: Units
    earlier: Named
    named: Named = field(default_factory=Named)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    programmes: dict[str, str | None] = field(default_factory=dict)

    def of_case(self, case: str) -> Standing:
        """Return whether the case is loaded, or only named by a row of 申请 that was not."""
        if self._exists("case", case):
            return Standing.LOADED
        named = case in self.units.named or case in self.earlier.cases
        return Standing.HELD if named else Standing.UNKNOWN

    def of_staff(self, staff: str) -> Standing:
        """Return whether a row of 工作人员 with this number is loaded."""
        if self._exists("staff", staff):
            return Standing.LOADED
        return Standing.HELD if staff in self.named.staff | self.earlier.staff else Standing.UNKNOWN

    def of_order(self, order: str) -> Standing:
        """Return whether the row of 追缴 is loaded."""
        if self._exists("recovery", order):
            return Standing.LOADED
        return Standing.HELD if order in self.named.orders | self.earlier.orders else Standing.UNKNOWN

    def of_member(self, case: str, citizen_id: str) -> Standing:
        """Return whether the person is a loaded member of the case."""
        if self.member_number(case, citizen_id) is not None:
            return Standing.LOADED
        named = (case, citizen_id) in self.named.members or (case, citizen_id) in self.earlier.members
        return Standing.HELD if named else Standing.UNKNOWN

    def member_number(self, case: str, citizen_id: str) -> int | None:
        """Return the member's number within the case; None when the person is no loaded member."""
        known = self.numbers.get((case, citizen_id))
        if known is not None:
            return known
        found = self.recording.find(self.keys.command_id("row", FileKind.MEMBERS.value, case, citizen_id))
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

    def add_member(self, case: str, citizen_id: str, number: int) -> None:
        """Remember a member that was just recorded."""
        self.numbers[(case, citizen_id)] = number
        self.counts[case] = number

    def recorded_programme(self, case: str) -> str | None:
        """Return the programme of a case that an earlier delivery loaded."""
        if case not in self.programmes:
            found = self.recording.find(self.keys.command_id("row", FileKind.APPLICATIONS.value, case)) or ()
            events = [item.event for item in found if isinstance(item.event, ApplicationSubmitted)]
            self.programmes[case] = events[0].programme.value if events else None
        return self.programmes[case]

    def reference_faults(self, kind: FileKind, row: CheckedRow) -> Iterator[Fault]:
        """Yield a fault for everything the row names that nobody knows."""
        for column, code, standing in self._references(kind, row):
            if standing is Standing.UNKNOWN:
                yield make_fault(column, code, str(row.values[column]))

    def holding_fault(self, kind: FileKind, row: CheckedRow) -> Fault | None:
        """Return the fault `held` when something the row belongs to was not loaded, with the place of the bad row."""
        case = row.values.get("申请编号")
        if kind in (FileKind.APPLICATIONS, FileKind.MEMBERS) and isinstance(case, str) and self.units.is_held(case):
            return _held("申请编号", case, self.units.bad[case])
        for column, _, standing in self._references(kind, row):
            if standing is Standing.HELD:
                value = str(row.values[column])
                return _held(column, value, self.units.bad.get(value))
        return None

    def staff_warnings(self, kind: FileKind, row: CheckedRow) -> Iterator[FormatNotice]:
        """Yield a warning for every officer whose number no row of 工作人员 holds."""
        for column in OFFICER_COLUMNS:
            value = row.values.get(column)
            if isinstance(value, str) and self.of_staff(value) is Standing.UNKNOWN:
                yield make_notice(column, "unknown_officer", value)

    # Private

    def _exists(self, kind: str, identifier: str) -> bool:
        return self.recording.head_of(encode_name(kind, identifier)) is not None

    def _references(self, kind: FileKind, row: CheckedRow) -> Iterator[tuple[str, FaultCode, Standing]]:
        values = row.values
        case = values.get("申请编号")
        if isinstance(case, str) and kind not in MONEY_KINDS and kind is not FileKind.APPLICATIONS:
            standing = self.of_case(case)
            yield "申请编号", FaultCode.unknown_case, standing
            citizen_id = values.get("身份证号")
            if kind is FileKind.CHECKS and standing is Standing.LOADED and isinstance(citizen_id, str):
                yield "身份证号", FaultCode.unknown_person, self.of_member(case, citizen_id)
        staff = values.get("工号")
        if kind in STAFF_KINDS and isinstance(staff, str):
            yield "工号", FaultCode.unknown_staff, self.of_staff(staff)
        order = values.get("追缴编号")
        if kind is FileKind.REPAYMENTS and isinstance(order, str):
            yield "追缴编号", FaultCode.unknown_order, self.of_order(order)


def _held(column: str, value: str, because: Place | None) -> Fault:
    if because is None:
        detail, english = "以前报送的批次", "an earlier delivery"
    else:
        sheet = f" {because.sheet}" if because.sheet else ""
        detail = f"{because.file}{sheet} 第{because.row}行"
        english = f"{because.file}{sheet} row {because.row}"
    return make_fault(column, FaultCode.held, value, detail=detail, detail_en=english)
