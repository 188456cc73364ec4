"""`register standards`: every standard with the document that set it, and the day from which another took its place."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from domain.recorded import Recorded
from domain.vocabulary import Programme, StandardItem
from projections.database import Database
from projections.register import Mark, Register, value_of
from projections.scope import Scope, View, open_view
from projections.sealed import sealed
from projections.table import Row, Table, integers, texts

STANDARD: Final = Table(
    "standard", (*texts("item", "region"), *integers("value_hundredths"), *texts("unit", "effective_on", "document"))
)
_COLUMNS = ("item", "region", "value_hundredths", "unit", "effective_on", "document", "position")


def standards(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the standards by item, region and day; `in_force` is that of the day asked about.

    A name that is not on the list of docs/import-formats.md section 5 is sealed, and stands last. A programme leaves
    out what belongs to another one; a township shows what holds in its county.
    """
    with open_view(database, scope) as view:
        rows = [row for row in view.rows(STANDARD, *_COLUMNS) if _is_asked(view, row[0], row[1])]
        return {"rows": list(_rows(view, sorted(rows, key=_order))), **view.asked}


# Private

_ORDER: Final = {str(item): place for place, item in enumerate(StandardItem)}
_OWN: Final = {
    Programme.URBAN: (StandardItem.URBAN, "分类施保-城市"),
    Programme.RURAL: (StandardItem.RURAL, "分类施保-农村"),
    Programme.EXTREME_HARDSHIP: (StandardItem.EXTREME_HARDSHIP, "特困照料", "特困时限"),
}


def _is_asked(view: View, item: str | None, region: str | None) -> bool:
    asked = view.scope.region
    if asked is not None and not ((region or "").startswith(asked) or (region and asked.startswith(region))):
        return False
    of_others = (
        beginning for programme, own in _OWN.items() if not view.asks_programme(programme) for beginning in own
    )
    return item is None or not item.startswith(tuple(of_others))


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    item, region, _, _, effective_on, _, position = row
    return (_ORDER.get(item, len(_ORDER)), region or "", effective_on, position)


def _rows(view: View, rows: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for place, (item, region, value_hundredths, unit, effective_on, document, position) in enumerate(rows):
        after = rows[place + 1] if place + 1 < len(rows) else None
        follows = after is not None and item is not None and after[:2] == (item, region)
        superseded_on = after[4] if after is not None and follows else None
        day = view.as_of_text
        yield {
            "item": item if item is not None else sealed(position, "item_text"),
            "region": region if region is not None else sealed(position, "region_text"),
            "value_hundredths": value_hundredths,
            "unit": unit,
            "effective_on": effective_on,
            "superseded_on": superseded_on,
            "in_force": day is not None and effective_on <= day and (superseded_on is None or day < superseded_on),
            "document": document if document is not None else sealed(position, "document_text"),
            "position": position,
        }


def _adopted(recorded: Recorded, mark: Mark) -> Iterable[Row]:
    return (Row(STANDARD, tuple(value_of(recorded.event, name) for name in _COLUMNS[:-1])),)


STANDARDS: Final = Register("standards", (STANDARD,), {"standard.adopted/1": _adopted})
