"""RF19, money to a public account (账外账户): the account is held by an office, a village or a firm, not by a person.

Law: 社会救助暂行办法 art 5 (earmarked, kept apart), 民发〔2021〕57号 art 25 (paid to the household's account) and
财办〔2020〕37号. Parameter: the words of audit/policy/public_holders.toml, which mark the name of such a holder.
Worked example: 6,760.00 credited to 青石镇财政所: a flag 回单. The account registered for the household is
大坝村民委员会's: a flag 登记账户.
Silent: a person's name; a returned transfer; a holder that differs from the head, which is RF17; an institution that
cares for people (敬老院, 福利院) and may hold the account of somebody who lives there under a filed agreement (art
26).
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from audit.policy.public_holders import public_word
from domain.case_parts import Payee, Transfer
from domain.events.application import PayeeRegistered
from domain.events.payment import PaymentSettled
from domain.words import N_

REGISTERED, CREDITED = "登记账户", "回单"


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag when money was credited to a public holder, and one when such an account is registered."""
    credited = [
        transfer for transfer in case.state.transfers.values() if transfer.status == "settled" and _word(transfer)
    ]
    if credited:
        paid_fen = sum(transfer.amount_fen or 0 for transfer in credited)
        facts: dict[str, Fact] = {"place": CREDITED, "word": _word(credited[0]), "paid_fen": paid_fen}
        yield Flag.of(RULE.id, case.case, credited, reference=CREDITED, amount_fen=paid_fen, facts=facts)
    payee = case.state.payee
    if payee is not None and _word(payee) and case.is_confirmed:
        facts = {"place": REGISTERED, "word": _word(payee), "paid_fen": 0}
        yield Flag.of(RULE.id, case.case, payee, reference=REGISTERED, facts=facts)


# Private


def _word(part: Payee | Transfer) -> str:
    return public_word(part.holder or "") or ""


RULE = Rule(
    id="RF19",
    title=N_("Money to a public account"),
    sentence=N_("{place}: the holder of the account is no person, its name says {word}; ¥{paid_fen} went there."),
    source=N_("Interim Measures for Social Assistance art 5; Measures for minimum allowances (2021) arts 25 and 26"),
    certainty=Certainty.LIKELY,
    next_step=N_("get the account's statement; follow the money from there to the household, if it ever arrived"),
    find=find,
    opens=(PayeeRegistered, PaymentSettled),
)
