"""The standards of the ledger: which number was in force where and when (docs/import-formats.md section 5)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from audit.flags.untested import NO_STANDARD, NOT_WHOLE, Untestable
from domain.events.standard import StandardAdopted
from domain.recorded import Recorded
from domain.standards_in_force import in_force
from domain.vocabulary import StandardItem, StandardUnit

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Standard:
    """A value in hundredths of its unit (fen where the unit is money), and the entry that adopted it."""

    item: StandardItem
    region: str
    value_hundredths: int
    unit: StandardUnit
    effective_on: datetime.date
    position: int

    @property
    def positions(self) -> tuple[int]:
        """The entry that adopted it."""
        return (self.position,)


class Standards:
    """All standards; `county` is the code that deliveries give for the county itself."""

    def __init__(self, adopted: Iterable[Recorded], county: str | None = None) -> None:
        self._county = county
        self._by_item: dict[StandardItem, list[Standard]] = {}
        self._known: dict[tuple[StandardItem, str | None, datetime.date], Standard | None] = {}
        for recorded in adopted:
            standard = _standard(recorded)
            if standard is not None:
                self._by_item.setdefault(standard.item, []).append(standard)

    def in_force(self, item: StandardItem, region: str | None, day: datetime.date) -> Standard:
        """Return the standard in force on a day for a region; raises Untestable when there is none."""
        key = (item, region, day)
        if key not in self._known:
            self._known[key] = in_force(self._by_item.get(item, ()), region, day, self._county)
        found = self._known[key]
        if found is None:
            shown = region or self._county or "?"
            raise Untestable(NO_STANDARD, item=item.value, day=day.isoformat(), region=shown)
        return found

    def whole(self, item: StandardItem, region: str | None, day: datetime.date) -> int:
        """Return a limit in whole units, such as days or months; raises Untestable."""
        found = self.in_force(item, region, day)
        if found.value_hundredths % HUNDRED:
            raise Untestable(NOT_WHOLE, item=item.value, day=day.isoformat())
        return found.value_hundredths // HUNDRED


# Private


def _standard(recorded: Recorded) -> Standard | None:
    event = recorded.event
    if not isinstance(event, StandardAdopted) or event.item is None:
        return None
    region = event.region or event.region_text or ""
    return Standard(event.item, region, event.value_hundredths, event.unit, event.effective_on, recorded.position)
