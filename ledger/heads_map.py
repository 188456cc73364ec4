"""The map of stream heads: a sorted tree that says which streams a log has, and how each of them ends.

    data_i = "mingzhang/v1 head" LF name LF seq LF base64(leaf hash of the stream's last entry) LF     seq decimal
    leaf_i = H(00 ‖ data_i)         one for each stream with an entry below position M, ascending by the name's bytes
    root   = RFC 6962 root over leaf_0 … leaf_n-1, with the log's H

An entry `ledger.heads-sealed/1` at position M records n and the root, and covers exactly the entries 0 … M - 1. A
stream is in the map by the path of its leaf; it is not by the paths of the two leaves between which it would stand.
Whoever has every entry below M can compute the root again; nobody else knows that the map is the true one.
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.entry import header_through_type
from ledger.errors import LedgerError
from ledger.hashing import HASH_BYTES, Suite
from ledger.merkle import Frontier, inclusion_path, verify_inclusion
from ledger.store import Reader, Record
from ledger.store_errors import StoreDamaged

HEADS_STREAM: Final = "ledger/heads"


class HeadsMapError(LedgerError):
    """A map or a proof from one that does not hold; `where` names the part."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class NamedHead(NamedTuple):
    """How a stream ends: its name, the seq of its last entry, and that entry's leaf hash of 32 bytes."""

    name: str
    seq: int
    leaf: bytes


class MapRoot(NamedTuple):
    """What an entry says of a map: how many streams it has, and its root of 32 bytes."""

    streams: int
    root: bytes


@dataclass(frozen=True, slots=True)
class MapLeaf:
    """One stream's place in a map, and the path from there to the root."""

    index: int
    head: NamedHead
    path: tuple[bytes, ...]


class MapProof(NamedTuple):
    """That a stream stands in a map of `streams` leaves (`at`), or that it does not (`before` and `after`)."""

    streams: int
    at: MapLeaf | None = None
    before: MapLeaf | None = None
    after: MapLeaf | None = None

    @property
    def leaves(self) -> tuple[MapLeaf, ...]:
        """The leaves that the proof shows, in their order."""
        return tuple(leaf for leaf in (self.before, self.at, self.after) if leaf is not None)


class StreamHeads:
    """The heads of a growing log, one small item for each stream: for whoever reads all of its entries once."""

    def __init__(self) -> None:
        self._heads: dict[str, tuple[int, bytes]] = {}

    def take(self, stream: str, seq: int, leaf: bytes) -> None:
        """Take the next entry of the log in; raises HeadsMapError unless it follows in its stream."""
        last, _ = self._heads.get(stream, (0, b""))
        if seq != last + 1:
            raise HeadsMapError(f"stream {stream}", f"expected seq {last + 1}, found {seq}")
        self._heads[stream] = (seq, leaf)

    def take_head(self, head: NamedHead) -> None:
        """Take over how a stream ended when somebody else had read it."""
        self._heads[head.name] = (head.seq, head.leaf)

    def __iter__(self) -> Iterator[NamedHead]:
        """Yield the heads ascending by the bytes of their names, as a map has them."""
        for name in sorted(self._heads):  # names are ASCII: the order of characters is that of bytes
            yield NamedHead(name, *self._heads[name])


def head_data(head: NamedHead) -> bytes:
    """Return what a leaf of the map hashes."""
    return b"mingzhang/v1 head\n%b\n%d\n%b\n" % (head.name.encode(), head.seq, base64.b64encode(head.leaf))


def map_root(suite: Suite, heads: Iterable[NamedHead]) -> MapRoot:
    """Return count and root over heads that come in their order; memory does not grow with them.

    Raises HeadsMapError for a name that stands twice or out of order.
    """
    tree = Frontier(suite)
    for _, leaf in _leaves(suite, heads):
        tree.append(leaf)
    return MapRoot(tree.size, tree.root())


def map_proof(suite: Suite, heads: Iterable[NamedHead], name: str) -> MapProof:
    """Return the proof that a stream is in the map of these heads, or that it is not; 32 bytes a head are held.

    Raises HeadsMapError for a name that stands twice or out of order.
    """
    leaves: list[bytes] = []
    found: NamedHead | None = None
    before: NamedHead | None = None
    after: NamedHead | None = None
    place = 0  # of the stream, or of the first one after it
    for head, leaf in _leaves(suite, heads):
        leaves.append(leaf)
        if head.name < name:
            before, place = head, len(leaves)
        elif head.name == name:
            found = head
        elif after is None:
            after = head

    def shown(head: NamedHead | None, index: int) -> MapLeaf | None:
        return None if head is None else MapLeaf(index, head, tuple(inclusion_path(suite, leaves, index)))

    if found is not None:
        return MapProof(len(leaves), at=shown(found, place))
    return MapProof(len(leaves), before=shown(before, place - 1), after=shown(after, place))


def check_map_proof(suite: Suite, proof: MapProof, name: str, root: bytes) -> NamedHead | None:
    """Return how a stream ends, None when it is not in the map; raises HeadsMapError when that is not proved."""
    for leaf in proof.leaves:
        hashed = suite.leaf(head_data(leaf.head))
        if not verify_inclusion(suite, hashed, leaf.index, proof.streams, leaf.path, root):
            reason = f"leaf {leaf.index} of {proof.streams} and its path do not lead to the root"
            raise HeadsMapError(f"map leaf {leaf.head.name}", reason)
    if proof.at is not None:
        if proof.at.head.name != name or proof.before is not None or proof.after is not None:
            raise HeadsMapError("map", f"expected the leaf of {name} alone, found {_names(proof)}")
        return proof.at.head
    _check_enclosed(proof, name)
    return None


def heads_below(reader: Reader, size: int) -> Iterator[NamedHead]:
    """Yield how each stream ended when the log had `size` entries, ascending by name, in constant memory.

    Each stream costs one look-up, and a few more when it went on later. Raises StoreDamaged for a row whose bytes
    are not those of the stream and seq that it stands for.
    """
    for name in reader.stream_names():
        last = reader.last_of(name)
        if last is not None and last.position >= size:
            last = _last_below(reader, name, size, last.seq)
        if last is not None:
            yield named_head(reader, last)


def named_head(reader: Reader, record: Record) -> NamedHead:
    """Return the head that a row is, which its bytes must say as its columns do; raises StoreDamaged."""
    place = header_through_type(reader.suite.name, reader.origin, record.stream, record.seq, record.type)
    if not record.entry.startswith(place):
        raise StoreDamaged(
            where=f"entry {record.position}",
            expected=f"the bytes of {record.stream} {record.seq}",
            found="those of another entry",
            mend="run `mingzhang audit verify`; restore the database from a copy that verifies",
        )
    return NamedHead(record.stream, record.seq, reader.suite.leaf(record.entry))


# Private


def _leaves(suite: Suite, heads: Iterable[NamedHead]) -> Iterator[tuple[NamedHead, bytes]]:
    last = b""
    for head in heads:
        name = head.name.encode()
        if name <= last:
            reason = f"comes after {last.decode()}; names ascend by their bytes, each once"
            raise HeadsMapError(f"map leaf {head.name}", reason)
        if head.seq < 1 or len(head.leaf) != HASH_BYTES:
            raise HeadsMapError(f"map leaf {head.name}", f"no head: seq {head.seq}, {len(head.leaf)} bytes of hash")
        last = name
        yield head, suite.leaf(head_data(head))


def _last_below(reader: Reader, name: str, size: int, last_seq: int) -> Record | None:
    """Return the last row of a stream below a position; positions ascend with seq, so halving finds it."""
    found: Record | None = None
    low, high = 1, last_seq - 1
    while low <= high:
        middle = (low + high) // 2
        record = next(iter(reader.stream(name, middle)), None)
        if record is not None and record.position < size:
            found, low = record, record.seq + 1
        else:
            high = middle - 1
    return found


def _check_enclosed(proof: MapProof, name: str) -> None:
    """Check that no leaf can stand where the stream would."""
    before, after = proof.before, proof.after
    if before is not None and before.head.name.encode() >= name.encode():
        raise HeadsMapError("map", f"expected a stream before {name}, found {before.head.name}")
    if after is not None and after.head.name.encode() <= name.encode():
        raise HeadsMapError("map", f"expected a stream after {name}, found {after.head.name}")
    place = 0 if before is None else before.index + 1
    if place != (proof.streams if after is None else after.index):
        raise HeadsMapError("map", f"{_names(proof)}, which leave room for {name} between them")


def _names(proof: MapProof) -> str:
    shown = [f"{leaf.head.name} at {leaf.index}" for leaf in proof.leaves]
    return f"{' and '.join(shown) or 'no leaf'} of {proof.streams}"
