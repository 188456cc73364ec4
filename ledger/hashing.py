"""The two hash suites of the format, SHA-256 and SM3. A log keeps one for ever; each entry's first line names it."""

import hashlib
import hmac
from collections.abc import Iterable

from ledger.errors import FormatError
from ledger.suite import HASH_BYTES as HASH_BYTES
from ledger.suite import Suite as Suite


def suite_named(name: str) -> Suite:
    """Return the suite that an entry's first line names; FormatError for any other name."""
    for suite in (SHA256, SM3):
        if suite.name == name:
            return suite
    raise FormatError("line 1", f"expected {SHA256.name} or {SM3.name}")


# Private

_BLOCK_BYTES = 64  # of SHA-256: FIPS 180-4
_INNER, _OUTER = bytes(byte ^ 0x36 for byte in range(256)), bytes(byte ^ 0x5C for byte in range(256))


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sha256_all(parts: Iterable[bytes]) -> list[bytes]:
    new = hashlib.sha256
    return [new(data).digest() for data in parts]


def _sha256_hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _sha256_hmac_all(key: bytes, parts: Iterable[bytes]) -> list[bytes]:
    """RFC 2104, section 4: what the key makes of both hashes is computed once and copied for each part."""
    if len(key) > _BLOCK_BYTES:
        key = _sha256(key)
    block = key.ljust(_BLOCK_BYTES, b"\0")
    inner_start, outer_start = hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))
    codes = []
    for data in parts:
        inner, outer = inner_start.copy(), outer_start.copy()
        inner.update(data)
        outer.update(inner.digest())
        codes.append(outer.digest())
    return codes


def _sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _sm3_all(parts: Iterable[bytes]) -> list[bytes]:
    return [_sm3(data) for data in parts]


def _sm3_hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sm3")


def _sm3_hmac_all(key: bytes, parts: Iterable[bytes]) -> list[bytes]:
    return [_sm3_hmac(key, data) for data in parts]


# Some builds of Python come with an OpenSSL that has no SM3; the wheels of cryptography carry their own.


def _sm3_of_cryptography(data: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SM3 as SM3_ALGORITHM
    from cryptography.hazmat.primitives.hashes import Hash

    digest = Hash(SM3_ALGORITHM())
    digest.update(data)
    return digest.finalize()


def _sm3_all_of_cryptography(parts: Iterable[bytes]) -> list[bytes]:
    return [_sm3_of_cryptography(data) for data in parts]


def _sm3_hmac_of_cryptography(key: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SM3 as SM3_ALGORITHM
    from cryptography.hazmat.primitives.hmac import HMAC

    code = HMAC(key, SM3_ALGORITHM())
    code.update(data)
    return code.finalize()


def _sm3_hmac_all_of_cryptography(key: bytes, parts: Iterable[bytes]) -> list[bytes]:
    return [_sm3_hmac_of_cryptography(key, data) for data in parts]


SHA256 = Suite("mingzhang/v1", _sha256, _sha256_hmac, _sha256_all, _sha256_hmac_all)
if "sm3" in hashlib.algorithms_available:
    SM3 = Suite("mingzhang/v1-sm3", _sm3, _sm3_hmac, _sm3_all, _sm3_hmac_all)
else:
    SM3 = Suite(
        "mingzhang/v1-sm3",
        _sm3_of_cryptography,
        _sm3_hmac_of_cryptography,
        _sm3_all_of_cryptography,
        _sm3_hmac_all_of_cryptography,
    )
