"""RF03, double benefit (重复享受): one person counts in two cases that are active in the same month.

Law: 民发〔2021〕43号 art 9 (one of two kinds of aid); 社会救助暂行办法 art 9. No parameter; months of the window.
Worked example: a daughter counts in her parents' case from 2023-05 and in her husband's, active from 2024-02, too:
one flag for 2024-02 in the husband's case, the later of the two, with the parents' as its reference.
Silent: she counts in the parents' case until 2024-01 (计出月 2024-02); she is listed in one case but not counted; the
first case was stopped, refused or had not begun in the months of the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.case_parts import Member
from domain.events.household import MemberJoined
from domain.vocabulary import FileKind
from domain.words import N_

Pair = tuple[Member, Member]


def people(case: CaseFile, county: County) -> Iterable[str]:
    """Return the ids of those who may count in a confirmed case."""
    if not case.is_confirmed:
        return ()
    return (member.citizen_id for member in case.state.members.values() if member.counted and member.citizen_id)


def find_among(cases: Sequence[CaseFile], county: County) -> Iterator[Flag]:
    """Yield a flag for each two cases that had somebody in common when both were active."""
    ordered = sorted(cases, key=lambda case: (case.starts_from or "", case.case))
    for first, second in combinations(ordered, 2):
        shared = _shared(first, second)
        months = [month for month in county.window_of(second) if _double(first, second, shared, month)]
        if months:
            yield _flag(first, second, months, _double(first, second, shared, months[0]))


# Private


def _shared(first: CaseFile, second: CaseFile) -> list[Pair]:
    known = {member.citizen_id: member for member in first.state.members.values() if member.citizen_id}
    return [(known[one.citizen_id], one) for one in second.state.members.values() if one.citizen_id in known]


def _double(first: CaseFile, second: CaseFile, shared: Sequence[Pair], month: str) -> list[Pair]:
    if not (first.is_active(month) and second.is_active(month)):
        return []
    return [(one, other) for one, other in shared if first.counts(one, month) and second.counts(other, month)]


def _flag(first: CaseFile, second: CaseFile, months: Sequence[str], pairs: Sequence[Pair]) -> Flag:
    paid = [transfer for month in months for transfer in second.settled(month)]
    paid_fen = sum(transfer.amount_fen or 0 for transfer in paid)
    facts: dict[str, Fact] = {
        "other": first.case,
        "persons": len(pairs),
        "first_month": months[0],
        "last_month": months[-1],
        "months": len(months),
        "paid_fen": paid_fen,
    }
    core = (pairs, first.state.grant, second.state.grant)
    return Flag.of(
        RULE.id, second.case, paid, core=core, month=months[0], reference=first.case, amount_fen=paid_fen, facts=facts
    )


RULE = Rule(
    id="RF03",
    title=N_("Double benefit"),
    sentence=N_(
        "{persons} of its members counted in {other} at the same time, in {months} months from {first_month} to "
        "{last_month}; ¥{paid_fen} was paid here for them."
    ),
    source=N_("民发〔2021〕43号 art 9; Interim Measures for Social Assistance art 9"),
    certainty=Certainty.RECORDED,
    next_step=N_("find out where the person lives, take them out of one case, and recover what was paid twice"),
    links=people,
    find_among=find_among,
    opens=(MemberJoined,),
    data=(FileKind.MEMBERS,),
)
