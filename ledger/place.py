"""Where a ledger and its keys are: what another process is given to open them for itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ledger.keystore import KeyPlace, KeyStore
from ledger.ledger import Ledger


@dataclass(frozen=True, slots=True, repr=False)
class LedgerPlace:
    """The address of a ledger, and how its keys were opened, if they are at hand; either may hold a secret."""

    url: str
    keys: KeyPlace | None

    @contextmanager
    def opened(self) -> Iterator[Ledger]:
        """Open the ledger for reading; raises StoreError and KeyFileError."""
        with ExitStack() as stack:
            keys = None if self.keys is None else stack.enter_context(KeyStore.open(*self.keys))
            yield stack.enter_context(Ledger.open(self.url, keys, read_only=True))
