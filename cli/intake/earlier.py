"""What the log already knows of deliveries: closing date, files seen, and whom rows that were not loaded named."""

import datetime
from dataclasses import dataclass, field

from domain.events.delivery import DeliveryDescribed, FileReceived, RowHeld, RowRejected
from domain.fields import Source
from domain.formats.rows import Place
from domain.recorded import Recorded
from domain.vocabulary import FileKind
from ledger.ledger import Recording

FileKey = tuple[str, int]  # stream and seq of an import.file-received/1 entry

_TOPICS = (DeliveryDescribed.TOPIC, FileReceived.TOPIC, RowRejected.TOPIC, RowHeld.TOPIC)


@dataclass(slots=True)
class Named:
    """Cases, staff, orders and people that some row named although it was not loaded, with the place of that row."""

    cases: dict[str, Place] = field(default_factory=dict)
    staff: dict[str, Place] = field(default_factory=dict)
    orders: dict[str, Place] = field(default_factory=dict)
    members: dict[tuple[str, str], Place] = field(default_factory=dict)

    def note(
        self, kind: str, place: Place, case: str | None, staff: str | None, order: str | None, citizen_id: str | None
    ) -> None:
        """Remember what a row of `kind` named, where rows of that kind are what others refer to."""
        if kind == FileKind.APPLICATIONS and case:
            self.cases.setdefault(case, place)
        elif kind == FileKind.STAFF and staff:
            self.staff.setdefault(staff, place)
        elif kind == FileKind.RECOVERIES and order:
            self.orders.setdefault(order, place)
        elif kind == FileKind.MEMBERS and case and citizen_id:
            self.members.setdefault((case, citizen_id), place)


@dataclass(slots=True)
class Earlier:
    """Earlier deliveries, as far as a later one depends on them."""

    closing_date: datetime.date | None = None
    descriptions: list[Recorded] = field(default_factory=list)
    files: dict[FileKey, FileReceived] = field(default_factory=dict)
    named: Named = field(default_factory=Named)

    def digests(self) -> set[str]:
        """Return the SHA-256 of every file received before, hex; those whose key is missing are not known."""
        return {file.sha256 for file in self.files.values() if file.sha256}

    def first_delivery(self, sha256: str) -> int | None:
        """Return the number of the delivery that first brought a file of these bytes; None when none did."""
        return min((number_of(stream) for (stream, _), f in self.files.items() if f.sha256 == sha256), default=None)

    def place_of(self, source: Source) -> Place:
        """Return the place that an entry's source names; the file's name is `?` where its key is missing."""
        file = self.files.get((source.file.stream, source.file.seq))
        name = (file.name if file else None) or "?"
        sheets = (file.sheets if file else None) or ()
        index = source.sheet or 0
        sheet = sheets[index - 1] if 0 < index <= len(sheets) else ""
        return Place(name, sheet, source.row, index)


def number_of(stream: str) -> int:
    """Return the number of a delivery from the name of its stream, `import/000001`."""
    return int(stream.partition("/")[2])


def read_earlier(recording: Recording) -> Earlier:
    """Read the import streams of the log, in the order in which they were recorded."""
    earlier = Earlier()
    recorded = [item for topic in _TOPICS for item in recording.earlier_events_of_type(topic)]
    for item in sorted(recorded, key=lambda item: item.position):
        _take(earlier, item)
    return earlier


# Private


def _take(earlier: Earlier, item: Recorded) -> None:
    event = item.event
    if isinstance(event, FileReceived):
        earlier.files[(item.stream, item.seq)] = event
    elif isinstance(event, DeliveryDescribed):
        earlier.descriptions.append(item)
        if event.closing_date and (earlier.closing_date is None or event.closing_date > earlier.closing_date):
            earlier.closing_date = event.closing_date
    elif isinstance(event, RowRejected | RowHeld):
        file = earlier.files.get((event.source.file.stream, event.source.file.seq))
        if file:
            names = (event.case, event.staff, event.order, event.citizen_id)
            earlier.named.note(file.kind, earlier.place_of(event.source), *names)
