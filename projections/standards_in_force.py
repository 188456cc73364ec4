"""The value of a standard on a day and in a region (docs/import-formats.md section 5)."""

from domain.vocabulary import StandardItem
from projections.registers.standards import STANDARD
from projections.scope import View


class StandardsInForce:
    """All standards known at the position asked about. Values are in hundredths of their unit: fen for amounts."""

    def __init__(self, view: View) -> None:
        columns = ("item", "region", "value_hundredths", "effective_on")
        self._spans: dict[str, list[tuple[str, str, int]]] = {}
        for item, region, value_hundredths, effective_on in view.rows(STANDARD, *columns, where="item IS NOT NULL"):
            if region is not None:
                self._spans.setdefault(item, []).append((effective_on, region, value_hundredths))
        for spans in self._spans.values():
            spans.sort(key=lambda span: span[0])

    def hundredths(self, item: StandardItem, day: str, region: str | None) -> int | None:
        """Return the value of the latest standard of the region, or of one it lies in, from the day or before."""
        found = None
        for effective_on, of_region, value_hundredths in self._spans.get(item, ()):
            if effective_on <= day and (region or "").startswith(of_region):
                found = value_hundredths
        return found

    def count(self, item: StandardItem, day: str, region: str | None) -> int | None:
        """Return a number of days or months: the standard's whole units; None where none is in force."""
        found = self.hundredths(item, day, region)
        return None if found is None else found // 100
