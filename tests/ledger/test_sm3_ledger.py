"""A log of SM3 in each store: every hash is SM3, every way of reading it agrees, and none takes it for SHA-256."""

import datetime
import hashlib
import sqlite3
import uuid

import pytest

from audit.verification import verify
from domain.events.ledger import KeyAnnounced, LedgerOpened
from domain.events.person import DeathRecorded
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.hashing import SHA256, SM3
from ledger.keystore import KeyStore
from ledger.ledger import Command, Draft, Ledger
from ledger.merkle import Frontier
from ledger.note import TYPE_ED25519, NoteError, Verifier
from ledger.proof_text import InclusionProof, ProofTextError, format_inclusion, parse_inclusion
from ledger.signer_state import sign_checkpoint
from ledger.stores import open_store
from ledger.tile_proofs import TiledTree

ENTRIES = 300  # more than one tile
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


@pytest.fixture
def made(make_store, tmp_path):
    """The address and keys of a log of SM3 with sealed parts."""
    store = make_store(SM3)
    with KeyStore.create(tmp_path / "keys", store.origin, SM3) as keys:
        ledger = Ledger(store, keys)
        with ledger.recording(lambda: NOW) as recording:
            opening = (LedgerOpened(), KeyAnnounced(purpose="log-signing", vkey=keys.verifier_key()))
            recording.record(_command(*(Draft("ledger/main", event) for event in opening)))
            for number in range(ENTRIES):
                event = DeathRecorded(citizen_id=f"{number:018}", reported_by="测试甲")
                recording.record(_command(Draft(f"person/p{number % 7}", event)))
        yield make_store.url, keys


def _command(*drafts: Draft) -> Command:
    return Command(str(uuid.uuid4()), "staff/MZ0001", drafts)


def test_every_hash_is_that_of_sm3(made):
    url, _ = made
    with open_store(url, read_only=True) as store, store.snapshot() as reader:
        tree = Frontier(SM3)
        for record in reader.records():
            assert record.entry.startswith(b"mingzhang/v1-sm3\n")
            tree.append(hashlib.new("sm3", b"\0" + record.entry).digest())
        assert (reader.suite, reader.head().root) == (SM3, tree.root())
        tiled = TiledTree(reader.suite, reader.head().size, reader.tile)
        assert tiled.root() == tree.root()


def test_the_express_way_and_the_slow_one_agree(made):
    url, keys = made
    with open_store(url, read_only=True) as store:
        express, slow, closed = verify(store, keys=keys), verify(store, keys=keys, express=False), verify(store)
    assert express == slow
    assert (express.sound, express.size, express.sealed, closed.root) == (True, ENTRIES + 2, ENTRIES, express.root)


def test_its_checkpoint_is_none_of_a_sha256_log(made):
    url, keys = made
    with open_store(url) as store:
        head = store.head()
        note = sign_checkpoint(keys, Checkpoint(store.origin, head.size, head.root), lambda size: head.root)
        store.add_checkpoint(head.size, note)
        assert verify(store, keys=keys).anchor.kind == "own"
        verifier = Verifier.parse(keys.verifier_key())
        assert open_checkpoint(note, verifier).checkpoint.root == head.root
        with pytest.raises(NoteError):
            open_checkpoint(note, Verifier(verifier.name, TYPE_ED25519, verifier.public_key))


def test_a_changed_suite_in_the_log_row_is_a_finding(make_sqlite):
    store = make_sqlite(SM3)
    store.close()
    with sqlite3.connect(store.path) as raw:
        raw.execute("DROP TRIGGER log_update")
        raw.execute("UPDATE log SET value = 'mingzhang/v1' WHERE key = 'suite'")
    raw.close()
    reopened = make_sqlite.open()
    assert reopened.suite == SHA256
    assert not verify(reopened).sound


def test_a_proof_of_sm3_is_marked_as_our_own_and_never_as_a_tlog_proof():
    note = b"county.example/ledger\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 x AAAAAAA=\n"
    proof = InclusionProof(3, (bytes(32),), note, suite=SM3.name)
    text = format_inclusion(proof)
    assert text.startswith(b"mingzhang/v1-sm3 proof\nindex 3\n")
    assert parse_inclusion(text) == proof
    plain = InclusionProof(3, (bytes(32),), note)
    assert format_inclusion(plain).startswith(b"c2sp.org/tlog-proof@v1\n")
    assert parse_inclusion(format_inclusion(plain)).suite == SHA256.name
    with pytest.raises(ProofTextError):
        parse_inclusion(text.replace(b"-sm3", b"-sm4"))
