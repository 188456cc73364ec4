"""A witness that attests a map of stream heads: it computes the map from every entry before it says so.

The statement "no stream ends otherwise below M" is more than a cosignature says, so it has a key of its own, which
signs nothing else (c2sp.org/tlog-cosignature). What is signed is the checkpoint of size M + 1, whose last entry is
the map. The map is computed from the very bytes that lead to the checkpoint's root: all of them, from entry 0.
"""

import base64
from pathlib import Path

from pydantic import ValidationError

from domain.events.ledger import HeadsSealed
from ledger.entry import Entry, parse_entry
from ledger.errors import FormatError
from ledger.heads_map import HEADS_STREAM, HeadsMapError, MapRoot, StreamHeads, map_root
from ledger.merkle import Frontier
from ledger.tiles import TILE_WIDTH
from ledger.witness import Answer, Asked, cosign_proved, unproved
from ledger.witness_errors import HeadsFalse, HeadsUnsealed
from ledger.witness_folder import WitnessFolder
from ledger.witness_replay import replay
from ledger.witness_tiles import ReplayedTiles, read_note


def attest_tiles(folder: WitnessFolder, tiles: Path, now: int) -> Answer:
    """Cosign the checkpoint of a folder of tiles with both keys, after computing its map of stream heads.

    Raises what `ledger.witness_replay.cosign_tiles` raises, HeadsUnsealed when the last entry is no map, and
    HeadsFalse, with evidence, when it is another map than that of the entries before it.
    """
    note = read_note(tiles)

    def check(asked: Asked) -> int:
        read = ReplayedTiles(tiles, asked.checkpoint.size)
        held = replay(folder, read, asked)
        _check_map(read, asked)
        return held

    return cosign_proved(folder, note, now, check, note, heads=True)


# Private


def _check_map(tiles: ReplayedTiles, asked: Asked) -> None:
    if tiles.size < 1:
        raise _unsealed(asked, "no entry")
    computed, last = _computed(tiles, asked)
    sealed = _sealed(asked, last)
    if sealed != computed:
        raise _false(asked, asked.checkpoint.size - 1, _text(computed), _text(sealed))


def _computed(tiles: ReplayedTiles, asked: Asked) -> tuple[MapRoot, bytes]:
    """Return the map of all entries but the last, and the last: of one reading, which led to the checkpoint's root."""
    heads, tree, last = StreamHeads(), Frontier(asked.suite), b""
    computed = MapRoot(0, asked.suite.empty_root)
    for number in range(-(-tiles.size // TILE_WIDTH)):
        for last in tiles.entries(number):
            if tree.size == tiles.size - 1:
                computed = map_root(asked.suite, heads)
            leaf = asked.suite.leaf(last)
            _take(heads, asked, tree.size, last, leaf)
            tree.append(leaf)
    if tree.root() != asked.checkpoint.root:
        raise unproved(asked, "the entries that were read a moment ago", "others: the folder changed meanwhile")
    return computed, last


def _sealed(asked: Asked, last: bytes) -> MapRoot:
    """Return what the last entry says of the map; raises HeadsUnsealed unless it is one, alone in its command."""
    entry = parse_entry(last)
    if (entry.type, entry.stream, entry.k, entry.n) != (HeadsSealed.TOPIC, HEADS_STREAM, 1, 1) or entry.seal:
        raise _unsealed(asked, f"{entry.type} in {entry.stream}, {entry.k}/{entry.n}")
    try:
        event = HeadsSealed.read(entry.payload)
    except ValidationError:
        raise _unsealed(asked, "an entry that says no count and root") from None
    return MapRoot(event.streams, base64.b64decode(event.root))


def _take(heads: StreamHeads, asked: Asked, position: int, data: bytes, leaf: bytes) -> None:
    """Take the next entry of the log in; raises HeadsFalse when its place in its stream cannot be told."""
    try:
        entry = parse_entry(data)
        _check_belongs(asked, entry)
        heads.take(entry.stream, entry.seq, leaf)
    except (FormatError, HeadsMapError) as error:
        raise _false(asked, position, "the next entry of a stream of this log", str(error)) from None


def _check_belongs(asked: Asked, entry: Entry) -> None:
    if (entry.log, entry.suite) != (asked.checkpoint.origin, asked.suite.name):
        raise FormatError("log", f"an entry of {entry.log}, {entry.suite}")


def _false(asked: Asked, position: int, expected: str, found: str) -> HeadsFalse:
    mend = "keep the evidence; let the bureau run 'mingzhang audit verify', which names the cause"
    return HeadsFalse(where=f"entry {position} of {asked.checkpoint.origin}", expected=expected, found=found, mend=mend)


def _unsealed(asked: Asked, found: str) -> HeadsUnsealed:
    return HeadsUnsealed(
        where=f"entry {asked.checkpoint.size - 1} of {asked.checkpoint.origin}",
        expected=f"the map of stream heads, {HeadsSealed.TOPIC} alone in {HEADS_STREAM}",
        found=found,
        mend="ask for the tiles as they are right after 'mingzhang audit checkpoint --heads'",
    )


def _text(sealed: MapRoot) -> str:
    return f"{sealed.streams} streams, root {base64.b64encode(sealed.root).decode()}"
