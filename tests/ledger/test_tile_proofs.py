"""Proofs read from tiles are those computed from all leaves, at every size where the shape of the tree changes."""

import random
from collections.abc import Callable

import pytest

from ledger import merkle
from ledger.hashing import HASH_BYTES, SHA256, SM3, Suite
from ledger.store_errors import StoreDamaged
from ledger.tile_proofs import TiledTree
from ledger.tiles import TILE_WIDTH, TreeWriter

SIZE_MAX = 70_000  # tiles on three levels
SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 4_096, 65_535, 65_536, 65_537, SIZE_MAX)


def leaves_of(suite: Suite, size: int) -> list[bytes]:
    return [suite.leaf(number.to_bytes(4, "big")) for number in range(size)]


def tiles_of(suite: Suite, leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    tree = TreeWriter(suite)
    tree.extend(leaves)
    return {(tile.level, tile.index): tile.hashes for tile in tree.take_changed()}


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return leaves_of(SHA256, SIZE_MAX)


@pytest.fixture(scope="module")
def read_tile(leaves: list[bytes]) -> Callable[[int, int], bytes | None]:
    tiles = tiles_of(SHA256, leaves)
    return lambda level, index: tiles.get((level, index))


@pytest.mark.parametrize("size", SIZES)
def test_root_and_paths_are_those_of_all_leaves(size: int, leaves: list[bytes], read_tile: object) -> None:
    tree = TiledTree(SHA256, size, read_tile)
    root = merkle.root(SHA256, leaves[:size])
    assert tree.root() == root
    chosen = random.Random(size)
    indexes = {0, size - 1, size // 2, *(chosen.randrange(size) for _ in range(5))}
    for index in indexes:
        path = tree.inclusion_path(index)
        assert merkle.verify_inclusion(SHA256, leaves[index], index, size, path, root)
        assert len(path) <= size.bit_length()
    for m in {1, size, (size + 1) // 2, *(1 + chosen.randrange(size) for _ in range(5))}:
        path = tree.consistency_path(m)
        assert merkle.verify_consistency(SHA256, m, size, path, merkle.root(SHA256, leaves[:m]), root)


@pytest.mark.parametrize("suite", [SHA256, SM3], ids=lambda suite: suite.name)
def test_every_path_of_small_trees_is_the_one_of_the_definition(suite: Suite) -> None:
    leaves = leaves_of(suite, 40)
    tiles = tiles_of(suite, leaves)
    for size in range(1, 41):
        tree = TiledTree(suite, size, lambda level, index: tiles.get((level, index)))
        for index in range(size):
            assert tree.inclusion_path(index) == merkle.inclusion_path(suite, leaves[:size], index)
        for m in range(1, size + 1):
            assert tree.consistency_path(m) == merkle.consistency_path(suite, leaves[:size], m)


def test_a_proof_of_millions_of_leaves_reads_two_tiles_a_level_at_most(read_tile: Callable[..., bytes | None]) -> None:
    read: list[tuple[int, int]] = []

    def counted(level: int, index: int) -> bytes | None:
        read.append((level, index))
        return read_tile(level, index)

    TiledTree(SHA256, SIZE_MAX, counted).inclusion_path(12_345)
    assert len(read) == len(set(read)) <= 6


def test_proofs_that_cannot_exist_are_refused(read_tile: Callable[..., bytes | None]) -> None:
    tree = TiledTree(SHA256, 5, read_tile)
    for ask in (lambda: tree.inclusion_path(5), lambda: tree.inclusion_path(-1)):
        with pytest.raises(merkle.ProofError):
            ask()
    for m in (0, 6):
        with pytest.raises(merkle.ProofError):
            tree.consistency_path(m)
    assert TiledTree(SHA256, 0, read_tile).root() == SHA256.empty_root


def test_a_missing_or_short_tile_is_named() -> None:
    tiles = tiles_of(SHA256, leaves_of(SHA256, 300))
    tiles[0, 1] = tiles[0, 1][: 10 * HASH_BYTES]
    tree = TiledTree(SHA256, 300, lambda level, index: tiles.get((level, index)))
    with pytest.raises(StoreDamaged, match="tile 0/1"):
        tree.inclusion_path(TILE_WIDTH + 20)
    del tiles[0, 0]
    with pytest.raises(StoreDamaged, match="tile 0/0"):
        tree.inclusion_path(7)
