"""Transfers that other transfers replace, across all cases: a reissue may stand in another case than its original.

Only what a chain can lead to is kept, a few in a hundred, so that the index stays small however long the log.
"""

from collections.abc import Iterable

from domain.case_parts import Transfer
from domain.transfer_months import Link


class TransferIndex:
    """`replaced` are the numbers that some reissue names as its original."""

    def __init__(self, replaced: Iterable[str] = ()) -> None:
        self.replaced = frozenset(replaced)
        self._links: dict[str, Link] = {}

    def note(self, transfers: Iterable[Transfer]) -> None:
        """Keep the links of those of the transfers that are replaced."""
        if self.replaced:
            self._links.update((one.transfer, one.link) for one in transfers if one.transfer in self.replaced)

    def link_of(self, transfer: str) -> Link | None:
        """Return what a slip says of a replaced transfer; None when no row carries its number."""
        return self._links.get(transfer)
