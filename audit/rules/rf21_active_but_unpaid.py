"""RF21, active but unpaid (应发未发): money was due for a month and no transfer was ever made for it.

Law: 社会救助暂行办法 art 66. No parameter; months are those of the window (class `due_not_paid` of `pay reconcile`).
Worked example: a case active from 2024-04 with 676 yuan due has no line of the bank for 2024-06: a flag for 2024-06.
Silent: 2024-06 was sent and came back (RF18 in time); arrears for 2024-06 in a later file; a suspended or stopped
month; a month before the first; a month that lies after the closing date.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.vocabulary import FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each month of the window with money due and no transfer."""
    for month in county.window_of(case):
        if month in case.transfers_by_month or not case.is_active(month):
            continue
        step = case.entitlement.amount_step(month)
        if step is not None and step.amount_fen > 0:
            facts: dict[str, Fact] = {"month": month, "due_fen": step.amount_fen}
            yield Flag.of(RULE.id, case.case, step.step.position, month=month, amount_fen=step.amount_fen, facts=facts)


RULE = Rule(
    id="RF21",
    title=N_("Active but unpaid"),
    sentence=N_("¥{due_fen} was due for {month}, and no transfer for that month is known."),
    source=N_("Interim Measures for Social Assistance art 66"),
    certainty=Certainty.RECORDED,
    next_step=N_("ask the payment office why the case was not in the batch, and pay the arrears"),
    find=find,
    data=(FileKind.BANK_SLIPS,),
)
