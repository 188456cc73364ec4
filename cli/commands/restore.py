"""`mingzhang restore`: a backup takes the place of the ledger, unless somebody holds a statement that it breaks."""

import base64
import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from audit.continuity import Contradiction, Held, contradictions, erased_keys, held_by, held_note
from audit.result import Verification
from cli.command import Command, Option
from cli.commands.backup import verified_copy
from cli.errors import BadOption, CommandError, ExitCode
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_line, print_note, progress
from cli.trust import verifier_of
from cli.words import N_, _, ngettext
from ledger.errors import LedgerError
from ledger.keyfile import write_new_file
from ledger.keystore import KeyStore
from ledger.note import Verifier
from ledger.signer_state import read_state
from ledger.sqlite import SQLiteStore
from ledger.sqlite_copy import copied_beside, put_in_new_place, put_in_place_of
from ledger.store import Store
from ledger.store_errors import StoreError


class RestoreRefused(CommandError):
    """The backup is not the ledger that somebody was given a statement of."""

    exit_code = ExitCode.FINDING


@dataclass
class Replaced:
    """What is known of the ledger that is to be replaced."""

    readable: bool = False
    size: int = 0
    root: bytes = b""
    held: list[Held] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)

    def to_json(self) -> dict[str, object]:
        """Return its head, or that it could not be read."""
        head = {"size": self.size, "root": base64.b64encode(self.root).decode()}
        return {"readable": True, **head} if self.readable else {"readable": False}


@click.command(
    "restore",
    cls=Command,
    help=N_(
        "Put a backup in the place of the ledger.\n\n"
        "The backup is copied and verified as a whole first. It is refused, with the evidence in a file, when it is "
        "shorter than what was signed, or another history: held against it are the checkpoint given with --since, "
        "what the key has signed last, and the checkpoints of the ledger it would replace. An existing ledger is "
        "replaced with --replace only, and kept beside under a dated name. Keys whose erasure is recorded do not "
        "come back.\n\n"
        "Exit codes: 0 restored, 1 refused with evidence, 2 wrong usage, 3 could not check."
    ),
    example="""
        mingzhang restore /mnt/archive/county-2026-11-21.db --since county-2026-11.checkpoint
        mingzhang restore /mnt/archive/county-2026-11-21.db --replace
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
    """Copy, verify, hold against what was signed, replay erasures, and only then take the place."""
    _check_places(context, backup, replace)
    kept = context.path.with_name(f"{context.path.name}.replaced-{_now()}") if context.path.exists() else None
    with progress(_("Pages copied")) as advance:
        done = 0

        def show(count: int, _total: int) -> None:
            nonlocal done
            advance(count - done)
            done = count

        with copied_beside(backup, context.path, show) as copy:
            verification = verified_copy(copy)
            with SQLiteStore.open(copy, read_only=True) as store:
                report = _judged(context, backup, store, verification, since, vkey, kept)
            if kept is None:
                put_in_new_place(copy, context.path)
            else:
                put_in_place_of(copy, context.path, kept)
    _tell(context, report)
    return ExitCode.SOUND


# Private


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _check_places(context: Context, backup: Path, replace: bool) -> None:
    place = context.path
    if not place.parent.is_dir():
        raise BadOption(_("There is no such folder"), where=str(place.parent))
    if place.exists() and place.samefile(backup):
        raise BadOption(_("This is the ledger itself"), where=str(backup), mend=_("give the file of a backup"))
    if place.exists() and not replace:
        raise BadOption(
            _("There is a ledger here already"),
            where=str(place),
            mend=_("choose another place with --db, or replace it with --replace: it is kept beside"),
        )


def _judged(
    context: Context,
    backup: Path,
    store: Store,
    verification: Verification,
    since: Path | None,
    vkey: str | None,
    kept: Path | None,
) -> dict[str, Any]:
    """Refuse the copy, or replay the erasures and return what is to be told."""
    with _Keys(context, store) as keys:
        verifier = verifier_of(vkey) if vkey is not None else keys.verifier
        replaced = _read_replaced(context, store, verifier) if kept is not None else Replaced()
        held = [*_held_outside(context, keys, since, verifier), *replaced.held]
        broken = [] if verification.findings else contradictions(store, held)
        if verification.findings or broken:
            _refuse(context, backup, verification, broken, replaced if kept is not None else None)
        erased = erased_keys(store)
        destroyed = keys.destroyed(sorted(erased | replaced.erased))
    head = store.head()
    return {
        "db": context.url,
        "size": head.size,
        "root": base64.b64encode(head.root).decode(),
        "held": [{"source": one.source, "size": one.checkpoint.size} for one in held],
        "replaced": None if kept is None else {"kept": str(kept), **replaced.to_json()},
        "erased": sorted(erased | replaced.erased),
        "destroyed": destroyed,
        "erasures_not_in_backup": sorted(replaced.erased - erased),
    }


class _Keys:
    """The key folder, where there is one; it is opened without the passphrase, which nothing here needs."""

    def __init__(self, context: Context, store: Store) -> None:
        self.store: KeyStore | None = None
        if context.keys_directory.is_dir():
            self.store = KeyStore.open(context.keys_directory, store.origin, store.suite)

    @property
    def verifier(self) -> Verifier | None:
        return None if self.store is None else Verifier.parse(self.store.verifier_key())

    def destroyed(self, kids: list[str]) -> list[str]:
        return [] if self.store is None else [kid for kid in kids if self.store.destroy(kid)]

    def __enter__(self) -> "_Keys":
        return self

    def __exit__(self, *_error: object) -> None:
        if self.store is not None:
            self.store.close()


def _held_outside(context: Context, keys: _Keys, since: Path | None, verifier: Verifier | None) -> list[Held]:
    held = []
    if since is not None:
        held.append(held_note("since", since.read_bytes(), verifier))
        if verifier is None:
            print_note(_("There is no key of the log here: the signature of the checkpoint was not checked."))
    if keys.store is not None:
        last = read_state(context.keys_directory, keys.store.origin)
        if last is not None:
            held.append(Held("signer-state", last))
    return held


def _read_replaced(context: Context, copy: Store, verifier: Verifier | None) -> Replaced:
    """Read what the ledger in the place says; one that cannot be read says nothing."""
    try:
        with SQLiteStore.open(context.path, read_only=True) as store:
            if store.origin != copy.origin:
                raise BadOption(
                    _("The ledger here is another log"),
                    where=str(context.path),
                    expected=copy.origin,
                    found=store.origin,
                    mend=_("choose another place with --db"),
                )
            head = store.head()
            held = list(held_by(store, "replaced-ledger", verifier))
            return Replaced(True, head.size, head.root, held, erased_keys(store))
    except (StoreError, LedgerError) as error:
        print_note(_("The ledger that is replaced cannot be read: {reason}").format(reason=error))
        return Replaced()


def _refuse(
    context: Context,
    backup: Path,
    verification: Verification,
    broken: list[Contradiction],
    replaced: Replaced | None,
) -> None:
    """Write the evidence beside the ledger, and refuse."""
    evidence = {
        "backup": {
            "file": str(backup),
            "origin": verification.log,
            "size": verification.size,
            "root": base64.b64encode(verification.root).decode(),
        },
        "replaced": None if replaced is None else replaced.to_json(),
        "contradictions": [one.to_json() for one in broken],
        "findings": [finding.to_json() for finding in verification.findings],
    }
    path = context.path.with_name(f"{context.path.name}.restore-refused-{_now()}.json")
    write_new_file(path, json.dumps(evidence, ensure_ascii=False, indent=2).encode() + b"\n")
    if not broken:
        raise RestoreRefused(
            _("The backup does not verify; nothing was changed"),
            where=str(backup),
            found=f"{verification.findings[0].kind}: {verification.findings[0].found}",
            mend=_("take another backup; the evidence is in {file}").format(file=path),
        )
    first = broken[0]
    titles = {
        "statement": _("The backup is shorter than what was signed; nothing was changed"),
        "copy": _("The backup is another history than the one that was signed; nothing was changed"),
    }
    raise RestoreRefused(
        titles.get(first.later, titles["copy"]),
        where=f"{first.held.source}, {first.part}",
        expected=first.expected,
        found=first.found,
        mend=_("take a later backup, or one of this log; both statements are in {file}").format(file=path),
    )


def _tell(context: Context, report: dict[str, Any]) -> None:
    if context.as_json:
        print_json(report)
        return
    print_line(_("The backup is the ledger now."))
    fields = {_("ledger"): str(context.path), _("entries"): f"{report['size']:,}", _("root"): report["root"]}
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
