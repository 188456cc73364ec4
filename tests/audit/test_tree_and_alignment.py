"""The recomputed tree against the ledger's own, and the laying side by side of two sequences."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.alignment import WINDOW, Alignment, Row, Step
from audit.lineage import Lineage, RecordedLeaves
from audit.tree import GrowingTree
from ledger.hashing import SHA256
from ledger.merkle import Frontier
from ledger.store import TreeHead
from ledger.tiles import TreeWriter


def leaf(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_roots_and_tiles_are_those_of_the_ledger() -> None:
    tree, frontier, writer = GrowingTree(SHA256), Frontier(SHA256), TreeWriter(SHA256)
    full = []
    for number in range(1_300):
        tree.append(leaf(number))
        frontier.append(leaf(number))
        writer.extend([leaf(number)])
        full += tree.take_full()
        assert tree.root() == frontier.root()
    stored = {(tile.level, tile.index): tile.hashes for tile in writer.take_changed()}
    assert {(tile.level, tile.index): tile.hashes for tile in [*full, *tree.edge()]} == stored


def test_a_copied_tree_grows_on_its_own() -> None:
    tree = GrowingTree(SHA256)
    tree.append(leaf(1))
    other = tree.copy()
    other.append(leaf(2))
    assert (tree.size, other.size) == (1, 2)
    assert tree.root() == leaf(1)


def test_a_lineage_keeps_the_roots_asked_for_and_tells_heads_that_differ() -> None:
    heads = [TreeHead(1, leaf(1)), TreeHead(2, leaf(9)), TreeHead(7, leaf(9))]
    lineage = Lineage(GrowingTree(SHA256), iter(heads), {0, 1, 3}, lambda level, index: None)
    for number in (1, 2, 3):
        lineage.append(leaf(number))
    lineage.finish()
    assert sorted(lineage.roots) == [0, 1, 3]
    assert lineage.roots[0] == SHA256.empty_root
    assert (lineage.good_head, [head.size for head in lineage.bad_heads]) == (1, [2])
    assert [head.size for head in lineage.beyond] == [7]


def test_leaves_of_a_missing_tile_are_unknown_up_to_the_claimed_size() -> None:
    leaves = RecordedLeaves(SHA256, lambda level, index: leaf(1) if index == 0 else None, 258)
    read = list(leaves)
    assert (len(read), read[0], set(read[1:])) == (258, leaf(1), {None})
    assert (leaves.known_size, leaves.at(0), leaves.at(1), leaves.at(-1)) == (1, leaf(1), None, None)


def aligned(recorded: list[int], rows: list[int]) -> list[Step]:
    leaves = [leaf(number) for number in recorded]
    alignment = Alignment(iter(leaves), lambda at: leaves[at] if 0 <= at < len(leaves) else None)
    steps: list[Step] = []
    for position, number in enumerate(rows):
        row = Row(position, leaf(number), "case/c", 1, None, 1, "payload")
        if alignment.in_step and alignment.next_is(row.leaf):
            steps.append(Step(row, alignment.index - 1, row.leaf))
        else:
            steps += alignment.push(row)
    return steps + list(alignment.finish())


def agreeing(steps: list[Step]) -> int:
    return sum(step.row is not None and step.row.leaf == step.recorded for step in steps)


numbers = st.lists(st.integers(1, 40), unique=True, max_size=30)


@settings(max_examples=300, deadline=None)
@given(numbers, numbers)
def test_every_row_and_every_leaf_is_told_once_and_in_order(recorded: list[int], rows: list[int]) -> None:
    steps = aligned(recorded, rows)
    assert [step.row.position for step in steps if step.row] == list(range(len(rows)))
    assert [step.place for step in steps if step.place is not None] == list(range(len(recorded)))
    assert all(first != second for first, second in pairwise(steps))


@settings(max_examples=200, deadline=None)
@given(numbers, st.data())
def test_one_act_leaves_all_other_entries_in_their_places(recorded: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(recorded)))
    without = recorded[:place] + recorded[place + 1 :]
    one_more = [*recorded[:place], 99, *recorded[place:]]
    replaced = [*recorded[:place], 99, *recorded[place + 1 :]]
    assert agreeing(aligned(recorded, recorded)) == len(recorded)
    assert agreeing(aligned(recorded, without)) == len(without)
    assert agreeing(aligned(recorded, one_more)) == len(recorded)
    assert agreeing(aligned(recorded, replaced)) == len(without)


def test_sequences_that_share_nothing_are_taken_pairwise_within_bounds() -> None:
    size = 2 * WINDOW + 100
    steps = aligned(list(range(size)), list(range(size, 2 * size)))
    assert len(steps) == size
    assert agreeing(steps) == 0
