"""RF20, wrong amount (金额不符): what was paid for a month is not what the law and the standards come to.

Law: 民发〔2021〕57号 art 23; 民发〔2021〕43号 arts 21-22. Parameters: the standards of domain/recomputation.py, each as
in force on the first day of the month, compared exactly, as fractions of a fen.
Worked example: rural standard 365 yuan, two people, income 200, one severely disabled at 40 %: 730 - 200 + 146 = 676;
626 were paid: a flag. The standard rose on 2024-07-01 and July was paid as June: a flag for July.
Silent: a standard that takes effect on the 2nd of a month; two halves that add up; a month of grace; a month whose
amount was set by an appeal; a case without a survey before its decision; a returned transfer, or none (RF21).
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.flags.standards import Standard
from audit.flags.untested import Untestable
from domain.events.change import CareRegraded, IncomeReassessed
from domain.events.decision import EntitlementGranted
from domain.events.household import MemberDescribed, MemberJoined
from domain.events.verification import SurveyCompleted
from domain.recomputation import BASE, CARE, SUPPLEMENTS, Recomputed, recomputed
from domain.vocabulary import FileKind, StandardItem
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each active month whose payments differ from the amount computed anew.

    Raises Untestable, after the months that can be tested, when a standard was not in force in another.
    """
    missing: Untestable | None = None
    for month in case.transfers_by_month:
        if not case.is_active(month) or not county.is_looked_at(month) or not (paid_fen := case.paid_fen(month)):
            continue
        try:
            found = recomputed(case.state, case.entitlement, month, partial(_standard, case, county, month))
        except Untestable as error:
            missing = missing or error
            continue
        if found is not None and found.amount_fen != paid_fen:
            yield _flag(case, month, paid_fen, found)
    if missing is not None:
        raise missing


# Private


def _standard(case: CaseFile, county: County, month: str, item: StandardItem) -> Standard:
    return county.standard_in(item, case, month)


def _flag(case: CaseFile, month: str, paid_fen: int, found: Recomputed) -> Flag:
    difference = abs(paid_fen - found.amount_fen)
    at_stake_fen = -(-difference.numerator // difference.denominator)
    facts: dict[str, Fact] = {
        "month": month,
        "paid_fen": paid_fen,
        "recomputed": _yuan(found.amount_fen),
        "difference_fen": at_stake_fen,
    }
    evidence = (case.settled(month), found.made_of)
    return Flag.of(RULE.id, case.case, evidence, month=month, amount_fen=at_stake_fen, facts=facts)


def _yuan(amount_fen: Fraction) -> str:
    """Return an exact amount in yuan: fractions of a fen have at most four decimals, percentages being hundredths."""
    yuan = Decimal(amount_fen.numerator) / (Decimal(amount_fen.denominator) * 100)
    return f"{yuan.quantize(Decimal('0.01')) if yuan == yuan.quantize(Decimal('0.01')) else yuan.normalize():,f}"


RULE = Rule(
    id="RF20",
    title=N_("Wrong amount"),
    sentence=N_("¥{paid_fen} was paid for {month}; by income, people and standards of that month it is ¥{recomputed}."),
    source=N_("民发〔2021〕57号 art 23; 民发〔2021〕43号 arts 21-22"),
    certainty=Certainty.LIKELY,
    next_step=N_("compute the month again with the case at hand; pay the difference or order it back"),
    find=find,
    parameters=(
        *BASE.values(),
        *(item for items in SUPPLEMENTS.values() for item in items.values()),
        StandardItem.EXTREME_HARDSHIP,
        StandardItem.MINIMUM_WAGE,
        *CARE.values(),
    ),
    opens=(MemberJoined, MemberDescribed, SurveyCompleted, EntitlementGranted, IncomeReassessed, CareRegraded),
    data=(FileKind.BANK_SLIPS, FileKind.STANDARDS),
)
