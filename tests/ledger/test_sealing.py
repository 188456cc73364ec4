"""Sealing: every vector bit for bit in both suites, every invalid one refused where it is wrong."""

import base64
import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import decode, encode
from ledger.entry import header_through_type, parse_entry
from ledger.errors import FormatError
from ledger.hashing import SHA256, SM3, Suite, suite_named
from ledger.sealing import (
    BLOB_BYTES_MAX,
    SealError,
    disclose,
    field_salts,
    key_id,
    open_blob,
    seal,
    unwrap_key,
    verify_disclosure,
    wrap_key,
)

VECTORS = Path(__file__).parents[1] / "vectors"
LOGS: list[dict[str, Any]] = [json.loads((VECTORS / name).read_text()) for name in ("entries.json", "sm3.json")]
INVALID: dict[str, Any] = json.loads((VECTORS / "invalid-entries.json").read_text())
SEALED = [(log, entry) for log in LOGS for entry in log["entries"] if entry.get("seal")]
DISCLOSURES = [(log, one) for log in LOGS for one in log["disclosures"]]
WRAPS = [(log, one) for log in LOGS for one in log["wraps"]]
AAD = b"mingzhang/v1\nlog county.example/log\nstream case/1\nseq 1\ntype case.opened/1\n"
KEY, SALT, NONCE = bytes(range(32)), bytes(range(32, 64)), bytes(12)
HOUSEHOLD = {"name": "测试甲", "phones": ["0", "1"], "income_fen": 0, "village": "520121101999"}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log["suite"])
def test_key_ids_follow_from_the_keys(log: dict[str, Any]) -> None:
    suite = suite_named(log["suite"])
    assert [key_id(suite, bytes.fromhex(key["key_hex"])) for key in log["keys"]] == [key["kid"] for key in log["keys"]]


@pytest.mark.parametrize(("log", "entry"), SEALED, ids=lambda value: "")
def test_blob_and_seal_line_are_reproduced(log: dict[str, Any], entry: dict[str, Any]) -> None:
    suite, case, text = suite_named(log["suite"]), entry["seal"], entry["text"].encode()
    key, salt, nonce = (bytes.fromhex(case[name]) for name in ("key_hex", "salt_hex", "nonce_hex"))
    members = decode(case["sealed_object"].encode())
    blob, line = seal(suite, key, _aad(text), members, salt, nonce)
    assert _aad(text) == case["aad"].encode()
    assert blob.hex() == case["blob_hex"]
    assert line == parse_entry(text).seal
    assert {name: one.hex() for name, one in field_salts(suite, salt, members).items()} == case["field_salts_hex"]


@pytest.mark.parametrize(("log", "entry"), SEALED, ids=lambda value: "")
def test_blob_opens_to_its_object_and_salt(log: dict[str, Any], entry: dict[str, Any]) -> None:
    case, text = entry["seal"], entry["text"].encode()
    line = parse_entry(text).seal
    assert line is not None
    members, salt = open_blob(
        suite_named(log["suite"]),
        bytes.fromhex(case["key_hex"]),
        _aad(text),
        line,
        bytes.fromhex(case["blob_hex"]),
    )
    assert encode(members) == case["sealed_object"].encode()
    assert salt.hex() == case["salt_hex"]


@pytest.mark.parametrize("case", INVALID["blobs"], ids=lambda case: case["reason"])
def test_invalid_blob_is_refused_where_it_is_wrong(case: dict[str, Any]) -> None:
    text = case["text"].encode()
    line = parse_entry(text).seal
    assert line is not None
    with pytest.raises(SealError) as caught:
        open_blob(
            suite_named(text.split(b"\n")[0].decode()),
            bytes.fromhex(case["key_hex"]),
            _aad(text),
            line,
            bytes.fromhex(case["blob_hex"]),
        )
    assert caught.value.where == case["where"]


@pytest.mark.parametrize(("log", "case"), DISCLOSURES, ids=lambda value: "")
def test_disclosure_is_reproduced_and_verifies(log: dict[str, Any], case: dict[str, Any]) -> None:
    suite, entry = suite_named(log["suite"]), log["entries"][case["position"]]
    members = decode(entry["seal"]["sealed_object"].encode())
    shown = json.loads(case["text"])
    salt = bytes.fromhex(entry["seal"]["salt_hex"])
    text = disclose(suite, salt, members, shown["field"])
    assert text == case["text"].encode()
    line = parse_entry(entry["text"].encode()).seal
    assert line is not None
    assert verify_disclosure(suite, text, line.commitment) == (shown["field"], shown["value"])


@pytest.mark.parametrize("case", INVALID["disclosures"], ids=lambda case: case["reason"])
def test_invalid_disclosure_is_refused_where_it_is_wrong(case: dict[str, Any]) -> None:
    line = parse_entry(LOGS[0]["entries"][case["position"]]["text"].encode()).seal
    text = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    assert line is not None
    with pytest.raises(SealError) as caught:
        verify_disclosure(SHA256, text, line.commitment)
    assert caught.value.where == case["where"]


@pytest.mark.parametrize(("log", "case"), WRAPS, ids=lambda value: "")
def test_wrapped_key_is_reproduced_and_opens(log: dict[str, Any], case: dict[str, Any]) -> None:
    suite, place = suite_named(log["suite"]), (case["origin"], case["kid"], case["scope"], case["epoch"])
    kek, key, nonce = (bytes.fromhex(case[name]) for name in ("kek_hex", "key_hex", "nonce_hex"))
    assert wrap_key(suite, kek, case["origin"], case["scope"], case["epoch"], key, nonce).hex() == case["wrapped_hex"]
    assert unwrap_key(suite, kek, *place, bytes.fromhex(case["wrapped_hex"])) == key


@pytest.mark.parametrize("case", INVALID["wraps"], ids=lambda case: case["reason"])
def test_invalid_wrap_is_refused_where_it_is_wrong(case: dict[str, Any]) -> None:
    place = (case["origin"], case["kid"], case["scope"], case["epoch"])
    with pytest.raises(SealError) as caught:
        unwrap_key(SHA256, bytes.fromhex(case["kek_hex"]), *place, bytes.fromhex(case["wrapped_hex"]))
    assert caught.value.where == case["where"]


@pytest.mark.parametrize("suite", [SHA256, SM3], ids=lambda suite: suite.name)
def test_every_changed_byte_and_cut_of_a_blob_is_refused(suite: Suite) -> None:
    blob, line = seal(suite, KEY, AAD, HOUSEHOLD, SALT, NONCE)
    for position in range(len(blob)):
        changed = blob[:position] + bytes([blob[position] ^ 1]) + blob[position + 1 :]
        for damaged in (changed, blob[:position], blob[:position] + blob[position + 1 :]):
            for claimed in (line, replace(line, blob_hash=suite.hash(damaged))):
                with pytest.raises(SealError):
                    open_blob(suite, KEY, AAD, claimed, damaged)


@pytest.mark.parametrize("field", HOUSEHOLD)
def test_disclosure_holds_neither_the_salt_of_the_blob_nor_another_value(field: str) -> None:
    text = disclose(SHA256, SALT, HOUSEHOLD, field)
    salts = field_salts(SHA256, SALT, HOUSEHOLD)
    others = [one for name, one in salts.items() if name != field]
    for secret in (SALT, *others):
        assert secret not in text
        assert base64.b64encode(secret) not in text
        assert secret.hex().encode() not in text
    for name, value in HOUSEHOLD.items():
        if name != field and isinstance(value, str):
            assert value.encode() not in text


def test_every_changed_byte_of_a_disclosure_is_refused() -> None:
    """Only index and of may change without effect on the proof, and not even they when one byte changes."""
    commitment = seal(SHA256, KEY, AAD, HOUSEHOLD, SALT, NONCE)[1].commitment
    text = disclose(SHA256, SALT, HOUSEHOLD, "name")
    for position in range(len(text)):
        changed = text[:position] + bytes([text[position] ^ 1]) + text[position + 1 :]
        with pytest.raises(SealError):
            verify_disclosure(SHA256, changed, commitment)


def test_field_that_is_not_sealed_cannot_be_disclosed() -> None:
    with pytest.raises(SealError) as caught:
        disclose(SHA256, SALT, HOUSEHOLD, "account")
    assert caught.value.where == "field"


def test_empty_object_is_not_sealed() -> None:
    with pytest.raises(SealError) as caught:
        seal(SHA256, KEY, AAD, {}, SALT, NONCE)
    assert caught.value.where == "sealed object"


def test_blob_of_a_mebibyte_is_sealed_and_one_byte_more_is_not() -> None:
    overhead = len(seal(SHA256, KEY, AAD, {"a": ""}, SALT, NONCE)[0])
    blob, line = seal(SHA256, KEY, AAD, {"a": "x" * (BLOB_BYTES_MAX - overhead)}, SALT, NONCE)
    assert len(blob) == BLOB_BYTES_MAX
    assert open_blob(SHA256, KEY, AAD, line, blob)[1] == SALT
    with pytest.raises(SealError, match="at most 1048576"):
        seal(SHA256, KEY, AAD, {"a": "x" * (BLOB_BYTES_MAX - overhead + 1)}, SALT, NONCE)


def test_nine_levels_and_a_fraction_are_not_sealed() -> None:
    nested: Any = []
    for _ in range(7):
        nested = [nested]
    for members in ({"a": nested}, {"a": 1.5}, {"a": None}, {"A": 1}):
        with pytest.raises(FormatError):
            seal(SHA256, KEY, AAD, members, SALT, NONCE)


@pytest.mark.parametrize("lengths", [(31, 32, 12), (32, 31, 12), (32, 32, 11)])
def test_key_salt_and_nonce_have_their_lengths(lengths: tuple[int, int, int]) -> None:
    key, salt, nonce = (bytes(length) for length in lengths)
    with pytest.raises(SealError, match="expected"):
        seal(SHA256, key, AAD, HOUSEHOLD, salt, nonce)


def test_no_value_stands_in_an_error_message() -> None:
    blob, line = seal(SHA256, KEY, AAD, HOUSEHOLD, SALT, NONCE)
    with pytest.raises(SealError) as caught:
        open_blob(SHA256, KEY, AAD + b"x", line, blob)
    assert "测试" not in str(caught.value)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
        st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text('测试甲 aé\n"\\', max_size=20),
        min_size=1,
        max_size=9,
    )
)
def test_any_object_comes_back_and_each_field_can_be_shown_alone(members: dict[str, Any]) -> None:
    salt = secrets.token_bytes(32)
    blob, line = seal(SHA256, KEY, AAD, members, salt, secrets.token_bytes(12))
    assert open_blob(SHA256, KEY, AAD, line, blob) == (members, salt)
    for field, value in members.items():
        shown = verify_disclosure(SHA256, disclose(SHA256, salt, members, field), line.commitment)
        assert shown == (field, value)


# Private


def _aad(text: bytes) -> bytes:
    entry = parse_entry(text)
    return header_through_type(entry.suite, entry.log, entry.stream, entry.seq, entry.type)
