"""The facts of deliveries and files: what arrived, what it says of itself, and what became of its rows."""

from collections.abc import Iterable
from typing import Final

from domain.events.delivery import FileLoaded
from domain.recorded import Recorded
from ledger.entry import decode_name
from projections.register import Mark, Register, plain, subject, value_of
from projections.table import Row, Table, integers, texts

COUNTS: Final = ("rows", "loaded", "completed", "duplicates", "rejected", "held", "conflicts")
COUNT_COLUMNS: Final = tuple(f"{name}_count" for name in COUNTS)  # ROWS is a word of SQL

DESCRIPTION: Final = Table("delivery_description", texts("delivery", "region", "first_month", "closing_date"))
RECEIPT: Final = Table("delivery_receipt", (*texts("delivery", "at"), *integers("files")))
FILE: Final = Table("file", (*texts("delivery", "at"), *integers("seq", "number"), *texts("kind", "month")))
FILE_COUNT: Final = Table("file_count", (*texts("delivery"), *integers("seq", *COUNT_COLUMNS, "warnings")))
DELIVERY_COUNT: Final = Table("delivery_count", (*texts("delivery", "at"), *integers(*COUNT_COLUMNS)))


# Private


def _at(recorded: Recorded) -> str:
    return recorded.at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _received(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    return (Row(RECEIPT, (subject(recorded), _at(recorded), value_of(recorded.event, "files"))),)


def _file_received(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    fields = (value_of(event, "file"), value_of(event, "kind"), value_of(event, "month"))
    return (Row(FILE, (subject(recorded), _at(recorded), recorded.seq, *fields)),)


def _file_loaded(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    event = recorded.event
    assert isinstance(event, FileLoaded)
    counts = (value_of(event, name) for name in (*COUNTS, "warnings"))
    return (Row(FILE_COUNT, (decode_name(event.cites.stream)[1], event.cites.seq, *counts)),)


def _delivery_loaded(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    counts = (value_of(recorded.event, name) for name in COUNTS)
    return (Row(DELIVERY_COUNT, (subject(recorded), _at(recorded), *counts)),)


DELIVERY_FACTS: Final = Register(
    "delivery-facts",
    (DESCRIPTION, RECEIPT, FILE, FILE_COUNT, DELIVERY_COUNT),
    {
        "import.received/1": _received,
        "import.described/1": plain(DESCRIPTION, "region", "first_month", "closing_date"),
        "import.file-received/1": _file_received,
        "import.file-loaded/1": _file_loaded,
        "import.loaded/1": _delivery_loaded,
    },
)
