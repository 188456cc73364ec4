"""The two hash suites of the format: SHA-256 and SM3, with HMAC and the RFC 6962 hashes built on them.

    leaf(entry)       = H(00 ‖ entry)
    node(left, right) = H(01 ‖ left ‖ right)
    empty_root        = H("")

A log keeps one suite for ever; the first line of every entry is the suite's name.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import FormatError

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Suite:
    """A named hash function, 32 bytes out, and what the format builds on it."""

    name: str
    hash: Callable[[bytes], bytes]
    hmac: Callable[[bytes, bytes], bytes]  # (key, data), RFC 2104

    def leaf(self, entry: bytes) -> bytes:
        """Return the leaf hash of an entry's bytes: RFC 6962 section 2.1."""
        return self.hash(b"\x00" + entry)

    def node(self, left: bytes, right: bytes) -> bytes:
        """Return the hash of an inner node of the tree: RFC 6962 section 2.1."""
        return self.hash(b"\x01" + left + right)

    @property
    def empty_root(self) -> bytes:
        """Return the root of the tree that has no leaf."""
        return self.hash(b"")


def suite_named(name: str) -> Suite:
    """Return the suite that an entry's first line names; FormatError for any other name."""
    for suite in (SHA256, SM3):
        if suite.name == name:
            return suite
    raise FormatError("line 1", f"expected {SHA256.name} or {SM3.name}")


# Private


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sha256_hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _sm3_hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sm3")


# Some builds of Python come with an OpenSSL that has no SM3; the wheels of cryptography carry their own.


def _sm3_of_cryptography(data: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SM3 as SM3_ALGORITHM
    from cryptography.hazmat.primitives.hashes import Hash

    digest = Hash(SM3_ALGORITHM())
    digest.update(data)
    return digest.finalize()


def _sm3_hmac_of_cryptography(key: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SM3 as SM3_ALGORITHM
    from cryptography.hazmat.primitives.hmac import HMAC

    code = HMAC(key, SM3_ALGORITHM())
    code.update(data)
    return code.finalize()


SHA256 = Suite("mingzhang/v1", _sha256, _sha256_hmac)
if "sm3" in hashlib.algorithms_available:
    SM3 = Suite("mingzhang/v1-sm3", _sm3, _sm3_hmac)
else:
    SM3 = Suite("mingzhang/v1-sm3", _sm3_of_cryptography, _sm3_hmac_of_cryptography)
