"""A copy of an SQLite ledger for somebody who owns it: guards are taken away for each act and put back after it.

What is done here is what a database administrator could do. With the copy of the key folder it is also what the
holder of the signing key could do: `rebuild` makes tiles, heads, commands and checkpoints anew so that they agree with
whatever entries it is given, and signs them. Nothing here touches a ledger in use: the caller names a copy.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.checkpoint import Checkpoint, checkpoint_text
from ledger.entry import NO_PREVIOUS, Entry, encode_entry, parse_entry
from ledger.hashing import Suite
from ledger.keystore import KEYRING_NAME, KeyStore
from ledger.note import sign_note
from ledger.signer_state import STATE_NAME
from ledger.tiles import TreeWriter

Statement = str | tuple[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is stored: its bytes, parsed, and its sealed part."""

    position: int
    entry: Entry
    data: bytes
    blob: bytes | None


class ScratchLedger:
    """The copied file at `path`; `keys` opens the copied key folder, None where there is none."""

    def __init__(self, path: Path, suite: Suite, keys: KeyStore | None = None) -> None:
        self.path = path
        self.suite = suite
        self.keys = keys

    def stored(self) -> list[Stored]:
        """Return all entries in order."""
        query = "SELECT e.position, e.entry, b.blob FROM entries e LEFT JOIN blobs b USING (position) ORDER BY position"
        with closing(sqlite3.connect(self.path)) as database:
            return [Stored(at, parse_entry(data), data, blob) for at, data, blob in database.execute(query)]

    def heads(self) -> list[int]:
        """Return the sizes at which transactions ended, ascending."""
        with closing(sqlite3.connect(self.path)) as database:
            return [size for (size,) in database.execute("SELECT size FROM heads ORDER BY size")]

    def checkpoint_sizes(self) -> list[int]:
        """Return the sizes of the stored checkpoints, ascending."""
        with closing(sqlite3.connect(self.path)) as database:
            return [size for (size,) in database.execute("SELECT DISTINCT size FROM checkpoints ORDER BY size")]

    def run(self, *statements: Statement) -> None:
        """Run statements in one transaction, with no guard in the way, and leave the guards as they were."""
        with _unguarded(self.path) as database:
            for statement in statements:
                query, parameters = (statement, ()) if isinstance(statement, str) else statement
                database.execute(query, parameters)

    def last_note(self) -> bytes:
        """Return the stored checkpoint of the largest size; there must be one."""
        with closing(sqlite3.connect(self.path)) as database:
            (note,) = database.execute("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
            return bytes(note)

    def rebuild(self, entries: Sequence[tuple[Entry, bytes | None]]) -> None:
        """Put these entries, with their blobs, in place of all others and make everything else agree with them."""
        sizes = [size for size in self.heads() if size <= len(entries)]
        signed = [size for size in self.checkpoint_sizes() if size <= len(entries)]
        encoded = [(entry, encode_entry(entry), blob) for entry, blob in entries]
        with _unguarded(self.path) as database:
            for table in ("entries", "blobs", "commands", "heads", "tiles", "checkpoints"):
                database.execute(f"DELETE FROM {table}")
            for at, (entry, data, blob) in enumerate(encoded):
                row = (at, entry.stream, entry.seq, entry.type, entry.at, entry.by, entry.command, data)
                database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
                if blob is not None:
                    database.execute("INSERT INTO blobs VALUES (?, ?)", (at, blob))
                if entry.k == 1:
                    database.execute("INSERT INTO commands VALUES (?, ?, ?)", (at, entry.n, entry.command))
            roots = self._grown(database, [data for _, data, _ in encoded], {*sizes, *signed, len(encoded)})
            self._sign(database, signed, roots)

    def destroy_key(self, kid: str) -> None:
        """Take a sealing key out of the copied key folder."""
        assert self.keys is not None
        with closing(sqlite3.connect(self.keys.directory / KEYRING_NAME)) as ring, ring:
            ring.execute("DELETE FROM sealing_key WHERE kid = ?", (kid,))

    # Private

    def _grown(self, database: sqlite3.Connection, entries: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
        tree, roots, first = TreeWriter(self.suite), {}, 0
        for size in sorted(sizes):
            tree.extend(self.suite.leaves(entries[first:size]))
            roots[size], first = tree.root(), size
            database.execute("INSERT OR IGNORE INTO heads VALUES (?, ?)", (size, roots[size]))
        for tile in tree.take_changed():
            database.execute("INSERT INTO tiles VALUES (?, ?, ?)", (tile.level, tile.index, tile.hashes))
        return roots

    def _sign(self, database: sqlite3.Connection, sizes: Sequence[int], roots: dict[int, bytes]) -> None:
        """Sign with the true key and forget what was signed before, as nobody but its holder could."""
        if self.keys is None:
            return
        signer = self.keys.signer()
        for size in sizes or [max(roots)]:
            note = sign_note(checkpoint_text(Checkpoint(self.keys.origin, size, roots[size])), signer)
            database.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, note))
        (self.keys.directory / STATE_NAME).unlink(missing_ok=True)


def rechained(suite: Suite, entries: Sequence[tuple[Entry, bytes | None]]) -> list[tuple[Entry, bytes | None]]:
    """Return entries with `seq` and `prev` counted anew in every stream, as somebody would who hides a change."""
    heads: dict[str, tuple[int, bytes]] = {}
    chained = []
    for entry, blob in entries:
        seq, prev = heads.get(entry.stream, (0, NO_PREVIOUS))
        entry = replace(entry, seq=seq + 1, prev=prev)
        heads[entry.stream] = (seq + 1, suite.leaf(encode_entry(entry)))
        chained.append((entry, blob))
    return chained


# Private


@contextmanager
def _unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        guards = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        database.execute("BEGIN")
        for name, _ in guards:
            database.execute(f"DROP TRIGGER {name}")
        yield database
        for _, text in guards:
            database.execute(text)
        database.execute("COMMIT")
