"""The value of a standard on a day and in a region, by the choice of `domain.standards_in_force`."""

import datetime
from typing import NamedTuple

from domain.standards_in_force import in_force
from domain.vocabulary import StandardItem
from projections.registers.delivery_facts import DESCRIPTION
from projections.registers.standards import STANDARD
from projections.scope import View


class _Adopted(NamedTuple):
    region: str
    effective_on: datetime.date
    position: int
    value_hundredths: int


class StandardsInForce:
    """All standards known at the position asked about. Values are in hundredths of their unit: fen for amounts."""

    def __init__(self, view: View) -> None:
        columns = ("item", "region", "effective_on", "position", "value_hundredths")
        self._adopted: dict[str, list[_Adopted]] = {}
        for item, region, effective_on, position, value in view.rows(
            STANDARD, *columns, where="item IS NOT NULL AND region IS NOT NULL"
        ):
            day = datetime.date.fromisoformat(effective_on)
            self._adopted.setdefault(item, []).append(_Adopted(region, day, position, value))
        counties = [region for (region,) in view.rows(DESCRIPTION, "region") if region is not None]
        self._county = counties[-1] if counties else None
        self._known: dict[tuple[StandardItem, str, str | None], int | None] = {}

    def hundredths(self, item: StandardItem, day: str, region: str | None) -> int | None:
        """Return the value that is in force on the day; None where none is."""
        key = (item, day, region)
        if key not in self._known:
            adopted = self._adopted.get(item, ())
            found = in_force(adopted, region, datetime.date.fromisoformat(day), self._county)
            self._known[key] = None if found is None else found.value_hundredths
        return self._known[key]

    def count(self, item: StandardItem, day: str, region: str | None) -> int | None:
        """Return a number of days or months: the standard's whole units; None where none is in force."""
        found = self.hundredths(item, day, region)
        return None if found is None else found // 100
