"""The parameters of 标准: the units each comes in, and how its value is read.

Source: docs/import-formats.md section 5.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.formats.columns import FaultCode
from domain.formats.normalise import CellFault, parse_hundredths
from domain.formats.text import compact
from domain.vocabulary import StandardItem, StandardUnit

STANDARD_UNITS: Mapping[StandardItem, tuple[StandardUnit, ...]] = MappingProxyType(
    {
        StandardItem.URBAN: (StandardUnit.YUAN_PERSON_MONTH,),
        StandardItem.RURAL: (StandardUnit.YUAN_PERSON_MONTH,),
        StandardItem.EXTREME_HARDSHIP: (StandardUnit.YUAN_PERSON_MONTH,),
        StandardItem.MINIMUM_WAGE: (StandardUnit.YUAN_PERSON_MONTH,),
        StandardItem.CARE_SELF: (StandardUnit.PERCENT,),
        StandardItem.CARE_HALF: (StandardUnit.PERCENT,),
        StandardItem.CARE_FULL: (StandardUnit.PERCENT,),
        StandardItem.URBAN_SEVERE: (StandardUnit.PERCENT, StandardUnit.YUAN_PERSON_MONTH),
        StandardItem.URBAN_ELDERLY: (StandardUnit.PERCENT, StandardUnit.YUAN_PERSON_MONTH),
        StandardItem.URBAN_ORDINARY: (StandardUnit.PERCENT, StandardUnit.YUAN_PERSON_MONTH),
        StandardItem.RURAL_SEVERE: (StandardUnit.PERCENT, StandardUnit.YUAN_PERSON_MONTH),
        StandardItem.RURAL_ELDERLY: (StandardUnit.PERCENT, StandardUnit.YUAN_PERSON_MONTH),
        StandardItem.RURAL_ORDINARY: (StandardUnit.PERCENT, StandardUnit.YUAN_PERSON_MONTH),
        StandardItem.EDGE_LINE: (StandardUnit.PERCENT,),
        StandardItem.REPORT_VALID_DAYS: (StandardUnit.DAYS,),
        StandardItem.PUBLICITY_DAYS: (StandardUnit.DAYS,),
        StandardItem.RECOVERY_STALL_DAYS: (StandardUnit.DAYS,),
        StandardItem.REVIEW_MONTHS_A: (StandardUnit.MONTHS,),
        StandardItem.REVIEW_MONTHS_B: (StandardUnit.MONTHS,),
        StandardItem.REVIEW_MONTHS_C: (StandardUnit.MONTHS,),
        StandardItem.SURVEY_DAYS: (StandardUnit.WORKING_DAYS,),
        StandardItem.TOTAL_DAYS: (StandardUnit.WORKING_DAYS,),
        StandardItem.EXTENDED_DAYS: (StandardUnit.WORKING_DAYS,),
        StandardItem.DELEGATED_DAYS: (StandardUnit.WORKING_DAYS,),
        StandardItem.HARDSHIP_SURVEY_DAYS: (StandardUnit.WORKING_DAYS,),
        StandardItem.HARDSHIP_DECISION_DAYS: (StandardUnit.WORKING_DAYS,),
        StandardItem.DEATH_MONTHS: (StandardUnit.MONTHS,),
        StandardItem.RETURN_MONTHS: (StandardUnit.MONTHS,),
        StandardItem.DEPOSIT_MONTHS: (StandardUnit.MONTHS,),
        StandardItem.LATE_ENTRY_DAYS: (StandardUnit.DAYS,),
        StandardItem.AID_PAPERS_DAYS: (StandardUnit.DAYS, StandardUnit.WORKING_DAYS),
        StandardItem.AID_CEILING: (StandardUnit.YUAN,),
        StandardItem.AID_SPLIT_DAYS: (StandardUnit.DAYS,),
        StandardItem.AID_TIMES_A_YEAR: (StandardUnit.TIMES,),
    }
)
"""The units that each standard may have. A percentage is of what section 5 says."""

OWN_UNITS: frozenset[StandardUnit] = frozenset({StandardUnit.YUAN, StandardUnit.TIMES})
"""Units that no other standard may have than those whose own they are: 元 for 元/人/月 is a mistake."""


def standard_item(text: str) -> StandardItem | None:
    """Return the standard that a name means, white space aside; None when it is not in the list."""
    name = compact(text)
    return StandardItem(name) if name in set(StandardItem) else None


def standard_hundredths(text: str) -> int:
    """Return a 数值 in hundredths of its unit: 365 yuan = 36500, 40 % = 4000, 7 days = 700.

    Accepts what an amount accepts, and a percent sign after the number. Raises `CellFault` when it is no
    number, has more than 2 decimals, or is below 0.
    """
    plain = compact(text)
    hundredths = parse_hundredths(plain.removesuffix("%"))
    if hundredths < 0:
        raise CellFault(FaultCode.negative_amount, plain, "negative_amount")
    return hundredths
