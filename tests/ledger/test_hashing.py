"""The two suites are the hash functions that they say they are."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from ledger import hashing
from ledger.errors import FormatError
from ledger.hashing import SHA256, SM3, suite_named

VECTORS = Path(__file__).parents[1] / "vectors"


def test_sm3_of_abc_is_the_published_value() -> None:
    expected = json.loads((VECTORS / "sm3.json").read_text())["sm3_of_abc_hex"]
    assert SM3.hash(b"abc").hex() == expected
    assert hashing._sm3_of_cryptography(b"abc").hex() == expected


def test_sha256_suite_is_sha256() -> None:
    assert SHA256.hash(b"abc") == hashlib.sha256(b"abc").digest()
    assert SHA256.hmac(b"key", b"data") == hmac.digest(b"key", b"data", "sha256")


def test_both_ways_to_sm3_agree() -> None:
    """Where OpenSSL has no SM3, cryptography gives the same bytes."""
    for length in (0, 1, 63, 64, 65, 200):
        assert SM3.hmac(b"k" * length, b"data") == hashing._sm3_hmac_of_cryptography(b"k" * length, b"data")
        assert SM3.hash(b"d" * length) == hashing._sm3_of_cryptography(b"d" * length)


@pytest.mark.parametrize("suite", [SHA256, SM3], ids=lambda suite: suite.name)
def test_leaf_and_node_cannot_be_mistaken(suite: hashing.Suite) -> None:
    left, right = suite.hash(b"l"), suite.hash(b"r")
    assert suite.leaf(b"x") == suite.hash(b"\x00x")
    assert suite.node(left, right) == suite.hash(b"\x01" + left + right) != suite.leaf(left + right)
    assert suite.empty_root == suite.hash(b"")


def test_suite_is_found_by_its_first_line_and_no_other() -> None:
    assert suite_named("mingzhang/v1") is SHA256
    assert suite_named("mingzhang/v1-sm3") is SM3
    with pytest.raises(FormatError, match="line 1: expected mingzhang/v1 or mingzhang/v1-sm3"):
        suite_named("mingzhang/v2")


@pytest.mark.parametrize("suite", [SHA256, SM3], ids=lambda suite: suite.name)
@pytest.mark.parametrize("key_bytes", [0, 1, 32, 63, 64, 65, 200])
def test_codes_of_many_parts_are_those_of_each(suite, key_bytes) -> None:
    """RFC 2104 hashes a key that is longer than a block, and pads one that is shorter."""
    key = bytes(range(key_bytes))
    parts = [b"", b"a", b"salt\nname", bytes(200)]
    assert suite.hmac_all(key, parts) == [suite.hmac(key, part) for part in parts]
    assert hashing._sm3_hmac_all_of_cryptography(key, parts) == [SM3.hmac(key, part) for part in parts]
