"""Signed notes: vectors reproduced, and every damage refused."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.note import (
    SM3_LOG_IDENTIFIER,
    TYPE_COSIGNATURE,
    TYPE_ED25519,
    TYPE_SM3_LOG,
    NoteError,
    Signer,
    Verifier,
    add_cosignature,
    open_note,
    sign_note,
    split_note,
    verifier_key,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "checkpoints.json").read_text())
LOGS: list[dict[str, Any]] = VECTORS["logs"]
WITNESSES: list[dict[str, Any]] = VECTORS["witnesses"]
TEXT = "vectors.example/县\n一\n\n二\n".encode()
SIGNER = Signer("county.example/log", TYPE_ED25519, bytes(range(32)))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log["suite"])
def test_seed_gives_the_verifier_key_and_key_id_of_the_vectors(log: dict[str, Any]) -> None:
    verifier = Signer(log["origin"], log["signature_type"], bytes.fromhex(log["seed_hex"])).verifier
    assert verifier.text == log["vkey"]
    assert verifier.key_id.hex() == log["key_id_hex"]
    assert Verifier.parse(log["vkey"]) == verifier
    assert verifier_key(verifier.name, verifier.public_key, log["signature_type"]) == log["vkey"]


@pytest.mark.parametrize("witness", WITNESSES, ids=lambda witness: witness["name"])
def test_witness_seed_gives_its_verifier_key(witness: dict[str, Any]) -> None:
    signer = Signer(witness["name"], TYPE_COSIGNATURE, bytes.fromhex(witness["seed_hex"]))
    assert signer.verifier.text == witness["vkey"]


def test_sm3_log_is_never_signed_under_an_assigned_type() -> None:
    verifier = Verifier.parse(LOGS[1]["vkey"])
    encoded = base64.b64decode(LOGS[1]["vkey"].split("+", 2)[2])
    assert verifier.signature_type == TYPE_SM3_LOG
    assert encoded[1:29] == SM3_LOG_IDENTIFIER


def test_note_opens_with_its_own_text_and_signature() -> None:
    note = sign_note(TEXT, SIGNER)
    text, verified, unverified = open_note(note, [SIGNER.verifier])
    assert text == TEXT
    assert [signature.name for signature in verified] == ["county.example/log"]
    assert unverified == []
    assert sign_note(TEXT, SIGNER) == note


def test_every_changed_byte_of_a_note_is_refused() -> None:
    """Each byte is changed by XOR with several masks, so that no change is none."""
    note = sign_note(TEXT, SIGNER)
    for position in range(len(note)):
        for mask in (0x01, 0x20, 0x80):
            changed = note[:position] + bytes([note[position] ^ mask]) + note[position + 1 :]
            with pytest.raises(NoteError):
                open_note(changed, [SIGNER.verifier])


def test_every_cut_slice_of_a_note_is_refused() -> None:
    """Heads, tails and every short piece from the middle are cut out."""
    note = sign_note(TEXT, SIGNER)
    for first in range(len(note)):
        cuts = [note[:first], note[first + 1 :]] if first else [b""]
        cuts += [note[:first] + note[end:] for end in range(first + 1, len(note) + 1)]
        for cut in cuts:
            with pytest.raises(NoteError):
                open_note(cut, [SIGNER.verifier])


def test_signature_of_an_unknown_key_is_listed_but_proves_nothing() -> None:
    other = Signer("other.example/log", TYPE_ED25519, bytes(32))
    note = sign_note(TEXT, SIGNER) + other.signature_line(TEXT)
    _, verified, unverified = open_note(note, [SIGNER.verifier])
    assert (verified[0].name, unverified[0].name) == ("county.example/log", "other.example/log")
    with pytest.raises(NoteError, match="not signed by a known key"):
        open_note(sign_note(TEXT, other), [SIGNER.verifier])


def test_false_signature_of_a_known_key_refuses_the_whole_note() -> None:
    witness = Signer("w.example/1", TYPE_COSIGNATURE, bytes(32))
    note = sign_note(TEXT, SIGNER) + witness.signature_line(b"another text\n", 1)
    with pytest.raises(NoteError) as caught:
        open_note(note, [SIGNER.verifier, witness.verifier])
    assert caught.value.where == "signature"


def test_cosignature_carries_its_time() -> None:
    witness = Signer("w.example/1", TYPE_COSIGNATURE, bytes(32))
    note = add_cosignature(sign_note(TEXT, SIGNER), witness, 1773291660)
    _, verified, _ = open_note(note, [SIGNER.verifier, witness.verifier])
    assert [signature.cosigned_at for signature in verified] == [None, 1773291660]


@pytest.mark.parametrize("cosigned_at", [-1, 1 << 63])
def test_time_outside_posix_range_is_not_cosigned(cosigned_at: int) -> None:
    witness = Signer("w.example/1", TYPE_COSIGNATURE, bytes(32))
    with pytest.raises(NoteError):
        add_cosignature(sign_note(TEXT, SIGNER), witness, cosigned_at)


def test_log_key_does_not_cosign_and_witness_key_does_not_sign() -> None:
    with pytest.raises(NoteError):
        add_cosignature(sign_note(TEXT, SIGNER), SIGNER, 1)
    with pytest.raises(NoteError):
        sign_note(TEXT, Signer("w.example/1", TYPE_COSIGNATURE, bytes(32)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"no line feed", "a.example"),
        (b"tab\there\n", "a.example"),
        (b"\xff\n", "a.example"),
        (b"text\n", ""),
        (b"text\n", "a b"),
        (b"text\n", "a\u3000b"),
        (b"text\n", "a+b"),
    ],
)
def test_what_could_not_be_read_back_is_not_signed(text: bytes, name: str) -> None:
    with pytest.raises(NoteError):
        sign_note(text, Signer(name, TYPE_ED25519, bytes(32)))


def test_a_hundred_signatures_are_read_and_one_more_is_refused() -> None:
    note, line = sign_note(TEXT, SIGNER), SIGNER.signature_line(TEXT)
    assert len(split_note(note + line * 99)[1]) == 100
    with pytest.raises(NoteError, match="at most 100"):
        split_note(note + line * 100)
    with pytest.raises(NoteError, match="at most 1048576"):
        split_note(b"x" * (1 << 20) + note)


@pytest.mark.parametrize(
    "line",
    [
        "— county.example/log",
        "— county.example/log AAAA",
        "— county.example/log AAAAAAA= x",
        "— c?.example AAAA\u00a0",
    ],
)
def test_ill_formed_signature_line_is_refused(line: str) -> None:
    with pytest.raises(NoteError) as caught:
        split_note(sign_note(TEXT, SIGNER) + line.encode() + b"\n")
    assert caught.value.where == "note"


def test_every_changed_character_of_a_verifier_key_is_refused_or_names_another_key() -> None:
    """A vkey protects its name and key by the key id; a change that is read at all must be another key."""
    vkey = SIGNER.verifier.text
    for position in range(len(vkey)):
        changed = vkey[:position] + chr(ord(vkey[position]) ^ 1) + vkey[position + 1 :]
        with pytest.raises(NoteError) as caught:
            Verifier.parse(changed)
        assert caught.value.where == "verifier key"
    for end in range(len(vkey)):
        with pytest.raises(NoteError):
            Verifier.parse(vkey[:end])


def test_verifier_key_of_an_unknown_signature_type_is_refused() -> None:
    encoded = base64.b64encode(b"\x02" + bytes(32)).decode()
    with pytest.raises(NoteError, match="0x02"):
        Verifier.parse(f"a.example+00000000+{encoded}")
    with pytest.raises(NoteError):
        verifier_key("a.example", bytes(31))


def test_secret_of_a_signer_is_not_printed() -> None:
    assert "seed" not in repr(SIGNER)
