"""Signing the log: its root computed again from the entries, signed under the signer's memory, and kept."""

import base64

from cli.errors import CommandError, ExitCode, NotChecked
from cli.output import progress
from cli.words import _
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.cosignatures import union
from ledger.entry import parse_entry
from ledger.key_chain import read_chain
from ledger.keystore import KeyStore
from ledger.merkle import Frontier
from ledger.signer_state import read_state, sign_checkpoint
from ledger.store import Reader, Store

_BATCH = 1_000


class HistoryDiffers(CommandError):
    """The stored entries do not lead to the stored tree head: evidence, and nothing to sign."""

    exit_code = ExitCode.FINDING


def sign_log(store: Store, keys: KeyStore, at: int | None = None) -> tuple[Checkpoint, bytes]:
    """Sign the first `at` entries, all of them when it is None; return the checkpoint and its note, which is kept.

    The note has every cosignature that was collected for it. Raises what `sign_checkpoint` raises, HistoryDiffers,
    and what the store raises when it may not keep a checkpoint.
    """
    store.check_may_add_checkpoint()  # a signature that is not kept would still be remembered beside the key
    last = read_state(keys.directory, keys.origin)
    with store.snapshot() as reader:
        _check_key(reader, keys.verifier_key())
        latest = reader.head().size
        size = latest if at is None else at
        roots = _roots_at(reader, {size, latest, last.size if last else size})
        _check_head(reader, roots[latest])
        checkpoint = Checkpoint(store.origin, size, roots[size])
        # Another process may have signed meanwhile: its size is computed when it is asked for.
        note = sign_checkpoint(keys, checkpoint, lambda count: roots.get(count) or _roots_at(reader, {count})[count])
    store.add_checkpoint(size, note)
    return checkpoint, _with_cosignatures(store, note, checkpoint)


# Private


def _check_key(reader: Reader, vkey: str) -> None:
    """Refuse to sign with a key that the log has retired already: an interrupted change of the key must end first."""
    chain = read_chain(reader).verifiers
    if chain and vkey in [one.text for one in chain[:-1]]:
        raise CommandError(
            _("The change of the key was begun and is not ended"),
            expected=chain[-1].text,
            found=vkey,
            mend=_("run `mingzhang key rotate` again: it goes on where it stopped"),
        )


def _with_cosignatures(reader: Reader, note: bytes, checkpoint: Checkpoint) -> bytes:
    """Return the note with every cosignature that was collected for it, should it have been signed before."""
    stored = [one.note for one in reader.checkpoints() if one.size == checkpoint.size]
    return next(one for one in union([note, *stored]) if one.startswith(checkpoint_text(checkpoint) + b"\n"))


def _roots_at(reader: Reader, sizes: set[int]) -> dict[int, bytes]:
    """Return the root of the first n stored entries for each n of `sizes` that the log has, in one reading."""
    tree = Frontier(reader.suite)
    roots = {0: tree.root()}
    with progress(_("Computing the root from the entries"), max(sizes)) as advance:
        for record in reader.records(0, max(sizes)):
            if record.position != tree.size:
                break  # a gap: what follows is not the history that was signed
            tree.append(reader.suite.leaf(record.entry))
            if tree.size in sizes:
                roots[tree.size] = tree.root()
            if tree.size % _BATCH == 0:
                advance(_BATCH)
        advance(tree.size % _BATCH)
    return roots | dict.fromkeys(sizes - roots.keys(), b"")


def _check_head(reader: Reader, root: bytes) -> None:
    """Refuse to sign nothing, a root that the entries do not have, and the middle of a command."""
    head = reader.head()
    if head.size == 0:
        raise NotChecked(
            _("There is nothing to sign"), found=_("a log without an entry"), mend=_("run `mingzhang init`")
        )
    if root != head.root:
        raise HistoryDiffers(
            _("The entries do not have the root that was stored with them; nothing was signed"),
            where=_("the first {size:,} entries").format(size=head.size),
            expected=base64.b64encode(head.root).decode(),
            found=base64.b64encode(root).decode() or _("fewer entries"),
            mend=_("run `mingzhang audit verify`: it names the entry that was changed"),
        )
    record = reader.record(head.size - 1)
    entry = parse_entry(record.entry) if record else None
    if entry is None or entry.k != entry.n:
        raise HistoryDiffers(
            _("The log ends inside a command; nothing was signed"),
            where=_("entry {position:,}").format(position=head.size - 1),
            expected=_("the last entry of a command"),
            found=f"{entry.k}/{entry.n}" if entry else _("no entry"),
            mend=_("run `mingzhang audit verify`"),
        )
