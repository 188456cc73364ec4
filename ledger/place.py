"""Where a ledger and its keys are: what another process is given to open them for itself."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ledger.keystore import KeyStore
from ledger.ledger import Ledger


@dataclass(frozen=True, slots=True, repr=False)
class LedgerPlace:
    """The address of a ledger, and what opens its keys, if they are at hand. It may hold a passphrase."""

    url: str
    keys: Callable[[], KeyStore] | None

    @contextmanager
    def opened(self) -> Iterator[Ledger]:
        """Open the ledger for reading; raises StoreError and KeyFileError."""
        with ExitStack() as stack:
            keys = None if self.keys is None else stack.enter_context(self.keys())
            yield stack.enter_context(Ledger.open(self.url, keys, read_only=True))
