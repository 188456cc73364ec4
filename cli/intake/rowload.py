"""Judges one good-looking row after another: new, duplicate, completion, conflict, held or rejected, and records it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pydantic import ValidationError

from cli.intake.delivery import Delivery, FileInHand
from cli.intake.earlier import number_of
from cli.intake.history import History
from cli.intake.recordable import recordable_text
from cli.intake.references import MONEY_KINDS, unknown_faults
from cli.intake.report import ConflictingCell, HeldRow, RejectedCell, RowWarning
from domain.events.application import ApplicationSubmitted
from domain.events.base import Event
from domain.events.delivery import RowConflicted, RowHeld, RowRejected
from domain.events.household import MemberJoined
from domain.events.person import CreditRecorded, DeathRecorded
from domain.fields import Citation, DifferingColumn, FaultDetail, Source
from domain.formats.catalogue import FORMATS, REMARK_HEADER
from domain.formats.columns import FaultCode, Value
from domain.formats.faults import Fault, Notice, make_fault, make_notice
from domain.formats.rows import CheckedRow, Place, find_case_number
from domain.mapping.rule import (
    RowContext,
    RowMapping,
    cell_texts,
    completing_events,
    events_of,
    text_of,
)
from domain.mapping.table import MAPPINGS
from domain.recorded import Recorded
from domain.vocabulary import FileKind
from ledger.entry import encode_name
from ledger.ledger import Command, Draft

_PERSON_OF_KIND = {FileKind.DEATHS: "身份证号", FileKind.CREDIT: "主体身份证号"}

_stream_named = lru_cache(maxsize=10_000)(encode_name)


@dataclass(frozen=True, slots=True)
class RowLoader:
    """Loads the rows of one file of a delivery."""

    delivery: Delivery
    file: FileInHand
    commands: dict[tuple[str, ...], str] = field(default_factory=dict)
    """By key, the command ids of the rows that come next."""

    def expect(self, rows: Sequence[CheckedRow]) -> None:
        """Let the log be asked at once what loading these rows, the next ones, will ask it one by one."""
        streams: set[str] = set()
        commands: set[str] = set()
        keys = [self._key(row) for row in rows if not row.faults]
        self.commands.clear()
        self.commands.update((key, self._command_id(key)) for key in keys)
        for row in rows:
            self.delivery.references.expect(self.file.kind, row, streams, commands)
            streams.update(self._streams_of_person(row))
        recording = self.delivery.recording
        commands.update(self.commands.values())
        commands.update(self._note_id("reject", row.place) for row in rows if row.faults)
        recording.expect(streams, commands)
        known = (key for key, command in self.commands.items() if recording.is_recorded(command))
        recording.expect((), {self._completion_id(key, 1) for key in known})

    def load(self, row: CheckedRow) -> None:
        """Judge one row and record what follows from it."""
        self.file.counts.rows += 1
        source = self._source(row.place)
        references = self.delivery.references.of_row(self.file.kind, row)
        faults = [*row.faults, *unknown_faults(row, references)]
        if faults:
            self._reject(row, source, faults)
        elif (held := self.delivery.references.holding_fault(self.file.kind, row, references)) is not None:
            self._hold(row, source, held)
        else:
            self._load_good(row, source)

    def contradict(
        self, place: Place, source: Source, first: Recorded, key: tuple[str, ...], cells: Sequence[ConflictingCell]
    ) -> None:
        """Report a row that contradicts the one recorded at `first`, and record that it did."""
        self.delivery.report.conflicts.extend(cells)
        self.file.counts.conflicts += 1
        event = RowConflicted(
            source=source,
            cites=Citation(seq=first.seq, stream=first.stream),
            key=key,
            differences=tuple(DifferingColumn(column=c.column, kept=c.kept, other=c.other) for c in cells),
        )
        self._note("conflict", place, event)

    # Private

    def _source(self, place: Place) -> Source:
        return Source(file=self.file.entry, row=place.row, sheet=place.sheet_index or None)

    def _load_good(self, row: CheckedRow, source: Source) -> None:
        mapping = MAPPINGS[self.file.kind]
        key = self._key(row)
        command = self.commands.get(key) or self._command_id(key)
        try:
            context = self._context(mapping, row, source)
            first = self.delivery.recording.find(command)
            if first is None:
                self._record_new(mapping, context, command)
                self.file.counts.loaded += 1
                self._warn(row)
            else:
                if context.case and self.file.kind is FileKind.APPLICATIONS:
                    self.delivery.references.note_programme(context.case, first)
                self._compare(mapping, context, row, key, self._history(key, first))
        except ValidationError as error:
            self._reject(row, source, [_refused(mapping, row, error)])

    def _context(self, mapping: RowMapping, row: CheckedRow, source: Source) -> RowContext:
        values: Mapping[str, Value] = mapping.prepare(row.values)
        case = self._case_of(row)
        return RowContext(
            self.file.kind,
            values,
            source,
            month=self.file.month,
            member=self._member_number(values, case),
            case=case,
            case_known=self.file.kind in MONEY_KINDS and case is not None and self.delivery.references.is_case(case),
            person=self._pseudonym(values),
        )

    def _case_of(self, row: CheckedRow) -> str | None:
        if self.file.kind is FileKind.BANK_SLIPS:
            return find_case_number(str(row.values[REMARK_HEADER]))
        case = row.values.get("申请编号")
        return case if isinstance(case, str) else None

    def _member_number(self, values: Mapping[str, Value], case: str | None) -> int | None:
        citizen_id = values.get("身份证号") if self.file.kind in (FileKind.MEMBERS, FileKind.CHECKS) else None
        if case is None or not isinstance(citizen_id, str):
            return None
        known = self.delivery.references.member_number(case, citizen_id)
        return self.delivery.references.next_member(case) if known is None else known

    def _pseudonym(self, values: Mapping[str, Value]) -> str:
        column = _PERSON_OF_KIND.get(self.file.kind)
        return self.delivery.links.pseudonym(str(values[column])) if column else ""

    def _streams_of_person(self, row: CheckedRow) -> Iterator[str]:
        if not row.faults and (person := self._pseudonym(row.values)):
            yield _stream_named("person", person)

    def _key(self, row: CheckedRow) -> tuple[str, ...]:
        return tuple(text_of(row.values[column]) for column in FORMATS[self.file.kind].key)

    def _history(self, key: tuple[str, ...], first: tuple[Recorded, ...]) -> History:
        versions = [first]
        while found := self.delivery.recording.find(self._completion_id(key, len(versions))):
            versions.append(found)
        return History(tuple(versions))

    def _command_id(self, key: tuple[str, ...]) -> str:
        return self.delivery.keys.command_id("row", self.file.kind.value, *key)

    def _completion_id(self, key: tuple[str, ...], number: int) -> str:
        return self.delivery.keys.command_id("completion", self.file.kind.value, *key, str(number))

    def _record_new(self, mapping: RowMapping, context: RowContext, command: str) -> None:
        stream = _stream_named(*mapping.stream(context))
        events = events_of(mapping, context)
        self._record(mapping, context, command, stream, events)
        self._remember(stream, context, events)

    def _record(
        self, mapping: RowMapping, context: RowContext, command: str, stream: str, events: Sequence[Event]
    ) -> None:
        head = self.delivery.recording.head_of(stream)
        next_seq = head.seq + 1 if head else 1
        drafts = [Draft(stream, event) for event in events]
        for note in mapping.notes(context, events):
            cited = Citation(seq=next_seq + note.of, stream=stream)
            drafts.append(Draft(_stream_named(*note.stream), note.build(cited)))
        self.delivery.recording.record(Command(command, self.delivery.by, tuple(drafts)))

    def _remember(self, stream: str, context: RowContext, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, ApplicationSubmitted) and context.case:
                self.delivery.references.add_case(context.case, event.programme.value)
            elif isinstance(event, MemberJoined) and event.citizen_id and context.case:
                self.delivery.references.add_member(context.case, event.citizen_id, event.member)
                self.delivery.links.add_member(stream, event.member, event.citizen_id)
            elif isinstance(event, DeathRecorded):
                self.delivery.links.add_death(event)
            elif isinstance(event, CreditRecorded) and context.case and event.citizen_id:
                member = self.delivery.references.member_number(context.case, event.citizen_id)
                self.delivery.links.add_credit(_stream_named("case", context.case), event, member)

    def _compare(
        self, mapping: RowMapping, context: RowContext, row: CheckedRow, key: tuple[str, ...], history: History
    ) -> None:
        key_columns = FORMATS[self.file.kind].key
        told = _without(cell_texts(mapping, context), key_columns)
        states = [_without(state, key_columns) for state in history.states(mapping)]
        kept = states[-1]
        changed = [c.header for c in FORMATS[self.file.kind].columns if told.get(c.header) != kept.get(c.header)]
        if not history.is_open:  # after an erasure only what is left can be compared
            changed = [column for column in changed if column in kept and column in told]
        if not changed or told in states:
            self.file.counts.duplicates += 1
        elif any(column in kept for column in changed) or self._is_of_own_delivery(history.latest):
            cells = [
                ConflictingCell(
                    *(self.file.kind, self._place_of(history.told_by(states, column)), row.place, key),
                    *(column, kept.get(column, ""), told.get(column, "")),
                )
                for column in changed
            ]
            self.contradict(row.place, context.source, history.first, key, cells)
        else:
            self._complete(mapping, context, key, history, kept, set(changed))
            self._warn(row)

    def _complete(
        self,
        mapping: RowMapping,
        context: RowContext,
        key: tuple[str, ...],
        history: History,
        kept: Mapping[str, str],
        filled: set[str],
    ) -> None:
        first = history.first
        cited = Citation(seq=first.seq, stream=first.stream)
        events = completing_events(mapping, context, filled, cited, kept)
        self._record(mapping, context, self._completion_id(key, len(history.versions)), first.stream, events)
        self.file.counts.completed += 1

    def _is_of_own_delivery(self, item: Recorded) -> bool:
        """Tell whether what was last told of a row came with the delivery of this file, or after it."""
        source = getattr(item.event, "source", None)
        return source is not None and number_of(source.file.stream) >= self.file.delivery_first

    def _place_of(self, item: Recorded) -> Place:
        source = getattr(item.event, "source", None)
        return self.delivery.earlier.place_of(source) if source else Place("?", "", 0, 0)

    def _reject(self, row: CheckedRow, source: Source, faults: Sequence[Fault]) -> None:
        self.file.counts.rejected += 1
        self.delivery.report.rejects.extend(RejectedCell(self.file.kind, row.place, fault) for fault in faults)
        names = self._names(row)
        self.delivery.references.named.note(self.file.kind, row.place, **names)
        details = tuple(FaultDetail(code=f.code.value, column=f.column, value=recordable_text(f.value)) for f in faults)
        codes = tuple(dict.fromkeys(fault.code.value for fault in faults))
        self._note("reject", row.place, RowRejected(source=source, codes=codes, faults=details, **names))

    def _hold(self, row: CheckedRow, source: Source, fault: Fault) -> None:
        self.file.counts.held += 1
        names = self._names(row)
        self.delivery.report.held.append(HeldRow(row.place, names["case"] or "", fault))
        self.delivery.references.named.note(self.file.kind, row.place, **names)
        self._note("held", row.place, RowHeld(source=source, **names))

    def _names(self, row: CheckedRow) -> dict[str, str | None]:
        columns = {"case": "申请编号", "staff": "工号", "order": "追缴编号", "citizen_id": "身份证号"}
        found = {name: row.values.get(column) for name, column in columns.items()}
        return {name: value if isinstance(value, str) else None for name, value in found.items()}

    def _note(self, what: str, place: Place, event: Event) -> None:
        command = self._note_id(what, place)
        self.delivery.recording.record(Command(command, self.delivery.by, (Draft(self.delivery.stream, event),)))

    def _note_id(self, what: str, place: Place) -> str:
        seq = str(self.file.entry.seq)
        return self.delivery.keys.command_id(what, self.delivery.stream, seq, str(place.sheet_index), str(place.row))

    def _warn(self, row: CheckedRow) -> None:
        original = row.values.get("原流水号")
        if isinstance(original, str):
            self.delivery.reissues.append((row.place, original))
        notices = [
            *row.warnings,
            *self.delivery.references.officer_warnings(self.file.kind, row),
            *self._head_warning(row),
        ]
        self.delivery.report.warnings.extend(RowWarning(self.file.kind, row.place, notice) for notice in notices)
        self.file.counts.warnings += bool(notices)

    def _head_warning(self, row: CheckedRow) -> Iterator[Notice]:
        if self.file.kind is FileKind.APPLICATIONS:
            case, head = str(row.values["申请编号"]), str(row.values["户主身份证号"])
            told = self.delivery.references.units.members.get(case, ())
            if head not in told and self.delivery.references.member_number(case, head) is None:
                yield make_notice("户主身份证号", "head_no_member", head)


# Private


def _without(cells: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    return {column: text for column, text in cells.items() if column not in columns}


def _refused(mapping: RowMapping, row: CheckedRow, error: ValidationError) -> Fault:
    """Return the fault of a value that no field of an event can hold, such as a code of 200 characters."""
    fields = {str(part) for detail in error.errors() for part in detail["loc"]}
    columns = [c for rule in mapping.rules for name, c in rule.fields.items() if name in fields and c in row.values]
    column = columns[0] if columns else FORMATS[mapping.kind].key[0]
    return make_fault(column, FaultCode.unknown_value, text_of(row.values[column]))
