"""A county's ledger many times over: the events of real topics that registers and rules read, in a ledger of any size.

The entries of a ledger that was imported are copied under new stream names and command ids, chained anew. Their sealed
parts are left out, for sealed bytes belong to one place of one log; with keys they are opened and sealed anew, people
and accounts being others in each copy.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.entry import NO_PREVIOUS, Seal
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.opening import Opener
from ledger.sealing import NONCE_BYTES, SALT_BYTES, seal
from ledger.store import Record, Store
from ledger.stores import create_store, open_store
from ledger.writer import PreparedEntry

TRANSACTION_ENTRIES = 10_000


@dataclass(frozen=True)
class Resealing:
    """The keys of the ledger that is copied, and those of the one that is made."""

    of_model: KeyStore
    of_copies: KeyStore


def multiply(model: str, url: str, size: int, resealing: Resealing | None = None) -> None:
    """Make a ledger of `size` entries at `url`, or a few more to end a command, from the one at `model`."""
    with open_store(model, read_only=True) as source, create_store(url, source.origin, SHA256) as made:
        copies = _Copies(source, resealing).entries()
        while made.head().size < size:
            with made.writer() as writer:
                held: list[PreparedEntry] = []
                while len(held) < min(TRANSACTION_ENTRIES, size - writer.size) or held[-1].k < held[-1].n:
                    held.append(next(copies))
                if resealing is not None:
                    resealing.of_copies.flush()
                writer.append(held)


# Private

_HEADER = re.compile(
    rb"(mingzhang/v1\nlog .*\nstream )(.*)(\nseq .*\ntype .*\n)(prev )(.*)(\nat .*\nby .*\ncommand )"
    rb"[0-9a-f]{8}(.* ([0-9]+)/([0-9]+)\nsealed ).*(\n\n)"
)
_PERSONAL = ("citizen_id", "head_citizen_id", "relative_citizen_id", "subject_citizen_id", "account")


@dataclass
class _Copies:
    """The entries of a log, again and again, each time under other names."""

    source: Store
    resealing: Resealing | None
    _leaves: dict[str, bytes] = field(default_factory=dict)

    def entries(self) -> Iterator[PreparedEntry]:
        """Yield them without an end."""
        for copy in range(1 << 32):
            self._leaves.clear()
            for record in self.source.records():
                yield self._copied(record, f"{copy:08x}")

    def _copied(self, record: Record, mark: str) -> PreparedEntry:
        match = _HEADER.match(record.entry)
        assert match is not None
        start, _, place, before, _, act, command, k, n, end = match.groups()
        stream = f"{record.stream}-{mark}"
        prev = self._leaves.get(stream, NO_PREVIOUS)
        aad = b"".join((start, stream.encode(), place))
        blob, sealed = self._sealed(record, stream, aad, mark)
        acted = b"".join((act, mark.encode(), command, sealed, end))
        data = b"".join((aad, before, b64encode(prev), acted, record.entry[match.end() :]))
        self._leaves[stream] = SHA256.leaf(data)
        named = mark + record.command[8:]
        facts = (stream, record.seq, record.type, prev, record.at, record.by, named, int(k), int(n))
        return PreparedEntry(*facts, data, blob)

    def _sealed(self, record: Record, stream: str, aad: bytes, mark: str) -> tuple[bytes | None, bytes]:
        """Return the blob of a copy and what its entry says of it."""
        if record.blob is None or self.resealing is None:
            return None, b"-"
        opener = Opener(self.source.suite, self.source.origin, self.resealing.of_model)
        members, _ = opener.open_strictly(record)
        members.update({name: members[name] + mark for name in _PERSONAL if name in members})
        key = self.resealing.of_copies.key_for(stream).key
        blob, said = seal(SHA256, key, aad, members, os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES))
        return blob, _line_of(said)


def _line_of(said: Seal) -> bytes:
    """Return what follows `sealed ` in an entry."""
    return f"{said.kid} {b64encode(said.blob_hash).decode()} {b64encode(said.commitment).decode()}".encode()
