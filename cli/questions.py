"""What a register is asked: the options that select, and the ledger and registers opened and brought up to date."""

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from cli.command import Option
from cli.errors import BadOption
from cli.labels import programme_named
from cli.moments import day_of, size_known_at
from cli.opened_ledger import opened_ledger
from cli.options import Context
from cli.output import print_note, progress
from cli.selection import check_region, known_at_option, month_as_of_option, programme_option, region_option
from cli.words import N_, _
from domain.events.delivery import DeliveryDescribed
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.place import LedgerPlace
from projections.database import Database
from projections.databases import may_write, open_database, open_live
from projections.follower import Follower
from projections.scope import Scope
from projections.workers import Workers

_REGION_DIGITS_MAX = 12
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Question:
    """The options that select, as they were typed."""

    as_of: str | None
    known_at: str | None
    region: str | None
    programme: str | None
    month: str | None
    decided_by: str | None
    kind: str | None = None

    def scope(self, ledger: Ledger) -> Scope:
        """Return what the registers are asked; raises BadOption for a value that cannot be meant."""
        check_region(self.region, _REGION_DIGITS_MAX)
        if self.month is not None and not _MONTH.fullmatch(self.month):
            raise BadOption(_("This is no month"), where="--month", expected="2024-10", found=self.month)
        known_at = None if self.known_at is None else size_known_at(ledger.store, self.known_at)
        if self.as_of is None and self.month is None and not _closing_date_known(ledger, known_at):
            print_note(_("No delivery has said its closing date (资料说明): say with --as-of which month is meant."))
        return Scope(
            as_of=day_of(self.as_of, "--as-of"),
            known_at=known_at,
            region=self.region,
            programme=None if self.programme is None else programme_named(self.programme),
            decided_by=day_of(self.decided_by, "--decided-by"),
            month=self.month,
            kind=self.kind,
        )


def question_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select to a command; it gets them as one Question named `question`."""

    @functools.wraps(function)
    def with_question(*arguments: Any, **options: Any) -> Any:
        question = Question(**{name: options.pop(name) for name in _NAMES})
        return function(*arguments, question=question, **options)

    decorated: Callable[..., Any] = with_question
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


@contextmanager
def registers(context: Context, *, rebuild: bool = False, jobs: int = 1) -> Iterator[tuple[Ledger, Database]]:
    """Open the ledger, with its keys where they are, and its registers, brought up to date or made anew first.

    With more than one of `jobs`, so many further processes read the log for it.
    """
    with opened_ledger(context) as ledger:
        kept = None if rebuild else _kept_by_others(context, ledger)
        database = kept or _followed(context, ledger, workers(context, ledger.keys, jobs), rebuild=rebuild)
        try:
            yield ledger, database
        finally:
            database.close()


def workers(context: Context, keys: KeyStore | None, jobs: int) -> Workers | None:
    """Return the processes that read the log, each opening it for itself; None when this one does it alone."""
    if jobs == 1:
        return None
    return Workers(jobs, LedgerPlace(context.url, keys.place if keys is not None else None).opened)


def follow(follower: Follower, *, rebuild: bool = False) -> int:
    """Bring the registers up to date, or make them anew, with progress; return the size of the log."""
    status = follower.status()
    if status.current and not status.lag and not rebuild:
        return status.size
    if status.position and not status.current:
        print_note(_("The registers are of another version, or lack sealed facts: they are made anew from the log."))
    with progress(_("Entries into the registers"), status.size) as advance:
        done = 0

        def show(position: int, size: int) -> None:
            nonlocal done
            advance(max(position - done, 0))
            done = max(done, position)

        return follower.rebuild(show) if rebuild else follower.catch_up(show)


# Private

_NAMES = ("as_of", "known_at", "region", "programme", "month", "decided_by")
_OPTIONS = (
    month_as_of_option,
    known_at_option,
    region_option,
    programme_option,
    click.option(
        "--month", cls=Option, metavar="MONTH", help=N_("Only this month, such as 2024-10, in registers that have one.")
    ),
    click.option("--decided-by", cls=Option, metavar="DATE", help=N_("Leave out what was decided after this day.")),
)


def _kept_by_others(context: Context, ledger: Ledger) -> Database | None:
    """Return the registers as far as others brought them, for a login that only reads; None if of no use."""
    database = None if may_write(context.url) else open_live(context.url)
    if database is None:
        return None
    status = Follower(ledger, database).status()
    if not status.current:
        database.close()
        return None
    if status.lag:
        text = _("The registers lack the last {count:,} entries, and this login may not bring them up to date.")
        print_note(text.format(count=status.lag))
    return database


def _followed(context: Context, ledger: Ledger, helpers: Workers | None, *, rebuild: bool) -> Database:
    """Return the registers, brought up to date; where they may not be written, some that vanish with this process."""
    database = open_database(context.url, read_only=not may_write(context.url))
    try:
        follow(Follower(ledger, database, workers=helpers), rebuild=rebuild)
    except BaseException:
        database.close()
        raise
    return database


def _closing_date_known(ledger: Ledger, known_at: int | None) -> bool:
    """Tell whether a delivery that was known then named the day that a register is about unless another is given."""
    described = ledger.events_of_type(DeliveryDescribed.TOPIC, open_sealed=False)
    return any(
        isinstance(item.event, DeliveryDescribed) and item.event.closing_date is not None
        for item in described
        if known_at is None or item.position < known_at
    )
