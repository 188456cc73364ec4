"""The option `--heads` of `audit checkpoint`: the map of stream heads recorded before the log is signed."""

import datetime
from collections.abc import Callable
from typing import Any

import click

from cli.command import Option
from cli.words import N_
from ledger.heads_recording import seal_heads
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.store import Store


def heads_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option to a command, which gets it as `heads`."""
    option = click.option(
        "--heads",
        cls=Option,
        is_flag=True,
        help=N_(
            "First record the map of all streams and their last entries, which dossiers need, and sign right after."
        ),
    )
    return option(function)


def sealed_size(store: Store, keys: KeyStore) -> int:
    """Record the map and return the size to be signed: the map's entry is the last one of it."""
    return seal_heads(Ledger(store, keys), lambda: datetime.datetime.now(datetime.UTC)) + 1
