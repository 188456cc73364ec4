"""What the commands of inspections share: who acts and on which day, the ledger opened for it, words for its lists."""

import datetime
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import click

from cli.actors import WHO_OR_PROGRAM, by_option, recorder
from cli.command import Option
from cli.errors import BadOption
from cli.flag_search import RULES_VARIABLE
from cli.labels import word_named
from cli.options import Context
from cli.words import N_, _
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


def day_of(text: str | None, option: str) -> datetime.date | None:
    """Return the day that an option names; raises BadOption."""
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadOption(_("This is no day"), where=option, expected="2024-12-31", found=text) from None


def needed_day(text: str, option: str) -> datetime.date:
    """Return the day that an option must name."""
    day = day_of(text, option)
    assert day is not None
    return day


def word_option(name: str, vocabulary: type[StrEnum], text: str, **settings: Any) -> Callable[..., Any]:
    """Return an option whose values are the words of a closed list, or their English labels."""

    def convert(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(vocabulary(word_named(one, vocabulary, name)) for one in value)
        return None if value is None else vocabulary(word_named(value, vocabulary, name))

    return click.option(name, cls=Option, metavar="WORD", callback=convert, help=text, **settings)


def rules_folder(function: click.decorators.FC) -> click.decorators.FC:
    """Add `--rules`, as `folder`, to a command."""
    return click.option(
        "--rules",
        "folder",
        cls=Option,
        envvar=RULES_VARIABLE,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=N_("A folder with rules of the bureau's own, one file each; also MINGZHANG_RULES."),
    )(function)


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
