"""RF25, abuse of temporary aid (临时救助): advances never documented, sums split under the ceiling, repeats.

Law: the opinion on temporary aid of 2018-01-23: 小额先行 pays first, papers follow; township ceilings and the reserve
fund are local. What it would need: events of temporary aid with kind (急难型 or 支出型), person, reason, amount, day,
advance and later papers, and the township's ceiling as a standard. No file kind and no event of this version records
temporary aid, so the rule tells of every case that it was not tested; it never looks like a clean result.
"""

from collections.abc import Iterator

from audit.flags.case_file import CaseFile
from audit.flags.county import County
from audit.flags.flag import Flag
from audit.flags.rule import Certainty, Rule
from audit.flags.untested import NotApplicable
from domain.words import N_

NO_TEMPORARY_AID = N_("temporary aid is not recorded: neither its advances, nor its papers, nor the township's ceiling")


def find(case: CaseFile, county: County) -> Iterator[Flag]:
    """Raise NotApplicable: there is nothing to look at."""
    yield from ()
    raise NotApplicable(NO_TEMPORARY_AID)


RULE = Rule(
    id="RF25",
    title=N_("Abuse of temporary aid"),
    sentence=N_("Temporary aid was advanced, split or repeated against its rules."),
    source=N_("Opinion on temporary aid of 2018-01-23"),
    certainty=Certainty.POSSIBLE,
    next_step=N_("look at the register of temporary aid and the reserve fund by hand"),
    find=find,
)
