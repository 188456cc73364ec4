"""Acts upon a stored log, each found, named for what it is, and put in its place. One row per act."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress

import pytest

from ledger.hashing import SHA256
from ledger.merkle import Frontier

E10 = "(SELECT entry FROM entries WHERE position = 10)"


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def renumbered(after: int, by: int, *tables: str) -> list[str]:
    """Statements that shift the positions after one; by way of negative numbers, since each is there once."""
    return [
        statement
        for table in tables or ("entries", "blobs", "commands")
        for statement in (
            f"UPDATE {table} SET position = -position - 1000 WHERE position > {after}",
            f"UPDATE {table} SET position = -position - 1000 + {by} WHERE position < -999",
        )
    ]


def exchanged(first: int, second: int) -> list[str]:
    return [
        statement
        for table in ("entries", "blobs")
        for statement in (
            f"UPDATE {table} SET position = -1000 WHERE position = {first}",
            f"UPDATE {table} SET position = {first} WHERE position = {second}",
            f"UPDATE {table} SET position = {second} WHERE position = -1000",
        )
    ]


def doubled(origin: int, place: int) -> str:
    columns = f'{place}, stream, seq + 1000, type, at, "by", command, entry'
    return f"INSERT INTO entries SELECT {columns} FROM entries WHERE position = {origin}"


def gone(first: int, *tables: str) -> list[str]:
    return [f"DELETE FROM {table} WHERE position >= {first}" for table in tables]


def removed(position: int) -> list[str]:
    return [f"DELETE FROM entries WHERE position = {position}", f"DELETE FROM blobs WHERE position = {position}"]


# ruff: noqa: E501 — one row per act

# What is done; the kind, position and field of the first finding.
ACTS = {
    "an index column: stream": (["UPDATE entries SET stream = 'case/c9' WHERE position = 10"], "edited-column", 10, "stream"),
    "an index column: seq": (["UPDATE entries SET seq = 99 WHERE position = 10"], "edited-column", 10, "seq"),
    "an index column: type": (["UPDATE entries SET type = 'x.y/1' WHERE position = 10"], "edited-column", 10, "type"),
    "an index column: at": (["UPDATE entries SET at = '2026' WHERE position = 10"], "edited-column", 10, "at"),
    "an index column: by": (["UPDATE entries SET \"by\" = 'staff/x' WHERE position = 10"], "edited-column", 10, "by"),
    "an index column: command": (["UPDATE entries SET command = 'x' WHERE position = 10"], "edited-column", 10, "command"),
    "a position": (["UPDATE entries SET position = 999 WHERE position = 10"], "edited-column", 10, "position"),
    "a position, to the end": (["UPDATE entries SET position = 61 WHERE position = 10"], "edited-column", 10, "position"),
    "a position, below 0": (["UPDATE entries SET position = -7 WHERE position = 10"], "edited-column", 10, "position"),
    "the last position": (["UPDATE entries SET position = 70 WHERE position = 60"], "edited-column", 60, "position"),
    "an entry taken out": (removed(10), "removed-entry", 10, "entry"),
    "an entry taken out, renumbered": ([*removed(10), *renumbered(10, -1)], "removed-entry", 10, "entry"),
    "an entry taken out, only entries renumbered": (
        [*removed(10), *renumbered(10, -1, "entries", "blobs")], "removed-entry", 10, "entry",
    ),
    "the first entry taken out": ([*removed(0), *renumbered(0, -1)], "removed-entry", 0, "entry"),
    "a command taken out": (
        [*removed(4), *removed(5), *removed(6), "DELETE FROM commands WHERE position = 4", *renumbered(6, -3)],
        "removed-entry", 4, "entry",
    ),
    "two neighbours swapped": (exchanged(5, 6), "swapped-entries", 5, "position"),
    "two distant entries swapped": (exchanged(10, 30), "swapped-entries", 10, "position"),
    "the last two swapped": (exchanged(59, 60), "swapped-entries", 59, "position"),
    "an entry doubled in the middle": ([*renumbered(20, 1), doubled(10, 21)], "duplicated-entry", 21, "entry"),
    "an entry doubled beside itself": ([*renumbered(10, 1), doubled(10, 11)], "duplicated-entry", 11, "entry"),
    "an entry doubled at the end": ([doubled(10, 61)], "duplicated-entry", 61, "entry"),
    "an entry written over another": ([f"UPDATE entries SET entry = {E10} WHERE position = 30"], "duplicated-entry", 30, "entry"),
    "rows of the tail": (gone(57, "entries"), "deleted-tail", 57, "entry"),
    "the tail, inside a command": (gone(55, "entries", "blobs"), "deleted-tail", 55, "entry"),
    "the tail and its commands": (gone(57, "entries", "blobs", "commands"), "deleted-tail", 57, "entry"),
    "the tail, commands and heads": (
        [*gone(57, "entries", "blobs", "commands"), "DELETE FROM heads WHERE size > 57"], "deleted-tail", 57, "entry",
    ),
    "the tail and its tiles": (
        [*gone(57, "entries", "blobs", "commands"), f"UPDATE tiles SET hashes = substr(hashes, 1, {57 * 32})"],
        "deleted-tail", 57, "head 61",
    ),
    "the tail, tiles and heads, not the commands": (
        [
            *gone(57, "entries", "blobs"),
            "DELETE FROM heads WHERE size > 57",
            f"UPDATE tiles SET hashes = substr(hashes, 1, {57 * 32})",
        ],
        "deleted-tail", 57, None,
    ),
    "all entries": (gone(0, "entries", "blobs"), "deleted-tail", 0, "entry"),
    "a blob changed": (["UPDATE blobs SET blob = X'00' WHERE position = 10"], "sealed-changed", 10, "blob"),
    "a blob taken out": (["DELETE FROM blobs WHERE position = 10"], "sealed-missing", 10, "blob"),
    "a blob of an entry without sealed part": (["INSERT INTO blobs VALUES (5, X'00')"], "sealed-unexpected", 5, "blob"),
    "a tile cut short": (["UPDATE tiles SET hashes = substr(hashes, 1, 1600)"], "tree-changed", 50, "tile 0/0"),
    "a tile taken out": (["DELETE FROM tiles"], "tree-changed", None, "tile 0/0"),
    "a tile too many": (["INSERT INTO tiles SELECT 1, 0, hashes FROM tiles"], "tree-changed", None, "tile 1/0"),
    "a tile of another index": (["UPDATE tiles SET idx = 1"], "tree-changed", None, "tile 0/0"),
    "a tile of another level": (["UPDATE tiles SET level = 1"], "tree-changed", None, "tile 0/0"),
    "a head's root": (["UPDATE heads SET root = zeroblob(32) WHERE size = 12"], "head-changed", None, "head 12"),
    "a head's size": (["UPDATE heads SET size = 13 WHERE size = 12"], "head-changed", None, "head 13"),
    "the last head's size": (["UPDATE heads SET size = 99 WHERE size = 61"], "head-changed", None, "head 99"),
    "the last head's size, past all bounds": (
        [f"UPDATE heads SET size = {2**63 - 1} WHERE size = 61"], "head-changed", None, f"head {2**63 - 1}",
    ),
    "the last head": (["DELETE FROM heads WHERE size = 61"], "head-changed", None, "heads"),
    "all heads": (["DELETE FROM heads"], "head-changed", None, "heads"),
    "a command's count": (["UPDATE commands SET n = 2 WHERE position = 11"], "command-changed", 11, "n"),
    "a command's id": (["UPDATE commands SET command = 'x' WHERE position = 11"], "command-changed", 11, "command"),
    "a command's position": (["UPDATE commands SET position = 13 WHERE position = 11"], "command-changed", 11, "position"),
    "a command's position, past the end": (
        ["UPDATE commands SET position = 1300 WHERE position = 11"], "command-changed", 11, "position",
    ),
    "a command taken out of its table": (["DELETE FROM commands WHERE position = 11"], "command-changed", 11, "position"),
    "a command too many": (["INSERT INTO commands VALUES (13, 1, 'x')"], "command-changed", 13, "position"),
    "a checkpoint's size": (["UPDATE checkpoints SET size = 28 WHERE size = 27"], "checkpoint-changed", None, "checkpoint 27, size"),
    "the origin in the log row": (["UPDATE log SET value = 'other.example/l' WHERE key = 'origin'"], "log-row", None, "origin"),
    "the suite in the log row": (["UPDATE log SET value = 'mingzhang/v1-sm3' WHERE key = 'suite'"], "log-row", None, "suite"),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("keys", [False, True])
def test_an_act_is_found_and_named_first(copy, act: str, keys: bool) -> None:
    statements, kind, position, field = ACTS[act]
    copy.run(*statements)
    result = copy.verify(keys=keys and "log row" not in act)
    assert not result.sound
    first = result.findings[0]
    assert (first.kind, first.position) == (kind, position)
    assert field is None or first.field == field
    assert sum(one.consequence_of is None for one in result.findings) <= 2


def test_an_edited_payload_is_found_though_its_tile_and_heads_were_put_right(copy) -> None:
    """The act of somebody who knows the tree but not the chain: the next entry of the stream speaks."""
    (entry,) = copy.rows("SELECT entry FROM entries WHERE position = 10")[0]
    edited = entry.replace(b'"amount_fen":82503', b'"amount_fen":92503')
    assert edited != entry
    entries = [row[0] for row in copy.rows("SELECT entry FROM entries ORDER BY position")]
    entries[10] = edited
    leaves = [SHA256.leaf(one) for one in entries]
    frontier, roots = Frontier(SHA256), {}
    for leaf in leaves:
        frontier.append(leaf)
        roots[frontier.size] = frontier.root()
    copy.run(
        ("UPDATE entries SET entry = ? WHERE position = 10", (edited,)),
        ("UPDATE tiles SET hashes = ?", (b"".join(leaves),)),
        *(("UPDATE heads SET root = ? WHERE size = ?", (root, size)) for size, root in roots.items()),
        "DELETE FROM checkpoints",
    )
    (finding,) = copy.verify().findings
    assert (finding.kind, finding.stream, finding.seq, finding.field) == ("stream-chain", "case/c2", 4, "prev")
    assert "position 10" in (finding.expected or "")


def test_a_forged_entry_is_an_inserted_one(copy) -> None:
    (entry,) = copy.rows("SELECT entry FROM entries WHERE position = 12")[0]
    forged = entry.replace(b"\nseq 1\n", b"\nseq 7\n")
    columns = '21, stream, 7, type, at, "by", command, ?'
    insert = f"INSERT INTO entries SELECT {columns} FROM entries WHERE position = 12"
    copy.run(*renumbered(20, 1), (insert, (forged,)))
    first = copy.verify().findings[0]
    assert (first.kind, first.position, first.stream, first.seq) == ("inserted-entry", 21, "person/p2", 7)


@pytest.mark.parametrize("size", [27, 51])
def test_every_byte_of_a_checkpoint_counts(copies: Callable, made, size: int) -> None:
    note = made.notes[size]
    copy = copies()
    for at in range(len(note)):
        copy.run(("UPDATE checkpoints SET note = ? WHERE size = ?", (flipped(note, at), size)))
        findings = copy.verify(keys=False, vkey=made.vkey).findings
        assert [one.kind for one in findings] == ["checkpoint-changed"], at
        assert findings[0].position is None


def test_what_can_still_be_trusted_is_said(copy) -> None:
    copy.run("UPDATE entries SET entry = CAST(X'00' AS BLOB) WHERE position = 10")
    result = copy.verify()
    assert result.trusted().startswith("Entries 0–9 verify.")
    assert [line.name for line in result.check_lines() if line.state == "BROKEN"] == ["entries", "chain"]
    assert next(result.finding_lines()).startswith("edited-entry at entry 10")


def test_acts_together_are_all_told(copy) -> None:
    copy.run(
        "UPDATE entries SET entry = CAST(X'00' AS BLOB) WHERE position = 10",
        "UPDATE blobs SET blob = X'00' WHERE position = 30",
        "UPDATE entries SET type = 'x.y/1' WHERE position = 40",
        "UPDATE commands SET n = 9 WHERE position = 42",
        "UPDATE heads SET root = zeroblob(32) WHERE size = 12",
    )
    acts = {(one.kind, one.position) for one in copy.verify().findings if one.consequence_of is None}
    assert acts >= {("edited-entry", 10), ("sealed-changed", 30), ("edited-column", 40), ("command-changed", 42)}
    assert any(one.kind == "head-changed" and one.field == "head 12" for one in copy.verify().findings)


def test_any_three_acts_are_never_overlooked_and_break_nothing(copies: Callable) -> None:
    chance = random.Random(20261122)
    for _ in range(60):
        copy = copies()
        names = chance.sample(sorted(ACTS), 3)
        for name in names:
            with suppress(sqlite3.IntegrityError):  # two acts may ask for the same number
                copy.run(*ACTS[name][0])
        result = copy.verify(keys=False)
        assert not result.sound, names
        assert result.findings[0].consequence_of is None
