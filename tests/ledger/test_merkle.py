"""Roots and proofs of RFC 6962, all of them for small trees, and the proofs that must not pass."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ledger import merkle
from ledger.hashing import SHA256, SM3, Suite, suite_named

VECTORS = Path(__file__).parents[1] / "vectors"
SIZE_MAX = 20
LEAVES = [SHA256.leaf(bytes([number])) for number in range(SIZE_MAX)]
ROOTS = [merkle.root(SHA256, LEAVES[:size]) for size in range(SIZE_MAX + 1)]


@pytest.fixture(params=["entries.json", "sm3.json"])
def log(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads((VECTORS / request.param).read_text())


def leaves_of(log: dict[str, Any]) -> tuple[Suite, list[bytes]]:
    return suite_named(log["suite"]), [base64.b64decode(entry["leaf"]) for entry in log["entries"]]


def test_roots_are_those_of_the_vectors(log: dict[str, Any]) -> None:
    suite, leaves = leaves_of(log)
    frontier = merkle.Frontier(suite)
    for size, expected in enumerate(log["roots"]):
        frontier = merkle.Frontier(suite, frontier.size, frontier.hashes)
        root = base64.b64decode(expected)
        assert merkle.root(suite, leaves[:size]) == root == frontier.root()
        if size < len(leaves):
            frontier.append(leaves[size])


def test_inclusion_paths_are_those_of_the_vectors(log: dict[str, Any]) -> None:
    suite, leaves = leaves_of(log)
    assert log["inclusion"]
    for one in log["inclusion"]:
        tree = leaves[: one["size"]]
        path = [base64.b64decode(step) for step in one["path"]]
        assert merkle.inclusion_path(suite, tree, one["position"]) == path
        root = merkle.root(suite, tree)
        assert merkle.verify_inclusion(suite, leaves[one["position"]], one["position"], one["size"], path, root)


def test_consistency_paths_are_those_of_the_vectors(log: dict[str, Any]) -> None:
    suite, leaves = leaves_of(log)
    assert log["consistency"]
    for one in log["consistency"]:
        path = [base64.b64decode(step) for step in one["path"]]
        assert merkle.consistency_path(suite, leaves[: one["to"]], one["from"]) == path
        roots = [merkle.root(suite, leaves[: one[end]]) for end in ("from", "to")]
        assert merkle.verify_consistency(suite, one["from"], one["to"], path, *roots)


@cache
def reference_root(first: int, end: int) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if end - first <= 1:
        return LEAVES[first] if end > first else SHA256.empty_root
    split = next(1 << power for power in range(9) if 1 << power < end - first <= 2 << power)
    return SHA256.node(reference_root(first, first + split), reference_root(first + split, end))


def test_root_follows_the_definition() -> None:
    assert [reference_root(0, size) for size in range(SIZE_MAX + 1)] == ROOTS


def test_every_inclusion_proof_passes_at_its_place_alone() -> None:
    for size in range(1, SIZE_MAX + 1):
        for index in range(size):
            path = merkle.inclusion_path(SHA256, LEAVES[:size], index)
            places = range(-1, SIZE_MAX + 1)
            passing = [
                place
                for place in places
                if merkle.verify_inclusion(SHA256, LEAVES[index], place, size, path, ROOTS[size])
            ]
            assert passing == [index]


def test_damaged_inclusion_proof_is_refused() -> None:
    for size in range(1, SIZE_MAX + 1):
        for index in range(size):
            path = merkle.inclusion_path(SHA256, LEAVES[:size], index)
            for damaged in damages(path):
                assert not merkle.verify_inclusion(SHA256, LEAVES[index], index, size, damaged, ROOTS[size])
            other = LEAVES[index - 1] if size > 1 else SHA256.leaf(b"other")
            assert not merkle.verify_inclusion(SHA256, other, index, size, path, ROOTS[size])


def test_every_consistency_proof_passes_for_its_roots_alone() -> None:
    for size2 in range(1, SIZE_MAX + 1):
        for size1 in range(1, size2 + 1):
            path = merkle.consistency_path(SHA256, LEAVES[:size2], size1)
            assert merkle.verify_consistency(SHA256, size1, size2, path, ROOTS[size1], ROOTS[size2])
            wrong = SHA256.hash(b"another root")
            assert not merkle.verify_consistency(SHA256, size1, size2, path, wrong, ROOTS[size2])
            assert not merkle.verify_consistency(SHA256, size1, size2, path, ROOTS[size1], wrong)
            for damaged in damages(path):
                assert not merkle.verify_consistency(SHA256, size1, size2, damaged, ROOTS[size1], ROOTS[size2])


def damages(path: list[bytes]) -> list[list[bytes]]:
    """A path cut short at either end, made longer, and with one bit changed in each of its hashes."""
    flipped = [[*path[:at], bytes([step[0] ^ 1]) + step[1:], *path[at + 1 :]] for at, step in enumerate(path)]
    short = [path[1:], path[:-1], [path[0][:-1], *path[1:]]] if path else []
    return [*flipped, *short, [*path, LEAVES[0]], [LEAVES[0], *path]]


def test_proof_from_nothing_is_refused() -> None:
    """A log that began empty says nothing of what it holds now."""
    empty = SHA256.empty_root
    for size in range(1, SIZE_MAX + 1):
        assert not merkle.verify_consistency(SHA256, 0, size, [], empty, ROOTS[size])
        assert not merkle.verify_consistency(SHA256, 0, size, [ROOTS[size]], empty, ROOTS[size])
        with pytest.raises(merkle.ProofError):
            merkle.consistency_path(SHA256, LEAVES[:size], 0)
    assert merkle.verify_consistency(SHA256, 0, 0, [], empty, empty)


def test_empty_tree_has_one_root() -> None:
    assert not merkle.verify_consistency(SHA256, 0, 0, [], ROOTS[1], ROOTS[1])
    assert not merkle.verify_inclusion(SHA256, LEAVES[0], 0, 0, [], LEAVES[0])


def test_equal_sizes_need_equal_roots_and_no_path() -> None:
    assert not merkle.verify_consistency(SHA256, 5, 5, [], ROOTS[5], ROOTS[6])
    assert not merkle.verify_consistency(SHA256, 5, 5, [LEAVES[0]], ROOTS[5], ROOTS[5])
    assert not merkle.verify_consistency(SHA256, 6, 5, [], ROOTS[5], ROOTS[5])


def test_proof_of_what_is_not_there_is_not_made() -> None:
    for index in (-1, 5):
        with pytest.raises(merkle.ProofError):
            merkle.inclusion_path(SHA256, LEAVES[:5], index)
    with pytest.raises(merkle.ProofError):
        merkle.consistency_path(SHA256, LEAVES[:5], 6)


def test_frontier_is_restored_only_from_hashes_that_fit_its_size() -> None:
    for size, hashes in ((3, LEAVES[:1]), (-1, []), (1, [b"short"]), (0, LEAVES[:1])):
        with pytest.raises(merkle.ProofError):
            merkle.Frontier(SM3, size, hashes)
