"""A new ledger in an SQLite file, filled with the rows of another one as fast as the file can take them.

The tables are those of every ledger. Guards and indexes are put aside while the rows go in, and made again word for
word in the same transaction: a guard asks of each row whether it is the next one, and what a copy holds is verified as
a whole. There is no journal: who is killed meanwhile leaves a file that is no ledger, and begins with a new one.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.copying import CopiedEntry, NewLog, unlike_a_ledger
from ledger.hashing import Suite
from ledger.sqlite import SQLiteStore
from ledger.sqlite_connection import explained
from ledger.store import StoredCheckpoint, StoredTile, TreeHead

_CACHE_KIB: Final = 65_536  # pages of the index of streams, which is touched at random
_PUT_ASIDE: Final = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
_ENTRY: Final = (
    'INSERT INTO entries (position, stream, seq, type, at, "by", command, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
)


class SQLiteNewLog(NewLog):
    """The rows of one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put_entries(self, entries: Iterable[CopiedEntry]) -> None:
        """Store entries one by one: a blob may have a MiB, so that a batch would be large."""
        run = self._connection.execute
        for record, n in entries:
            run(_ENTRY, record[:8])
            if record.blob is not None:
                run("INSERT INTO blobs (position, blob) VALUES (?, ?)", (record.position, record.blob))
            if n is not None:
                command = (record.position, n, record.command)
                run("INSERT INTO commands (position, n, command) VALUES (?, ?, ?)", command)

    def put_heads(self, heads: Iterable[TreeHead]) -> None:
        """Store tree heads."""
        self._connection.executemany("INSERT INTO heads (size, root) VALUES (?, ?)", heads)

    def put_tiles(self, tiles: Iterable[StoredTile]) -> None:
        """Store whole tiles."""
        self._connection.executemany("INSERT INTO tiles (level, idx, hashes) VALUES (?, ?, ?)", tiles)

    def put_checkpoints(self, checkpoints: Iterable[StoredCheckpoint]) -> None:
        """Store signed notes."""
        self._connection.executemany("INSERT INTO checkpoints (size, note) VALUES (?, ?)", checkpoints)


@contextmanager
def sqlite_new_log(path: Path, origin: str, suite: Suite) -> Iterator[SQLiteNewLog]:
    """Make a ledger in a new file of mode 0600, to be filled; it is whole when the context has ended without an error.

    Raises DatabaseFailed, also when the disk is full, and StoreDamaged for rows that no ledger can hold.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    SQLiteStore.create(path, origin, suite).close()
    with explained(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            yield from _filled(path, connection)
        finally:
            connection.close()


# Private


def _filled(path: Path, connection: sqlite3.Connection) -> Iterator[SQLiteNewLog]:
    for setting in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    connection.execute("BEGIN EXCLUSIVE")
    aside = connection.execute(_PUT_ASIDE).fetchall()
    for kind, name, _sql in aside:
        connection.execute(f"DROP {kind} {name}")
    try:
        yield SQLiteNewLog(connection)
    except sqlite3.IntegrityError as error:
        raise unlike_a_ledger(str(path), error) from error
    for _kind, _name, sql in aside:
        connection.execute(sql)
    connection.execute("COMMIT")
