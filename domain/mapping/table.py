"""The one table from a kind of file to its mapping; 资料说明 describes its delivery and has none."""

from collections.abc import Mapping
from typing import Final

from domain.mapping import casework, household, money, person, staff
from domain.mapping.rule import RowMapping
from domain.vocabulary import FileKind

MAPPINGS: Final[Mapping[FileKind, RowMapping]] = {
    mapping.kind: mapping
    for mapping in (
        staff.STANDARDS,
        staff.STAFF,
        staff.RELATIVES,
        household.APPLICATIONS,
        household.MEMBERS,
        household.FILINGS,
        casework.CHECKS,
        casework.SURVEYS,
        casework.PUBLICITY,
        casework.DECISIONS,
        casework.CHANGES,
        casework.REVIEWS,
        casework.APPEALS,
        money.PLANS,
        money.BANK_SLIPS,
        money.RECOVERIES,
        money.REPAYMENTS,
        person.DEATHS,
        person.CREDIT,
    )
}
