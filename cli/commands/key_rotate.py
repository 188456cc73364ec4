"""`mingzhang key rotate`: a new key for signing checkpoints, announced in the log by the old one."""

import datetime

import click

from cli.actors import WHO_ALONE, by_option
from cli.command import Command, Option
from cli.commands.init import BY, STREAM
from cli.errors import ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line
from cli.words import N_, _
from domain.events.ledger import KeyRotated
from ledger.key_chain import read_chain, rotation_signature
from ledger.key_rotation import rotate_key
from ledger.keystore import KeyStore
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger
from ledger.note import Signer, Verifier
from ledger.store import Store


@click.command(
    "rotate",
    cls=Command,
    help=N_(
        "Change the key that signs checkpoints.\n\n"
        "A new key is made, and the old one signs an entry that names it. Old checkpoints stay valid; `audit verify` "
        "follows the change from whichever key it is given. If this is interrupted, run it again: it goes on where it "
        "stopped. Afterwards sign a checkpoint, and hand the new verifier key to the witnesses."
    ),
    example="""
        mingzhang key rotate
        mingzhang key rotate --destroy
    """,
)
@click.option(
    "--destroy",
    cls=Option,
    is_flag=True,
    help=N_("Destroy the old private key; otherwise it is kept aside as retired-ID.key."),
)
@by_option(WHO_ALONE, BY)
@common_options
def rotate_command(context: Context, destroy: bool, by: str) -> ExitCode:
    """Change the key and print the new one."""
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        old = keys.signer().verifier
        former = read_chain(store).verifiers[:-1]
        new = rotate_key(keys, lambda signer, key: _announce(store, keys, signer, key, by), former, destroy=destroy)
    if context.as_json:
        print_json({"origin": new.name, "key_id": new.key_id.hex(), "vkey": new.text, "retired": old.key_id.hex()})
        return ExitCode.SOUND
    print_fields({_("log"): new.name, _("verifier key"): new.text, _("retired key"): old.key_id.hex()})
    print_line()
    print_line(_("Sign a checkpoint with it now, and hand the new verifier key to witnesses and verifiers."))
    print_line(_("Back up the key folder: the backup made before can no longer sign."))
    return ExitCode.SOUND


# Private


def _announce(store: Store, keys: KeyStore, old: Signer, new: Verifier, by: str) -> None:
    """Record the new key under the signature of the old one, unless an interrupted run has done so."""
    ledger = Ledger(store, keys)
    command_id = keys.command_id("key rotated", new.text)
    event = KeyRotated(vkey=new.text, signature=rotation_signature(old, new.text))
    with ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
        if recording.find(command_id) is None:
            recording.record(Recorded(command_id, by, (Draft(STREAM, event),)))
