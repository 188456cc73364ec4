"""Damage at random, from one seed: every byte of every stored thing counts, and the place is told."""

import random
from collections.abc import Callable

SEED = 20261122


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def test_every_byte_of_an_entry_counts(copies: Callable) -> None:
    """All of a sealed and of an unsealed entry, one byte at a time."""
    copy = copies()
    for position in (10, 14):
        (entry,) = copy.rows("SELECT entry FROM entries WHERE position = ?", position)[0]
        for at in range(0, len(entry), 3):
            copy.run(("UPDATE entries SET entry = ? WHERE position = ?", (flipped(entry, at, at % 8), position)))
            first = copy.verify(keys=False).findings[0]
            assert (first.kind, first.position) == ("edited-entry", position), at
        copy.run(("UPDATE entries SET entry = ? WHERE position = ?", (entry, position)))
    assert copy.verify(keys=False).sound


def test_random_bytes_of_all_entries_count(copies: Callable) -> None:
    chance = random.Random(SEED)
    copy = copies()
    rows = copy.rows("SELECT position, entry FROM entries")
    for _ in range(150):
        position, entry = chance.choice(rows)
        broken = flipped(entry, chance.randrange(len(entry)), chance.randrange(8))
        copy.run(("UPDATE entries SET entry = ? WHERE position = ?", (broken, position)))
        findings = copy.verify(keys=chance.random() < 0.3).findings
        assert (findings[0].kind, findings[0].position) == ("edited-entry", position)
        assert sum(one.consequence_of is None for one in findings) == 1
        copy.run(("UPDATE entries SET entry = ? WHERE position = ?", (entry, position)))


def test_every_hash_of_the_tree_counts(copies: Callable) -> None:
    copy = copies()
    (hashes,) = copy.rows("SELECT hashes FROM tiles")[0]
    for at in range(7, len(hashes), 32):
        copy.run(("UPDATE tiles SET hashes = ?", (flipped(hashes, at, at % 8),)))
        (finding,) = copy.verify(keys=False).findings
        assert (finding.kind, finding.position, finding.field) == ("tree-changed", at // 32, "tile 0/0")


def test_every_head_counts(copies: Callable) -> None:
    copy = copies()
    for size, root in copy.rows("SELECT size, root FROM heads"):
        copy.run(("UPDATE heads SET root = ? WHERE size = ?", (flipped(root, size % 32, 3), size)))
        (finding,) = copy.verify(keys=False).findings
        assert (finding.kind, finding.field) == ("head-changed", f"head {size}")
        copy.run(("UPDATE heads SET root = ? WHERE size = ?", (root, size)))


def test_every_sealed_part_counts(copies: Callable) -> None:
    chance = random.Random(SEED)
    copy = copies()
    for position, blob in copy.rows("SELECT position, blob FROM blobs"):
        broken = flipped(blob, chance.randrange(len(blob)), chance.randrange(8))
        copy.run(("UPDATE blobs SET blob = ? WHERE position = ?", (broken, position)))
        (finding,) = copy.verify(keys=chance.random() < 0.3).findings
        assert (finding.kind, finding.position, finding.field) == ("sealed-changed", position, "blob")
        copy.run(("UPDATE blobs SET blob = ? WHERE position = ?", (blob, position)))


def test_removals_insertions_and_exchanges_at_random_are_named(copies: Callable, made) -> None:
    chance = random.Random(SEED)
    columns = 'position, stream, seq, type, at, "by", command, entry'
    for number in range(60):
        copy = copies()
        rows = copy.rows(f"SELECT {columns} FROM entries ORDER BY position")
        first, second = sorted(chance.sample(range(len(rows)), 2))
        act = number % 3
        kind, place = [("removed-entry", first), ("duplicated-entry", second + 1), ("swapped-entries", first)][act]
        if act == 0:
            del rows[first]
        elif act == 1:
            rows.insert(second + 1, (*rows[first][:2], 1_000, *rows[first][3:]))
        else:
            rows[first], rows[second] = rows[second], rows[first]
        insert = f"INSERT INTO entries ({columns}) VALUES (?,?,?,?,?,?,?,?)"
        copy.run("DELETE FROM entries", *((insert, (at, *row[1:])) for at, row in enumerate(rows)))
        found = copy.verify(keys=False).findings[0]
        assert (found.kind, found.position) == (kind, place), (act, first, second)
