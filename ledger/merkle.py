"""The Merkle tree of RFC 6962 over leaf hashes: roots, proofs, and the checking of proofs.

    root of nothing    = H("")
    root of one leaf   = its leaf hash
    root of n leaves   = node(root of the first k, root of the rest), k the largest power of two below n

Hashes are 32 bytes. Proofs are lists of hashes in the order of RFC 9162 section 2.1, nearest the leaves
first. Checking a proof trusts nothing but the root it is given: take that root and its size from a verified
checkpoint.
"""

from collections.abc import Sequence

from ledger.errors import LedgerError
from ledger.suite import HASH_BYTES, Suite


class ProofError(LedgerError):
    """A proof or a tree was asked for that cannot exist, such as a leaf beyond the last one."""


class Frontier:
    """A growing tree that keeps only the roots of its perfect subtrees: at most 53 hashes, largest first.

    `size` and `hashes` are all there is to store; give them back to go on where the tree stopped.
    """

    __slots__ = ("_hashes", "size", "suite")

    def __init__(self, suite: Suite, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or size.bit_count() != len(hashes) or any(len(one) != HASH_BYTES for one in hashes):
            raise ProofError(f"frontier: {len(hashes)} hashes, which cannot be those of {size} leaves")
        self.suite = suite
        self.size = size
        self._hashes = list(hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees, one for each bit set in `size`, largest first."""
        return tuple(self._hashes)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf; each trailing one bit of the old size is a subtree that the new leaf completes."""
        carried = self.size
        while carried & 1:
            leaf_hash = self.suite.node(self._hashes.pop(), leaf_hash)
            carried >>= 1
        self._hashes.append(leaf_hash)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        if not self._hashes:
            return self.suite.empty_root
        result = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            result = self.suite.node(left, result)
        return result


def root(suite: Suite, leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over n leaf hashes: RFC 6962 section 2.1.

    Level by level; the last of an odd number goes up as it is, which makes the same tree.
    """
    level = list(leaf_hashes)
    while len(level) > 1:
        last = level[-1:] if len(level) & 1 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = suite.hash_all([b"\x01%b%b" % pair for pair in pairs]) + last
    return level[0] if level else suite.empty_root


def inclusion_path(suite: Suite, leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of these leaves: RFC 9162 section 2.1.3.1."""
    ranges = inclusion_ranges(len(leaf_hashes), index)
    return [_subtree(suite, leaf_hashes, first, end) for first, end in ranges]


def consistency_path(suite: Suite, leaf_hashes: Sequence[bytes], m: int) -> list[bytes]:
    """Return the proof that the first m leaves are what they were: RFC 9162 section 2.1.4.1.

    Raises ProofError for m = 0: everything begins with nothing, so there is nothing to prove.
    """
    ranges = consistency_ranges(len(leaf_hashes), m)
    return [_subtree(suite, leaf_hashes, first, end) for first, end in ranges]


def inclusion_ranges(size: int, index: int) -> list[tuple[int, int]]:
    """Return what an inclusion proof consists of: (first, end) of the leaves below each hash, nearest first."""
    first, end = 0, size
    if not 0 <= index < end:
        raise ProofError(f"inclusion: no leaf {index} in a tree of {end}")
    ranges: list[tuple[int, int]] = []
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def consistency_ranges(size: int, m: int) -> list[tuple[int, int]]:
    """Return what a consistency proof from m leaves to `size` consists of, as `inclusion_ranges` does."""
    first, end = 0, size
    if not 0 < m <= end:
        raise ProofError(f"consistency: no proof from {m} to {end} leaves")
    ranges: list[tuple[int, int]] = []
    while m < end:
        middle = first + _split(end - first)
        if m <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    if first > 0:  # The verifier knows the root of the first m only when it is this whole subtree.
        ranges.append((first, end))
    return ranges[::-1]


def verify_inclusion(suite: Suite, leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether `path` proves `leaf_hash` at `index` in the tree of `size`: RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size or not _are_hashes(leaf_hash, root, *path):
        return False
    node, last, result = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = suite.node(sibling, result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = suite.node(result, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(suite: Suite, size1: int, size2: int, path: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    """Say whether `path` proves that tree 2 begins with tree 1: RFC 9162 section 2.1.4.2.

    Between equal sizes the path is empty and the roots are the same. From size 0 to a larger one nothing is
    proved, so every such proof is refused; a tree of size 0 has the root H("") and no other.
    """
    if not 0 <= size1 <= size2 or not _are_hashes(root1, root2, *path):
        return False
    if size1 == size2:
        return not path and root1 == root2 and (size1 > 0 or root1 == suite.empty_root)
    if size1 == 0 or not path:
        return False
    if size1.bit_count() == 1:  # Tree 1 is one perfect subtree: its root is known, so the path leaves it out.
        path = [root1, *path]
    return _climb(suite, size1, size2, path) == (root1, root2)


# Private


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(suite: Suite, leaf_hashes: Sequence[bytes], first: int, end: int) -> bytes:
    """Return the root over the leaves from `first` up to, not including, `end`."""
    frontier = Frontier(suite)
    for position in range(first, end):
        frontier.append(leaf_hashes[position])
    return frontier.root()


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _climb(suite: Suite, size1: int, size2: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the two roots that a consistency path leads to, or None when it is too short or too long."""
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    root1 = root2 = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            root1, root2 = suite.node(sibling, root1), suite.node(sibling, root2)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root2 = suite.node(root2, sibling)
        node, last = node >> 1, last >> 1
    return (root1, root2) if last == 0 else None
