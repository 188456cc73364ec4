"""RF18, returned and unresolved (退票未处理): money came back from the bank and was not sent again in time.

Law: 社会救助暂行办法 art 67. Parameter: 退票处理期限 (months), as in force on the day of the tests.
Worked example: a transfer of 2024-03-10 was returned, its reissue of 2024-04-12 too, and nothing followed by
2024-07-12: one flag from 2024-07-13 on, for the reissue, under the month that the money is for.
Silent: the last reissue was credited; the return is not yet three months old; an unconfirmed case.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.months import months_after
from domain.vocabulary import FileKind, StandardItem
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each returned transfer that nothing replaced in time."""
    if not case.is_confirmed:
        return
    for month, transfers in case.transfers_by_month.items():
        for one in transfers:
            if one.status != "returned" or one.transfer in county.transfers.replaced or one.booked_on is None:
                continue
            due_on = months_after(one.booked_on, county.limit(StandardItem.RETURN_MONTHS, case))
            if county.as_of > due_on:
                facts: dict[str, Fact] = {
                    "amount_fen": one.amount_fen or 0,
                    "month": month,
                    "returned_on": one.booked_on.isoformat(),
                    "due_on": due_on.isoformat(),
                }
                yield Flag.of(
                    RULE.id,
                    case.case,
                    one,
                    month=month,
                    reference=one.transfer,
                    amount_fen=one.amount_fen or 0,
                    facts=facts,
                )


RULE = Rule(
    id="RF18",
    title=N_("Returned and unresolved"),
    sentence=N_("¥{amount_fen} for {month} came back on {returned_on} and was not sent again by {due_on}."),
    source=N_("Interim Measures for Social Assistance art 67"),
    certainty=Certainty.RECORDED,
    next_step=N_("get the right account from the household and send the money again, or cancel it with a reason"),
    find=find,
    parameters=(StandardItem.RETURN_MONTHS,),
    data=(FileKind.BANK_SLIPS,),
)
