"""`mingzhang audit sample sign` and `request`: the one checkpoint that ends with a draw's announcement."""

from pathlib import Path

import click

from audit.draws.making import inspection_of
from audit.draws.seed import seed_checkpoint, size_of_announcement
from audit.proofs import consistency_from
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.failures import show
from cli.inspecting import acting
from cli.opened_ledger import opened_ledger
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note, print_text
from cli.output_file import check_output, output_option, write_output
from cli.signing import sign_log
from cli.trust import log_keys
from cli.words import N_, _
from domain.recorded import Recorded
from ledger.keyfile import KeyFileError
from ledger.ledger import Ledger
from ledger.proof_text import format_consistency
from ledger.signer_state import SignerStateError
from ledger.store_errors import StoreError


def sign_announcement(context: Context, ledger: Ledger, size: int) -> bool:
    """Sign the checkpoint of the announcement where that can be done here; say whether it was."""
    if ledger.keys is None:
        return False
    try:
        sign_log(ledger.store, ledger.keys, size)
    except (
        KeyFileError,
        SignerStateError,
        StoreError,
    ) as error:  # the announcement stands all the same
        show(error)
        return False
    return True


def announcement_of(ledger: Ledger, number: str) -> Recorded:
    """Return the entry that announced a draw; raises BadOption for a number that was not announced."""
    announcements = inspection_of(ledger, number).announcements
    if not announcements:
        mend = _("`mingzhang register inspections` lists the draws there are")
        raise BadOption(_("There is no such draw"), where="NUMBER", found=number, mend=mend)
    return announcements[0]


@click.command(
    "sign",
    cls=Command,
    help=N_(
        "Sign the checkpoint that gives the draw NUMBER its seed.\n\n"
        "It is the one that ends with the announcement, whatever was recorded since; the key signs nothing smaller "
        "than what it signed last. `mingzhang audit sample announce` does this itself where it has the key."
    ),
    example="mingzhang audit sample sign CJ2024-01",
)
@click.argument("number")
@common_options
def sign_command(context: Context, number: str) -> ExitCode:
    """Sign at the size of the announcement."""
    with acting(context, None) as (ledger, _actor):
        size = size_of_announcement(ledger.store, announcement_of(ledger, number))
        with context.open_keys(ledger.store) as keys:
            checkpoint, note = sign_log(ledger.store, keys, size)
    if context.as_json:
        print_json({"number": number, "size": checkpoint.size, "note": note.decode()})
    else:
        print_fields({_("inspection"): number, _("entries"): f"{checkpoint.size:,}"})
    return ExitCode.SOUND


@click.command(
    "request",
    cls=Command,
    help=N_(
        "Write what a witness needs to give the draw NUMBER its seed.\n\n"
        "As `mingzhang audit checkpoint request`, for the one checkpoint that ends with the announcement. The witness "
        "runs `mingzhang witness cosign FILE --seed`, and the answer is kept with `mingzhang audit checkpoint attach`."
    ),
    example="mingzhang audit sample request CJ2024-01 --for 12800 -o draw.request",
)
@click.argument("number")
@click.option(
    "--for",
    "old_size",
    cls=Option,
    type=click.IntRange(min=0),
    default=0,
    metavar="WITNESS_SIZE",
    help=N_("The size that the witness cosigned last, as `mingzhang witness status` says it."),
)
@output_option(N_("Write the request to this file; otherwise it is printed."))
@common_options
def request_command(context: Context, number: str, old_size: int, output: Path | None) -> ExitCode:
    """Prove from stored tiles, and write or print."""
    check_output(output)
    with opened_ledger(context) as ledger, ledger.store.snapshot() as reader:
        keys = log_keys(context, ledger.store, reader)
        signed = seed_checkpoint(reader, announcement_of(ledger, number), keys)
        request = format_consistency(consistency_from(reader, old_size, signed))
    size = signed.checkpoint.size
    if output is not None:
        write_output(output, request)
    if context.as_json:
        print_json({"number": number, "old": old_size, "size": size, "request": request.decode()})
    elif output is None:
        print_text(request.decode())
    else:
        print_fields({_("inspection"): number, _("before"): f"{old_size:,}", _("entries"): f"{size:,}"})
        print_note(_("The witness runs `mingzhang witness cosign FILE --seed`."))
    return ExitCode.SOUND
