"""The ways in which other hash chains failed, each tried upon this one (and a log of more than one tile)."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audit.verification import verify
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.entry import NO_PREVIOUS, Entry, encode_entry
from ledger.hashing import SHA256
from ledger.note import sign_note
from ledger.sqlite import SQLiteStore
from ledger.writer import prepared

ORIGIN = "county.example/ledger"
LARGE = 700


def test_the_time_that_is_hashed_is_the_time_that_is_stored(copy) -> None:
    """Elsewhere nanoseconds were hashed and microseconds stored, so that no log ever verified."""
    for at, entry in copy.rows("SELECT at, entry FROM entries"):
        assert f"\nat {at}\n".encode() in entry
    copy.run("UPDATE entries SET at = substr(at, 1, 23) || '000Z' WHERE position = 9")
    copy.run("UPDATE entries SET at = substr(at, 1, 25) || '1Z' WHERE position = 10")
    assert {(one.position, one.field) for one in copy.verify().findings} <= {(9, "at"), (10, "at")}
    assert not copy.verify().sound


def test_a_deleted_tail_does_not_go_unseen(copy) -> None:
    copy.run("DELETE FROM entries WHERE position = 60", "DELETE FROM blobs WHERE position = 60")
    assert copy.verify().findings[0].kind == "deleted-tail"


def test_a_sequence_column_that_is_not_hashed_does_not_switch_checks_off(copy) -> None:
    copy.run("UPDATE entries SET seq = seq + 100", "UPDATE entries SET position = position + 100")
    findings = copy.verify(keys=False).findings
    assert {one.field for one in findings} >= {"seq", "position"}


def test_an_inflated_copy_is_not_certified(copy) -> None:
    """Elsewhere two stores disagreed, and the one with more in it was taken for the right one."""
    columns = '61, stream, seq + 1, type, at, "by", command, entry'
    copy.run(f"INSERT INTO entries SELECT {columns} FROM entries WHERE position = 60")
    first = copy.verify().findings[0]
    assert (first.kind, first.position) == ("duplicated-entry", 61)


def test_fields_cannot_run_into_each_other(copy) -> None:
    """Elsewhere fields were joined with an unescaped bar, so that their border could be moved unseen."""
    (entry,) = copy.rows("SELECT entry FROM entries WHERE position = 10")[0]
    moved = entry.replace(b"\nby staff/MZ0001\ncommand ", b"\nby staff/MZ0001|command\ncommand ")
    copy.run(("UPDATE entries SET entry = ? WHERE position = 10", (moved,)))
    assert copy.verify().findings[0].position == 10


@pytest.mark.parametrize("line", ["type", "at", "by", "command", "sealed"])
def test_the_chain_covers_who_and_when_and_not_the_payload_alone(copy, line: str) -> None:
    (entry,) = copy.rows("SELECT entry FROM entries WHERE position = 10")[0]
    start = entry.index(f"\n{line} ".encode()) + len(line) + 2
    edited = entry[:start] + bytes([entry[start] ^ 1]) + entry[start + 1 :]
    copy.run(("UPDATE entries SET entry = ? WHERE position = 10", (edited,)))
    first = copy.verify().findings[0]
    assert (first.kind, first.position, first.field) == ("edited-entry", 10, line)


def test_values_are_read_again_and_not_only_their_hashes(copy) -> None:
    """Elsewhere an audit said "consistent" after the file of values had been edited, which it never read."""
    copy.run("UPDATE blobs SET blob = zeroblob(length(blob)) WHERE position = 10")
    assert copy.verify(keys=False).findings[0].kind == "sealed-changed"


def test_size_and_root_come_from_the_note_that_was_signed(copy, made) -> None:
    """Elsewhere they were taken from the bundle around it. A column beside the note moves no anchor."""
    copy.run("UPDATE checkpoints SET size = 61 WHERE size = 51")
    result = copy.verify()
    assert [(one.kind, one.field) for one in result.findings] == [("checkpoint-changed", "checkpoint 51, size")]
    assert result.anchor == ("own", 27)


def test_a_checkpoint_of_size_0_vouches_for_nothing(copy, made) -> None:
    with made.open_keys() as keys:
        false = sign_note(checkpoint_text(Checkpoint(ORIGIN, 0, bytes(32))), keys.signer())
        true = sign_note(checkpoint_text(Checkpoint(ORIGIN, 0, SHA256.empty_root)), keys.signer())
    for note in (false, true):
        handed_in = copy.verify(since=note)
        assert [one.kind for one in handed_in.findings] == ["since-empty"]
        assert handed_in.anchor == ("own", 51)
        copy.run("DELETE FROM checkpoints", ("INSERT INTO checkpoints VALUES (0, ?)", (note,)))
        stored = copy.verify()
        assert [(one.kind, one.field) for one in stored.findings] == [("checkpoint-empty", "checkpoint 0")]
        assert (stored.anchor, [one.ok for one in stored.checkpoints]) == (("none", 0), [False])
        copy.run(
            "DELETE FROM checkpoints", *(("INSERT INTO checkpoints VALUES (?, ?)", row) for row in made.notes.items())
        )


# A log of more than one tile


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "ledger.db"
    with SQLiteStore.create(path, ORIGIN, SHA256) as store, store.writer() as writer:
        leaf = NO_PREVIOUS
        for number in range(LARGE):
            entry = Entry(
                SHA256.name, ORIGIN, "case/a", number + 1, "note.made/1", leaf, "2026-11-21T08:00:00.000000Z",
                "staff/x", f"{number:08x}-0000-0000-0000-000000000000", 1, 1, None, {"number": number},
            )  # fmt: skip
            data = encode_entry(entry)
            leaf = SHA256.leaf(data)
            writer.append([prepared(SHA256, ORIGIN, entry, data, None)])
    return path


@pytest.fixture
def damaged(large: Path, copy) -> Iterator[Callable]:
    copy.path.write_bytes(large.read_bytes())

    def findings(*statements) -> list:
        copy.run(*statements)
        with closing(SQLiteStore.open(copy.path, read_only=True)) as store:
            return verify(store).findings

    yield findings


def test_a_log_of_several_tiles_is_sound(damaged: Callable) -> None:
    assert damaged() == []


@pytest.mark.parametrize("tile", [(0, 0), (0, 1), (0, 2)])
def test_a_leaf_in_any_tile_is_found(damaged: Callable, tile: tuple[int, int]) -> None:
    (finding,) = damaged(
        (
            "UPDATE tiles SET hashes = CAST(substr(hashes, 1, 320) || zeroblob(32) || substr(hashes, 353) AS BLOB)"
            " WHERE level = ? AND idx = ?",
            tile,
        )
    )
    assert (finding.kind, finding.position, finding.field) == ("tree-changed", tile[1] * 256 + 10, f"tile 0/{tile[1]}")


def test_a_higher_tile_is_found(damaged: Callable) -> None:
    (finding,) = damaged("UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB) WHERE level = 1")
    assert (finding.kind, finding.field) == ("tree-changed", "tile 1/0")


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_missing_tile_is_found_and_no_entry_is_blamed(damaged: Callable, index: int) -> None:
    findings = damaged(f"DELETE FROM tiles WHERE level = 0 AND idx = {index}")
    assert [(one.kind, one.field) for one in findings] == [("tree-changed", f"tile 0/{index}")]


def test_many_entries_taken_out_are_one_act(damaged: Callable) -> None:
    first = damaged("DELETE FROM entries WHERE position BETWEEN 100 AND 399")[0]
    assert (first.kind, first.position, first.found) == ("removed-entry", 100, "no entries from 100 to 399")


def test_two_acts_far_apart_are_two_findings(damaged: Callable) -> None:
    findings = damaged(
        "UPDATE entries SET \"by\" = 'staff/y' WHERE position = 600",
        "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '\"number\":50}', '\"number\":51}') AS BLOB)"
        " WHERE position = 50",
    )
    acts = [(one.kind, one.position) for one in findings if one.consequence_of is None]
    assert acts == [("edited-entry", 50), ("edited-column", 600)]


def test_a_history_that_is_other_from_one_entry_on_is_one_act(damaged: Callable) -> None:
    findings = damaged(
        "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'staff/x', 'staff/y') AS BLOB),"
        " \"by\" = 'staff/y' WHERE position >= 300"
    )
    assert (findings[0].kind, findings[0].position) == ("history-rewritten", 300)
    assert len(findings) <= 60
