"""What the commands of inspections share: who acts and on which day, the ledger opened for it, words for its lists."""

import datetime
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final

import click

from cli.actors import WHO_OR_PROGRAM, by_option, recorder
from cli.command import Option
from cli.labels import word_named
from cli.moments import day_of
from cli.options import Context
from cli.words import N_
from ledger.ledger import Ledger

BY: Final = "system/audit"
"""In whose name an inspection is recorded in a file unless another is given."""


def acting_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--on`, as `day`, and `--by` to a command."""

    @functools.wraps(function)
    def with_day(*arguments: Any, on: str | None, **options: Any) -> Any:
        return function(*arguments, day=day_of(on, "--on") or datetime.date.today(), **options)

    decorated: Callable[..., Any] = with_day
    for option in (by_option(WHO_OR_PROGRAM), _ON):
        decorated = option(decorated)
    return decorated


def word_option(name: str, vocabulary: type[StrEnum], text: str, **settings: Any) -> Callable[..., Any]:
    """Return an option whose values are the words of a closed list, or their English labels."""

    def convert(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(vocabulary(word_named(one, vocabulary, name)) for one in value)
        return None if value is None else vocabulary(word_named(value, vocabulary, name))

    return click.option(name, cls=Option, metavar="WORD", callback=convert, help=text, **settings)


def now() -> datetime.datetime:
    """Return the time at which an entry is recorded."""
    return datetime.datetime.now(datetime.UTC)


@contextmanager
def acting(context: Context, by: str | None) -> Iterator[tuple[Ledger, str]]:
    """Open the ledger for recording, with its keys where they are; yield it and the name that acts."""
    with context.open_store(writing=True) as store:
        actor = recorder(store, by, BY)
        keys = context.open_keys_if_any(store)
        try:
            yield Ledger(store, keys), actor
        finally:
            if keys is not None:
                keys.close()


# Private


_ON = click.option(
    "--on", cls=Option, metavar="DATE", help=N_("The day on which it happened; today unless another is given.")
)
