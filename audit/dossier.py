"""Making a dossier: every entry of one stream, and the proofs that they are in the log, whole, and all there are.

All of it is as of one checkpoint of size M + 1, whose last entry at position M sealed the map of stream heads
(`ledger.heads_map`). What was recorded later is left out and counted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from audit.dossier_form import Dossier, DossierEntry
from audit.errors import CouldNotCheck
from domain.events.ledger import HeadsSealed
from ledger.canonical import decode
from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.cosignatures import union
from ledger.entry import parse_entry
from ledger.heads_map import HEADS_STREAM, heads_below, map_proof
from ledger.ledger import Ledger
from ledger.note import split_note
from ledger.opening import KeyGone
from ledger.sealing import disclose
from ledger.store import Reader, Record
from ledger.tile_proofs import TiledTree


@dataclass(frozen=True, slots=True)
class MadeDossier:
    """A dossier, the checkpoint it hangs on, and what is not in it.

    `later` counts the entries of the stream recorded after the map. `closed` are the positions whose sealed part was
    asked for and could not be opened. `undisclosed` are the names asked for that no opened entry has.
    """

    dossier: Dossier
    checkpoint: Checkpoint
    later: int
    closed: tuple[int, ...]
    undisclosed: tuple[str, ...]


class FieldChoice:
    """Which sealed fields are disclosed: all, or those of these names."""

    def __init__(self, fields: Collection[str] = (), *, everything: bool = False) -> None:
        self.fields = frozenset(fields)
        self.everything = everything

    def __bool__(self) -> bool:
        """Whether anything is to be opened at all."""
        return self.everything or bool(self.fields)

    def of(self, names: Collection[str]) -> list[str]:
        """Return the chosen ones among the fields of an entry, in key order."""
        return [name for name in sorted(names) if self.everything or name in self.fields]


def make_dossier(
    ledger: Ledger, stream: str, size: int | None = None, choice: FieldChoice | None = None
) -> MadeDossier:
    """Return the dossier of a stream as of the latest checkpoint that covers a map, or of the one of `size` entries.

    A stream that does not exist gives a dossier of absence. Raises CouldNotCheck when there is no such checkpoint,
    StoreDamaged where rows or tiles are missing, SealError for a sealed part that is not what its entry commits to.
    """
    with ledger.store.snapshot() as reader:
        checkpoint, note = _heads_checkpoint(reader, size)
        tree = TiledTree(reader.suite, checkpoint.size, reader.tile)
        _check_root(tree, checkpoint)
        disclosing = _Disclosing(ledger, choice or FieldChoice())
        map_size = checkpoint.size - 1
        entries: list[DossierEntry] = []
        later = 0
        for record in reader.stream(stream):
            if record.position < map_size:
                entries.append(_entry(tree, record, disclosing.of(record)))
            else:
                later += 1
        heads = reader.record(map_size)
        assert heads is not None  # the checkpoint was chosen by it
        proof = map_proof(reader.suite, heads_below(reader, map_size), stream)
        dossier = Dossier(reader.suite, reader.origin, stream, note, tuple(entries), _entry(tree, heads, ()), proof)
    return MadeDossier(dossier, checkpoint, later, tuple(disclosing.closed), disclosing.missing())


# Private


class _Disclosing:
    """Opens sealed parts, field by field, and remembers what could not be opened."""

    def __init__(self, ledger: Ledger, choice: FieldChoice) -> None:
        self._ledger = ledger
        self._choice = choice
        self._met: set[str] = set()
        self.closed: list[int] = []

    def of(self, record: Record) -> tuple[Mapping[str, Any], ...]:
        """Return the disclosures that an entry gets."""
        if not self._choice or parse_entry(record.entry).seal is None:
            return ()
        try:
            members, salt = self._ledger.open_strictly(record)
        except KeyGone:
            self.closed.append(record.position)
            return ()
        chosen = self._choice.of(members)
        self._met.update(chosen)
        return tuple(decode(disclose(self._ledger.suite, salt, members, name)) for name in chosen)

    def missing(self) -> tuple[str, ...]:
        """Return the names that were asked for and found in no entry."""
        return tuple(sorted(self._choice.fields - self._met))


def _entry(tree: TiledTree, record: Record, disclosures: tuple[Mapping[str, Any], ...]) -> DossierEntry:
    return DossierEntry(record.entry, record.position, tuple(tree.inclusion_path(record.position)), disclosures)


def _heads_checkpoint(reader: Reader, size: int | None) -> tuple[Checkpoint, bytes]:
    """Return the checkpoint that a dossier hangs on, with every signature that is stored for it."""
    sealed = (record for record in reader.records_of_type(HeadsSealed.TOPIC) if record.stream == HEADS_STREAM)
    sizes = {record.position + 1 for record in sealed}
    notes: list[bytes] = []
    chosen = 0
    for stored in reader.checkpoints():  # ascending by size
        if stored.size in sizes and size in (None, stored.size):
            notes = [*notes, stored.note] if stored.size == chosen else [stored.note]
            chosen = stored.size
    signed = union(notes)  # what is no note is left out
    if not signed:
        raise CouldNotCheck(
            "the dossier",
            "a checkpoint right after a map of stream heads" + ("" if size is None else f", of size {size}"),
            "none yet" if size is None else "no such checkpoint",
            "run `mingzhang audit checkpoint --heads`",
        )
    return parse_checkpoint(split_note(signed[0])[0]), signed[0]


def _check_root(tree: TiledTree, checkpoint: Checkpoint) -> None:
    if tree.root() != checkpoint.root:
        raise CouldNotCheck(
            f"the checkpoint of {checkpoint.size} entries",
            "the root of the stored tree",
            "another root",
            "run `mingzhang audit verify`",
        )
