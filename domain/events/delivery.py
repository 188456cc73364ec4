"""Deliveries: each folder and file handed over, and every row of it that was not loaded."""

from typing import ClassVar

from domain.events.base import Event
from domain.fields import (
    Count,
    Day,
    FileDigest,
    FileName,
    FreeText,
    Month,
    OpenCitation,
    OpenSlugs,
    OpenSource,
    Region,
    SealedDifferences,
    SealedFaults,
    SealedNames,
)
from domain.vocabulary import FileKind


class DeliveryReceived(Event):
    """A delivery of `files` recognised files arrived."""

    TOPIC: ClassVar[str] = "import.received/1"

    files: Count


class DeliveryDescribed(Event):
    """What the delivery says of itself (资料说明): the county, the first month and the closing date."""

    TOPIC: ClassVar[str] = "import.described/1"

    region: Region | None = None
    first_month: Month | None = None
    closing_date: Day | None = None
    county_name: FreeText | None = None
    source: OpenSource | None = None


class FileReceived(Event):
    """A file of the delivery; its name, SHA-256 (hex) and sheet names are sealed. `month` is the one in its name."""

    TOPIC: ClassVar[str] = "import.file-received/1"

    file: Count
    kind: FileKind
    month: Month | None = None
    name: FileName | None = None
    sha256: FileDigest | None = None
    sheets: SealedNames | None = None


class FileLoaded(Event):
    """What became of the file's rows: rows = loaded + completed + duplicates + rejected + held + conflicts."""

    TOPIC: ClassVar[str] = "import.file-loaded/1"

    cites: OpenCitation
    rows: Count
    loaded: Count
    completed: Count
    duplicates: Count
    rejected: Count
    held: Count
    conflicts: Count
    warnings: Count


class RowRejected(Event):
    """A bad row; what stood in it is sealed. The names tell a later delivery that the row named them."""

    TOPIC: ClassVar[str] = "import.row-rejected/1"

    source: OpenSource
    codes: OpenSlugs
    faults: SealedFaults | None = None
    case: FreeText | None = None
    staff: FreeText | None = None
    order: FreeText | None = None
    citizen_id: FreeText | None = None


class RowHeld(Event):
    """A good row whose case, person, staff member or order was not loaded."""

    TOPIC: ClassVar[str] = "import.row-held/1"

    source: OpenSource
    case: FreeText | None = None
    staff: FreeText | None = None
    order: FreeText | None = None
    citizen_id: FreeText | None = None


class RowConflicted(Event):
    """A row that contradicts an earlier one of the same key, which stands. `cites` is the entry that stands."""

    TOPIC: ClassVar[str] = "import.row-conflicted/1"

    source: OpenSource
    cites: OpenCitation
    key: SealedNames | None = None
    differences: SealedDifferences | None = None


class RowCompleted(Event):
    """Blank cells of an earlier row were filled where no event of its own says so; `cites` is the earlier row."""

    TOPIC: ClassVar[str] = "row.completed/1"

    source: OpenSource
    cites: OpenCitation
    cells: SealedDifferences | None = None


class DeliveryLoaded(Event):
    """The delivery was loaded whole, in one transaction."""

    TOPIC: ClassVar[str] = "import.loaded/1"

    rows: Count
    loaded: Count
    completed: Count
    duplicates: Count
    rejected: Count
    held: Count
    conflicts: Count
