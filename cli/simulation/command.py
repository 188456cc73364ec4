"""`mingzhang simulate`: make a synthetic county to try the ledger with."""

from __future__ import annotations

from pathlib import Path

import click

from cli.command import Command, Option
from cli.errors import ExitCode
from cli.output import print_json, print_line, print_note
from cli.simulation.county import simulate
from cli.words import LANGUAGES, N_, _


@click.command(
    "simulate",
    cls=Command,
    help=N_(
        "Make the files of a synthetic county.\n\n"
        "DIRECTORY must be new or empty. Nobody in the files exists. The same options give the same bytes. "
        "Some rows are irregular or wrong on purpose; --key writes what a correct ledger must find in them."
    ),
    example="""
        mingzhang simulate county
        mingzhang simulate county --households 2000 --months 12 --deliveries 3 --key answers.json
    """,
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--households", cls=Option, default=60, show_default=True, help=N_("How many households apply."))
@click.option("--months", cls=Option, default=6, show_default=True, help=N_("How many months are paid."))
@click.option("--seed", cls=Option, default=1, show_default=True, help=N_("Another seed gives another county."))
@click.option("--first-month", cls=Option, default="2024-01", show_default=True, help=N_("The first month, YYYY-MM."))
@click.option("--messy", cls=Option, default=1.0, show_default=True, help=N_("How untidy the files are; 0 is clean."))
@click.option("--deliveries", cls=Option, default=1, show_default=True, help=N_("How many instalments, a folder each."))
@click.option(
    "--key", cls=Option, type=click.Path(dir_okay=False, path_type=Path), help=N_("Write the right answers here too.")
)
@click.option("--json", "as_json", cls=Option, is_flag=True, help=N_("Print one JSON document for machines."))
@click.option(
    "--lang",
    cls=Option,
    type=click.Choice(LANGUAGES),
    expose_value=False,  # chosen before the command line was read: see cli/words.py
    help=N_("The language of headings and messages; that of the locale unless given."),
)
def simulate_command(
    directory: Path,
    households: int,
    months: int,
    seed: int,
    first_month: str,
    messy: float,
    deliveries: int,
    key: Path | None,
    as_json: bool,
) -> ExitCode:
    """Write the county and print a line for each file; raises SimulationError when it cannot be meant."""
    if not as_json:
        print_note(_("Making a county of {count} households.").format(count=households))
    answers = simulate(
        directory,
        households=households,
        months=months,
        seed=seed,
        first_month=first_month,
        messy=messy,
        deliveries=deliveries,
        key=key,
    )
    files = answers["files"]
    total = sum(record["rows"] for record in files)
    if as_json:
        print_json({"directory": str(directory), "files": files, "rows": total})
        return ExitCode.SOUND
    for record in files:
        print_line(f"{record['rows']:>8,}  {record['file']}")
    print_line(
        _("{rows:,} rows in {files} files in {directory}").format(rows=total, files=len(files), directory=directory)
    )
    return ExitCode.SOUND
