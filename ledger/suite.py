"""What a hash suite is, and the RFC 6962 hashes that the format builds on it; `ledger.hashing` holds the two suites.

leaf(entry)       = H(00 ‖ entry)
node(left, right) = H(01 ‖ left ‖ right)
empty_root        = H("")
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Suite:
    """A named hash function, 32 bytes out, and what the format builds on it."""

    name: str
    hash: Callable[[bytes], bytes]
    hmac: Callable[[bytes, bytes], bytes]  # (key, data), RFC 2104
    hash_all: Callable[[Iterable[bytes]], list[bytes]]  # `hash` of each, in one call
    hmac_all: Callable[[bytes, Iterable[bytes]], list[bytes]]  # `hmac` of each under one key, in one call

    def leaf(self, entry: bytes) -> bytes:
        """Return the leaf hash of an entry's bytes: RFC 6962 section 2.1."""
        return self.hash(b"\x00" + entry)

    def leaves(self, entries: Iterable[bytes]) -> list[bytes]:
        """Return the leaf hash of each entry's bytes."""
        return self.hash_all([b"\x00" + entry for entry in entries])

    def node(self, left: bytes, right: bytes) -> bytes:
        """Return the hash of an inner node of the tree: RFC 6962 section 2.1."""
        return self.hash(b"\x01" + left + right)

    @property
    def empty_root(self) -> bytes:
        """Return the root of the tree that has no leaf."""
        return self.hash(b"")
