"""RF09, paid after stop (停发后发放): money went out for a month in which the case was stopped.

Law: 民发〔2021〕57号 art 32. No parameter; the months are those of the window.
Worked example: a case was stopped from 2024-05 and the regular money of 2024-05 was paid: a flag for 2024-05.
Silent: the returned money of 2024-04 sent again in 2024-06; arrears in 2024-06 for 2024-04; a stop that an appeal
revoked from 2024-05 on; a case that was suspended or in grace; a transfer that was returned.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.vocabulary import CaseStatus, FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each month of the window that was paid while the case was stopped."""
    for month in case.transfers_by_month:
        if not county.in_window(month) or case.status(month) is not CaseStatus.STOPPED:
            continue
        settled, step = case.settled(month), case.entitlement.status_step(month)
        if settled and step is not None:
            paid_fen = case.paid_fen(month)
            facts: dict[str, Fact] = {
                "month": month,
                "paid_fen": paid_fen,
                "stopped_from": step.step.effective_from,
                "decided_on": step.step.decided_on,
            }
            yield Flag.of(
                RULE.id, case.case, settled, step.step.position, month=month, amount_fen=paid_fen, facts=facts
            )


RULE = Rule(
    id="RF09",
    title=N_("Paid after stop"),
    sentence=N_("¥{paid_fen} was paid for {month}, although the case is stopped from {stopped_from} ({decided_on})."),
    source=N_("民发〔2021〕57号 art 32"),
    certainty=Certainty.RECORDED,
    next_step=N_("ask the payment office why the case was still in the batch, and order the money back"),
    find=find,
    data=(FileKind.CHANGES, FileKind.BANK_SLIPS),
)
