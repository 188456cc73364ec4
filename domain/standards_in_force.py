"""Which of several adopted standards is in force in a region on a day (docs/import-formats.md section 5)."""

import datetime
from collections.abc import Iterable
from typing import Protocol, TypeVar


class AdoptedStandard(Protocol):
    """A standard as far as the choice needs it: where it applies, from which day, and which entry adopted it."""

    @property
    def region(self) -> str:
        """The code of the area: a county, or a prefecture or province, whose code ends in pairs of 0."""

    @property
    def effective_on(self) -> datetime.date:
        """The first day."""

    @property
    def position(self) -> int:
        """The entry."""


A = TypeVar("A", bound=AdoptedStandard)


def in_force(adopted: Iterable[A], region: str | None, day: datetime.date, county: str | None) -> A | None:
    """Return the standard of one item that is in force: of the narrowest area that holds the region, the latest.

    A region in no area that has the standard, as one whose county was renamed, takes that of the county itself, which
    is the code that the deliveries give. Of two of one day the one recorded first stands, as with any conflict.
    """
    begun = [one for one in adopted if one.effective_on <= day]
    return _narrowest(begun, region) or _narrowest(begun, county)


# Private


def _narrowest(begun: Iterable[A], region: str | None) -> A | None:
    fitting = [one for one in begun if (region or "").startswith(_area(one.region))]
    return max(fitting, key=lambda one: (len(_area(one.region)), one.effective_on, -one.position), default=None)


def _area(region: str) -> str:
    """Return the digits that all regions of an area begin with: a province or prefecture ends in pairs of 0."""
    while len(region) in (4, 6) and region.endswith("00"):
        region = region[:-2]
    return region
