"""The cells of a register that stay in the log until it is printed: opened in batches, masked, put in their place."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import Any, Final

from cli.words import _
from domain.check_finding import finding_of
from domain.events.base import Event
from domain.events.ledger import ErasureRequested
from domain.events.verification import VerificationReturned
from domain.masking import MASKS, masked
from domain.recorded import Recorded
from ledger.ledger import Ledger
from projections.sealed import Sealed

ROWS_AT_ONCE: Final = 2_000

Row = Mapping[str, Any]


class SealedCells:
    """Opens the sealed cells of rows; `unopened` counts those that stayed empty for want of their keys.

    Cells whose key was erased say so, and are not counted.
    """

    def __init__(self, ledger: Ledger, *, reveal: bool = False) -> None:
        self._ledger = ledger
        self._reveal = reveal
        self._erased: frozenset[str] | None = None
        self.unopened = 0

    def opened(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows with every Sealed cell replaced by its value, masked unless they are to be revealed."""
        remaining = iter(rows)
        while some := list(islice(remaining, ROWS_AT_ONCE)):
            entries = self._entries(some)
            yield from ({key: self._value(cell, entries) for key, cell in row.items()} for row in some)

    # Private

    def _entries(self, rows: Sequence[Row]) -> Mapping[int, Recorded]:
        positions: set[int] = set()
        for row in rows:
            for cell in row.values():
                if isinstance(cell, Sealed):
                    positions.add(cell.position)
                    positions.update(cell.people)
        return {one.position: one for one in self._ledger.at(positions)} if positions else {}

    def _value(self, cell: Any, entries: Mapping[int, Recorded]) -> Any:
        if not isinstance(cell, Sealed):
            return cell
        recorded = entries.get(cell.position)
        if recorded is None or recorded.event is None:
            return None
        if not recorded.opened:
            if self._is_erased(recorded.stream):
                return _("erased")
            self.unopened += 1
        value = _said(recorded.event, cell.field)
        if not isinstance(value, str) or self._reveal:
            return value
        names = () if cell.field in MASKS else _names(entries.get(position) for position in cell.people)
        return masked(cell.field, value, names)

    def _is_erased(self, stream: str) -> bool:
        if self._erased is None:
            requests = self._ledger.events_of_type(ErasureRequested.TOPIC, open_sealed=False)
            self._erased = frozenset(one.stream for one in requests)
        return stream in self._erased


# Private

_FINDING: Final = "finding"
_NAMES: Final = ("name", "head_name", "holder")


def _said(event: Event, field: str) -> Any:
    """Return what an entry says in a field, as JSON has it; a means-test answer as the word that it comes to."""
    if field == _FINDING and isinstance(event, VerificationReturned):
        return None if event.result is None else finding_of(event.item, event.result).value
    value = getattr(event, field, None)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _names(entries: Iterable[Recorded | None]) -> Collection[str]:
    """Return the names in these entries, single characters left out: they would hide ordinary words."""
    events = (one.event for one in entries if one is not None)
    found = (getattr(event, name, None) for event in events for name in _NAMES)
    return {name for name in found if isinstance(name, str) and len(name) > 1}
