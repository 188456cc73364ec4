"""`mingzhang restore`: a backup takes the place of the ledger, unless somebody holds a statement that it breaks."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli.command import Command, Option
from cli.commands.backup import verified, verified_copy
from cli.errors import BadOption, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, print_note, progress_of
from cli.restoring import Judgement, now
from cli.trust import verifier_of
from cli.words import N_, _, ngettext
from ledger.sqlite import SQLiteStore
from ledger.sqlite_copy import copied_beside, put_in_new_place, put_in_place_of
from ledger.store_errors import StoreDamaged
from ledger.urls import PostgresAddress, SQLiteAddress

# PostgreSQL's driver is loaded only where it is used: every command would wait for it otherwise.


@click.command(
    "restore",
    cls=Command,
    help=N_(
        "Put a backup in the place of the ledger.\n\n"
        "The place is a file, or a database of a PostgreSQL server: a ledger moves from one to the other with every "
        "byte of its log. What is copied is verified as a whole before it takes the place. It is refused, with the "
        "evidence in a file, when it is shorter than what was signed, or another history: held against it are the "
        "checkpoint given with --since, what the key has signed last, and the checkpoints of the ledger it would "
        "replace. An existing ledger is replaced with --replace only, and kept: a file beside it, a schema in its "
        "database, under a dated name. Keys whose erasure is recorded do not come back.\n\n"
        "Exit codes: 0 restored, 1 refused with evidence, 2 wrong usage, 3 could not check."
    ),
    example="""
        mingzhang restore /mnt/archive/county-2026-11-21.db --since county-2026-11.checkpoint
        mingzhang restore /mnt/archive/county-2026-11-21.db --replace
        mingzhang restore county.db --db postgresql://owner@server/county --keys county.db.keys
    """,
)
@click.argument("backup", metavar="BACKUP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--since",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("The last checkpoint that you have: the backup must contain the history it signs."),
)
@click.option(
    "--vkey",
    cls=Option,
    metavar="FILE|TEXT",
    help=N_("The log's verifier key as it was handed out; that of the key folder unless given."),
)
@click.option("--replace", cls=Option, is_flag=True, help=N_("Replace the ledger that is there, and keep it beside."))
@common_options
def restore_command(context: Context, backup: Path, since: Path | None, vkey: str | None, replace: bool) -> ExitCode:
    """Verify, hold against what was signed, replay erasures, and only then take the place."""
    address = context.address
    verifier = None if vkey is None else verifier_of(vkey)

    def judgement(kept: str | None) -> Judgement:
        return Judgement(context, backup, since, verifier, kept)

    if isinstance(address, SQLiteAddress):
        report = _into_file(address.path, backup, judgement, replace=replace)
    else:
        report = _into_database(address, backup, judgement, replace=replace)
    _tell(context, report)
    return ExitCode.SOUND


# Private

_Judging = Callable[[str | None], Judgement]


def _into_file(place: Path, backup: Path, judgement: _Judging, *, replace: bool) -> dict[str, Any]:
    """Copy the file page by page, verify the copy, and give it the name of the ledger."""
    if not place.parent.is_dir():
        raise BadOption(_("There is no such folder"), where=str(place.parent))
    if place.exists() and place.samefile(backup):
        raise BadOption(_("This is the ledger itself"), where=str(backup), mend=_("give the file of a backup"))
    if place.exists() and not replace:
        raise _taken(place)
    kept = place.with_name(f"{place.name}.replaced-{now()}") if place.exists() else None
    judge = judgement(None if kept is None else str(kept))
    with progress_of(_("Pages copied")) as show, copied_beside(backup, place, show) as copy:
        verification = verified_copy(copy)
        judge.refuse_unless_sound(verification)
        with SQLiteStore.open(copy, read_only=True) as store:
            report = judge.judged(store, verification)
        if kept is None:
            put_in_new_place(copy, place)
        else:
            put_in_place_of(copy, place, kept)
    return report


def _into_database(address: PostgresAddress, backup: Path, judgement: _Judging, *, replace: bool) -> dict[str, Any]:
    """Verify the backup, copy it row by row in one transaction, and verify what that holds before it is committed."""
    from ledger.copying import copy_log
    from ledger.postgres_new_log import holds_ledger, postgres_new_log

    taken = holds_ledger(address)
    if taken and not replace:
        raise _taken(address)
    kept = f"mingzhang_replaced_{re.sub('[^0-9tz]', '_', now().lower())}" if taken else None
    judge = judgement(kept)
    with SQLiteStore.open(backup, read_only=True) as store:
        before = verified(store)
        judge.refuse_unless_sound(before)
        with postgres_new_log(address, store.origin, store.suite, kept=kept) as target:
            report = judge.judged(store, before)
            with store.snapshot() as log, progress_of(_("Entries copied"), before.size) as show:
                copy_log(log, target, show)
            copied = verified(target)
            if not copied.sound or (copied.size, copied.root) != (before.size, before.root):
                found = copied.findings[0].kind if copied.findings else f"{copied.size} entries"
                raise StoreDamaged(
                    where=str(address),
                    expected=f"the {before.size} entries that were verified in {backup}",
                    found=found,
                    mend="nothing was changed; see that nobody writes to the backup, then try again",
                )
    return report


def _taken(place: Path | PostgresAddress) -> BadOption:
    return BadOption(
        _("There is a ledger here already"),
        where=str(place),
        mend=_("choose another place with --db, or replace it with --replace: it is kept beside"),
    )


def _tell(context: Context, report: dict[str, Any]) -> None:
    if context.as_json:
        print_json(report)
        return
    print_line(_("The backup is the ledger now."))
    fields = {_("ledger"): str(context.address), _("entries"): f"{report['size']:,}", _("root"): report["root"]}
    if report["replaced"]:
        fields[_("the old one is kept as")] = report["replaced"]["kept"]
    print_fields(fields)
    if not report["held"]:
        print_note(_("No checkpoint was held against it: nothing shows that it is the newest backup, or the true one."))
    lost = (report["replaced"] or {}).get("size", 0) - report["size"]
    if lost > 0:
        text = ngettext(
            "{count} entry of the old ledger is not in the backup; no checkpoint signed it.",
            "{count} entries of the old ledger are not in the backup; no checkpoint signed them.",
            lost,
        )
        print_note(text.format(count=f"{lost:,}"))
    if report["destroyed"]:
        text = ngettext(
            "{count} erased key was destroyed again.",
            "{count} erased keys were destroyed again.",
            len(report["destroyed"]),
        )
        print_note(text.format(count=len(report["destroyed"])))
    if report["erasures_not_in_backup"]:
        kids = ", ".join(report["erasures_not_in_backup"])
        print_note(_("Erasures that the backup does not record, to be recorded again: {kids}").format(kids=kids))
