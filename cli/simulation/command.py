"""`mingzhang simulate`: make a synthetic county to try the ledger with."""

from __future__ import annotations

from pathlib import Path

import click

from cli.simulation.county import simulate
from cli.simulation.errors import SimulationError

EXIT_USAGE = 2


@click.command("simulate")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--households", type=int, default=60, show_default=True, help="Applications in the county.")
@click.option("--months", type=int, default=6, show_default=True, help="Months of payments.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same files.")
@click.option("--first-month", default="2024-01", show_default=True, help="First month, as YYYY-MM.")
@click.option("--messy", type=float, default=1.0, show_default=True, help="Untidiness of the files; 0 is clean.")
@click.option("--deliveries", type=int, default=1, show_default=True, help="Instalments, one folder for each.")
@click.option("--key", type=click.Path(path_type=Path), help="Also write the right answers to this JSON file.")
def simulate_command(
    directory: Path,
    households: int,
    months: int,
    seed: int,
    first_month: str,
    messy: float,
    deliveries: int,
    key: Path | None,
) -> None:
    """Write the files of a county that does not exist into DIRECTORY, which must be new or empty.

    Example: mingzhang simulate county --households 60 --months 6 --key answers.json
    """
    click.echo(f"simulating {households} households over {months} months, seed {seed}", err=True)
    try:
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
    except SimulationError as refusal:
        click.echo(f"Error: {refusal}", err=True)
        raise SystemExit(EXIT_USAGE) from refusal
    for record in answers["files"]:
        click.echo(f"{record['rows']:>8}  {record['file']}")
    total = sum(record["rows"] for record in answers["files"])
    click.echo(f"{total:>8}  rows in {len(answers['files'])} files, {directory}")
