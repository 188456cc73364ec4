"""`mingzhang upgrade`: tables that an older version made become those of this one; no other command does that."""

import datetime
import uuid
from pathlib import Path
from typing import NamedTuple

import click

from audit.result import Verification
from audit.verification import verify
from cli.command import Command
from cli.commands.backup import verified_copy
from cli.commands.init import BY, STREAM, admissions_of_owner
from cli.errors import BadOption, CommandError, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line
from cli.questions import registers
from cli.words import N_, _
from ledger import sqlite_upgrade
from ledger.ledger import Command as Recorded
from ledger.ledger import Draft, Ledger
from ledger.sqlite_copy import copied_beside, put_in_new_place
from ledger.sqlite_schema import SCHEMA_VERSION
from ledger.urls import PostgresAddress
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
        "Entries, seals and proofs keep every byte. A ledger in SQLite is copied beside itself first; the tables are "
        "changed in one transaction, and the result is verified; registers of an older version are made anew. At the "
        "current version nothing is done. A ledger of a newer version is refused. In PostgreSQL the owner of the "
        "tables runs it, or a superuser."
    ),
    example="""
        mingzhang upgrade --db county.db
        mingzhang upgrade --db postgresql://owner@db.example/county
    """,
)
@common_options
def upgrade_command(context: Context) -> ExitCode:
    """Upgrade the ledger and then its registers, or say that nothing is to be done."""
    in_postgres = isinstance(context.address, PostgresAddress)
    done = _upgraded_in_postgres(context) if in_postgres else _upgraded_in_sqlite(context)
    renewed = _renew_registers(context)
    if context.as_json:
        print_json(
            {
                "from": done.version,
                "to": done.target,
                "backup": None if done.kept is None else str(done.kept),
                "registers_renewed": renewed,
            }
        )
        return ExitCode.SOUND
    if done.version < done.target:
        print_line(_("The tables were upgraded; the log is as it was."))
        kept = _("none; the server's own tools make one") if done.kept is None else str(done.kept)
        print_fields(
            {_("from version"): str(done.version), _("to version"): str(done.target), _("backup"): kept},
        )
    if renewed:
        print_line(_("The registers were of another version, and were made anew."))
    if done.version == done.target and not renewed:
        print_line(_("Nothing to do: the tables are those of this version."))
    return ExitCode.SOUND


# Private


class _Done(NamedTuple):
    """The version there was, the one there is now, and where a copy of the ledger as it was is kept."""

    version: int
    target: int
    kept: Path | None


def _upgraded_in_sqlite(context: Context) -> _Done:
    if not context.path.exists():
        raise BadOption(
            _("There is no ledger here"), where=str(context.path), mend=_("say with --db where the ledger is")
        )
    version = sqlite_upgrade.check_upgradable(context.path, target=SCHEMA_VERSION)
    return _Done(version, SCHEMA_VERSION, _upgrade_ledger(context) if version < SCHEMA_VERSION else None)


def _upgraded_in_postgres(context: Context) -> _Done:
    """Upgrade, verify, and admit the owner to import, which a version without logins needed nobody to be."""
    from ledger import postgres_schema, postgres_upgrade

    assert isinstance(context.address, PostgresAddress)
    version = postgres_upgrade.upgrade(context.address)
    with context.open_store(writing=True) as store:
        if version < postgres_schema.SCHEMA_VERSION:
            verification = verify(store)
            if not verification.sound:
                raise _unsound(verification, context, _("run `mingzhang audit verify`; the log itself was not changed"))
        drafts = tuple(Draft(STREAM, event) for event in admissions_of_owner(store))
        if drafts:
            with Ledger(store, None).recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
                recording.record(Recorded(str(uuid.uuid4()), BY, drafts))
    return _Done(version, postgres_schema.SCHEMA_VERSION, None)


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
        mend = _("run `mingzhang audit verify`; the ledger as it was is kept as {file}").format(file=kept)
        raise _unsound(verification, context, mend)
    return kept


def _unsound(verification: Verification, context: Context, mend: str) -> UpgradeFailed:
    found = f"{verification.findings[0].kind}: {verification.findings[0].found}"
    return UpgradeFailed(_("The ledger does not verify"), where=str(context.address), found=found, mend=mend)


def _renew_registers(context: Context) -> bool:
    """Make registers of another version anew; those that were never made are not."""
    with context.open_store() as store:
        database = open_database(context.url)
        try:
            status = Follower(Ledger(store, None), database).status()
        finally:
            database.close()
    if status.current or not status.position:
        return False
    with registers(context, rebuild=True):
        return True
