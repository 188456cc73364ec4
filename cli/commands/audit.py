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
    "report": Place("cli.commands.audit_report", "report_command", N_("Write a supervision report for a browser.")),
    "flags": Place("cli.commands.flags", "flags_command", N_("Look for red flags in the cases.")),
    "disposition": Place(
        "cli.commands.disposition", "disposition_command", N_("Record what a red flag came to, so that it is silent.")
    ),
    "dossier": Place("cli.commands.dossier", "dossier_command", N_("Write a case to a file that proves itself.")),
    "verify-dossier": Place(
        "cli.commands.verify_dossier", "verify_dossier_command", N_("Check a dossier with nothing but the file.")
    ),
    "sample": Place("cli.commands.sample", "sample_group", N_("Draw cases and inspectors by lot, and inspect them.")),
    "finding": Place("cli.commands.finding", "finding_group", N_("Record findings and their rectification.")),
    "drill": Place("cli.commands.drill", "drill_command", N_("Tamper with copies, and see what is found.")),
    "verifiers": Place("cli.commands.verifiers", "verifiers_command", N_("Write out the inspector's verifiers.")),
}


@click.group("audit", cls=LazyGroup, places=PLACES, help=N_("Verify the log, and sign checkpoints of it."))
def audit_group() -> None:
    """Hold the commands; the text of the help stands above."""
