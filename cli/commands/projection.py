"""`mingzhang projection`: the tables that the registers are read from, disposable and made from the log alone."""

from contextlib import ExitStack

import click

from cli.command import Command, LazyGroup, Option, Place
from cli.errors import ExitCode, NotChecked
from cli.options import Context, common_options
from cli.output import Advance, print_fields, print_json, print_line, progress
from cli.questions import registers
from cli.words import N_, _
from ledger.ledger import Ledger
from projections.comparison import Comparison, compare
from projections.databases import may_write, open_database, open_to_look
from projections.errors import RegistersNotWritable
from projections.follower import Follower, Progress
from projections.sqlite import SQLiteDatabase
from projections.tracking import LIVE_NAME, tracked

PLACES = {
    "status": Place(
        "cli.commands.projection", "status_command", N_("Say how far the registers have followed the log.")
    ),
    "rebuild": Place("cli.commands.projection", "rebuild_command", N_("Make all registers anew from entry 0.")),
    "check": Place("cli.commands.projection", "check_command", N_("Compare the registers with the log, row by row.")),
}


@click.group("projection", cls=LazyGroup, places=PLACES, help=N_("Look at and rebuild the registers."))
def projection_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "status",
    cls=Command,
    help=N_("Say how far the registers have followed the log."),
    example="mingzhang projection status",
)
@common_options
def status_command(context: Context) -> ExitCode:
    """Print position, lag and whether the tables are those of this version; changes nothing."""
    with context.open_store() as store:
        database = open_to_look(context.url)
        try:
            status = Follower(Ledger(store, None), database).status()
        finally:
            database.close()
        first = store.record(status.position) if status.lag > 0 else None
    behind_since = None if first is None else first.at
    if context.as_json:
        print_json(
            {
                "position": status.position,
                "size": status.size,
                "lag": status.lag,
                "behind_since": behind_since,
                "current": status.current,
            }
        )
        return ExitCode.SOUND
    print_fields(
        {
            _("entries"): f"{status.size:,}",
            _("entries not yet in the registers"): f"{status.lag:,}",
            **({} if behind_since is None else {_("the first of them recorded at"): behind_since}),
            _("tables of this version"): _("yes") if status.current else _("no"),
        }
    )
    return ExitCode.SOUND


@click.command(
    "rebuild",
    cls=Command,
    help=N_(
        "Make all registers anew from entry 0.\n\n"
        "Nothing of the log is touched. The old registers answer until the new ones are ready. A rebuild that was "
        "interrupted leaves them as they were."
    ),
    example="""
        mingzhang projection rebuild
        mingzhang projection rebuild --jobs 4
    """,
)
@click.option(
    "--jobs",
    cls=Option,
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help=N_("Let N processes read the log; it pays from some 100,000 entries."),
)
@common_options
def rebuild_command(context: Context, jobs: int) -> ExitCode:
    """Rebuild, and say how many entries the registers were made from."""
    with context.open_store():
        if not may_write(context.url):  # what is made for one question would be gone when this ends
            raise RegistersNotWritable(str(context.address), _("one that may only be read"))
    with registers(context, rebuild=True, jobs=jobs) as (ledger, _database):
        size = ledger.size
    if context.as_json:
        print_json({"position": size, "size": size, "lag": 0, "behind_since": None, "current": True})
    else:
        print_line(_("The registers were made anew from {size:,} entries.").format(size=size))
    return ExitCode.SOUND


@click.command(
    "check",
    cls=Command,
    help=N_(
        "Compare the registers with the log, row by row.\n\n"
        "All registers are made again in private and compared with the live tables, as far as those have followed "
        "the log. Nothing is changed: `mingzhang projection rebuild` mends what is found.\n\n"
        "Exit codes: 0 the same, 1 a difference, 3 could not check."
    ),
    example="""
        mingzhang projection check
        mingzhang projection check --json
    """,
)
@common_options
def check_command(context: Context) -> ExitCode:
    """Compare, and show the first rows that differ."""
    with context.open_store() as store, ExitStack() as stack:
        keys = context.open_keys_if_any(store)
        if keys is not None:
            stack.callback(keys.close)
        live, private = open_database(context.url), SQLiteDatabase.private()
        stack.callback(live.close)
        stack.callback(private.close)
        state = tracked(live, LIVE_NAME)
        if keys is None and state is not None and not state.unopened:
            raise NotChecked(
                _("The registers cannot be compared without the keys they were made with"),
                where=str(context.keys_directory),
                mend=_("give --keys"),
            )
        with progress(_("Entries into the registers"), store.head().size) as advance:
            found = compare(Ledger(store, keys), live, private, on_progress=_counting(advance))
    if context.as_json:
        print_json(
            {
                "same": not found.differences,
                "position": found.position,
                "rows": found.rows,
                "differences": [
                    {"table": one.table, "position": one.position, "live": _plain(one.live), "log": _plain(one.rebuilt)}
                    for one in found.differences
                ],
            }
        )
    else:
        _tell(found)
    return ExitCode.FINDING if found.differences else ExitCode.SOUND


# Private


def _counting(advance: Advance) -> Progress:
    done = 0

    def show(position: int, _size: int) -> None:
        nonlocal done
        advance(max(position - done, 0))
        done = max(done, position)

    return show


def _plain(row: tuple[object, ...] | None) -> list[object] | None:
    """Return a row for JSON; pseudonyms are bytes and are shown as hex."""
    return None if row is None else [value.hex() if isinstance(value, bytes) else value for value in row]


def _tell(found: Comparison) -> None:
    if not found.differences:
        text = _("The registers are what the log says: {rows:,} rows from {position:,} entries.")
        print_line(text.format(rows=found.rows, position=found.position))
        return
    print_line(_("The registers are not what the log says. The first rows that differ:"))
    for one in found.differences:
        print_line()
        print_line(_("table {table}, entry {position:,}").format(table=one.table, position=one.position))
        for name, row in ((_("live"), one.live), (_("by the log"), one.rebuilt)):
            print_line(f"  {name}: {_('none') if row is None else _plain(row)}")
    print_line()
    print_line(_("The log is not concerned; `mingzhang projection rebuild` makes the registers anew."))
