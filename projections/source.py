"""What the registers need of a ledger: its entries by topic, and the keys that make pseudonyms."""

from collections.abc import Collection, Iterator
from typing import Protocol

from domain.recorded import Recorded


class Keys(Protocol):
    """What makes pseudonyms: the ledger's key store."""

    def index_mac(self, label: str, *parts: str) -> bytes:
        """Return 32 bytes, the same only for the same texts."""


class EventSource(Protocol):
    """A ledger, as the follower reads it."""

    @property
    def keys(self) -> Keys | None:
        """The keys at hand, if any."""

    @property
    def size(self) -> int:
        """The number of entries."""

    def selected(self, topics: Collection[str], opened: Collection[str], start: int, stop: int) -> Iterator[Recorded]:
        """Yield the entries of these topics among positions start … stop - 1, in order.

        Sealed parts are opened, where the keys allow, only of the topics in `opened`.
        """
