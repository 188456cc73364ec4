"""`mingzhang audit checkpoint request`: what a witness needs to cosign the latest checkpoint, in one file."""

from pathlib import Path

import click

from audit.proofs import consistency_from
from audit.signed_checkpoint import accepted, latest_checkpoint
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_text
from cli.output_file import check_output, output_option, write_output
from cli.trust import log_keys
from cli.words import N_, _
from ledger.proof_text import format_consistency


@click.command(
    "request",
    cls=Command,
    help=N_(
        "Write what a witness needs to cosign.\n\n"
        "The latest signed checkpoint with the proof that it goes on from the one that the witness cosigned last: the "
        "request of c2sp.org/tlog-witness, as a file. Without --for and --since the witness has seen none yet. Nothing "
        "is signed here; run `mingzhang audit checkpoint` before."
    ),
    example="""
        mingzhang audit checkpoint request -o county.request
        mingzhang audit checkpoint request --for 12800 -o county.request
    """,
)
@click.option(
    "--for",
    "size",
    cls=Option,
    type=click.IntRange(min=0),
    metavar="WITNESS_SIZE",
    help=N_("The size that the witness cosigned last, as `mingzhang witness status` says it."),
)
@click.option(
    "--since",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("The checkpoint that the witness cosigned last."),
)
@output_option(N_("Write the request to this file; otherwise it is printed."))
@common_options
def request_command(context: Context, size: int | None, since: Path | None, output: Path | None) -> ExitCode:
    """Prove from stored tiles, and write or print."""
    if size is not None and since is not None:
        raise BadOption(_("Give --for or --since, not both"), where="--since")
    check_output(output)
    with context.open_store() as store, store.snapshot() as reader:
        keys = log_keys(context, store, reader)
        latest = latest_checkpoint(reader, keys)
        if since is not None:
            size = accepted(reader, since.read_bytes(), keys, str(since)).checkpoint.size
        request = format_consistency(consistency_from(reader, size or 0, latest))
    if output is not None:
        write_output(output, request)
    checkpoint = latest.checkpoint
    if context.as_json:
        print_json({"log": checkpoint.origin, "old": size or 0, "size": checkpoint.size, "request": request.decode()})
    elif output is None:
        print_text(request.decode())
    else:
        print_fields({_("log"): checkpoint.origin, _("before"): f"{size or 0:,}", _("entries"): f"{checkpoint.size:,}"})
    return ExitCode.SOUND
