"""`mingzhang upgrade`: tables that an older version made become those of this one; no other command does that."""

import datetime
from pathlib import Path

import click

from cli.command import Command
from cli.commands.backup import verified_copy
from cli.errors import BadOption, CommandError, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line
from cli.questions import registers
from cli.words import N_, _
from ledger import sqlite_upgrade
from ledger.ledger import Ledger
from ledger.sqlite import SQLiteStore
from ledger.sqlite_copy import copied_beside, put_in_new_place
from ledger.sqlite_schema import SCHEMA_VERSION
from projections.databases import open_database
from projections.follower import Follower


class UpgradeFailed(CommandError):
    """The upgraded ledger does not verify."""

    exit_code = ExitCode.FINDING


@click.command(
    "upgrade",
    cls=Command,
    help=N_(
        "Bring the tables of an older version to this one.\n\n"
        "Entries, seals and proofs keep every byte. The ledger is copied beside itself first, the tables are changed "
        "in one transaction, and the result is verified; registers of an older version are made anew. At the current "
        "version nothing is done. A ledger of a newer version is refused."
    ),
    example="mingzhang upgrade --db county.db",
)
@common_options
def upgrade_command(context: Context) -> ExitCode:
    """Upgrade the ledger and then its registers, or say that nothing is to be done."""
    if not context.path.exists():
        raise BadOption(
            _("There is no ledger here"), where=str(context.path), mend=_("say with --db where the ledger is")
        )
    version = sqlite_upgrade.check_upgradable(context.path, target=SCHEMA_VERSION)
    kept = _upgrade_ledger(context) if version < SCHEMA_VERSION else None
    renewed = _renew_registers(context)
    if context.as_json:
        print_json(
            {
                "from": version,
                "to": SCHEMA_VERSION,
                "backup": None if kept is None else str(kept),
                "registers_renewed": renewed,
            }
        )
        return ExitCode.SOUND
    if kept is not None:
        print_line(_("The tables were upgraded; the log is as it was."))
        print_fields({_("from version"): str(version), _("to version"): str(SCHEMA_VERSION), _("backup"): str(kept)})
    if renewed:
        print_line(_("The registers were of another version, and were made anew."))
    if kept is None and not renewed:
        print_line(_("Nothing to do: the tables are those of this version."))
    return ExitCode.SOUND


# Private


def _upgrade_ledger(context: Context) -> Path:
    """Keep a copy, upgrade, verify; return where the copy is."""
    path = context.path
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = path.with_name(f"{path.name}.before-upgrade-{moment}")
    with copied_beside(path, kept) as copy:
        put_in_new_place(copy, kept)
    sqlite_upgrade.upgrade(path, target=SCHEMA_VERSION)
    verification = verified_copy(path)
    if not verification.sound:
        raise UpgradeFailed(
            _("The ledger does not verify"),
            where=str(path),
            found=f"{verification.findings[0].kind}: {verification.findings[0].found}",
            mend=_("run `mingzhang audit verify`; the ledger as it was is kept as {file}").format(file=kept),
        )
    return kept


def _renew_registers(context: Context) -> bool:
    """Make registers of another version anew; those that were never made are not."""
    with SQLiteStore.open(context.path, read_only=True) as store:
        database = open_database(context.url)
        try:
            status = Follower(Ledger(store, None), database).status()
        finally:
            database.close()
    if status.current or not status.position:
        return False
    with registers(context, rebuild=True):
        return True
