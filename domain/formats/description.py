"""What a delivery says about itself in 资料说明: county, region, first month and closing date."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.formats.columns import Value
from domain.formats.normalise import parse_date, parse_month
from domain.formats.text import compact
from domain.months import month_of

COUNTY_NAME = "县名称"
REGION = "地区代码"
FIRST_MONTH = "资料起始月份"
CLOSING_DATE = "资料截止日期"
ITEMS = (COUNTY_NAME, REGION, FIRST_MONTH, CLOSING_DATE)


@dataclass(frozen=True, slots=True)
class Description:
    """The four items of 资料说明; None where the item is absent or unreadable. `first_month` is `YYYY-MM`."""

    county_name: str | None = None
    region: str | None = None
    first_month: str | None = None
    closing_date: datetime.date | None = None


def read_description(rows: Iterable[Mapping[str, Value]]) -> Description:
    """Return what the 项/值 rows say; of an item that stands twice, the first readable row (section 2)."""
    texts: dict[str, list[str]] = {}
    for row in rows:
        if "项" in row and "值" in row:
            texts.setdefault(compact(str(row["项"])), []).append(compact(str(row["值"])))
    months = filter(None, map(read_first_month, texts.get(FIRST_MONTH, [])))
    dates = filter(None, map(parse_date, texts.get(CLOSING_DATE, [])))
    return Description(
        county_name=next(iter(texts.get(COUNTY_NAME, [])), None),
        region=next(iter(texts.get(REGION, [])), None),
        first_month=next(months, None),
        closing_date=next(dates, None),
    )


def read_first_month(text: str) -> str | None:
    """Return `YYYY-MM` for a month, or for the first day of one as a date cell shows it; None otherwise."""
    plain = compact(text)
    day = parse_date(plain)
    if day is not None:
        return month_of(day) if day.day == 1 else None
    return parse_month(plain)
