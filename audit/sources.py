"""Where in a delivery an entry came from: the file's name, sheet and row, as far as the keys allow."""

from dataclasses import dataclass

from domain.events.base import Event
from domain.events.delivery import FileReceived
from domain.fields import Citation, Source
from ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file. `file` is its name or, where that cannot be opened, the entry that received it.

    `sheet` is empty for CSV, the sheet's name or, where that cannot be opened, its number from 1.
    """

    file: str
    sheet: str
    row: int


class Sources:
    """Looks up the files that entries cite, each once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._files: dict[tuple[str, int], FileReceived | None] = {}

    def place_of(self, event: Event | None) -> Place | None:
        """Return the place an event came from; None for one that came from no file or whose place is sealed."""
        source: Source | None = getattr(event, "source", None)
        if source is None:
            return None
        file = self._file(source.file)
        name = (file.name if file else None) or f"{source.file.stream}#{source.file.seq}"
        sheets = (file.sheets if file else None) or ()
        if source.sheet is None:
            return Place(name, "", source.row)
        known = source.sheet <= len(sheets)
        return Place(name, sheets[source.sheet - 1] if known else str(source.sheet), source.row)

    # Private

    def _file(self, cited: Citation) -> FileReceived | None:
        key = (cited.stream, cited.seq)
        if key not in self._files:
            self._files[key] = self._read(cited)
        return self._files[key]

    def _read(self, cited: Citation) -> FileReceived | None:
        record = next(self._ledger.store.stream(cited.stream, cited.seq), None)
        found = self._ledger.event(record.position) if record and record.seq == cited.seq else None
        return found.event if found and isinstance(found.event, FileReceived) else None
