"""`mingzhang audit verify`: has anything been changed, removed, inserted or dated back, by anyone?"""

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from audit.errors import CouldNotCheck
from audit.result import Verification
from audit.verification import verify
from cli.command import Command, Option
from cli.errors import ExitCode
from cli.options import Context, common_options
from cli.output import print_json, print_note, progress
from cli.tile_audit import verify_folder
from cli.trust import policy_of, verifier_of
from cli.verdict import print_verification
from cli.words import N_, _
from ledger.errors import LedgerError
from ledger.keyfile import KeyFileError, PassphraseNeeded
from ledger.keystore import KeyStore
from ledger.note import Verifier
from ledger.policy import Policy
from ledger.store import Store
from ledger.store_errors import DutyMissing, StoreError, UpgradeNeeded


@click.command(
    "verify",
    cls=Command,
    help=N_(
        "Find what was changed, removed or inserted.\n\n"
        "Every stored byte of entries, index columns, tree, checkpoints and sealed parts is checked, in constant "
        "memory. With --since, a checkpoint that somebody kept elsewhere, a history that was cut or rewritten "
        "consistently is found as well. Nothing is repaired. Every finding has a section in docs/errors.md.\n\n"
        "Exit codes: 0 sound, 1 a finding, 3 could not check."
    ),
    example="""
        mingzhang audit verify
        mingzhang audit verify --since county-2026-11.checkpoint --vkey county.vkey
        mingzhang audit verify --policy inspector.policy
        mingzhang audit verify --tiles public --policy inspector.policy
        mingzhang audit verify --jobs 4
    """,
)
@click.option(
    "--since",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("A checkpoint that was kept elsewhere: the log must still contain the history it signs."),
)
@click.option(
    "--vkey",
    "vkey",
    cls=Option,
    metavar="FILE|TEXT",
    help=N_("The log's verifier key as it was handed out; that of the key folder unless given."),
)
@click.option(
    "--tiles",
    cls=Option,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help=N_("Verify this folder of `mingzhang export tiles` instead, with no database and no keys."),
)
@click.option(
    "--policy",
    cls=Option,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("Logs, witnesses and quorum to believe: a policy file of your own."),
)
@click.option(
    "--jobs",
    cls=Option,
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help=N_("Share the work among so many processes; what is found is the same."),
)
@common_options
def verify_command(
    context: Context, since: Path | None, vkey: str | None, tiles: Path | None, policy: Path | None, jobs: int
) -> ExitCode:
    """Verify, print one line per check and then the findings."""
    note = None if since is None else since.read_bytes()
    if tiles is not None:
        return verify_folder(tiles, policy_of(policy, vkey), note, as_json=context.as_json)
    verifier = None if vkey is None else verifier_of(vkey)
    trusted = None if policy is None else policy_of(policy, vkey)
    with _store(context) as store, _keys(context, store) as (keys, usable):
        verification = _verified(store, keys, note, verifier, trusted, jobs)
    if context.as_json:
        print_json({**verification.to_json(), "root": base64.b64encode(verification.root).decode()})
    else:
        print_verification(verification)
    if not verification.sound:
        return ExitCode.FINDING
    if verification.quorum is not None and not verification.quorum.size:
        missing = ", ".join(verification.quorum.missing) or _("none")
        text = _("Not checked: the policy asks for cosignatures of {quorum}; missing are {missing}.")
        print_note(text.format(quorum=verification.quorum.wanted, missing=missing))
        return ExitCode.UNCHECKED
    if note is not None and verification.anchor.kind not in ("since", "quorum"):
        print_note(_("The checkpoint that was handed in could not be checked: no key of the log. Give it with --vkey."))
        return ExitCode.UNCHECKED
    return ExitCode.SOUND if usable else ExitCode.UNCHECKED


# Private


def _verified(
    store: Store,
    keys: KeyStore | None,
    since: bytes | None,
    verifier: Verifier | None,
    policy: Policy | None,
    jobs: int,
) -> Verification:
    with progress(_("Entries verified"), _size(store)) as advance:
        done = 0

        def show(count: int, _total: int) -> None:
            nonlocal done
            advance(count - done)
            done = count

        return verify(store, keys=keys, log_verifier=verifier, policy=policy, since=since, on_progress=show, jobs=jobs)


def _store(context: Context) -> Store:
    try:
        return context.open_store()
    except (UpgradeNeeded, DutyMissing):
        raise
    except StoreError as error:  # it is there, and says nothing that can be checked
        raise CouldNotCheck(error.where, error.expected, error.found, error.mend) from error


def _size(store: Store) -> int | None:
    """Return how many entries the head tells of, for the bar alone; None when not even that can be read."""
    with suppress(LedgerError, sqlite3.Error):
        return store.head().size
    return None


@contextmanager
def _keys(context: Context, store: Store) -> Iterator[tuple[KeyStore | None, bool]]:
    """Open the keys if they are here, and say whether what is here could be used.

    The log is verified without them too, for whoever means harm could damage a key so that nothing would be looked
    at. Raises KeyFileForeign and PassphraseWrong: with another folder or passphrase more can be checked.
    """
    try:
        keys = context.open_keys_if_any(store)
        usable = not store.withholds_sealed and (keys is not None or not context.keys_directory.is_dir())
    except PassphraseNeeded:
        print_note(_("The keys need a passphrase: sealed parts are not opened."))
        keys, usable = None, True
    if keys is None and context.keys_directory.is_dir():
        keys = _locked_keys(context, store)
    try:
        yield keys, usable
    finally:
        if keys is not None:
            keys.close()


def _locked_keys(context: Context, store: Store) -> KeyStore | None:
    """Return the keys unopened, for the public key and the memory of what was signed; None when not even that."""
    try:
        return context.open_keys(store, unlock=False)
    except KeyFileError:
        return None
