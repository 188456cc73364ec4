"""`mingzhang projection`: the tables that the registers are read from, disposable and made from the log alone."""

import click

from cli.command import Command, LazyGroup, Place
from cli.errors import ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line
from cli.questions import registers
from cli.words import N_, _
from ledger.ledger import Ledger
from projections.databases import may_write, open_database
from projections.follower import Follower

PLACES = {
    "status": Place(
        "cli.commands.projection", "status_command", N_("Say how far the registers have followed the log.")
    ),
    "rebuild": Place("cli.commands.projection", "rebuild_command", N_("Make all registers anew from entry 0.")),
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
        database = open_database(context.url, read_only=not may_write(context.url))
        try:
            status = Follower(Ledger(store, None), database).status()
        finally:
            database.close()
    if context.as_json:
        print_json({"position": status.position, "size": status.size, "lag": status.lag, "current": status.current})
        return ExitCode.SOUND
    print_fields(
        {
            _("entries"): f"{status.size:,}",
            _("entries not yet in the registers"): f"{status.lag:,}",
            _("tables of this version"): _("yes") if status.current else _("no"),
        }
    )
    return ExitCode.SOUND


@click.command(
    "rebuild",
    cls=Command,
    help=N_(
        "Make all registers anew from entry 0.\n\n"
        "Nothing of the log is touched. The old registers answer until the new ones are ready."
    ),
    example="mingzhang projection rebuild",
)
@common_options
def rebuild_command(context: Context) -> ExitCode:
    """Rebuild, and say how many entries the registers were made from."""
    with registers(context, rebuild=True) as (ledger, _database):
        size = ledger.size
    if context.as_json:
        print_json({"position": size, "size": size, "lag": 0, "current": True})
    else:
        print_line(_("The registers were made anew from {size:,} entries.").format(size=size))
    return ExitCode.SOUND
