"""A sound log is sound in every way it can be looked at; what the result says of anchors and of what is unchecked."""

import datetime
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace

import pytest

from audit.errors import CouldNotCheck
from audit.verification import verify
from domain.events.application import PayeeRegistered
from domain.events.base import Event
from domain.events.ledger import ErasureEffective, ErasureRequested
from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.entry import Entry, encode_entry, header_through_type, parse_entry
from ledger.hashing import SHA256, SM3
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import root
from ledger.note import TYPE_ED25519, TYPE_SM3_LOG, Signer, sign_note
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


def test_a_key_destroyed_without_an_entry_of_it_is_a_finding(copy) -> None:
    copy.verify()
    ring = copy.path.with_name("keys") / "sealing.db"
    with closing(sqlite3.connect(ring)) as database:
        table = database.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%wrapped%'").fetchone()[0]
        count = database.execute(f"DELETE FROM {table} WHERE scope = 'case/c2'").rowcount
        database.commit()
    result = copy.verify()
    assert count == 1
    (finding,) = result.findings
    assert (finding.kind, finding.stream, finding.field) == ("key-destroyed", "case/c2", "sealed")
    assert copy.verify(keys=False).sound
    assert any(text.endswith("entries: no key") for text in result.unchecked)


def test_a_key_that_outlives_its_erasure_is_a_finding_when_the_keys_are_given(tmp_path) -> None:
    with (
        KeyStore.create(tmp_path / "keys", "county.example/ledger", SHA256) as keys,
        Ledger.create(f"sqlite:///{tmp_path}/l.db", "county.example/ledger", SHA256, keys) as ledger,
    ):
        for stream in ("case/1", "case/2"):
            _record(ledger, stream, PayeeRegistered(bank="测试银行", account="6200000000000000000", holder="测试甲"))
        kid = keys.key_for("case/1").kid
        _record(ledger, "ledger/main", ErasureRequested(kid=kid))
        assert verify(ledger.store, keys=keys).sound
        _record(ledger, "ledger/main", ErasureEffective(kid=kid))
        (finding,) = verify(ledger.store, keys=keys).findings
        assert (finding.kind, finding.position, finding.seq) == ("key-kept", 3, 2)
        assert verify(ledger.store).sound
        with closing(sqlite3.connect(tmp_path / "keys" / "sealing.db")) as ring:
            ring.execute("DELETE FROM sealing_key WHERE kid = ?", (kid,))
            ring.commit()
        with KeyStore.open(tmp_path / "keys", "county.example/ledger", SHA256) as later:
            result = verify(ledger.store, keys=later)
    assert (result.sound, result.unchecked) == (True, ["sealed parts of 1 entries: key erased"])


def test_a_part_sealed_with_the_key_of_another_stream_is_a_finding(tmp_path) -> None:
    """In the log alone it shows only when the key sealed its own stream as well."""
    with (
        KeyStore.create(tmp_path / "keys", "county.example/ledger", SHA256) as keys,
        SQLiteStore.create(tmp_path / "l.db", "county.example/ledger", SHA256) as store,
    ):
        _append_sealed(store, keys.key_for("case/other").key, {"remark": "x"})
        keys.flush()
        (finding,) = verify(store, keys=keys).findings
        assert verify(store).sound
    assert (finding.kind, finding.position, finding.field) == ("sealed-scope", 0, "sealed")
    assert finding.expected == "a key of case/n"


def test_a_sealed_part_too_small_to_hold_anything_is_a_finding_without_keys(tmp_path) -> None:
    with SQLiteStore.create(tmp_path / "l.db", "county.example/ledger", SHA256) as store:
        _append_sealed(store, bytes(32), {"r": 1})
        assert [len(record.blob or b"") for record in store.records()] == [67]
        assert verify(store).sound
    with SQLiteStore.create(tmp_path / "m.db", "county.example/ledger", SHA256) as store:
        _append_sealed(store, bytes(32), {"r": 1}, cut=1)
        (finding,) = verify(store).findings
    assert (finding.kind, finding.field, finding.found) == ("sealed-false", "blob", "66 bytes")


def test_a_true_head_inside_a_command_is_a_finding(copy) -> None:
    with closing(SQLiteStore.open(copy.path, read_only=True)) as store:
        inside = next(row.position + 1 for row in store.records() if b" 1/2\nsealed" in row.entry)
        root_inside = _root_at(store, inside)
    copy.run(("INSERT INTO heads VALUES (?, ?)", (inside, root_inside)))
    (finding,) = copy.verify().findings
    assert (finding.kind, finding.field) == ("head-changed", f"head {inside}")
    assert finding.found == "one inside a command"


def test_what_heads_and_checkpoints_do_not_show(copy) -> None:
    """docs/format.md section 9: these leave no trace in the database."""
    copy.run("DELETE FROM heads WHERE size = 12", "DELETE FROM checkpoints WHERE size = 27")
    assert copy.verify(state=True).sound
    copy.run("DELETE FROM heads WHERE size < 61", "DELETE FROM checkpoints")
    assert copy.verify(state=True).anchor.kind == "none"


def test_a_key_of_another_type_signs_no_checkpoint_of_the_log(copy, made) -> None:
    strange = Signer("county.example/ledger", TYPE_SM3_LOG, bytes(range(32)))
    text = made.notes[27].partition(b"\n\n")[0] + b"\n"
    (finding,) = copy.verify(since=sign_note(text, strange), vkey=strange.verifier.text).findings[-1:]
    assert finding.kind == "since-foreign"
    assert "0xff" in (finding.found or "")


# Private


def _filled(store, suite, count: int) -> None:
    with store.writer() as writer:
        for number in range(count):
            entry = Entry(
                suite.name, store.origin, f"case/n{number}", 1, "note.made/1", bytes(32),
                "2026-11-21T08:00:00.000000Z", "staff/x", f"{number:08x}-0000-0000-0000-000000000000", 1, 1, None, {},
            )  # fmt: skip
            writer.append([prepared(suite, store.origin, entry, encode_entry(entry), None)])


def _record(ledger, stream: str, event: Event) -> None:
    moment = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    with ledger.recording(lambda: moment) as recording:
        recording.record(Command(str(uuid.uuid4()), "staff/MZ0001", (Draft(stream, event),)))


def _append_sealed(store, key: bytes, members: dict[str, object], cut: int = 0) -> None:
    """Append one entry of the stream case/n, its sealed part under any key, cut short by some bytes."""
    aad = header_through_type(SHA256.name, store.origin, "case/n", 1, "note.made/1")
    blob, said = seal(SHA256, key, aad, members, bytes(32), bytes(12))
    blob = blob[: len(blob) - cut]
    entry = Entry(
        SHA256.name, store.origin, "case/n", 1, "note.made/1", bytes(32), "2026-11-21T08:00:00.000000Z",
        "staff/x", str(uuid.uuid4()), 1, 1, replace(said, blob_hash=SHA256.hash(blob)), {},
    )  # fmt: skip
    with store.writer() as writer:
        writer.append([prepared(SHA256, store.origin, entry, encode_entry(entry), blob)])


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
