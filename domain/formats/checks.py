"""What an office answered about a person: the items of 核对结果 and how their 数值 is read.

Source: docs/import-formats.md section 5. A 数值 that does not fit its item never rejects a row.
"""

import datetime
import re
from dataclasses import dataclass

from domain.formats.normalise import CellFault, parse_date, parse_hundredths, parse_month
from domain.formats.text import compact
from domain.vocabulary import CheckItem

NONE = "无"
DISABILITY_VEHICLES = ("残疾人机动轮椅车", "残疾人专用汽车")
OWNER_ROLES = ("法定代表人", "个体经营者")
IN_BUSINESS = "存续"

_COUNT = re.compile(r"([0-9]{1,6})(?:\.0{1,2})?[套处间个家]?")
_SPAN = re.compile(r"(.+?)(?:至|到|~|—+)(.+)")


@dataclass(frozen=True, slots=True)
class CheckValue:
    """One answer. Filled as the item wants: `kind` (vehicle or role), `count`, `amount_fen`, or a span of days.

    `hit`: the row alone is a hit of section 5. Homes and wages are never one: RF05 and RF07 add rows up.
    """

    item: str
    hit: bool
    kind: str | None = None
    name: str | None = None
    status: str | None = None
    count: int | None = None
    amount_fen: int | None = None
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None


def parse_check_value(item: str, text: str) -> CheckValue | None:
    """Return what a 数值 says, None when it does not have the form of its item (or the item is unknown)."""
    plain = compact(text)
    if not plain:
        return None
    match item:
        case CheckItem.VEHICLE:
            return CheckValue(item, plain != NONE and plain not in DISABILITY_VEHICLES, kind=plain)
        case CheckItem.HOMES:
            return _counted(item, plain, hits=False)
        case CheckItem.SHOPS:
            return _counted(item, plain, hits=True)
        case CheckItem.BUSINESS:
            return _business(item, plain)
        case CheckItem.WAGE | CheckItem.HOUSING_FUND | CheckItem.DEPOSITS:
            return _money(item, plain)
        case CheckItem.CUSTODY:
            return _custody(item, plain)
        case _:
            return None


def parse_month_span(text: str) -> tuple[str, str] | None:
    """Return first and last month of `2024-02至2024-05`, or one month twice; None when unreadable."""
    plain = compact(text)
    found = _SPAN.fullmatch(plain)
    first, last = (found[1], found[2]) if found else (plain, plain)
    first_month, last_month = parse_month(first), parse_month(last)
    if first_month is None or last_month is None or last_month < first_month:
        return None
    return first_month, last_month


# Private


def _counted(item: str, plain: str, *, hits: bool) -> CheckValue | None:
    found = _COUNT.fullmatch("0" if plain == NONE else plain)
    if not found:
        return None
    count = int(found[1])
    return CheckValue(item, hits and count >= 1, count=count)


def _business(item: str, plain: str) -> CheckValue | None:
    if plain == NONE:
        return CheckValue(item, False, kind=NONE)
    role, _, rest = plain.partition("-")
    name, _, status = rest.rpartition("-")  # a firm's own name may hold a hyphen
    if not (role and name and status):
        return None
    return CheckValue(item, role in OWNER_ROLES and status == IN_BUSINESS, kind=role, name=name, status=status)


def _money(item: str, plain: str) -> CheckValue | None:
    try:
        amount_fen = parse_hundredths("0" if plain == NONE else plain)
    except CellFault:
        return None
    return CheckValue(item, False, amount_fen=amount_fen) if amount_fen >= 0 else None


def _custody(item: str, plain: str) -> CheckValue | None:
    if plain == NONE:
        return CheckValue(item, False, kind=NONE)
    found = _SPAN.fullmatch(plain)
    if not found:
        return None
    first_day, last_day = parse_date(found[1]), parse_date(found[2])
    if first_day is None or last_day is None or last_day < first_day:
        return None
    return CheckValue(item, False, first_day=first_day, last_day=last_day)
