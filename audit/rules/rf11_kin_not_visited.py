"""RF11, filed, not visited (备案未入户): the county made no visit of its own to a filed relative before it decided.

Law: 民发〔2021〕57号 art 20: the county must visit the households of filed relatives. No parameter.
Worked example: filed 2024-03-06, decided 2024-03-22, the visit of 2024-03-25 came after it: a flag for the officer.
Silent: a visit on the day of the decision, be it written on the filing or on the decision; a filing after the
decision, which is RF10.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Fact, Flag
from audit.flags.rule import Certainty, Rule
from domain.case_parts import Filing
from domain.events.staff import KinshipFiled, KinshipVisited
from domain.masking import mask_staff
from domain.vocabulary import FileKind
from domain.words import N_


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Yield a flag for each filing in time that no visit by the decision followed."""
    decided_on = case.decided_on
    if not case.is_confirmed or decided_on is None:
        return
    if any(visit.visited_on <= decided_on for visit in case.state.county_visits):
        return
    for filing in case.state.filings:
        in_time = filing.filed_on is not None and filing.filed_on <= decided_on
        if in_time and (filing.visited_on is None or filing.visited_on > decided_on):
            yield _flag(case, filing)


# Private


def _flag(case: CaseFile, filing: Filing) -> Flag:
    number = filing.staff or (mask_staff(filing.staff_text) if filing.staff_text else None)
    facts: dict[str, Fact] = {
        "staff": number or "—",
        "filed_on": str(filing.filed_on),
        "decided_on": str(case.decided_on),
        "visited_on": filing.visited_on.isoformat() if filing.visited_on else "—",
    }
    evidence = (filing, case.state.county_visits, case.state.ruling)
    return Flag.of(RULE.id, case.case, *evidence, reference=number, facts=facts)


RULE = Rule(
    id="RF11",
    title=N_("Filed kin not visited"),
    sentence=N_(
        "Filed on {filed_on} as the household of a relative of {staff}; the county had not visited it when it was "
        "decided on {decided_on} (visited: {visited_on})."
    ),
    source=N_("Measures for minimum allowances (2021) art 20"),
    certainty=Certainty.RECORDED,
    next_step=N_("let the county visit the household now, with nobody who is related to it, and record the visit"),
    find=find,
    opens=(KinshipFiled, KinshipVisited),
    data=(FileKind.FILINGS,),
)
