"""`mingzhang status`: what the ledger holds, how far it is anchored, how far the registers have followed it."""

import base64
from typing import Any

import click

from cli.command import Command
from cli.errors import ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json
from cli.words import N_, _
from domain.events.delivery import DeliveryLoaded
from ledger.store import Reader, Store
from ledger.stores import session_of
from projections.databases import open_to_look
from projections.tracking import LIVE_NAME, tracked


@click.command(
    "status",
    cls=Command,
    help=N_("Say what the ledger holds.\n\nNothing is checked: `mingzhang audit verify` does that."),
    example="mingzhang status --db county.db",
)
@common_options
def status_command(context: Context) -> ExitCode:
    """Print sizes and distances; reads a few rows only."""
    with context.open_store() as store, store.snapshot() as reader:
        facts = {**_facts(context, reader), **_login(store)}
    if context.as_json:
        print_json(facts)
        return ExitCode.SOUND
    print_fields(
        {
            _("log"): facts["log"],
            _("entries"): f"{facts['size']:,}",
            _("root"): facts["root"],
            _("deliveries"): f"{facts['deliveries']:,}",
            _("checkpoints"): f"{facts['checkpoints']:,}",
            _("entries after the last checkpoint"): f"{facts['unanchored_entries']:,}",
            _("entries not yet in the registers"): f"{facts['lag']:,}",
            _("keys in"): str(context.keys_directory) if facts["keys"] else _("none"),
            **_login_fields(facts),
        }
    )
    return ExitCode.SOUND


# Private


def _facts(context: Context, reader: Reader) -> dict[str, Any]:
    head = reader.head()
    anchored = [checkpoint.size for checkpoint in reader.checkpoints()]
    return {
        "log": reader.origin,
        "size": head.size,
        "root": base64.b64encode(head.root).decode(),
        "deliveries": sum(1 for _record in reader.records_of_type(DeliveryLoaded.TOPIC)),
        "checkpoints": len(anchored),
        "unanchored_entries": head.size - max(anchored, default=0),
        "lag": head.size - _followed(context),
        "keys": context.keys_directory.is_dir(),
    }


def _followed(context: Context) -> int:
    database = open_to_look(context.url)
    try:
        state = tracked(database, LIVE_NAME)
    finally:
        database.close()
    return state.position if state else 0


def _login(store: Store) -> dict[str, Any]:
    """Return who is connected to a server, as whom this login may record, and its duties; nothing for a file."""
    session = session_of(store)
    return {} if session is None else session._asdict()


def _login_fields(facts: dict[str, Any]) -> dict[str, str]:
    if "login" not in facts:
        return {}
    name = _("{login}, a superuser") if facts["is_superuser"] else "{login}"
    return {
        _("login"): name.format(login=facts["login"]),
        _("records as"): ", ".join(facts["actors"]) or _("nobody"),
        _("duties"): ", ".join(facts["duties"]) or _("none"),
    }
