"""The ledger opened for reading, with its keys where they are."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.options import Context
from ledger.ledger import Ledger


@contextmanager
def opened_ledger(context: Context) -> Iterator[Ledger]:
    """Yield the ledger that the options name; what is sealed is read as far as `Context.open_keys_if_any` allows."""
    with context.open_store() as store:
        keys = context.open_keys_if_any(store)
        try:
            yield Ledger(store, keys)
        finally:
            if keys is not None:
                keys.close()
