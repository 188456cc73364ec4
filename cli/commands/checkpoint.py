"""`mingzhang audit checkpoint`: a signed statement of how many entries there are, and of their root."""

import base64
from pathlib import Path

import click

from cli.command import Place, RunnableGroup
from cli.errors import ExitCode
from cli.heads import heads_options, sealed_size
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note
from cli.output_file import check_output, output_option, write_output
from cli.signing import sign_log
from cli.words import N_, _

PLACES = {
    "request": Place("cli.commands.checkpoint_request", "request_command", N_("Write what a witness needs to cosign.")),
    "attach": Place("cli.commands.checkpoint_attach", "attach_command", N_("Keep the cosignatures of witnesses.")),
}


@click.group(
    "checkpoint",
    cls=RunnableGroup,
    places=PLACES,
    help=N_(
        "Sign the log as it stands.\n\n"
        "The root is computed again from the entries themselves before anything is signed. The "
        "checkpoint is kept in the ledger; keep copies of it elsewhere, with people whom nobody here can"
        " order to change them: only those show later that the history was not cut or rewritten."
    ),
    example="""
        mingzhang audit checkpoint
        mingzhang audit checkpoint -o county-2026-11.checkpoint
        mingzhang audit checkpoint --heads
    """,
)
@output_option(N_("Also write the signed note to this file, byte for byte."))
@heads_options
@common_options
def checkpoint_command(context: Context, output: Path | None, heads: bool, by: str) -> ExitCode:
    """Recompute, sign, keep in the ledger, and only then hand out."""
    check_output(output)
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        store.check_may_add_checkpoint()  # before a map is recorded for nothing
        sealed = sealed_size(store, keys, by) if heads else None
        checkpoint, note = sign_log(store, keys, sealed)
    if output is not None:
        write_output(output, note)
    root = base64.b64encode(checkpoint.root).decode()
    if context.as_json:
        print_json({"log": checkpoint.origin, "size": checkpoint.size, "root": root, "note": note.decode()})
        return ExitCode.SOUND
    print_fields({_("log"): checkpoint.origin, _("entries"): f"{checkpoint.size:,}", _("root"): root})
    if output is not None:
        print_note(
            _("Written to {file}. Keep it where nobody who keeps this ledger can change it.").format(file=output)
        )
    return ExitCode.SOUND
