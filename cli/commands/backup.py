"""`mingzhang backup`: a verified copy of the ledger, taken while it is in use."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from audit.result import Verification
from audit.verification import verify
from cli.command import Command, Option
from cli.errors import BadOption, CommandError, ExitCode, NotChecked
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, progress_of
from cli.verdict import finding_lines
from cli.words import N_, _
from ledger.cosignatures import union
from ledger.key_copy import copy_keys, read_state_bytes
from ledger.sqlite import SQLiteStore
from ledger.sqlite_copy import copied_beside, put_in_new_place, written_beside
from ledger.store import Inspectable, StoredCheckpoint
from ledger.store_errors import StoreDamaged
from ledger.urls import SQLiteAddress


class CopyUnsound(CommandError):
    """What was copied does not verify, so it is no backup."""

    exit_code = ExitCode.FINDING


@click.command(
    "backup",
    cls=Command,
    help=N_(
        "Copy the ledger into a new file, and verify the copy.\n\n"
        "The copy is a ledger in one SQLite file, of a ledger in PostgreSQL too: it verifies on any machine, without a "
        "server. Others go on recording meanwhile. It holds one moment of the log; every byte of it is verified before "
        "it gets its name, and nothing is ever overwritten. The keys are not in it: --with-keys copies them to a "
        "folder apart from it, for whoever finds both reads everything.\n\n"
        "Exit codes: 0 a verified copy, 1 what is stored does not verify, 3 could not copy."
    ),
    example="""
        mingzhang backup /mnt/archive/county-2026-11-21.db
        mingzhang backup /mnt/archive/county.db --with-keys /mnt/safe/county.keys
        mingzhang backup /mnt/archive/county.db --db postgresql://archivist@server/county
    """,
)
@click.argument("destination", metavar="DESTINATION", type=click.Path(path_type=Path))
@click.option(
    "--with-keys",
    "with_keys",
    cls=Option,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=N_("Also copy the keys into this new folder, which must not be near the copy."),
)
@common_options
def backup_command(context: Context, destination: Path, with_keys: Path | None) -> ExitCode:
    """Copy, verify, give the copy its name; then the keys, which are then those of every entry in it."""
    _check_places(context, destination, with_keys)
    state = None if with_keys is None else read_state_bytes(context.keys_directory)
    with _copied_beside(context, destination) as copy:
        verification = verified_copy(copy)
        if not verification.sound:
            raise _unsound(context, "\n".join(finding_lines(verification.findings[0])))
        with SQLiteStore.open(copy, read_only=True) as store:
            last = _last_checkpoint(store)
        put_in_new_place(copy, destination)
    if with_keys is not None and state is not None:
        copy_keys(context.keys_directory, with_keys, state)
    _tell(context, destination, with_keys, verification, last)
    return ExitCode.SOUND


def verified_copy(copy: Path) -> Verification:
    """Verify every byte of a copy in a file, with progress; sealed parts stay closed, their hashes are checked."""
    with SQLiteStore.open(copy, read_only=True) as store:
        return verified(store)


def verified(log: Inspectable) -> Verification:
    """Verify every byte of a copy, with progress; sealed parts stay closed, their hashes are checked."""
    with progress_of(_("Entries verified")) as report:
        return verify(log, on_progress=report)


# Private


@contextmanager
def _copied_beside(context: Context, destination: Path) -> Iterator[Path]:
    """Copy one moment of the log into a file beside the destination, with progress."""
    address = context.address
    if isinstance(address, SQLiteAddress):
        with progress_of(_("Pages copied")) as report, copied_beside(address.path, destination, report) as copy:
            yield copy
        return
    with ExitStack() as until_yielded, ExitStack() as until_used:
        log = until_yielded.enter_context(until_yielded.enter_context(context.open_store()).snapshot())
        report = until_yielded.enter_context(progress_of(_("Entries copied"), log.head().size))
        try:
            copy = until_used.enter_context(written_beside(log, destination, report))
        except StoreDamaged as error:
            raise _unsound(context, error.found) from error
        until_yielded.close()  # a server keeps what was changed since as long as somebody looks at an older moment
        yield copy


def _last_checkpoint(store: SQLiteStore) -> StoredCheckpoint | None:
    """Return the checkpoint of the most entries, with all cosignatures that were collected for it."""
    stored = list(store.checkpoints())
    if not stored:
        return None
    size = max(one.size for one in stored)
    return StoredCheckpoint(size, union(one.note for one in stored if one.size == size)[0])


def _unsound(context: Context, found: str) -> CopyUnsound:
    return CopyUnsound(
        _("What is stored does not verify: it was not kept as a backup"),
        where=str(context.address),
        found=found,
        mend=_("run `mingzhang audit verify`, and keep the backups that you have"),
    )


def _check_places(context: Context, destination: Path, with_keys: Path | None) -> None:
    """Refuse before anything is copied: no ledger, a place that is taken or missing, keys beside the copy."""
    with context.open_store() as store:
        if store.withholds_sealed:
            raise NotChecked(
                _("This login may not read the sealed parts, and a backup without them is none"),
                where=str(context.address),
                mend=_("use the login of the ledger's owner, or one whose duty is to open sealed facts"),
            )
    if destination.exists():
        mend = _("give a name that is not taken; a backup is never written over anything")
        raise BadOption(_("There is something here already"), where=str(destination), mend=mend)
    if not destination.parent.is_dir():
        raise BadOption(_("There is no such folder"), where=str(destination.parent))
    if with_keys is None:
        return
    if not context.keys_directory.is_dir():
        raise BadOption(_("There are no keys here"), where=str(context.keys_directory), mend=_("give --keys"))
    if with_keys.resolve().is_relative_to(destination.resolve().parent):
        raise BadOption(
            _("The keys must not lie beside the copy"),
            where=str(with_keys),
            mend=_("give a folder in another place: whoever finds ledger and keys together reads everything"),
        )
    if with_keys.is_dir() and any(with_keys.iterdir()):
        mend = _("give a new folder; keys are never overwritten")
        raise BadOption(_("There is something here already"), where=str(with_keys), mend=mend)


def _tell(
    context: Context,
    destination: Path,
    with_keys: Path | None,
    verification: Verification,
    last: StoredCheckpoint | None,
) -> None:
    root = base64.b64encode(verification.root).decode()
    if context.as_json:
        print_json(
            {
                "backup": str(destination),
                "size": verification.size,
                "root": root,
                "checkpoint": None if last is None else {"size": last.size, "note": last.note.decode()},
                "keys": None if with_keys is None else str(with_keys),
            }
        )
        return
    print_fields(
        {
            _("backup"): str(destination),
            _("entries"): f"{verification.size:,}",
            _("root"): root,
            _("keys in"): _("not in this backup") if with_keys is None else str(with_keys),
        }
    )
    print_line()
    if last is None:
        print_line(
            _("No checkpoint was ever signed: nothing shows later that this copy is the newest or the true one.")
        )
    else:
        keep = _(
            "Keep this checkpoint of {size:,} entries apart from the copy; `mingzhang restore --since` asks for it:"
        )
        print_line(keep.format(size=last.size))
        print_line()
        for line in last.note.decode().rstrip("\n").split("\n"):
            print_line(line)
    if last is None or last.size < verification.size:
        print_line()
        print_line(
            _("Sign the newest entries with `mingzhang audit checkpoint -o FILE`, and keep that file elsewhere.")
        )
