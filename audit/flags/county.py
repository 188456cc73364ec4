"""What rules know besides the case before them: the day, the window, standards, staff, relatives, transfers elsewhere.

It is read once from the small streams of the log, before any case.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from audit.flags.case_file import CaseFile
from audit.flags.households import Households
from audit.flags.standards import Standard, Standards
from audit.flags.transfer_index import TransferIndex
from audit.flags.untested import NOT_ADOPTED, NotApplicable, Untestable
from domain.months import first_day, month_of
from domain.vocabulary import Kin, Post, StandardItem


@dataclass(slots=True)
class PostSpan:
    """A post that a staff member held: first and last day, the last one None while serving."""

    post: Post
    begins_on: datetime.date
    ends_on: datetime.date | None
    region: str | None
    positions: list[int]

    def meets(self, first: datetime.date, last: datetime.date) -> bool:
        """Tell whether the post was held on a day from `first` to `last`, both included."""
        return self.begins_on <= last and (self.ends_on is None or self.ends_on >= first)


@dataclass(slots=True)
class StaffMember:
    """A staff member by number (工号); name and citizen id are None without keys."""

    staff: str
    name: str | None = None
    citizen_id: str | None = None
    posts: list[PostSpan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeclaredRelative:
    """A relative whom a staff member declared: `relation` of the core scope or OTHER, `relation_text` as written."""

    staff: str
    relation: Kin
    relation_text: str | None
    name: str | None
    declared_on: datetime.date
    positions: tuple[int, ...]


@dataclass(slots=True)
class County:
    """The world around a case. `as_of` is the day of the tests, `known_at` the number of entries that are seen.

    The window is that of all deliveries up to the month of `as_of`; `horizon` is the last month that is looked at
    outside the window, None for no limit, which is so unless a day was asked for. `relatives` goes by citizen id;
    `kin_closed` is how many staff members declared some whose seal stays closed. `households` are those of people who
    received temporary aid, read for rules about it alone.
    """

    as_of: datetime.date
    known_at: int
    first_month: str
    last_month: str
    horizon: str | None
    standards: Standards
    staff: Mapping[str, StaffMember]
    relatives: Mapping[str, Sequence[DeclaredRelative]]
    transfers: TransferIndex
    kin_closed: int = 0
    households: Households = field(default_factory=Households)

    @property
    def closing_month(self) -> str:
        """The month of the day of the tests."""
        return month_of(self.as_of)

    def in_window(self, month: str) -> bool:
        """Tell whether a month belongs to the window."""
        return self.first_month <= month <= self.last_month

    def is_looked_at(self, month: str) -> bool:
        """Tell whether a month is looked at by rules that know no window."""
        return self.horizon is None or month <= self.horizon

    def window_of(self, case: CaseFile) -> list[str]:
        """Return the months of the window from the case's first month."""
        return list(case.months(self.first_month, self.last_month))

    def standard_in(self, item: StandardItem, case: CaseFile, month: str) -> Standard:
        """Return the standard in force in a month, that is on its first day; raises Untestable when there is none."""
        return self.standards.in_force(item, case.region, first_day(month))

    def limit(self, item: StandardItem, case: CaseFile, day: datetime.date | None = None) -> int:
        """Return a limit in whole days or months in force on a day (that of the tests); raises Untestable."""
        return self.standards.whole(item, case.region, day or self.as_of)

    def own_limit(self, item: StandardItem, case: CaseFile, day: datetime.date) -> int:
        """Return a limit that no law sets, in whole units; raises NotApplicable where the county adopted none.

        Raises Untestable for one that is not whole.
        """
        self.own_standard(item, case, day)
        return self.limit(item, case, day)

    def own_standard(self, item: StandardItem, case: CaseFile, day: datetime.date) -> Standard:
        """Return a standard that no law sets, in force on a day; raises NotApplicable where the county adopted none."""
        try:
            return self.standards.in_force(item, case.region, day)
        except Untestable as error:
            raise NotApplicable(NOT_ADOPTED, items=item.value) from error
