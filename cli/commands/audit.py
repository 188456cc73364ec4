"""`mingzhang audit`: commands that read the log itself and trust nothing else."""

import click

from cli.command import LazyGroup, Place
from cli.words import N_

PLACES = {
    "verify": Place("cli.commands.verify", "verify_command", N_("Find what was changed, removed or inserted.")),
    "checkpoint": Place("cli.commands.checkpoint", "checkpoint_command", N_("Sign the log as it stands.")),
    "prove": Place(
        "cli.commands.prove",
        "prove_command",
        N_("Prove that entries are in the log, or with --since that it only grew."),
    ),
    "check-proof": Place(
        "cli.commands.check_proof", "check_proof_command", N_("Check the proof in FILE with no ledger.")
    ),
}


@click.group("audit", cls=LazyGroup, places=PLACES, help=N_("Verify the log, and sign checkpoints of it."))
def audit_group() -> None:
    """Hold the commands; the text of the help stands above."""
