import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.hashing import SHA256, SM3
from ledger.store_errors import StoreDamaged
from ledger.tiles import TILE_BYTES, TreeWriter, right_edge, root_from_tiles

LEAVES = [hashlib.sha256(b"leaf %d" % number).digest() for number in range(70_000)]


def stored(tiles, tree):
    for tile in tree.take_changed():
        before = tiles.get((tile.level, tile.index), b"")
        assert len(before) == tile.stored_width * 32
        assert tile.hashes.startswith(before)
        tiles[tile.level, tile.index] = tile.hashes
    return tiles


def read_from(tiles):
    return lambda level, index: tiles.get((level, index))


def test_root_equals_that_of_rfc_6962_at_every_size():
    tree, frontier = TreeWriter(SHA256), merkle.Frontier(SHA256)
    assert tree.root() == SHA256.empty_root
    for leaf in LEAVES[:1_100]:
        tree.extend([leaf])
        frontier.append(leaf)
        assert tree.root() == frontier.root()


def test_root_is_right_where_a_third_level_begins():
    tree = TreeWriter(SHA256)
    tree.extend(LEAVES[:65_536])
    tiles = stored({}, tree)
    assert tree.root() == merkle.root(SHA256, LEAVES[:65_536])
    assert len(tiles[2, 0]) == 32
    tree.extend(LEAVES[65_536:])
    tiles = stored(tiles, tree)
    assert tree.root() == merkle.root(SHA256, LEAVES)
    assert root_from_tiles(SHA256, 65_536, read_from(tiles)) == merkle.root(SHA256, LEAVES[:65_536])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_any_split_into_batches_gives_the_same_tiles_and_root(batches):
    size = sum(batches)
    whole = TreeWriter(SHA256)
    whole.extend(LEAVES[:size])
    tiles, at = {}, 0
    for batch in batches:
        tree = TreeWriter.restored(SHA256, at, read_from(tiles))
        tree.extend(LEAVES[at : at + batch])
        at += batch
        stored(tiles, tree)
        assert tree.root() == root_from_tiles(SHA256, at, read_from(tiles))
    assert tiles == stored({}, whole)
    assert whole.root() == root_from_tiles(SHA256, size, read_from(tiles))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 1_000])
def test_older_roots_are_read_from_grown_tiles(size):
    tree = TreeWriter(SM3)
    tree.extend(LEAVES[:1_000])
    tiles = stored({}, tree)
    assert root_from_tiles(SM3, size, read_from(tiles)) == merkle.root(SM3, LEAVES[:size])


def test_a_full_tile_is_handed_out_once():
    tree = TreeWriter(SHA256)
    tree.extend(LEAVES[:600])
    full = tree.take_full()
    assert [(tile.level, tile.index, len(tile.hashes)) for tile in full] == [
        (0, 0, TILE_BYTES),
        (0, 1, TILE_BYTES),
    ]
    assert tree.take_full() == []
    assert [(tile.level, tile.index) for tile in tree.take_changed()] == [(0, 2), (1, 0)]
    assert tree.take_changed() == []


def test_right_edge_lists_each_level():
    assert list(right_edge(0)) == []
    assert list(right_edge(256)) == [(0, 1, 0), (1, 0, 1)]
    assert list(right_edge(65_536 + 3)) == [(0, 256, 3), (1, 1, 0), (2, 0, 1)]


@pytest.mark.parametrize("kept", [None, 0, 31, 32 * 87])
def test_a_missing_or_short_tile_is_named(kept):
    tree = TreeWriter(SHA256)
    tree.extend(LEAVES[:600])
    tiles = stored({}, tree)
    if kept is None:
        del tiles[0, 2]
    else:
        tiles[0, 2] = tiles[0, 2][:kept]
    with pytest.raises(StoreDamaged, match="tile 0/2"):
        TreeWriter.restored(SHA256, 600, read_from(tiles))
