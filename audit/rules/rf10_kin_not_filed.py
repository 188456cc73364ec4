"""RF10, kin not filed (近亲属未备案): a member is near kin of somebody on duty, and the case was not filed as such.

Law: 民发〔2021〕57号 art 11: the township files applications of near relatives separately. No parameter; the core
scope (Civil Code art 1045): spouse, parents, children, siblings, grandparents, grandchildren. On duty: 受理, 调查,
审核确认, 监督 or 村居干部, anywhere in the county, on a day from acceptance to decision.
Worked example: MZ0012, surveyor since 2019, declared a brother who is a member; accepted 2024-03-05, decided
2024-03-22, filed 2024-03-25: a flag for MZ0012, because it was filed after the decision.
Silent: filed on the day of the decision; a cashier (发放); somebody who left before acceptance; a nephew; a relative
declared long after, if filed in time. When it was declared does not matter; a member who does not count does.
"""

import datetime
from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County, DeclaredRelative, PostSpan
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.case_parts import Filing, Member
from domain.events.household import MemberJoined
from domain.events.staff import KinshipFiled, RelativeDeclared
from domain.masking import mask_staff
from domain.vocabulary import FileKind, Kin, Post
from domain.words import N_

ON_DUTY = frozenset({Post.INTAKE, Post.SURVEY, Post.CONFIRMATION, Post.SUPERVISION, Post.VILLAGE})


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each staff member whose relative is in the case and was not filed by the decision."""
    if not case.is_confirmed or case.decided_on is None or case.accepted_on is None:
        return
    for member in case.state.members.values():
        for relative in county.relatives.get(member.citizen_id or "", ()):
            spans = _on_duty(county, relative.staff, case.accepted_on, case.decided_on)
            filings = [one for one in case.state.filings if relative.staff in (one.staff, one.staff_text)]
            in_time = any(one.filed_on is not None and one.filed_on <= case.decided_on for one in filings)
            if relative.relation is not Kin.OTHER and spans and not in_time:
                yield _flag(case, member, relative, spans, filings)


# Private


def _on_duty(county: County, number: str, first: datetime.date, last: datetime.date) -> list[PostSpan]:
    staff = county.staff.get(number)
    return [span for span in staff.posts if span.post in ON_DUTY and span.meets(first, last)] if staff else []


def _flag(
    case: CaseFile, member: Member, relative: DeclaredRelative, spans: list[PostSpan], filings: list[Filing]
) -> Flag:
    late = min((filing.filed_on for filing in filings if filing.filed_on is not None), default=None)
    facts: dict[str, Fact] = {
        "staff": mask_staff(relative.staff),
        "relation": relative.relation,
        "declared_on": relative.declared_on.isoformat(),
        "decided_on": str(case.decided_on),
        "filed_on": late.isoformat() if late else "—",
    }
    evidence = (member, relative, spans, filings, case.state.application, case.state.ruling)
    return Flag.of(RULE.id, case.case, *evidence, reference=mask_staff(relative.staff), facts=facts)


RULE = Rule(
    id="RF10",
    title=N_("Kin not filed"),
    sentence=N_(
        "A member is {relation} of {staff}, who was on duty while the case was handled; it was not filed by the "
        "decision of {decided_on} (filed: {filed_on})."
    ),
    source=N_("Measures for minimum allowances (2021) art 11"),
    certainty=Certainty.RECORDED,
    next_step=N_("file the case, let the county visit the household, and look who received, surveyed and confirmed it"),
    find=find,
    opens=(MemberJoined, RelativeDeclared, KinshipFiled),
    data=(FileKind.RELATIVES,),
)
