"""Standards: the numbers of the law and the county, each dated and with its document."""

from typing import ClassVar

from domain.events.base import FiledEvent
from domain.fields import Day, DocumentNumber, FreeText, Hundredths, Region
from domain.vocabulary import StandardItem, StandardUnit


class StandardAdopted(FiledEvent):
    """A value applies from `effective_on`. `value_hundredths`: fen for amounts, else hundredths of the unit.

    `item` is absent when the name is not on the list of docs/import-formats.md section 5; the name is then sealed.
    """

    TOPIC: ClassVar[str] = "standard.adopted/1"

    value_hundredths: Hundredths
    unit: StandardUnit
    effective_on: Day
    item: StandardItem | None = None
    region: Region | None = None
    document: DocumentNumber | None = None
    item_text: FreeText | None = None
    region_text: FreeText | None = None
    document_text: FreeText | None = None
