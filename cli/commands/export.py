"""`mingzhang export`: the log in forms that others read."""

import click

from cli.command import LazyGroup, Place
from cli.words import N_

PLACES = {
    "casefile": Place(
        "cli.commands.export_casefile", "export_casefile_command", N_("Write the archive of one case, as page and PDF.")
    ),
    "ocel": Place("cli.commands.export_events", "export_ocel_command", N_("Write the log as OCEL 2.0.")),
    "tiles": Place("cli.commands.export_tiles", "export_tiles_command", N_("Write the log as a folder of tiles.")),
    "xes": Place("cli.commands.export_events", "export_xes_command", N_("Write the cases as traces in XES.")),
}


@click.group("export", cls=LazyGroup, places=PLACES, help=N_("Write the log in forms that others read."))
def export_group() -> None:
    """Hold the commands; the text of the help stands above."""
