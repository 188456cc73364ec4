"""Appending in PostgreSQL at one go: a small command as one statement, which takes the lock, inserts and commits.

An attempt goes on from the tip that the last transaction of the same store left, and reads and decides before it has
the lock. That holds only while nobody else has written. The statement makes sure of it: it inserts nothing unless the
tip is still the last head, and where somebody wrote while it waited for the lock, the position is taken. Then, and
whenever anything is refused, the attempt has left nothing behind, and the same is done anew with the lock from the
beginning.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from psycopg import errors

from ledger.hashing import HASH_BYTES
from ledger.postgres_connection import APPEND_LOCK
from ledger.postgres_writer import COLUMN_TYPES, COLUMNS, PostgresWriter
from ledger.store import StoredCommand, TreeHead
from ledger.tiles import TILE_WIDTH
from ledger.writer import Tip

ENTRIES_MAX: Final = 8


class AttemptFailed(Exception):
    """The attempt left nothing behind; what it was to do must be done with the lock."""


def can_attempt(known: Tip, entries: int) -> bool:
    """Say whether so many entries after this tip are one statement: one part of one tile, and a head to compare."""
    size = known.head.size
    return size > 0 and 0 < entries <= ENTRIES_MAX and size % TILE_WIDTH + entries < TILE_WIDTH


class PostgresAttempt(PostgresWriter):
    """A writer without the lock: what it reads is believed until its one statement finds otherwise.

    Whatever may only be known with the lock raises AttemptFailed.
    """

    def flush(self) -> None:
        """Refuse to write a part."""
        if self._waiting:
            raise AttemptFailed

    def later_than(self, at: str) -> Iterator[tuple[str, str, int]]:
        """Refuse to read the whole log outside a transaction."""
        raise AttemptFailed

    def commit(self) -> None:
        """Insert and commit everything; AttemptFailed when the tip has moved or a row was refused."""
        rows = self._rows_to_insert()
        if not rows:
            return
        known = self._head
        if not can_attempt(Tip(known, self._tree, {}, None), len(rows)):
            raise AttemptFailed
        self._tree.extend(self._leaves)
        (tile,) = self._tree.take_changed()
        head = TreeHead(self._size, self._tree.root())
        part = (tile.level, tile.index, tile.stored_width, tile.hashes[tile.stored_width * HASH_BYTES :])
        values = (*known, *(value for row in rows for value in row), *part, *head)
        try:
            inserted = self._connection.execute(_statement(len(rows)), values, prepare=True).rowcount
        except (errors.IntegrityError, errors.SerializationFailure) as error:
            raise AttemptFailed from error
        if inserted != 1:
            raise AttemptFailed
        self._head = head
        self._clear()

    def _begin(self) -> tuple[int, TreeHead]:
        if self._known is None:
            raise AttemptFailed
        return self._known.head.size, self._known.head

    def _select_command(self, command: str) -> StoredCommand | None:
        return None  # the index knows, when the row is inserted


# Private


@lru_cache(maxsize=ENTRIES_MAX)
def _statement(entries: int) -> str:
    """Return the statement for so many entries; all parts of it see the moment before it waited for the lock."""
    row = ", ".join(f"%s::{kind}" for kind in COLUMN_TYPES)
    return f"""WITH tip AS MATERIALIZED (
  SELECT pg_advisory_xact_lock(hashtextextended('{APPEND_LOCK}', 0)) FROM mingzhang.heads
  WHERE size = %s AND root = %s AND size = (SELECT max(last.size) FROM mingzhang.heads AS last)
), added AS (
  INSERT INTO mingzhang.entries ({COLUMNS})
  SELECT {COLUMNS} FROM tip, (VALUES {", ".join([f"({row})"] * entries)}) AS new ({COLUMNS}) RETURNING position
), part AS (
  INSERT INTO mingzhang.tiles (level, idx, start, hashes) SELECT %s::int2, %s::int8, %s::int2, %s::bytea FROM tip
)
INSERT INTO mingzhang.heads (size, root) SELECT %s::int8, %s::bytea FROM tip"""
