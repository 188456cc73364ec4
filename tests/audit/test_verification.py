"""A sound log is sound in every way it can be looked at; what the result says of anchors and of what is unchecked."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from audit.errors import CouldNotCheck
from audit.verification import verify
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.entry import Entry, encode_entry, header_through_type, parse_entry
from ledger.hashing import SHA256, SM3
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.merkle import root
from ledger.note import TYPE_ED25519, Signer, sign_note
from ledger.sealing import seal
from ledger.sqlite import SQLiteStore
from ledger.writer import prepared

STRANGER = Signer("county.example/ledger", TYPE_ED25519, bytes(range(32)))


def test_a_sound_log_is_sound_with_keys(copy, made) -> None:
    result = copy.verify(state=True)
    assert result.findings == []
    assert result.unchecked == []
    assert (result.size, result.anchor, result.unanchored_entries) == (61, ("own", 51), 10)
    assert [line.state for line in result.check_lines()] == ["OK"] * 8
    assert list(result.finding_lines()) == []
    assert result.trusted() == "The 61 entries verify among themselves."


def test_a_sound_log_is_sound_without_keys_and_says_what_it_did_not_see(copy) -> None:
    result = copy.verify(keys=False)
    assert result.sound
    assert result.anchor == ("own", 51)
    assert result.unchecked == [
        f"sealed parts of {result.sealed} entries: no key",
        "checkpoint signatures: only with the key that the log itself announces",
    ]
    states = {line.name: line.state for line in result.check_lines()}
    assert (states["sealed"], states["checkpoints"], states["entries"]) == ("UNCHECKED", "UNCHECKED", "OK")


def test_the_json_has_the_shape_that_is_documented(copy) -> None:
    copy.run("UPDATE entries SET seq = 99 WHERE position = 10")
    shape = copy.verify().to_json()
    assert list(shape) == [
        "sound", "log", "size", "root", "anchor", "unanchored_entries", "unchecked", "checkpoints", "findings",
    ]  # fmt: skip
    assert shape["anchor"] == {"kind": "own", "size": 51}
    assert shape["checkpoints"] == [{"size": 27, "signed": True, "ok": True}, {"size": 51, "signed": True, "ok": True}]
    assert shape["findings"] == [
        {
            "kind": "edited-column",
            "position": 10,
            "stream": "case/c2",
            "seq": 3,
            "field": "seq",
            "expected": "3",
            "found": "99",
        }
    ]


def test_a_log_without_checkpoint_is_sound_and_unanchored(copy) -> None:
    copy.run("DELETE FROM checkpoints")
    result = copy.verify()
    assert result.sound
    assert (result.anchor, result.unanchored_entries) == (("none", 0), 61)
    assert result.check_lines()[-1].state == "UNCHECKED"


def test_an_empty_log_is_sound(tmp_path) -> None:
    with SQLiteStore.create(tmp_path / "empty.db", "county.example/ledger", SHA256) as store:
        result = verify(store)
    assert result.sound
    assert (result.size, result.root) == (0, SHA256.empty_root)


def test_a_log_in_sm3_is_sound(tmp_path) -> None:
    with (
        KeyStore.create(tmp_path / "keys", "county.example/ledger", SM3) as keys,
        Ledger.create(f"sqlite:///{tmp_path}/sm3.db", "county.example/ledger", SM3, keys) as ledger,
    ):
        _filled(ledger.store, SM3, 3)
        result = verify(ledger.store, keys=keys)
    assert result.sound
    assert result.size == 3


def test_a_rebuilt_file_is_sound(copy) -> None:
    with closing(sqlite3.connect(copy.path)) as database:
        database.execute("VACUUM")
        database.execute("CREATE TABLE a_register (x)")
    assert copy.verify(state=True).sound


def test_progress_is_told_up_to_the_end(copy) -> None:
    told: list[tuple[int, int]] = []
    with closing(SQLiteStore.open(copy.path, read_only=True)) as store:
        verify(store, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (61, 61)


def test_a_checkpoint_held_outside_becomes_the_anchor(copy, made) -> None:
    result = copy.verify(since=made.notes[27])
    assert result.sound
    assert (result.anchor, result.unanchored_entries) == (("since", 27), 34)


def test_without_any_key_no_checkpoint_anchors(tmp_path) -> None:
    with SQLiteStore.create(tmp_path / "bare.db", "county.example/ledger", SHA256) as store:
        _filled(store, SHA256, 3)
        head = store.head()
        note = sign_note(checkpoint_text(Checkpoint(store.origin, head.size, head.root)), STRANGER)
        store.add_checkpoint(head.size, note)
        result = verify(store, since=note)
        named = verify(store, since=note, log_verifier=STRANGER.verifier)
    assert (result.sound, result.anchor.kind) == (True, "none")
    assert "checkpoint signatures: no key of the log" in result.unchecked
    assert not result.checkpoints[0].signed
    assert named.anchor == ("since", 3)


def test_what_is_no_checkpoint_cannot_be_checked(copy) -> None:
    with pytest.raises(CouldNotCheck, match="a signed checkpoint"):
        copy.verify(since=b"not a note\n")


def test_a_wrong_key_fits_no_checkpoint(copy) -> None:
    result = copy.verify(vkey=STRANGER.verifier.text)
    assert [one.kind for one in result.findings] == ["checkpoint-changed"] * 2
    assert result.anchor.kind == "none"


def test_a_checkpoint_of_another_key_handed_in_is_a_finding(copy, made) -> None:
    text = made.notes[27].partition(b"\n\n")[0] + b"\n"
    (finding,) = copy.verify(since=sign_note(text, STRANGER)).findings
    assert finding.kind == "since-foreign"


def test_a_consistent_cut_of_the_tail_is_found_by_what_is_held_outside_only(copy, made) -> None:
    tables = [f"DELETE FROM {table} WHERE position >= 37" for table in ("entries", "blobs", "commands")]
    copy.run(
        *tables,
        "DELETE FROM heads WHERE size > 37",
        "DELETE FROM checkpoints WHERE size > 37",
        f"UPDATE tiles SET hashes = substr(hashes, 1, {37 * 32})",
    )
    alone = copy.verify()
    assert alone.sound
    assert (alone.size, alone.anchor) == (37, ("own", 27))
    (finding,) = copy.verify(since=made.notes[51]).findings
    assert (finding.kind, finding.position, finding.expected) == ("tail-cut", 37, "51 entries")
    shutil.rmtree(copy.path.with_name("keys"))
    (finding,) = copy.verify(state=True).findings  # the signer remembers what it signed
    assert (finding.kind, finding.position) == ("tail-cut", 37)


def test_a_history_rewritten_and_signed_again_is_found_by_what_is_held_outside_only(copy, made) -> None:
    rewritten = copy.path.with_name("rewritten.db")
    with made.open_keys() as keys, SQLiteStore.create(rewritten, "county.example/ledger", SHA256) as store:
        _rewrite(copy, store, keys)
        for size in made.notes:
            root = dict(store.heads())[size]
            note = sign_note(checkpoint_text(Checkpoint(store.origin, size, root)), keys.signer())
            store.add_checkpoint(size, note)
    shutil.copyfile(rewritten, copy.path)
    alone = copy.verify()
    assert alone.sound
    assert alone.anchor == ("own", 51)
    (finding,) = copy.verify(since=made.notes[51]).findings
    assert finding.kind == "history-rewritten"
    assert finding.expected != finding.found
    assert finding.field == "the checkpoint handed in at 51"
    assert copy.verify(since=made.notes[51]).anchor == ("own", 51)


def test_a_rewritten_history_that_keeps_the_old_checkpoints_is_found(copy, made) -> None:
    rewritten = copy.path.with_name("rewritten.db")
    with made.open_keys() as keys, SQLiteStore.create(rewritten, "county.example/ledger", SHA256) as store:
        _rewrite(copy, store, keys)
        for size, note in made.notes.items():
            store.add_checkpoint(size, note)
    shutil.copyfile(rewritten, copy.path)
    findings = copy.verify().findings
    assert [(one.kind, one.field) for one in findings] == [
        ("history-rewritten", "checkpoint 27"),
        ("history-rewritten", "checkpoint 51"),
    ]


def test_a_checkpoint_inside_a_command_is_a_finding(copy, made) -> None:
    with closing(SQLiteStore.open(copy.path)) as store, made.open_keys() as keys:
        frontier_root = _root_at(store, 5)
        note = sign_note(checkpoint_text(Checkpoint(store.origin, 5, frontier_root)), keys.signer())
        store.add_checkpoint(5, note)
    (finding,) = copy.verify().findings
    assert (finding.kind, finding.position) == ("checkpoint-inside-command", 4)


def test_a_destroyed_key_is_no_finding_and_is_said(copy) -> None:
    copy.verify()
    ring = copy.path.with_name("keys") / "sealing.db"
    with closing(sqlite3.connect(ring)) as database:
        table = database.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%wrapped%'").fetchone()[0]
        count = database.execute(f"DELETE FROM {table} WHERE scope = 'case/c2'").rowcount
        database.commit()
    result = copy.verify()
    assert count
    assert result.sound
    assert any(text.endswith("entries: no key") for text in result.unchecked)


# Private


def _filled(store, suite, count: int) -> None:
    with store.writer() as writer:
        for number in range(count):
            entry = Entry(
                suite.name, store.origin, f"case/n{number}", 1, "note.made/1", bytes(32),
                "2026-11-21T08:00:00.000000Z", "staff/x", f"{number:08x}-0000-0000-0000-000000000000", 1, 1, None, {},
            )  # fmt: skip
            writer.append([prepared(suite, store.origin, entry, encode_entry(entry), None)])


def _root_at(store, size: int) -> bytes:
    return root(SHA256, [SHA256.leaf(record.entry) for record in store.records(0, size)])


def _rewrite(copy, store, keys) -> None:
    """Write the whole log anew with one amount changed in entry 10: chain, seals, tree, heads, commands and all."""
    leaves: dict[str, bytes] = {}
    with closing(SQLiteStore.open(copy.path, read_only=True)) as source:
        command: list = []
        for record in source.records():
            entry = parse_entry(record.entry)
            payload = {**entry.payload, "amount_fen": 1} if record.position == 10 else entry.payload
            aad = header_through_type(entry.suite, entry.log, entry.stream, entry.seq, entry.type)
            blob, sealed = None, None
            if entry.seal:
                key = keys.key_by_id(entry.seal.kid)
                blob, sealed = seal(SHA256, key, aad, {"remark": "x"}, bytes(32), bytes(12))
            written = Entry(
                entry.suite, entry.log, entry.stream, entry.seq, entry.type, leaves.get(entry.stream, bytes(32)),
                entry.at, entry.by, entry.command, entry.k, entry.n, sealed, payload,
            )  # fmt: skip
            data = encode_entry(written)
            leaves[entry.stream] = SHA256.leaf(data)
            command.append(prepared(SHA256, source.origin, written, data, blob))
            if entry.k == entry.n:
                with store.writer() as writer:
                    writer.append(command)
                command = []
