"""What a household should get for a month by the law and the standards: the recomputed amount R, exact, in fen.

Source: 民发〔2021〕57号 art 23 (the gap), 民发〔2021〕43号 arts 21-22 (care), docs/import-formats.md section 6.

    低保       R = max(0, S × n − Y) + Σ supplement, over the n people who count; Y the household's counted income
    特困供养   R = 特困供养 + 最低工资 × the percentage of the care grade in force

S, supplements and percentages are standards of the ledger, those in force on the first day of the month; a supplement
is a percentage of S or a flat amount, and each person has the highest that applies, never a sum. Nothing is rounded:
R is a fraction, 67 1/2 fen is 67 1/2 fen. Example: rural, S = 365 yuan, two people, Y = 200, one with a severe
disability at 40 %: 730 − 200 + 146 = 676 yuan.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Protocol

from domain.case import CaseState
from domain.case_parts import Member
from domain.entitlement import RANK_APPEAL, Entitlement
from domain.identity import birth_date
from domain.months import first_day
from domain.vocabulary import CaseStatus, Programme, StandardItem, StandardUnit

ELDERLY_YEARS: Final = 60
SEVERE_GRADES: Final = frozenset({1, 2})
SEVERE_GRADE_OF_MIND: Final = 3
KINDS_OF_MIND: Final = frozenset({"智力", "精神"})


class Disability(StrEnum):
    """The categories that carry a supplement (分类施保)."""

    SEVERE = "重度残疾"
    ELDERLY = "老年残疾"
    ORDINARY = "普通残疾"


BASE: Final[Mapping[str, StandardItem]] = {
    Programme.URBAN: StandardItem.URBAN,
    Programme.RURAL: StandardItem.RURAL,
}
SUPPLEMENTS: Final[Mapping[str, Mapping[Disability, StandardItem]]] = {
    Programme.URBAN: {
        Disability.SEVERE: StandardItem.URBAN_SEVERE,
        Disability.ELDERLY: StandardItem.URBAN_ELDERLY,
        Disability.ORDINARY: StandardItem.URBAN_ORDINARY,
    },
    Programme.RURAL: {
        Disability.SEVERE: StandardItem.RURAL_SEVERE,
        Disability.ELDERLY: StandardItem.RURAL_ELDERLY,
        Disability.ORDINARY: StandardItem.RURAL_ORDINARY,
    },
}
CARE: Final[Mapping[str, StandardItem]] = {
    "全自理": StandardItem.CARE_SELF,
    "半护理": StandardItem.CARE_HALF,
    "全护理": StandardItem.CARE_FULL,
}


class Adopted(Protocol):
    """A standard: a value in hundredths of its unit, fen where that is money."""

    @property
    def value_hundredths(self) -> int:
        """The value."""

    @property
    def unit(self) -> StandardUnit:
        """Its unit."""


StandardOf = Callable[[StandardItem], Adopted]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """R in fen, and what it was computed from: parts of the case and standards."""

    amount_fen: Fraction
    made_of: tuple[Any, ...]


def recomputed(state: CaseState, entitlement: Entitlement, month: str, standard_of: StandardOf) -> Recomputed | None:
    """Return R of a month; None where it is undefined.

    It is where the counted income is unknown, in months of grace, in months whose amount in force comes from an
    appeal, and for a programme or a care grade that is not said. What `standard_of` raises for a standard that is not
    in force leaves this function.
    """
    income = state.income_said(month)
    step = entitlement.amount_step(month)
    if income is None or income.income_fen is None or entitlement.status_in(month) is CaseStatus.GRACE:
        return None
    if step is not None and step.step.rank == RANK_APPEAL:
        return None
    programme = state.application.programme if state.application else None
    if programme == Programme.EXTREME_HARDSHIP:
        return _with_care(state, month, standard_of)
    if programme is None or programme not in BASE:
        return None
    people = [member for number, member in state.members.items() if entitlement.members[number].counts_in(month)]
    base = standard_of(BASE[programme])
    made_of: list[Any] = [base, income, *people]
    amount_fen = Fraction(max(0, base.value_hundredths * len(people) - income.income_fen))
    for member in people:
        supplements = [standard_of(SUPPLEMENTS[programme][one]) for one in disabilities(member, month)]
        amount_fen += max((_share_fen(one, base) for one in supplements), default=Fraction(0))
        made_of += supplements
    return Recomputed(amount_fen, tuple(made_of))


def disabilities(member: Member, month: str) -> Iterable[Disability]:
    """Return the categories that a member belongs to in a month; none without a disability."""
    kind, grade = member.disability_kind, member.disability_grade
    if kind is None:
        return ()
    if grade in SEVERE_GRADES or (grade == SEVERE_GRADE_OF_MIND and kind in KINDS_OF_MIND):
        return (Disability.SEVERE,)
    born_on = birth_date(member.citizen_id) if member.citizen_id else None
    if born_on is not None and _is_elderly(born_on, first_day(month)):
        return (Disability.ELDERLY, Disability.ORDINARY)
    return (Disability.ORDINARY,)


# Private


def _with_care(state: CaseState, month: str, standard_of: StandardOf) -> Recomputed | None:
    said = state.care_said(month)
    grade = said.care_grade if said else None
    if grade is None or grade not in CARE:
        return None
    basic, wage = standard_of(StandardItem.EXTREME_HARDSHIP), standard_of(StandardItem.MINIMUM_WAGE)
    care = standard_of(CARE[grade])
    return Recomputed(basic.value_hundredths + _share_fen(care, wage), (basic, wage, care, said))


def _share_fen(standard: Adopted, of: Adopted) -> Fraction:
    """Return a percentage of an amount, or the flat amount that stands in its place, in fen."""
    if standard.unit is StandardUnit.PERCENT:
        return Fraction(of.value_hundredths * standard.value_hundredths, 10_000)
    return Fraction(standard.value_hundredths)


def _is_elderly(born_on: datetime.date, day: datetime.date) -> bool:
    return (born_on.year + ELDERLY_YEARS, born_on.month, born_on.day) <= (day.year, day.month, day.day)
