"""One object, one spelling: what the canonical form takes and what it refuses."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.errors import FormatError

VECTORS = Path(__file__).parents[1] / "vectors"
INVALID = [
    (one["reason"], payload)
    for one in json.loads((VECTORS / "invalid-entries.json").read_text())["invalid"]
    if one["where"] == "payload"
    and (raw := bytes.fromhex(one["hex"]) if "hex" in one else one["text"].encode())
    and (payload := raw.partition(b"\n\n")[2][:-1]) is not None
]

keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
strings = st.text().filter(canonical.is_string)
integers = st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX)
values = st.recursive(
    st.booleans() | integers | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=6)


def depth_of(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (1 if isinstance(value, dict | list) else 0) + max(map(depth_of, inner), default=0)


@given(objects)
def test_what_is_encoded_decodes_to_itself(members: dict[str, object]) -> None:
    if depth_of(members) <= canonical.DEPTH_MAX:
        assert canonical.decode(canonical.encode(members)) == members
    else:
        with pytest.raises(FormatError, match="deeper"):
            canonical.encode(members)


@given(objects, st.data())
def test_what_decodes_is_encoded_to_itself(members: dict[str, object], data: st.DataObject) -> None:
    """Whatever one byte is changed to, the result is refused or is itself canonical."""
    if depth_of(members) > canonical.DEPTH_MAX:
        return
    raw = bytearray(canonical.encode(members))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        decoded = canonical.decode(bytes(raw))
    except FormatError as error:
        assert error.where == "payload"
    else:
        assert canonical.encode(decoded) == raw


@given(objects.filter(lambda members: depth_of(members) <= canonical.DEPTH_MAX))
def test_slow_reader_agrees_with_the_fast_one(members: dict[str, object]) -> None:
    """The reader that names faults finds none in canonical text."""
    with pytest.raises(FormatError, match="not in canonical form"):
        canonical._Reader(canonical.encode(members).decode()).refuse()


@pytest.mark.parametrize(("reason", "payload"), INVALID, ids=[reason for reason, _ in INVALID])
def test_vectors_payload_is_refused(reason: str, payload: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        canonical.decode(payload)
    assert caught.value.where == "payload", reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"b":1,"a":2}', "keys out of order, at character 7"),
        (b'{"a":1,"a":1}', "key twice, at character 7"),
        (b'{"A":1}', "key outside the grammar, at character 1"),
        (b'{"a":null}', "expected a value, at character 5"),
        (b'{"a":01}', "expected a comma or }, at character 6"),
        (b'{"a":-0}', "expected a value, at character 5"),
        (b'{"a":1.0}', "number with a fraction or an exponent, at character 5"),
        (b'{"a":NaN}', "expected a value, at character 5"),
        (b'{"a":[1,]}', "expected a value, at character 8"),
        (b'{"a" :1}', "expected a colon, at character 4"),
        (b'{"a":9007199254740992}', "integer beyond 2^53-1, at character 5"),
        (b'{"a":' + b"9" * 60000 + b"}", "integer beyond 2^53-1, at character 5"),
        (b'{"a":' + b"[" * 60000, "deeper than 8 levels, at character 12"),
        (b'{"a":"\\u0041"}', "expected a string in RFC 8785 form, at character 5"),
        (b'{"a":"\\u001F"}', "expected a string in RFC 8785 form, at character 5"),
        ('{"a":"\ufeffx"}'.encode(), "noncharacter in a string, or U+FEFF at its end, at character 5"),
        ('{"a":"x\ufeff"}'.encode(), "noncharacter in a string, or U+FEFF at its end, at character 5"),
        ('\ufeff{"a":1}'.encode(), "expected an object, at character 0"),
        (b' {"a":1}', "expected an object, at character 0"),
        (b'{"a":1} ', "something after the object, at character 7"),
        (b"[]", "expected an object, at character 0"),
        (b"", "expected an object, at character 0"),
        (b'{"a":"\xc0\xaf"}', "not UTF-8 at byte 6"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8 at byte 6"),
    ],
)
def test_fault_is_named_with_its_place(payload: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as caught:
        canonical.decode(payload)
    assert caught.value.reason == reason


def test_no_message_quotes_the_text() -> None:
    """Sealed objects have the same grammar, and a message may end in a log file."""
    with pytest.raises(FormatError) as caught:
        canonical.decode('{"张三":"520121"}'.encode())
    assert "张" not in str(caught.value)


CIRCLE: dict[str, object] = {}
CIRCLE["a"] = CIRCLE


@pytest.mark.parametrize(
    "members",
    [
        {"a": 1.0},
        {"a": None},
        {"a": b"x"},
        {"a": {1, 2}},
        {"A": 1},
        {"": 1},
        {"a-b": 1},
        {"a\n": 1},
        {1: 1},
        {True: 1},
        {"a": [{"b": {2: 1}}]},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": 10**5000},
        {"a": "\ud800"},
        {"a": "\uffff"},
        {"a": "\U0001fffe"},
        {"a": "\ufdd0"},
        {"a": "\ufeff"},
        {"a": [[[[[[[[]]]]]]]]},
        CIRCLE,
    ],
)
def test_value_outside_the_grammar_is_not_written(members: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        canonical.encode(members)


def test_one_value_is_written_as_inside_an_object() -> None:
    assert canonical.encode_value("民\n/\x7f") == '"民\\n/\x7f"'.encode()
    assert canonical.encode_value({"b": [True, -1], "a": {}}) == b'{"a":{},"b":[true,-1]}'
    assert canonical.encode_value(("x", False)) == b'["x",false]'


def test_first_and_last_mark_is_judged_by_its_string_alone() -> None:
    """U+FEFF after an escaped quotation mark stands inside the string."""
    payload = '{"a":"\\"\ufeff\\""}'.encode()
    assert canonical.decode(payload) == {"a": '"\ufeff"'}
