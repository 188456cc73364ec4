"""By when an appeal is to be decided, counted from the day it was lodged: the law's numbers, each with its article."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.months import months_after
from domain.vocabulary import AppealKind


@dataclass(frozen=True, slots=True)
class AppealTerm:
    """A term of so many days, or of so many months, and the article that sets it.

    The law counts from the day the organ accepts the appeal, which no file tells: the day it was lodged is earlier,
    so that a due day given here can be early by the days (at most 5 for a reconsideration) that acceptance took.
    """

    source: str
    days: int = 0
    months: int = 0
    extension_days: int = 0

    def due_on(self, lodged_on: datetime.date) -> datetime.date:
        """Return the last day of the term."""
        return months_after(lodged_on, self.months) + datetime.timedelta(days=self.days)


APPEAL_TERMS: Final[Mapping[AppealKind, AppealTerm]] = {
    AppealKind.RECONSIDERATION: AppealTerm("行政复议法（2023）第六十二条", days=60, extension_days=30),
    AppealKind.PETITION: AppealTerm("信访工作条例第三十四条", days=60, extension_days=30),
    AppealKind.LAWSUIT: AppealTerm("行政诉讼法（2017）第八十一条", months=6),
}
