"""A witness that reads every entry itself: from a folder of tiles, keeping 32 bytes of each for later comparison.

The leaf hashes that it keeps are those of entries that it has read, below a checkpoint that it cosigned. After a
rewrite, whoever did it, they say which entries were altered: everything above them can be built anew, they cannot.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.checkpoint import parse_checkpoint
from ledger.errors import FormatError
from ledger.hashing import HASH_BYTES, Suite
from ledger.note import split_note
from ledger.tile_folder import TileFolder, read_note
from ledger.tiles import TILE_WIDTH, TreeWriter
from ledger.witness import Answer, Asked, cosign_proved, suite_of, unproved
from ledger.witness_errors import LogUnknown, TileFolderError, WitnessStateError
from ledger.witness_folder import WitnessFolder

_CHUNK_HASHES: Final = 1 << 15


@dataclass(frozen=True)
class Difference:
    """A position whose entry is not the one that the witness has read; `found` is empty where there is none."""

    position: int
    held: bytes
    found: bytes


@dataclass(frozen=True)
class Comparison:
    """The log of a folder, how many entries were compared with kept leaf hashes."""

    origin: str
    compared: int


def cosign_tiles(folder: WitnessFolder, tiles: Path, now: int) -> Answer:
    """Cosign the checkpoint of a folder of tiles after reading each entry that was not read before.

    Raises what `ledger.witness.cosign` raises, and TileFolderError when the folder lacks something.
    """
    note = read_note(tiles)

    def check(asked: Asked) -> int:
        return _replay(folder, TileFolder(tiles, asked.checkpoint.size), asked)

    return cosign_proved(folder, note, now, check, note)


def compare_tiles(folder: WitnessFolder, tiles: Path) -> tuple[Comparison, Iterator[Difference]]:
    """Compare the entries of a folder with the leaf hashes that the witness keeps of that log, one by one.

    Whether the folder's checkpoint is signed does not matter here. Raises LogUnknown when nothing is kept.
    """
    note = read_note(tiles)
    try:
        checkpoint = parse_checkpoint(split_note(note)[0])
    except FormatError as error:
        raise TileFolderError(
            where=str(tiles / "checkpoint"),
            expected="a signed checkpoint",
            found=str(error),
            mend="write the folder again with 'mingzhang export tiles'",
        ) from None
    origin = checkpoint.origin
    keys = [one for one in folder.trusted() if one.name == origin]
    last = folder.state().logs.get(origin)
    if not keys or last is None or last.held == 0:
        mend = "keep leaf hashes from now on with 'mingzhang witness cosign --tiles'"
        raise LogUnknown(where=origin, expected="kept leaf hashes of this log", found="none", mend=mend)
    differences = _differences(folder, TileFolder(tiles, checkpoint.size), suite_of(keys[0]), origin, last.held)
    return Comparison(origin, last.held), differences


# Private


def _replay(folder: WitnessFolder, tiles: TileFolder, asked: Asked) -> int:
    """Check that kept and new leaves lead to both roots; keep the new ones, durably; return how many are kept."""
    last, checkpoint = asked.last, asked.checkpoint
    path = folder.leaves_path(checkpoint.origin)
    held = last.held if last else 0
    tree = TreeWriter(asked.suite)
    fresh: list[bytes] = []
    for leaves in _leaves(path, held):
        tree.extend([leaves])
        tree.take_full()
    for leaf in _new_leaves(tiles, asked, held):
        if last is not None and last.size == held + len(fresh) > held:
            _check_old_root(asked, _grown(tree, fresh))
        fresh.append(leaf)
    found = _root_with(tree, fresh)
    if last is not None and last.size == checkpoint.size and last.size > held:
        _check_old_root(asked, found)
    if found != checkpoint.root:
        expected = "the root of the checkpoint from the entries that were kept and the new ones"
        raise unproved(asked, expected, "another root: run 'mingzhang witness compare' for the altered positions")
    _append(path, held, fresh)
    return held + len(fresh)
