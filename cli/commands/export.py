"""`mingzhang export`: the log in forms that others read."""

import click

from cli.command import LazyGroup, Place
from cli.words import N_

PLACES = {
    "casefile": Place(
        "cli.commands.export_casefile", "export_casefile_command", N_("Write the archive of one case, as page and PDF.")
    ),
    "tiles": Place("cli.commands.export_tiles", "export_tiles_command", N_("Write the log as a folder of tiles.")),
}


@click.group("export", cls=LazyGroup, places=PLACES, help=N_("Write the log in forms that others read."))
def export_group() -> None:
    """Hold the commands; the text of the help stands above."""
