"""The sealed parts against their entries: there when they must be, unchanged, and with keys at hand, opened.

Without a key, the hash, the size and the place of a blob are checked; that the commitment is that of the fields
inside can only be seen by opening it. What could not be opened is counted, not guessed. The keys themselves are
held to what the log says of them: each is for the stream that it sealed, and none outlives its erasure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from audit.finding import Finding, base64, shown
from ledger.chain import ERASURE_EFFECTIVE
from ledger.entry import Entry, Seal, header_through_type
from ledger.errors import FormatError, LedgerError
from ledger.hashing import Suite
from ledger.sealing import BLOB_BYTES_MAX, BLOB_BYTES_MIN, open_blob

ORPHANS_MAX = 1_000


class SealingKeys(Protocol):
    """What opening sealed parts needs of a key store."""

    def key_by_id(self, kid: str) -> bytes | None:
        """The key that an entry names, None if it is not here."""

    def scope_of(self, kid: str) -> str | None:
        """The stream that a key was made for, None if it is not here."""


@dataclass(slots=True)
class Unopened:
    """The sealed parts that could not be looked at inside: entries by key id, the ids erased, and what the keys had."""

    entries: dict[str, int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    keys_fault: str = ""
    withheld: int = 0  # entries whose sealed parts this login may not see
    absent: int = 0  # entries whose sealed parts were left out of a folder of tiles

    def add(self, other: "Unopened") -> None:
        """Take in what there was of it in another part of the log."""
        for kid, count in other.entries.items():
            self.entries[kid] = self.entries.get(kid, 0) + count
        self.erased |= other.erased
        self.withheld += other.withheld
        self.absent += other.absent

    def words(self) -> Iterator[str]:
        """Yield it in words."""
        if self.withheld:
            yield f"sealed parts of {self.withheld} entries: this login may not open them"
        if self.absent:
            yield f"sealed parts of {self.absent} entries: not in this folder"
        if self.keys_fault:
            yield f"sealed parts: the keys cannot be read ({self.keys_fault})"
        erased = sum(count for kid, count in self.entries.items() if kid in self.erased)
        without = sum(self.entries.values()) - erased
        if erased:
            yield f"sealed parts of {erased} entries: key erased"
        if without:
            yield f"sealed parts of {without} entries: no key"


class SealedParts:
    """Checks the blob of each entry in order; `blob_positions` tells of blobs that no entry has."""

    def __init__(
        self,
        suite: Suite,
        keys: SealingKeys | None,
        blob_positions: Iterator[int],
        *,
        withheld: bool = False,
        may_be_absent: bool = False,
    ) -> None:
        self.count = 0
        self.suspect = "payload"  # the part of the last entry to blame if it was edited: what nobody could look into
        self.orphans: list[int] = []
        self._suite = suite
        self._keys = keys
        self._positions = blob_positions
        self._next = next(blob_positions, None)
        self._unopened: dict[str, int] = {}  # entries by key id
        self._erased: dict[str, Finding] = {}  # by key id, what is wrong should the key still be here
        self._scopes: dict[str, str | None] = {}  # by id, of the keys that were found
        self._keys_fault = ""
        self._absent = 0
        self._may_be_absent = may_be_absent  # whether a blob that is not there tells nothing
        self._withheld = withheld  # whether the reader may not see any blob

    def meet(self, position: int) -> None:
        """Pass by the blobs up to an entry's position; those in between belong to no entry."""
        while self._next is not None and self._next <= position:
            if self._next < position and len(self.orphans) < ORPHANS_MAX:
                self.orphans.append(self._next)
            self._next = next(self._positions, None)

    @property
    def takes_unopened(self) -> bool:
        """Whether sealed parts are checked by their hash only, as `pass_unopened` counts them."""
        return self._keys is None and not self._keys_fault

    def pass_unopened(self, positions: range, kids: Iterable[str], absent: int = 0) -> None:
        """Pass by entries in order, and count those sealed with these keys, which nobody could open.

        `absent` counts those among them whose sealed part is not at hand.
        """
        self.count += absent
        self._absent += absent
        if self._next is not None and self._next < positions.stop:
            for position in positions:
                self.meet(position)
        for kid in kids:
            self.count += 1
            self._unopened[kid] = self._unopened.get(kid, 0) + 1

    def check(self, position: int, entry: Entry, blob: object) -> Finding | None:
        """Return what is wrong with the sealed part of one entry."""
        seal = entry.seal
        self.suspect = "payload"
        if entry.type == ERASURE_EFFECTIVE and isinstance(kid := entry.payload.get("kid"), str):
            expected, found = f"key {kid} gone", "it is still in the key folder"
            self._erased.setdefault(kid, _finding("key-kept", position, entry, "payload", expected, found))
        if seal is None:
            if blob is None:
                return None
            return _finding("sealed-unexpected", position, entry, "blob", "no sealed part", "one")
        self.count += 1
        if self._withheld:
            self.suspect = "payload or sealed"
            return None
        expected = f"hash {base64(seal.blob_hash)}"
        if blob is None and self._may_be_absent:
            self._absent += 1
            self.suspect = "payload or sealed"
            return None
        if blob is None:
            return _finding("sealed-missing", position, entry, "blob", expected, "no sealed part")
        if not isinstance(blob, bytes) or self._suite.hash(blob) != seal.blob_hash:
            found = f"hash {base64(self._suite.hash(blob))}" if isinstance(blob, bytes) else shown(blob)
            return _finding("sealed-changed", position, entry, "blob", expected, found)
        if not BLOB_BYTES_MIN <= len(blob) <= BLOB_BYTES_MAX:
            expected = f"{BLOB_BYTES_MIN} to {BLOB_BYTES_MAX} bytes"
            return _finding("sealed-false", position, entry, "blob", expected, f"{len(blob)} bytes")
        return self._open(position, entry, seal, blob)

    def finish(self) -> Iterator[Finding]:
        """Yield the blobs that belong to no entry, and the keys that should be gone."""
        while self._next is not None and len(self.orphans) < ORPHANS_MAX:
            self.orphans.append(self._next)
            self._next = next(self._positions, None)
        self._positions = iter(())
        for position in self.orphans:
            yield Finding("sealed-orphan", position, None, None, "blob", "a sealed part of an entry", "no such entry")
        for kid, kept in self._erased.items():
            if self._key(kid) is not None:
                yield kept

    @property
    def unopened(self) -> Unopened:
        """What could not be looked at inside."""
        withheld = self.count if self._withheld else 0
        return Unopened(self._unopened, set(self._erased), self._keys_fault, withheld, self._absent)

    # Private

    def _open(self, position: int, entry: Entry, seal: Seal, blob: bytes) -> Finding | None:
        key = self._key(seal.kid)
        if key is None:
            before = self._unopened.get(seal.kid, 0)
            self._unopened[seal.kid] = before + 1
            self.suspect = "payload or sealed" if before or self._keys is None else "sealed"
            return None
        if (scope := self._scopes[seal.kid]) != entry.stream:
            expected, found = f"a key of {entry.stream}", f"{seal.kid}, a key of {shown(scope)}"
            return _finding("sealed-scope", position, entry, "sealed", expected, found)
        aad = header_through_type(entry.suite, entry.log, entry.stream, entry.seq, entry.type)
        try:
            open_blob(self._suite, key, aad, seal, blob)
        except FormatError as error:
            expected = "a sealed part that opens, with the fields that the entry commits to"
            return _finding("sealed-false", position, entry, error.where, expected, error.reason)
        return None

    def _key(self, kid: str) -> bytes | None:
        if self._keys is None:
            return None
        try:
            key = self._keys.key_by_id(kid)
            if key is not None and kid not in self._scopes:
                self._scopes[kid] = self._keys.scope_of(kid)
            return key
        except LedgerError as error:
            self._keys_fault, self._keys = shown(str(error)), None
            return None


def _finding(kind: str, position: int, entry: Entry, field: str, expected: str, found: str) -> Finding:
    return Finding(kind, position, entry.stream, entry.seq, field, expected, found)
