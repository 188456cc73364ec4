"""RF17, wrong payee (收款人不符): the money goes, or went, to somebody else than the head of the household.

Law: 民发〔2021〕57号 arts 25-26; 财办〔2020〕37号 (一卡通). No parameter. One flag for a case and kind:
户名不符, the account's holder is not the head; 共用账号, another confirmed case with another head has the same account;
回单账号不符, a transfer was credited to another account than the case's.
Worked example: head 罗国强, holder 罗国富: 户名不符. Two heads, one account: 共用账号 in both cases.
Silent: the same name written with white space or in full width; one head with two cases and one account; an account
that another case shares which was refused; a transfer to another account that the bank returned.
"""

from collections.abc import Iterable, Iterator, Sequence

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.events.application import ApplicationSubmitted, PayeeRegistered
from domain.events.payment import PaymentSettled
from domain.formats.text import compact
from domain.masking import mask_account, mask_name
from domain.vocabulary import FileKind
from domain.words import N_

OTHER_HOLDER = "户名不符"
SHARED_ACCOUNT = "共用账号"
OTHER_ACCOUNT = "回单账号不符"


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag where the holder is not the head, and where money went to another account."""
    application, payee = case.state.application, case.state.payee
    if application is None or payee is None:
        return
    head, holder = application.head_name, payee.holder
    if case.is_confirmed and head and holder and compact(head) != compact(holder):
        paid_fen = sum(case.paid_fen(month) for month in case.transfers_by_month)
        facts: dict[str, Fact] = {"kind": OTHER_HOLDER, "detail": f"{mask_name(head)} / {mask_name(holder)}"}
        yield _flag(case, OTHER_HOLDER, paid_fen, facts, core=(application, payee))
    settled = [one for one in case.state.transfers.values() if one.status == "settled" and one.account]
    strange = [one for one in settled if payee.account and one.account != payee.account]
    if strange:
        accounts = sorted({mask_account(one.account) for one in strange if one.account})
        facts = {"kind": OTHER_ACCOUNT, "detail": ", ".join(accounts)}
        yield _flag(case, OTHER_ACCOUNT, sum(one.amount_fen or 0 for one in strange), facts, payee, strange)


def account(case: CaseFile, county: County) -> Iterable[str]:
    """Return the account of a confirmed case."""
    payee = case.state.payee
    return (payee.account,) if case.is_confirmed and payee is not None and payee.account else ()


def find_among(cases: Sequence[CaseFile], county: County) -> Iterator[Flag]:
    """Yield a flag for each case whose account belongs to another head's case as well."""
    for case in cases:
        others = [other for other in cases if _shares(case, other)]
        if others:
            paid_fen = sum(case.paid_fen(month) for month in case.transfers_by_month)
            facts: dict[str, Fact] = {"kind": SHARED_ACCOUNT, "detail": ", ".join(other.case for other in others)}
            core = [(one.state.application, one.state.payee) for one in (case, *others)]
            yield _flag(case, SHARED_ACCOUNT, paid_fen, facts, core=core)


# Private


def _shares(case: CaseFile, other: CaseFile) -> bool:
    own, others = case.state, other.state
    return (
        own.payee is not None
        and others.payee is not None
        and own.payee.account == others.payee.account
        and own.application is not None
        and others.application is not None
        and own.application.head_citizen_id != others.application.head_citizen_id
    )


def _flag(
    case: CaseFile, kind: str, amount_fen: int, facts: dict[str, Fact], *evidence: object, core: object = ()
) -> Flag:
    facts = {**facts, "paid_fen": amount_fen}
    return Flag.of(RULE.id, case.case, evidence, core=core, reference=kind, amount_fen=amount_fen, facts=facts)


RULE = Rule(
    id="RF17",
    title=N_("Wrong payee"),
    sentence=N_("The money does not go to the head's own account ({kind}): {detail}. ¥{paid_fen} was paid that way."),
    source=N_("民发〔2021〕57号 arts 25-26; 财办〔2020〕37号"),
    certainty=Certainty.LIKELY,
    next_step=N_("look for a custody agreement; without one, ask whose account it is and correct the payee"),
    find=find,
    links=account,
    find_among=find_among,
    opens=(ApplicationSubmitted, PayeeRegistered, PaymentSettled),
    data=(FileKind.APPLICATIONS,),
)
