"""Loads a delivery into the ledger: every row judged, every good one recorded, all in one transaction or not at all."""

import base64
import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cli.intake.delivery import Delivery, FileInHand
from cli.intake.earlier import number_of, read_earlier
from cli.intake.files import SourceFile, discover, read_rows
from cli.intake.persons import PersonLinks
from cli.intake.problems import UnreadableFile
from cli.intake.recordable import recordable_text, with_recordable
from cli.intake.references import References
from cli.intake.report import ConflictingCell, DeliveryReport, FileLeftOut, FileReport, RowWarning
from cli.intake.rowload import RowLoader
from cli.intake.units import Units, read_units
from cli.intake.workbook import sheet_names
from domain.events.base import Event
from domain.events.delivery import DeliveryDescribed, DeliveryLoaded, DeliveryReceived, FileLoaded, FileReceived
from domain.fields import REGION_PATTERN, Citation, Source
from domain.formats.catalogue import FORMATS
from domain.formats.faults import make_notice
from domain.formats.rows import CheckedRow, check_row
from domain.recorded import Recorded
from domain.vocabulary import FileKind
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger, Recording

LOAD_ORDER = (
    FileKind.DESCRIPTION,
    FileKind.STANDARDS,
    FileKind.STAFF,
    FileKind.RELATIVES,
    FileKind.APPLICATIONS,
    FileKind.MEMBERS,
    FileKind.FILINGS,
    FileKind.CHECKS,
    FileKind.SURVEYS,
    FileKind.PUBLICITY,
    FileKind.DECISIONS,
    FileKind.CHANGES,
    FileKind.REVIEWS,
    FileKind.APPEALS,
    FileKind.DEATHS,
    FileKind.PLANS,
    FileKind.BANK_SLIPS,
    FileKind.RECOVERIES,
    FileKind.REPAYMENTS,
    FileKind.CREDIT,
)

ROWS_AT_ONCE = 250  # whose look-ups are one journey to the database
CHARACTERS_AT_ONCE = 1_000_000

Clock = Callable[[], datetime.datetime]
Progress = Callable[[str, int], None]
"""Called with the name of the file being read and the bytes read since the last call; less than 0 takes them back."""


def load_delivery(
    ledger: Ledger, keys: KeyStore, paths: Sequence[Path], *, by: str, clock: Clock, progress: Progress
) -> DeliveryReport:
    """Load the files found at `paths` as one delivery and say what became of every row.

    Either everything of the delivery is in the log when this returns, or, when it raises or the process dies, nothing
    is. Importing the same files again adds nothing. A file that turns out unreadable, even in its middle, is left out
    whole and reported, as one that cannot be opened is; nothing of it is loaded. Raises LedgerError when the store or
    the keys refuse.
    """
    found = discover(paths)
    files, unreadable = list(found.files), list(found.unreadable)
    counting = _Counting(progress)

    def empty_report() -> DeliveryReport:
        return DeliveryReport(
            unreadable=[FileLeftOut(u.path.name, u.reason, u.remedy) for u in unreadable],
            skipped=[skipped.path.name for skipped in found.skipped],
        )

    while True:
        try:
            report = _loaded(ledger, keys, files, empty_report, by, clock, counting) if files else empty_report()
            break
        except UnreadableFile as error:
            unreadable.append(error.problem)
            files = [source for source in files if source.path != error.problem.path]
    head = ledger.head()
    report.size, report.root = head.size, base64.b64encode(head.root).decode()
    return report


# Private


class _NothingNew(Exception):
    """Every file was received before and every row is known: the transaction is given up, the log stays as it was."""


class _Counting:
    """Bytes read, as they are told; what an attempt that was given up has counted is taken back."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._counted: Counter[str] = Counter()

    def begin(self) -> None:
        """Begin to read from the first file."""
        for name, count in self._counted.items():
            self._progress(name, -count)
        self._counted.clear()

    def read(self, name: str, count: int) -> None:
        """Tell that bytes of a file were read."""
        self._counted[name] += count
        self._progress(name, count)


def _loaded(
    ledger: Ledger,
    keys: KeyStore,
    files: Sequence[SourceFile],
    empty_report: Callable[[], DeliveryReport],
    by: str,
    clock: Clock,
    counting: _Counting,
) -> DeliveryReport:
    """Load the files and report it; each attempt begins with an empty report, so that only the last one counts."""
    named = (replace(source, name=recordable_text(source.name)) for source in files)
    sources = sorted(named, key=lambda source: LOAD_ORDER.index(FileKind(source.kind)))
    report = empty_report()

    def load(recording: Recording) -> None:
        nonlocal report
        report = empty_report()
        counting.begin()
        start = recording.size
        earlier = read_earlier(recording)
        units = read_units(sources, earlier.closing_date, lambda count: counting.read("", count))
        delivery = Delivery(
            stream=_next_stream(recording),
            by=by,
            recording=recording,
            keys=keys,
            references=References(recording, keys, units, earlier.named),
            links=PersonLinks(recording, keys, by),
            earlier=earlier,
            report=report,
        )
        _Loading(delivery, sources, units, start, counting.read).load()
        report.entries_added = recording.size - start

    with suppress(_NothingNew):
        ledger.record(clock, load)
    return report


def _next_stream(recording: Recording) -> str:
    number = 1 + max(map(number_of, recording.earlier_stream_names("import/")), default=0)
    return f"import/{number:06d}"


class _Loading:
    """The loading of one delivery, file by file."""

    def __init__(
        self, delivery: Delivery, files: Sequence[SourceFile], units: Units, start: int, progress: Progress
    ) -> None:
        self.delivery, self.files, self.units, self.progress = delivery, files, units, progress
        self.start = start  # entries from this position on belong to this delivery
        self.described: dict[str, CheckedRow] = {}  # 项 → its first row in this delivery
        self.description: Recorded | None = None

    def load(self) -> None:
        known = self.delivery.earlier.digests()
        self._record("received", DeliveryReceived(files=len(self.files)))
        for number, source in enumerate(self.files, start=1):
            self._load_file(number, source)
        self.delivery.links.record_notices()
        self._warn_of_unknown_originals()
        self._record("loaded", self._total())
        new_rows = sum(file.loaded + file.completed for file in self.delivery.report.files)
        if not new_rows and all(source.sha256 in known for source in self.files):
            raise _NothingNew

    def _load_file(self, number: int, source: SourceFile) -> None:
        counts = FileReport(source.name, source.kind, source.sha256)
        self.delivery.report.files.append(counts)
        entry = self._receive(number, source)
        if source.kind == FileKind.DESCRIPTION:
            self._describe(source, entry, counts)
        else:
            loader = self._row_loader(source, entry, counts)
            for rows in _in_chunks(self._rows_of(source)):
                loader.expect(rows)
                for row in rows:
                    loader.load(row)
        figures = {name: getattr(counts, name) for name in FileLoaded.OPEN_FIELDS if hasattr(counts, name)}
        self._record(f"file-loaded-{number}", FileLoaded(cites=entry, **figures))

    def _rows_of(self, source: SourceFile) -> Iterator[CheckedRow]:
        fmt, closing = FORMATS[source.kind], self.units.closing_date
        programme_of = self.delivery.references.programme_of
        for raw in read_rows(source, lambda count: self.progress(source.name, count)):
            row = check_row(fmt, raw.place, raw.cells, closing_date=closing, programme_of=programme_of)
            yield with_recordable(row)

    def _receive(self, number: int, source: SourceFile) -> Citation:
        sheets = () if source.encoding else tuple(map(recordable_text, sheet_names(source.path)))
        event = FileReceived(
            file=number,
            kind=FileKind(source.kind),
            month=source.month,
            name=source.name,
            sha256=source.sha256,
            sheets=sheets or None,
        )
        recorded = self._record(f"file-received-{number}", event)
        self.delivery.earlier.files[(recorded.stream, recorded.seq)] = event
        return Citation(seq=recorded.seq, stream=recorded.stream)

    def _row_loader(self, source: SourceFile, entry: Citation, counts: FileReport) -> RowLoader:
        delivery_first = self.delivery.earlier.first_delivery(source.sha256) or number_of(self.delivery.stream)
        file = FileInHand(FileKind(source.kind), source.month, entry, counts, delivery_first)
        return RowLoader(self.delivery, file)

    def _describe(self, source: SourceFile, entry: Citation, counts: FileReport) -> None:
        """Record 资料说明 as one event: it belongs to its own delivery and conflicts with no other (section 2)."""
        loader = self._row_loader(source, entry, counts)
        for row in self._rows_of(source):
            item = row.values.get("项")
            if row.faults or not isinstance(item, str):
                loader.load(row)
                continue
            counts.rows += 1
            first = self.described.setdefault(item, row)
            place = Source(file=entry, row=row.place.row, sheet=row.place.sheet_index or None)
            if self.description is None:
                self.description = self._description(place)
            if first is not row and first.values["值"] != row.values["值"]:
                told = (str(first.values["值"]), str(row.values["值"]))
                cell = ConflictingCell(source.kind, first.place, row.place, (item,), "值", *told)
                loader.contradict(row.place, place, self.description, (item,), [cell])
            elif first is row and self.description.position >= self.start:
                counts.loaded += 1
                warnings = (RowWarning(source.kind, row.place, notice) for notice in row.warnings)
                self.delivery.report.warnings.extend(warnings)
                counts.warnings += bool(row.warnings)
            else:
                counts.duplicates += 1

    def _description(self, source: Source) -> Recorded:
        """Return the entry that says what this delivery says of itself; a new one when no earlier delivery said it."""
        event = _described(self.units, source)
        facts = event.model_copy(update={"source": None})
        for known in self.delivery.earlier.descriptions:
            if known.event is not None and facts == known.event.model_copy(update={"source": None}):
                return known
        return self._record("described", event)

    def _warn_of_unknown_originals(self) -> None:
        """Warn of reissues whose original no bank slip of any month carries; only now all months are loaded."""
        kind = FileKind.BANK_SLIPS.value
        for place, original in self.delivery.reissues:
            if self.delivery.recording.find(self.delivery.keys.command_id("row", kind, original)) is None:
                notice = make_notice("原流水号", "unknown_original", original)
                self.delivery.report.warnings.append(RowWarning(kind, place, notice))

    def _total(self) -> DeliveryLoaded:
        names = DeliveryLoaded.OPEN_FIELDS
        return DeliveryLoaded(**{name: sum(getattr(f, name) for f in self.delivery.report.files) for name in names})

    def _record(self, what: str, event: Event) -> Recorded:
        delivery = self.delivery
        command = delivery.keys.command_id("delivery", delivery.stream, what)
        return delivery.recording.record(Command(command, delivery.by, (Draft(delivery.stream, event),)))[0]


def _in_chunks(rows: Iterator[CheckedRow]) -> Iterator[list[CheckedRow]]:
    """Yield rows some at a time; fewer of long ones, so that no more than two or three of these are in memory."""
    chunk: list[CheckedRow] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += sum(len(value) for value in row.values.values() if isinstance(value, str))
        if len(chunk) == ROWS_AT_ONCE or characters > CHARACTERS_AT_ONCE:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _described(units: Units, source: Source) -> DeliveryDescribed:
    told = units.description
    region = told.region if told.region and re.match(REGION_PATTERN, told.region) else None
    return DeliveryDescribed(
        region=region,
        first_month=told.first_month,
        closing_date=told.closing_date,
        county_name=told.county_name,
        source=source,
    )
