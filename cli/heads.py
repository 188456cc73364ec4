"""The options `--heads` and `--by` of `audit checkpoint`: the map of stream heads recorded before the log is signed."""

import datetime
from collections.abc import Callable
from typing import Any

import click

from cli.actors import WHO_ALONE, by_option
from cli.command import Option
from cli.words import N_
from ledger.heads_recording import BY, seal_heads
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.store import Store


def heads_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them as `heads` and `by`."""
    for option in (by_option(WHO_ALONE, BY), _HEADS):
        function = option(function)
    return function


def sealed_size(store: Store, keys: KeyStore, by: str) -> int:
    """Record the map and return the size to be signed: the map's entry is the last one of it."""
    return seal_heads(Ledger(store, keys), lambda: datetime.datetime.now(datetime.UTC), by) + 1


# Private

_HEADS = click.option(
    "--heads",
    cls=Option,
    is_flag=True,
    help=N_("First record the map of all streams and their last entries, which dossiers need; sign right after it."),
)
