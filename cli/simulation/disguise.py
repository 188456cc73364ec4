"""Cells as offices write them: every accepted form of dates, months, amounts and numbers, and stray signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

from cli.simulation.paper import Raw
from cli.simulation.schema import Column
from cli.simulation.world import Value
from domain.formats.catalogue import FORMATS

Cell = str | int | float | date | None

DATE_FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: day.isoformat(),
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%Y.%m.%d}",
)
MONTH_FORMS: tuple[Callable[[str], str], ...] = (
    lambda month: month,
    lambda month: f"{month[:4]}年{int(month[5:])}月",
    lambda month: month[:4] + month[5:],
    lambda month: f"{month[:4]}/{int(month[5:])}",
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
STRAY_ENDS = (" {}", "{} ", "{}\t", "\u3000{}", "{}\u3000")


class Disguise:
    """Writes the cells of one table; each column keeps to one date form, with lapses."""

    def __init__(self, rng: Random, messy: float, workbook: bool) -> None:
        self._rng = rng
        self._messy = messy
        self._workbook = workbook
        self._forms: dict[str, int] = {}

    def header(self, column: Column) -> str:
        """Return the column's header, an accepted alias, or either with white space inside."""
        header = column.header
        if column.aliases and self._chance(0.15):
            header = self._rng.choice(column.aliases)
        if len(header) > 1 and self._chance(0.08):
            place = self._rng.randrange(1, len(header))
            header = header[:place] + self._rng.choice((" ", "\u3000")) + header[place:]
        return header

    def cell(self, column: Column, value: Value) -> Cell:
        """Return what is written for a value; it reads back as the same value."""
        if value is None:
            return self._rng.choice((" ", "\u3000")) if self._chance(0.002) else None
        if isinstance(value, Raw):
            return str(value)
        if column.type == "date":
            assert isinstance(value, date)
            return self._date(column, value)
        if column.type == "month":
            return self._month(column, str(value))
        if column.type == "amount":
            assert isinstance(value, int)
            return self._amount(value)
        if column.type == "int":
            assert isinstance(value, int)
            return self._number(value)
        return self._text(column.type, str(value))

    # Private

    def _chance(self, probability: float) -> bool:
        return self._messy > 0 and self._rng.random() < probability * self._messy

    def _form(self, column: Column, count: int) -> int:
        """Return the form of the column, or now and then another one; the first when all is tidy."""
        if self._messy == 0:
            return 0
        if column.header not in self._forms:
            self._forms[column.header] = self._rng.choice((0, 0, self._rng.randrange(count)))
        return self._rng.randrange(count) if self._chance(0.05) else self._forms[column.header]

    def _date(self, column: Column, day: date) -> Cell:
        if self._workbook and self._chance(0.04):
            return day
        return self._stray(DATE_FORMS[self._form(column, len(DATE_FORMS))](day))

    def _month(self, column: Column, month: str) -> Cell:
        if self._workbook and self._chance(0.03):
            return date(int(month[:4]), int(month[5:]), 1)
        return self._stray(MONTH_FORMS[self._form(column, len(MONTH_FORMS))](month))

    def _amount(self, amount_fen: int) -> Cell:
        plain = f"{amount_fen // 100}.{amount_fen % 100:02d}"
        if self._chance(0.06):
            short = str(amount_fen // 100) if amount_fen % 100 == 0 else plain
            forms = (f"{amount_fen // 100:,}.{amount_fen % 100:02d}", f"{short}元", f"¥{plain}", f"￥{short}", short)
            return self._stray(self._rng.choice((*forms, short.translate(FULL_WIDTH), plain + " ")))
        if not self._workbook:
            return plain
        return amount_fen // 100 if amount_fen % 100 == 0 else amount_fen / 100

    def _number(self, value: int) -> Cell:
        if self._workbook and not self._chance(0.04):
            return value
        text = str(value)
        return text.translate(FULL_WIDTH) if self._chance(0.3) else text

    def _text(self, cell_type: str, text: str) -> str:
        if cell_type == "enum" and text in SYNONYMS and self._chance(0.05):
            text = self._rng.choice(SYNONYMS[text])
        if cell_type == "id" and text.endswith("X") and self._chance(0.3):
            text = text[:-1] + "x"
        if cell_type in ("id", "code", "account") and self._chance(0.008):
            text = text.translate(FULL_WIDTH)
        if cell_type in ("id", "name", "code") and len(text) > 1 and self._chance(0.008):
            place = self._rng.randrange(1, len(text))
            text = text[:place] + self._rng.choice((" ", "\u3000")) + text[place:]
        return self._stray(text)

    def _stray(self, text: str) -> str:
        return self._rng.choice(STRAY_ENDS).format(text) if self._chance(0.012) else text


# Private


def _synonyms() -> dict[str, tuple[str, ...]]:
    """Return the other words that the contract accepts for a listed value, by that value."""
    found: dict[str, tuple[str, ...]] = {}
    for column in (column for fmt in FORMATS.values() for column in fmt.columns):
        for synonym, value in column.synonyms.items():
            found[value] = (*found.get(value, ()), synonym)
    return found


SYNONYMS = _synonyms()
