"""What a learned shape matches is canonical; what it does not match is left to the slow reader."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.errors import FormatError
from ledger.payload_shape import Shape, pattern_of

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True) | st.sampled_from(["seq", "stream"])
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6).filter(canonical.is_string),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
PIECES = [
    b'"',
    b"\\",
    b",",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b"0",
    b"-",
    b".5",
    b"e1",
    b" ",
    b"\n",
    b"\t",
    b"null",
    b"true",
]
PIECES += [
    b"\xef\xbf\xbe",
    b"\xef\xbb\xbf",
    b"\xef\xb7\x90",
    b"\xed\xa0\x80",
    b"\xf0\x9f\xbf\xbf",
    b"\xff",
    b"\xc0\x80",
]
PIECES += [b"\\/", b"\\u0041", b"9007199254740992", b"\r", b"\x00", b'"seq":1,', "，".encode(), b"a"]


def learned(payload: dict[str, object]) -> Shape | None:
    pattern = pattern_of(canonical.decode(canonical.encode(payload)))
    return None if pattern is None else Shape(pattern)


def is_canonical(data: bytes) -> bool:
    try:
        canonical.decode(data)
    except FormatError:
        return False
    return True


def matched(shape: Shape, data: bytes) -> bool:
    try:
        return shape.match(data.decode() + "\n") is not None
    except UnicodeDecodeError:
        return False


@given(OBJECTS, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.sampled_from(PIECES)), max_size=3))
def test_what_a_shape_matches_after_any_edit_is_canonical(payload, edits) -> None:
    shape = learned(payload)
    data = canonical.encode(payload)
    for at, width, piece in edits:
        at %= len(data) + 1
        data = data[:at] + piece + data[at + width :]
    if shape is not None and matched(shape, data):
        assert is_canonical(data)


@given(OBJECTS, OBJECTS)
def test_a_shape_matches_no_object_that_is_not_canonical_in_another_spelling(payload, other) -> None:
    shape = learned(payload)
    for spelling in (json.dumps(other), json.dumps(other, separators=(",", ":")), json.dumps(payload, indent=1)):
        if shape is not None and matched(shape, spelling.encode()):
            assert is_canonical(spelling.encode())


def test_a_shape_is_that_of_other_values_too() -> None:
    shape = learned({"amount_fen": 1, "list": [{"a": "x"}, {"a": "y"}], "paid": True, "who": "测试，甲"})
    assert shape is not None
    assert matched(shape, b'{"amount_fen":-82500,"list":[{"a":""}],"paid":false,"who":"z"}')
    assert matched(shape, b'{"amount_fen":0,"list":[],"paid":false,"who":"z"}')
    assert not matched(shape, b'{"amount_fen":0,"paid":false,"who":"z"}')


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":01}', b'{"a":-0}', b'{"a":1.0}', b'{"a":1e3}', b'{"a":9007199254740993}', b'{"a":"1"}', b'{"a":null}',
        b'{"a":1 }', b' {"a":1}', b'{"a":1}\n', b'{"a":1,"b":1}', b'{"a":1,"a":1}', b'{"b":1}', b"{}", b'{"a":true}',
    ],
)  # fmt: skip
def test_another_spelling_or_another_object_does_not_match(data: bytes) -> None:
    shape = learned({"a": 1})
    assert shape is not None
    assert not matched(shape, data)


def test_citations_are_the_groups_of_a_match() -> None:
    shape = learned({"cites": {"seq": 1, "stream": "case/1"}, "source": {"file": {"seq": 2, "stream": "import/a"}}})
    assert shape is not None
    match = shape.match('{"cites":{"seq":7,"stream":"case/2"},"source":{"file":{"seq":9,"stream":"x"}}}\n')
    assert match is not None
    assert match.groups() == ("7", "case/2", "9", "x")


@pytest.mark.parametrize(
    "payload",
    [
        {"cites": [{"seq": 1, "stream": "case/1"}]},
        {"cites": {"seq": True, "stream": "case/1"}},
        {"cites": {"seq": "1", "stream": "case/1"}},
    ],
)
def test_what_cites_in_another_way_has_no_shape(payload: dict[str, object]) -> None:
    assert pattern_of(payload) is None
