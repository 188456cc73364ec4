"""Checkpoints: vectors reproduced bit for bit, every invalid one refused where it is wrong."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.checkpoint import (
    Checkpoint,
    CheckpointError,
    check_against_log,
    checkpoint_text,
    open_checkpoint,
    parse_checkpoint,
)
from ledger.errors import FormatError
from ledger.note import TYPE_COSIGNATURE, NoteError, Signer, Verifier, add_cosignature, open_note, sign_note

VECTORS = Path(__file__).parents[1] / "vectors"
DATA = json.loads((VECTORS / "checkpoints.json").read_text())
LOGS = [json.loads((VECTORS / name).read_text()) for name in ("entries.json", "sm3.json")]
WITNESSES = [Verifier.parse(witness["vkey"]) for witness in DATA["witnesses"]]
VALID = [(log, number, one) for number, log in enumerate(DATA["logs"]) for one in log["checkpoints"]]
INVALID = [(log, number, one) for number, log in enumerate(DATA["logs"]) for one in log["invalid"]]
ROOT = bytes(range(32))


@pytest.mark.parametrize(("log", "number", "case"), VALID, ids=lambda value: "")
def test_checkpoint_is_reproduced_from_seed_and_text(log: dict[str, Any], number: int, case: dict[str, Any]) -> None:
    signer = Signer(log["origin"], log["signature_type"], bytes.fromhex(log["seed_hex"]))
    note = sign_note(checkpoint_text(_checkpoint(log, case)), signer)
    for witness in DATA["witnesses"]:
        if cosigned_at := case["cosigned_at"].get(witness["name"]):
            cosigner = Signer(witness["name"], TYPE_COSIGNATURE, bytes.fromhex(witness["seed_hex"]))
            note = add_cosignature(note, cosigner, cosigned_at)
    assert note == case["note"].encode()


@pytest.mark.parametrize(("log", "number", "case"), VALID, ids=lambda value: "")
def test_valid_checkpoint_opens_and_fits_its_log(log: dict[str, Any], number: int, case: dict[str, Any]) -> None:
    opened = open_checkpoint(case["note"].encode(), Verifier.parse(log["vkey"]), WITNESSES)
    assert opened.checkpoint == _checkpoint(log, case)
    assert opened.cosigned_at == case["cosigned_at"]
    _check_in_log(opened.checkpoint, number)


@pytest.mark.parametrize(("log", "number", "case"), INVALID, ids=lambda value: "")
def test_invalid_checkpoint_is_refused_where_it_is_wrong(
    log: dict[str, Any], number: int, case: dict[str, Any]
) -> None:
    with pytest.raises(FormatError) as caught:
        opened = open_checkpoint(case["note"].encode(), Verifier.parse(log["vkey"]), WITNESSES)
        _check_in_log(opened.checkpoint, number)
    assert caught.value.where == case["where"], case["reason"]


def test_every_changed_byte_and_cut_of_a_checkpoint_is_refused() -> None:
    log = DATA["logs"][0]
    note, verifier = log["checkpoints"][0]["note"].encode(), Verifier.parse(log["vkey"])
    for position in range(len(note)):
        changed = note[:position] + bytes([note[position] ^ 1]) + note[position + 1 :]
        for damaged in (changed, note[:position], note[:position] + note[position + 1 :]):
            with pytest.raises(FormatError):
                open_checkpoint(damaged, verifier)


def test_log_signs_once_and_a_witness_as_often_as_it_likes() -> None:
    log = DATA["logs"][0]
    verifier, witness = Verifier.parse(log["vkey"]), DATA["witnesses"][0]
    note = log["checkpoints"][0]["note"].encode()
    text, line = note.split(b"\n\n")
    with pytest.raises(FormatError, match=r"2 signatures of .*, expected one"):
        open_checkpoint(note + line, verifier)
    cosigner = Signer(witness["name"], TYPE_COSIGNATURE, bytes.fromhex(witness["seed_hex"]))
    twice = cosigner.signature_line(text + b"\n", 7) + line + cosigner.signature_line(text + b"\n", 5)
    assert open_checkpoint(text + b"\n\n" + twice, verifier, WITNESSES).cosigned_at == {witness["name"]: 7}


def test_line_of_an_unknown_key_is_passed_over_also_under_a_known_name() -> None:
    log = DATA["logs"][0]
    stranger = Signer(Verifier.parse(log["vkey"]).name, 1, bytes(range(32)))
    note = log["checkpoints"][0]["note"].encode()
    added = note + stranger.signature_line(b"another text\n") + "— x AAAAAAA=\n".encode()
    assert open_checkpoint(added, Verifier.parse(log["vkey"])) == open_checkpoint(note, Verifier.parse(log["vkey"]))


def test_another_implementation_reading_only_the_log_signature_accepts_a_cosigned_note() -> None:
    log = DATA["logs"][0]
    _, verified, unverified = open_note(log["checkpoints"][-1]["note"].encode(), [Verifier.parse(log["vkey"])])
    assert len(verified) == 1
    assert len(unverified) == 2


def test_root_difference_names_both_roots() -> None:
    checkpoint = Checkpoint("county.example/log", 3, ROOT)
    with pytest.raises(CheckpointError) as caught:
        check_against_log(checkpoint, 3, lambda size: bytes(32), lambda size: True)
    assert caught.value.expected == base64.b64encode(ROOT).decode()
    assert caught.value.found == base64.b64encode(bytes(32)).decode()


def test_cut_tail_names_both_sizes() -> None:
    with pytest.raises(CheckpointError) as caught:
        check_against_log(Checkpoint("county.example/log", 3, ROOT), 2, lambda size: ROOT, lambda size: True)
    assert (caught.value.expected, caught.value.found) == ("3", "2")


def test_empty_tree_with_another_root_is_refused() -> None:
    with pytest.raises(CheckpointError):
        check_against_log(Checkpoint("county.example/log", 0, ROOT), 0, lambda size: bytes(32), lambda size: True)


@pytest.mark.parametrize(
    ("origin", "size"),
    [
        *[
            (origin, 1)
            for origin in (
                "a.example/.",
                "a.example/..",
                "A.example",
                "-a",
                "a..b",
                "a/",
                "",
                "a\nb",
                "a" * 256,
            )
        ],
        *[("a", size) for size in (-1, 1 << 53)],
    ],
)
def test_checkpoint_that_could_not_be_read_back_is_not_written(origin: str, size: int) -> None:
    with pytest.raises(CheckpointError):
        checkpoint_text(Checkpoint(origin, size, ROOT))


@pytest.mark.parametrize("origin", ["a", "a.b-c.example/x..y/_", "0/...", "a" * 255])
def test_text_and_checkpoint_are_each_other(origin: str) -> None:
    checkpoint = Checkpoint(origin, (1 << 53) - 1, ROOT)
    assert parse_checkpoint(checkpoint_text(checkpoint)) == checkpoint


def test_key_of_a_witness_is_not_taken_for_the_key_of_the_log() -> None:
    log = DATA["logs"][0]
    note = log["checkpoints"][-1]["note"].encode()
    with pytest.raises(NoteError, match="key of a witness"):
        open_checkpoint(note, WITNESSES[0])
    with pytest.raises(NoteError, match="not the key of a witness"):
        open_checkpoint(note, Verifier.parse(log["vkey"]), [Verifier.parse(log["vkey"])])


# Private


def _checkpoint(log: dict[str, Any], case: dict[str, Any]) -> Checkpoint:
    return Checkpoint(log["origin"], case["size"], base64.b64decode(case["root"]))


def _check_in_log(checkpoint: Checkpoint, number: int) -> None:
    log = LOGS[number]
    ends = set()
    for entry in log["entries"]:
        count, of = entry["text"].split("\ncommand ")[1].split("\n")[0].split(" ")[1].split("/")
        if count == of:
            ends.add(entry["position"] + 1)
    roots = [base64.b64decode(root) for root in log["roots"]]
    check_against_log(checkpoint, len(log["entries"]), roots.__getitem__, ends.__contains__)
