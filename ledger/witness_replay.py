"""A witness that reads every entry itself: from a folder of tiles, keeping 32 bytes of each for later comparison.

The leaf hashes that it keeps are those of entries that it has read, below a checkpoint that it cosigned. After a
rewrite, whoever did it, they say which entries were altered: everything above them can be built anew, they cannot.
"""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.checkpoint import parse_checkpoint
from ledger.errors import FormatError
from ledger.hashing import HASH_BYTES, Suite
from ledger.keyfile import sync_directory
from ledger.note import split_note
from ledger.tiles import TILE_WIDTH, TreeWriter
from ledger.witness import Answer, Asked, cosign_proved, suite_of, unproved
from ledger.witness_errors import LeavesUnkept, TileFolderError, WitnessStateError
from ledger.witness_folder import WitnessFolder
from ledger.witness_tiles import ReplayedTiles, read_note

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


def cosign_tiles(folder: WitnessFolder, tiles: Path, now: int, *, seed: bool = False) -> Answer:
    """Cosign the checkpoint of a folder of tiles after reading each entry that was not read before.

    With `seed` the third key signs as well, at time 0.

    Raises what `ledger.witness.cosign` raises, and TileFolderError when the folder lacks something.
    """
    note = read_note(tiles)

    def check(asked: Asked) -> int:
        return replay(folder, ReplayedTiles(tiles, asked.checkpoint.size), asked)

    return cosign_proved(folder, note, now, check, note, seed=seed)


def compare_tiles(folder: WitnessFolder, tiles: Path) -> tuple[Comparison, Iterator[Difference]]:
    """Compare the entries of a folder with the leaf hashes that the witness keeps of that log, one by one.

    Whether the folder's checkpoint is signed does not matter here. Raises LeavesUnkept when nothing is kept.
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
        raise LeavesUnkept(where=origin, expected="kept leaf hashes of this log", found="none", mend=mend)
    differences = _differences(folder, ReplayedTiles(tiles, checkpoint.size), suite_of(keys[0]), origin, last.held)
    return Comparison(origin, last.held), differences


def replay(folder: WitnessFolder, tiles: ReplayedTiles, asked: Asked) -> int:
    """Check that kept and new leaves lead to both roots; keep the new ones, durably; return how many are kept.

    New ones are written behind those that the state counts, where nobody reads them unless the state says so.
    """
    path = folder.leaves_path(asked.checkpoint.origin)
    held = asked.last.held if asked.last else 0
    tree = TreeWriter(asked.suite)
    for leaves in _kept(path, held):
        tree.extend([leaves])
        tree.take_full()
    _check_last_root(asked, tree)
    with path.open("r+b" if path.exists() else "x+b") as file:
        file.seek(held * HASH_BYTES)
        for leaves in _new_leaves(tiles, asked.suite, held):
            for part in _split_at(leaves, asked.last_size - tree.size):
                tree.extend([part])
                tree.take_full()
                _check_last_root(asked, tree)
            file.write(leaves)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    sync_directory(path.parent)
    if (tree.size, tree.root()) != (asked.checkpoint.size, asked.checkpoint.root):
        expected = f"entries that lead to root {_base64(asked.checkpoint.root)}, those that were kept among them"
        raise unproved(asked, expected, f"root {_base64(tree.root())}; 'mingzhang witness compare' names the entries")
    return tree.size


# Private


def _check_last_root(asked: Asked, tree: TreeWriter) -> None:
    """Refuse entries that do not lead to the last cosigned root, when the tree has just that size."""
    last = asked.last
    if last is not None and tree.size == last.size and tree.root() != last.root:
        expected = f"root {_base64(last.root)} of the first {last.size} entries, as was cosigned"
        raise unproved(asked, expected, f"root {_base64(tree.root())}")


def _kept(path: Path, held: int) -> Iterator[bytes]:
    """Yield the leaf hashes that are kept, joined, some at a time."""
    if held == 0:
        return
    try:
        with path.open("rb") as file:
            for first in range(0, held, _CHUNK_HASHES):
                wanted = min(_CHUNK_HASHES, held - first) * HASH_BYTES
                data = file.read(wanted)
                if len(data) < wanted:
                    raise _leaves_lost(path, held, f"{first + len(data) // HASH_BYTES} hashes")
                yield data
    except OSError as error:
        raise _leaves_lost(path, held, error.strerror or str(error)) from error


def _new_leaves(tiles: ReplayedTiles, suite: Suite, held: int) -> Iterator[bytes]:
    """Yield the leaf hashes of the entries from `held` on, one bundle at a time; each must be that of its tile."""
    for number in range(held // TILE_WIDTH, -(-tiles.size // TILE_WIDTH)):
        leaves = suite.hash_all([b"\x00" + entry for entry in tiles.entries(number)])
        recorded = tiles.leaf_hashes(number)
        for place, leaf in enumerate(leaves):
            if leaf != recorded[place * HASH_BYTES : (place + 1) * HASH_BYTES]:
                raise TileFolderError(
                    where=f"entry {number * TILE_WIDTH + place} in {tiles.directory}",
                    expected="the entry whose leaf hash the level-0 tile has",
                    found="another entry",
                    mend="write the folder again with 'mingzhang export tiles'; if it stays so, run 'audit verify'",
                )
        yield b"".join(leaves[max(held - number * TILE_WIDTH, 0) :])


def _split_at(leaves: bytes, count: int) -> list[bytes]:
    """Return the leaf hashes in two parts when the first `count` of them end in between, else as they are."""
    place = count * HASH_BYTES
    return [leaves[:place], leaves[place:]] if 0 < place < len(leaves) else [leaves]


def _differences(
    folder: WitnessFolder, tiles: ReplayedTiles, suite: Suite, origin: str, held: int
) -> Iterator[Difference]:
    kept = b"".join(_kept(folder.leaves_path(origin), held))
    for number in range(-(-held // TILE_WIDTH)):
        first = number * TILE_WIDTH
        entries = tiles.entries(number) if first < tiles.size else []
        for position in range(first, min(first + TILE_WIDTH, held)):
            mine = kept[position * HASH_BYTES : (position + 1) * HASH_BYTES]
            found = suite.leaf(entries[position - first]) if position - first < len(entries) else b""
            if mine != found:
                yield Difference(position, mine, found)


def _leaves_lost(path: Path, held: int, found: str) -> WitnessStateError:
    mend = "put the file back from the copy of this folder"
    return WitnessStateError(where=str(path), expected=f"{held} leaf hashes of 32 bytes", found=found, mend=mend)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
