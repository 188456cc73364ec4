"""Entries read and written byte for byte, and every faulty one refused under the name of its field."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger import entry as entries
from ledger.entry import Entry, Seal, encode_entry, parse_entry
from ledger.errors import FormatError
from ledger.hashing import SHA256, suite_named

VECTORS = Path(__file__).parents[1] / "vectors"


def load(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / name).read_text())


def raw(one: dict[str, Any]) -> bytes:
    if "hex" in one:
        return bytes.fromhex(one["hex"])
    return one["text"].replace("@", "x" * one["fill"]).encode() if "fill" in one else one["text"].encode()


SHA256_LOG, SM3_LOG, INVALID = load("entries.json"), load("sm3.json"), load("invalid-entries.json")
VALID = [(log["suite"], one) for log in (SHA256_LOG, SM3_LOG) for one in log["entries"]]
VALID += [(SHA256_LOG["suite"], one) for one in SHA256_LOG["alone"]]
BASE = parse_entry(INVALID["base"].encode())


@pytest.mark.parametrize(("suite", "one"), VALID, ids=[one.get("about", str(one.get("position"))) for _, one in VALID])
def test_valid_entry_is_read_and_written_bit_for_bit(suite: str, one: dict[str, Any]) -> None:
    parsed = parse_entry(raw(one))
    assert encode_entry(parsed) == raw(one)
    assert suite_named(suite).leaf(raw(one)) == base64.b64decode(one["leaf"])


@pytest.mark.parametrize(("suite", "one"), VALID, ids=[one.get("about", str(one.get("position"))) for _, one in VALID])
def test_entry_is_chained_anew_in_prev_and_at_alone(suite: str, one: dict[str, Any]) -> None:
    entry = parse_entry(raw(one))
    prev, at = bytes(32) if entry.seq == 1 else bytes(range(32)), "2031-01-02T03:04:05.000006Z"
    again = entries.rechained(raw(one), prev, at)
    assert parse_entry(again) == replace(entry, prev=prev, at=at)
    assert entries.rechained(again, entry.prev, entry.at) == raw(one)


@pytest.mark.parametrize("one", INVALID["invalid"], ids=lambda one: one["reason"])
def test_faulty_entry_is_refused_where_the_fault_lies(one: dict[str, Any]) -> None:
    with pytest.raises(FormatError) as caught:
        parse_entry(raw(one))
    assert caught.value.where == one["where"]


def test_every_changed_bit_and_every_cut_is_refused_or_changes_the_leaf() -> None:
    """What still parses after one bit changed is another entry, with another leaf and its own spelling."""
    whole = SHA256_LOG["entries"][2]["text"].encode()
    leaf = SHA256.leaf(whole)
    for at in range(len(whole)):
        for bit in (1, 2, 32, 128):
            damaged = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
            assert refused(damaged) or (SHA256.leaf(damaged) != leaf and canonical_again(damaged))
        assert refused(whole[:at])
        assert refused(whole[at + 1 :])


def refused(data: bytes) -> bool:
    try:
        parse_entry(data)
    except FormatError:
        return True
    return False


def canonical_again(data: bytes) -> bool:
    return encode_entry(parse_entry(data)) == data


def test_associated_data_of_sealing_is_the_head_of_the_entry() -> None:
    for log in (SHA256_LOG, SM3_LOG):
        for one in log["entries"]:
            if "seal" in one:
                parsed = parse_entry(raw(one))
                aad = entries.header_through_type(parsed.suite, parsed.log, parsed.stream, parsed.seq, parsed.type)
                assert aad == one["seal"]["aad"].encode()


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("line 1", {"suite": "mingzhang/v2"}),
        ("log", {"log": "County"}),
        ("line 5", {"stream": "case/c\nseq 1"}),
        ("line 4", {"stream": "case/c-0001\ntype a.b/1"}),
        ("header", {"stream": "case/张"}),
        ("seq", {"seq": 0}),
        ("seq", {"seq": 2**53}),
        ("type", {"type": "opened"}),
        ("prev", {"prev": b"short"}),
        ("prev", {"seq": 1}),
        ("at", {"at": "2026-02-30T00:00:00.000000Z"}),
        ("by", {"by": "staff"}),
        ("command", {"command": "B6BAE4B0-55B1-4F39-A12A-7748B73BDBD1"}),
        ("command", {"k": 2}),
        ("sealed", {"seal": Seal("ab", bytes(32), bytes(32))}),
        ("sealed", {"seal": Seal("ab" * 16, bytes(31), bytes(32))}),
        ("payload", {"payload": {"a": None}}),
        ("entry", {"payload": {"a": "x" * 65_535}}),
    ],
)
def test_entry_outside_the_grammar_is_not_written(where: str, changes: dict[str, Any]) -> None:
    encode_entry(BASE)  # so that its names are known
    for seal in (None, Seal("ab" * 16, bytes(32), bytes(32))):
        with pytest.raises(FormatError) as caught:
            encode_entry(replace(BASE, **{"seal": seal, **changes}))
        assert caught.value.where == where


names = st.builds(
    entries.encode_name,
    st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True),
    st.text(min_size=1, max_size=12).filter(
        lambda text: (
            canonical.is_string(text)
            and text not in (".", "..")
            and not any(ord(letter) < 32 or ord(letter) == 127 for letter in text)
        )
    ),
)
hashes = st.binary(min_size=32, max_size=32)
numbers = st.integers(2, canonical.INTEGER_MAX)


@given(
    st.builds(
        Entry,
        suite=st.sampled_from(["mingzhang/v1", "mingzhang/v1-sm3"]),
        log=st.from_regex(r"[a-z0-9][a-z0-9-]{0,4}(\.[a-z0-9]{1,3})?(/[a-z0-9_-]{1,4})?", fullmatch=True),
        stream=names,
        seq=numbers,
        type=st.from_regex(r"[a-z][a-z-]{0,4}\.[a-z][a-z-]{0,4}/[1-9][0-9]{0,14}", fullmatch=True),
        prev=hashes,
        at=st.datetimes(timezones=st.just(UTC)).map(entries.format_time),
        by=names,
        command=st.uuids().map(str),
        k=st.just(1),
        n=numbers,
        seal=st.none() | st.builds(Seal, st.from_regex("[0-9a-f]{32}", fullmatch=True), hashes, hashes),
        payload=st.dictionaries(st.from_regex("[a-z]{1,3}", fullmatch=True), st.integers(0, 9) | st.just("民")),
    )
)
def test_any_entry_comes_back_from_its_bytes(entry: Entry) -> None:
    assert parse_entry(encode_entry(entry)) == entry
    kind, id_text = entries.decode_name(entry.stream)
    assert entries.encode_name(kind, id_text) == entry.stream


def test_time_is_written_in_utc_and_read_back() -> None:
    noon = datetime(2026, 3, 1, 12, 0, 0, 5, timezone(timedelta(hours=8)))
    assert entries.format_time(noon) == "2026-03-01T04:00:00.000005Z"
    assert entries.parse_time("2026-03-01T04:00:00.000005Z") == noon
    assert entries.format_time(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
    for faulty in ("2026-03-01T04:00:00Z", "2026-13-01T04:00:00.000000Z", "２026-03-01T04:00:00.000000Z"):
        with pytest.raises(FormatError, match=r"^at: "):
            entries.parse_time(faulty)
    with pytest.raises(FormatError, match="zone"):
        entries.format_time(noon.replace(tzinfo=None))


def test_id_is_escaped_in_one_way() -> None:
    assert entries.encode_name("doc", "测试-2026/1") == "doc/%E6%B5%8B%E8%AF%95-2026%2F1"
    assert entries.decode_name("doc/%E6%B5%8B%E8%AF%95-2026%2F1") == ("doc", "测试-2026/1")


@pytest.mark.parametrize("id_text", ["", ".", "..", "a\nb", "a\x7f", "\ufeffa", "\uffff", "\ud800", "x" * 252])
def test_id_that_no_name_can_hold_is_refused(id_text: str) -> None:
    with pytest.raises(FormatError):
        entries.encode_name("case", id_text)


def test_origin_and_topic_are_checked_before_a_log_is_made() -> None:
    entries.check_origin("minzheng.kaiyang.example/ledger")
    entries.check_topic("payment.settled/1")
    for origin in ("", "a b", "a/../b", "a/", "A", "x" * 256, "a\n"):
        with pytest.raises(FormatError, match=r"^log: "):
            entries.check_origin(origin)
    for topic in ("a.b", "a.b/0", "a/1", "a.b/1\n", "a.b/9007199254740992"):
        with pytest.raises(FormatError, match=r"^type: "):
            entries.check_topic(topic)


def test_long_fields_are_cut_in_messages() -> None:
    with pytest.raises(FormatError) as caught:
        entries.check_origin("X" * 500)
    assert len(str(caught.value)) < 200
