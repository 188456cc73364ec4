"""`mingzhang audit checkpoint attach`: the cosignatures that witnesses answered with, kept beside the checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import click

from audit.attaching import attach_cosignatures
from cli.command import Command, Option
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, print_note
from cli.trust import log_keys, verifier_of
from cli.words import N_, _
from ledger.policy import parse_policy


@click.command(
    "attach",
    cls=Command,
    help=N_(
        "Keep the cosignatures of witnesses.\n\n"
        "ANSWER is the file that `mingzhang witness cosign` wrote, or one of another witness. Each cosignature of a "
        "key that you name is verified against the checkpoints in the ledger and kept with the one it fits; lines of "
        "other keys are left out. From then on every checkpoint that is handed out carries it."
    ),
    example="""
        mingzhang audit checkpoint attach county.answer --witness witness-1.vkey
        mingzhang audit checkpoint attach county.answer --policy inspector.policy
    """,
)
@click.argument("answer", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--witness",
    "witnesses",
    cls=Option,
    multiple=True,
    metavar="FILE|TEXT",
    help=N_("The verifier key of a witness whose cosignatures to keep; may be given several times."),
)
@click.option(
    "--policy",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("Keep the cosignatures of the witnesses that this policy names."),
)
@common_options
def attach_command(context: Context, answer: Path, witnesses: Sequence[str], policy: Path | None) -> ExitCode:
    """Verify every line before anything is kept."""
    keys = [verifier_of(text, "--witness") for text in witnesses]
    keys += parse_policy(policy.read_bytes()).witnesses.values() if policy is not None else []
    if not keys:
        raise BadOption(_("Say whose cosignatures to keep"), where="--witness, --policy")
    with context.open_store(writing=True) as store:
        attached = attach_cosignatures(store, answer.read_bytes(), keys, log_keys(context, store, store))
    for name in attached.unknown:
        print_note(_("Left out: a line of {name}, whose key was not named.").format(name=name))
    if context.as_json:
        kept = [{"size": one.size, "witness": one.name, "cosigned_at": one.cosigned_at} for one in attached.kept]
        print_json({"attached": kept, "unknown": attached.unknown})
        return ExitCode.SOUND
    if not attached.kept:
        print_line(_("Nothing was kept."))
    for one in attached.kept:
        print_fields({_("entries"): f"{one.size:,}", _("cosigned by"): one.name})
    return ExitCode.SOUND
