"""`mingzhang audit checkpoint`: a signed statement of how many entries there are, and of their root."""

import base64
from pathlib import Path

import click

from cli.command import Option, Place, RunnableGroup
from cli.errors import BadOption, CommandError, ExitCode, NotChecked
from cli.heads import heads_options, sealed_size
from cli.options import Context, common_options
from cli.output import print_fields, print_json, print_note, progress
from cli.words import N_, _
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.cosignatures import union
from ledger.entry import parse_entry
from ledger.key_chain import read_chain
from ledger.keyfile import replace_file
from ledger.merkle import Frontier
from ledger.signer_state import read_state, sign_checkpoint
from ledger.store import Reader

_BATCH = 1_000


class HistoryDiffers(CommandError):
    """The stored entries do not lead to the stored tree head: evidence, and nothing to sign."""

    exit_code = ExitCode.FINDING


PLACES = {
    "request": Place("cli.commands.checkpoint_request", "request_command", N_("Write what a witness needs to cosign.")),
    "attach": Place("cli.commands.checkpoint_attach", "attach_command", N_("Keep the cosignatures of witnesses.")),
}


@click.group(
    "checkpoint",
    cls=RunnableGroup,
    places=PLACES,
    help=N_(
        "Sign the log as it stands.\n\n"
        "The root is computed again from the entries themselves before anything is signed. The "
        "checkpoint is kept in the ledger; keep copies of it elsewhere, with people whom nobody here can"
        " order to change them: only those show later that the history was not cut or rewritten."
    ),
    example="""
        mingzhang audit checkpoint
        mingzhang audit checkpoint -o county-2026-11.checkpoint
        mingzhang audit checkpoint --heads
    """,
)
@click.option(
    "-o",
    "--output",
    cls=Option,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=N_("Also write the signed note to this file, byte for byte."),
)
@heads_options
@common_options
def checkpoint_command(context: Context, output: Path | None, heads: bool, by: str) -> ExitCode:
    """Recompute, sign, keep in the ledger, and only then hand out."""
    if output is not None and not output.parent.is_dir():
        raise BadOption(_("There is no such folder"), where="--output", found=str(output.parent))
    with context.open_store(writing=True) as store, context.open_keys(store) as keys:
        store.check_may_add_checkpoint()  # a signature that is not kept would still be remembered beside the key
        sealed = sealed_size(store, keys, by) if heads else None
        last = read_state(keys.directory, keys.origin)
        with store.snapshot() as reader:
            _check_key(reader, keys.verifier_key())
            latest = reader.head().size
            size = sealed or latest
            roots = _roots_at(reader, {size, latest, last.size if last else size})
            _check_head(reader, roots[latest])
            checkpoint = Checkpoint(store.origin, size, roots[size])
            # Another process may have signed meanwhile: its size is computed when it is asked for.
            note = sign_checkpoint(
                keys, checkpoint, lambda count: roots.get(count) or _roots_at(reader, {count})[count]
            )
        store.add_checkpoint(size, note)
        note = _with_cosignatures(store, note, checkpoint)
    if output is not None:
        _write(output, note)
    root = base64.b64encode(checkpoint.root).decode()
    if context.as_json:
        print_json({"log": checkpoint.origin, "size": size, "root": root, "note": note.decode()})
        return ExitCode.SOUND
    print_fields({_("log"): checkpoint.origin, _("entries"): f"{size:,}", _("root"): root})
    if output is not None:
        print_note(
            _("Written to {file}. Keep it where nobody who keeps this ledger can change it.").format(file=output)
        )
    return ExitCode.SOUND


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


def _write(output: Path, note: bytes) -> None:
    if output.exists() and not output.is_file():  # a pipe, or /dev/stdout
        output.write_bytes(note)
    else:
        replace_file(output, note, 0o644)


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
