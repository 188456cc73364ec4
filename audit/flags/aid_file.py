"""One grant of temporary aid (临时救助) as the rules see it: a file of its own, which belongs to no case."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from audit.flags.case_file import CaseFile
from domain.events.temporary_aid import TemporaryAidDocumented, TemporaryAidGranted


@dataclass
class AidFile(CaseFile):
    """A grant under its number (`case`), the papers that followed it, and what became of its flags."""

    @cached_property
    def granted(self) -> TemporaryAidGranted | None:
        """What was granted; None where this version cannot read it."""
        return next((one.event for one in self.records if isinstance(one.event, TemporaryAidGranted)), None)

    @cached_property
    def documented_on(self) -> datetime.date | None:
        """The day on which the papers of an advance were complete."""
        return min(
            (one.event.occurred_on for one in self.records if isinstance(one.event, TemporaryAidDocumented)),
            default=None,
        )

    @property
    def region(self) -> str | None:
        """The code of the township."""
        return self.granted.region if self.granted else None

    @property
    def positions(self) -> list[int]:
        """The entries of the grant and of its papers."""
        return [
            one.position for one in self.records if isinstance(one.event, TemporaryAidGranted | TemporaryAidDocumented)
        ]
