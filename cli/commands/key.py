"""`mingzhang key show`: the public key that checkpoints are verified with."""

import click

from cli.command import Command, LazyGroup, Option, Place
from cli.errors import ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line
from cli.suites import print_suite_limits, suite_label
from cli.words import N_, _
from ledger.note import Verifier

PLACES = {
    "show": Place("cli.commands.key", "show_command", N_("Show the public key of the ledger.")),
    "rotate": Place("cli.commands.key_rotate", "rotate_command", N_("Change the key that signs checkpoints.")),
}


@click.group("key", cls=LazyGroup, places=PLACES, help=N_("Show and change the key that checkpoints are signed with."))
def key_group() -> None:
    """Hold the commands; the text of the help stands above."""


@click.command(
    "show",
    cls=Command,
    help=N_(
        "Show the public key of the ledger.\n\n"
        "The verifier key (vkey) is what others need to check this ledger's checkpoints. Hand it out; it"
        " is no secret."
    ),
    example="mingzhang key show --vkey > county.vkey",
)
@click.option("--vkey", "vkey_alone", cls=Option, is_flag=True, help=N_("Print the verifier key and nothing else."))
@common_options
def show_command(context: Context, vkey_alone: bool) -> ExitCode:
    """Print the verifier key, with what it is made of unless it alone is wanted."""
    with context.open_store() as store, context.open_keys(store, unlock=False) as keys:
        vkey, origin, suite = keys.verifier_key(), store.origin, store.suite
    key_id = Verifier.parse(vkey).key_id.hex()
    if context.as_json:
        print_json({"origin": origin, "suite": suite.name, "key_id": key_id, "vkey": vkey})
    elif vkey_alone:
        print_line(vkey)
    else:
        print_fields(
            {
                _("log"): origin,
                _("hash"): suite_label(suite),
                _("key id"): key_id,
                _("verifier key"): vkey,
                _("keys in"): str(context.keys_directory),
            }
        )
        print_suite_limits(suite)
    return ExitCode.SOUND
