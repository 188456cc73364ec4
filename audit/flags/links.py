"""Which cases share a key, such as a person or an account, without keeping the keys: only their keyed digests.

A digest means nothing once the process that drew its key has ended.
"""

import secrets
from collections.abc import Iterable, Iterator
from hashlib import blake2b

_DIGEST_BYTES = 16


class SharedKeys:
    """The cases under each key, in some hundred bytes for a key, whatever the size of the cases."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._first: dict[bytes, int] = {}
        self._more: dict[bytes, list[int]] = {}
        self._cases: list[str] = []

    def add(self, case: str, keys: Iterable[str]) -> None:
        """Note the keys of a case, which come together."""
        number = len(self._cases)
        self._cases.append(case)
        for key in set(keys):
            digest = blake2b(key.encode(), digest_size=_DIGEST_BYTES, key=self._secret).digest()
            if digest in self._first:
                self._more.setdefault(digest, [self._first[digest]]).append(number)
            else:
                self._first[digest] = number

    def groups(self) -> Iterator[tuple[str, ...]]:
        """Yield each group of two or more cases that share a key, every group once, in the order they were noted."""
        for numbers in sorted({tuple(numbers) for numbers in self._more.values()}):
            yield tuple(self._cases[number] for number in numbers)
