"""RF25, abuse of temporary aid (临时救助): advances never documented, sums split under the ceiling, repeats.

Law: 社会救助暂行办法 arts 47-48 and the opinion on temporary aid of 2018-01-23: 小额先行 pays first, papers follow; a
township grants small sums alone. The limits are the county's own; one that it never adopted is not applied.
Parameters: 临时救助补办天数 (天 or 工作日), 临时救助乡镇限额 (元; without it the ceiling recorded with the grant),
临时救助拆分天数 (天), 临时救助年度次数 (次), in force on the day of the grant. Grants of one person, and of people whom
one case names, are looked at together. One flag for a grant and kind: 补办, 拆分, 重复.
Worked example, 补办: 10 working days; advanced on Monday 2024-05-06, papers complete on 2024-05-20, the eleventh
because Saturday 11 May was worked, or not by the day of the tests: a flag. 拆分: ceiling 1000 yuan, 30 days; 600 on
2024-05-06 and 500 on 2024-06-05 to one person: a flag for the second, which makes it 1100. 重复: once a year; 房屋火灾
again on 2025-05-05: a flag for the second.
Silent: papers on the tenth working day; 1000 yuan together; a second grant on the 31st day; a part above the ceiling,
or one that an officer of the county approved; another reason; the same reason a year later to the day.
"""

import datetime
import re
from collections.abc import Iterator, Sequence

from audit.flags.aid_file import AidFile
from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule, Subject
from audit.flags.untested import NOT_ADOPTED, NotApplicable, Untestable
from audit.working_days import overdue_days
from domain.events.household import MemberJoined
from domain.events.temporary_aid import TemporaryAidGranted
from domain.formats.text import compact
from domain.months import month_of, months_after
from domain.vocabulary import StandardItem, StandardUnit
from domain.words import N_

PAPERS, SPLIT, REPEAT = "补办", "拆分", "重复"
LACKING = N_(
    "¥{amount_fen} was advanced on {granted_on}; after {days} {unit} its papers are not complete, {limit_days} are "
    "allowed."
)
LATE = N_(
    "¥{amount_fen} was advanced on {granted_on}; its papers were complete on {documented_on}, after {days} {unit}, "
    "{limit_days} are allowed."
)
PARTED = N_(
    "¥{amount_fen} on {granted_on} is the last of {count} grants to one person or household within {limit_days} days: "
    "each is within the ¥{ceiling_fen} that the township may grant alone, together they are ¥{total_fen}."
)
REPEATED = N_(
    "¥{amount_fen} on {granted_on} is grant number {count} for the same reason to one person or household within a "
    "year; {limit} are allowed."
)
_COUNTY_DIGITS = 6


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for an advance whose papers came too late, or not by the day of the tests."""
    granted = _granted(case)
    if granted is None or not granted.advance or not _is_seen(granted.occurred_on, county):
        return
    assert isinstance(case, AidFile)
    first, documented_on = granted.occurred_on, case.documented_on
    if documented_on is not None and not _is_seen(documented_on, county):
        documented_on = None
    last = documented_on or county.as_of
    limit_days = county.own_limit(StandardItem.AID_PAPERS_DAYS, case, first)
    unit = county.standards.in_force(StandardItem.AID_PAPERS_DAYS, case.region, first).unit
    span_days = (last - first).days
    if unit is StandardUnit.WORKING_DAYS:
        days = overdue_days(first, last, limit_days)
    else:
        days = span_days if span_days > limit_days else None
    if days is None:
        return
    facts: dict[str, Fact] = {"days": days, "unit": unit, "limit_days": limit_days}
    if documented_on is None:
        yield _flag(case, PAPERS, LACKING, facts, case)
    else:
        yield _flag(case, PAPERS, LATE, {**facts, "documented_on": documented_on.isoformat()}, case)


def people(case: CaseFile, county: County) -> Iterator[str]:
    """Yield the cases that name whoever received a grant, himself where none does."""
    granted = _granted(case)
    if granted is not None and granted.citizen_id is not None:
        yield from county.households.of_person.get(granted.citizen_id) or (granted.citizen_id,)


def find_among(cases: Sequence[CaseFile], county: County) -> Iterator[Flag]:
    """Yield a flag for each grant that is a part too many, or a repetition; raises Untestable after those."""
    grants = [case for case in cases if (granted := _granted(case)) and _is_seen(granted.occurred_on, county)]
    grants.sort(key=lambda case: (_day(case), case.records[0].position))
    faults: list[Untestable] = []
    for count, last in enumerate(grants):
        for test in (_split, _repeated) if count else ():
            try:
                yield from test(last, grants[: count + 1], county)
            except Untestable as error:
                faults.append(error)
    _tell(faults)


# Private


def _split(last: CaseFile, grants: Sequence[CaseFile], county: County) -> Iterator[Flag]:
    limit_days = county.own_limit(StandardItem.AID_SPLIT_DAYS, last, _day(last))
    near = [one for one in grants if (_day(last) - _day(one)).days <= limit_days and not _is_countys(one, county)]
    if len(near) < 2:
        return
    parts = [one for one in near if _amount_fen(one) <= _ceiling_fen(one, county)]
    total_fen, ceiling_fen = sum(map(_amount_fen, parts)), _ceiling_fen(last, county)
    if last in parts and total_fen > ceiling_fen:
        facts: dict[str, Fact] = {"count": len(parts), "limit_days": limit_days}
        yield _flag(last, SPLIT, PARTED, {**facts, "total_fen": total_fen, "ceiling_fen": ceiling_fen}, parts)


def _repeated(last: CaseFile, grants: Sequence[CaseFile], county: County) -> Iterator[Flag]:
    limit = county.own_limit(StandardItem.AID_TIMES_A_YEAR, last, _day(last))
    since = months_after(_day(last), -12)
    same = [one for one in grants if _day(one) > since and _reason(one) is not None and _reason(one) == _reason(last)]
    if len(same) > limit:
        yield _flag(last, REPEAT, REPEATED, {"count": len(same), "limit": limit}, same)


def _is_seen(day: datetime.date, county: County) -> bool:
    """Tell whether a day is looked at: all that was recorded, unless the tests were asked for as of a day."""
    return county.horizon is None or day <= county.as_of


def _granted(case: CaseFile) -> TemporaryAidGranted | None:
    return case.granted if isinstance(case, AidFile) else None


def _said(case: CaseFile) -> TemporaryAidGranted:
    granted = _granted(case)
    assert granted is not None
    return granted


def _day(case: CaseFile) -> datetime.date:
    return _said(case).occurred_on


def _amount_fen(case: CaseFile) -> int:
    return _said(case).amount_fen


def _reason(case: CaseFile) -> tuple[str, str] | None:
    """Return kind and reason as they compare: without punctuation and white space."""
    granted = _said(case)
    words = re.sub(r"\W", "", compact(granted.reason or "")).casefold()
    return (granted.kind, words) if words else None


def _ceiling_fen(case: CaseFile, county: County) -> int:
    """Return what the township may grant alone: the county's standard, else what the grant says; NotApplicable."""
    try:
        return county.own_standard(StandardItem.AID_CEILING, case, _day(case)).value_hundredths
    except NotApplicable:
        ceiling_fen = _said(case).ceiling_fen
        if ceiling_fen is None:
            raise
        return ceiling_fen


def _is_countys(case: CaseFile, county: County) -> bool:
    """Tell whether somebody approved it who served the county on that day, and no township of it."""
    staff = county.staff.get(_said(case).approver or "")
    spans = [span for span in staff.posts if span.meets(_day(case), _day(case))] if staff else []
    return bool(spans) and all(span.region is not None and len(span.region) == _COUNTY_DIGITS for span in spans)


def _flag(case: CaseFile, kind: str, sentence: str, facts: dict[str, Fact], evidence: object) -> Flag:
    granted = _said(case)
    about: dict[str, Fact] = {"amount_fen": granted.amount_fen, "granted_on": granted.occurred_on.isoformat()}
    return Flag.of(
        RULE.id,
        case.case,
        evidence,
        month=month_of(granted.occurred_on),
        reference=kind,
        amount_fen=granted.amount_fen,
        facts={**about, **facts},
        sentence=sentence,
    )


def _tell(faults: Sequence[Untestable]) -> None:
    """Raise what could not be checked, else all standards together that the county never adopted."""
    for fault in faults:
        if not isinstance(fault, NotApplicable):
            raise fault
    items = sorted({fault.facts["items"] for fault in faults})
    if items:
        raise NotApplicable(NOT_ADOPTED, items="、".join(items))


RULE = Rule(
    id="RF25",
    title=N_("Abuse of temporary aid"),
    sentence=N_("Temporary aid was advanced, split or repeated against its rules."),
    source=N_("Interim Measures for Social Assistance arts 47-48; opinion on temporary aid of 2018-01-23"),
    certainty=Certainty.POSSIBLE,
    next_step=N_(
        "ask for the papers of the grant, and compare reasons and days with `mingzhang register temporary-aid`"
    ),
    find=find,
    links=people,
    find_among=find_among,
    parameters=(
        StandardItem.AID_PAPERS_DAYS,
        StandardItem.AID_CEILING,
        StandardItem.AID_SPLIT_DAYS,
        StandardItem.AID_TIMES_A_YEAR,
    ),
    opens=(TemporaryAidGranted, MemberJoined),
    subject=Subject.TEMPORARY_AID,
)
