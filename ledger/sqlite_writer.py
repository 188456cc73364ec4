"""Appending in SQLite, within a transaction that somebody else begins and commits."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from ledger.hashing import Suite
from ledger.sqlite_reader import COMMAND, LAST_HEAD, RECORD, TILE, plain
from ledger.store import Record, StoredCommand, TreeHead
from ledger.tiles import Tile
from ledger.writer import PreparedEntry, Tip, Writer

LOOK_UP_MIN = 4  # below this number of entries, to ask of all at once costs more than it saves

_COMMANDS_AMONG = "SELECT command FROM commands WHERE command IN (SELECT value FROM json_each(?))"
_INSERT_ENTRY = 'INSERT INTO entries (position, stream, seq, type, at, "by", command, entry) VALUES (?,?,?,?,?,?,?,?)'


class SQLiteWriter(Writer):
    """Appending within a transaction that somebody else begins and commits."""

    def __init__(self, origin: str, suite: Suite, connection: sqlite3.Connection, known: Tip | None = None) -> None:
        self._connection = connection
        self._asking = connection.cursor()  # one for all questions of one row
        self._asking.row_factory = None
        head = self._one(LAST_HEAD)
        rows = self._one("SELECT coalesce(max(position), -1) + 1 FROM entries")[0]
        if known is not None and not known.tree.is_stored(self._read_tile):
            known = None
        super().__init__(
            origin, suite, TreeHead(*head) if head else TreeHead(0, suite.empty_root), rows, self._read_tile, known
        )

    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1, those of this transaction included."""
        return self._records("WHERE e.position >= ? AND e.position < ? ORDER BY e.position", start, stop)

    def stream(self, name: str) -> list[Record]:
        """Return the rows of one stream in the order of seq, those of this transaction included."""
        return self._records("WHERE e.stream = ? ORDER BY e.seq", name)

    def records_of_type(self, topic: str) -> list[Record]:
        """Return the rows of one topic in the order of position, those of this transaction included."""
        return self._records("WHERE e.type = ? ORDER BY e.position", topic)

    def later_than(self, at: str) -> Iterator[tuple[str, str, int]]:
        """Yield at, stream and seq of each entry whose `at` is later, the latest first; reads the whole log."""
        self.flush()
        query = "SELECT at, stream, seq FROM entries WHERE at > ? ORDER BY at DESC, position"
        yield from plain(self._connection, query, (at,))

    def _records(self, condition: str, *parameters: object) -> list[Record]:
        self.flush()
        return list(map(Record._make, plain(self._connection, RECORD + condition, parameters)))

    def _select_last_of(self, stream: str) -> tuple[int, bytes] | None:
        row = self._one("SELECT seq, entry FROM entries WHERE stream = ? ORDER BY seq DESC LIMIT 1", stream)
        return (row[0], row[1]) if row else None

    def _select_at(self, position: int) -> str | None:
        row = self._one("SELECT at FROM entries WHERE position = ?", position)
        return row[0] if row else None

    def _select_command(self, command: str) -> StoredCommand | None:
        row = None if command in self._unrecorded else self._one(COMMAND + "WHERE command = ?", command)
        return StoredCommand(*row) if row else None

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:
        """Read at once which commands are recorded; streams are looked up one by one, which costs as little."""
        recorded = {row[0] for row in plain(self._connection, _COMMANDS_AMONG, (json.dumps(list(commands)),))}
        self._unrecorded = set(commands) - recorded

    def _hashed(self, entries: Sequence[PreparedEntry]) -> list[bytes]:
        if len(entries) >= LOOK_UP_MIN:
            self.expect((), [one.command for one in entries if one.k == 1])
        return super()._hashed(entries)

    def _insert_rows(self, first: int, entries: Sequence[PreparedEntry], meanwhile: Callable[[], None]) -> None:
        meanwhile()
        run = self._connection.executemany
        placed = list(enumerate(entries, first))
        run(_INSERT_ENTRY, [(i, e.stream, e.seq, e.type, e.at, e.by, e.command, e.entry) for i, e in placed])
        run("INSERT INTO blobs (position, blob) VALUES (?,?)", [(i, e.blob) for i, e in placed if e.blob is not None])
        firsts = [(e.command, i, e.n) for i, e in placed if e.k == 1]
        run("INSERT INTO commands (command, position, n) VALUES (?,?,?)", firsts)

    def _put_tiles(self, tiles: Sequence[Tile]) -> None:
        grow = "UPDATE tiles SET hashes = ?3 WHERE level = ?1 AND idx = ?2"
        insert = "INSERT INTO tiles (level, idx, hashes) VALUES (?1, ?2, ?3)"
        for tile in tiles:
            query = grow if tile.stored_width else insert
            self._connection.execute(query, (tile.level, tile.index, tile.hashes))

    def _insert_head(self, head: TreeHead) -> None:
        self._connection.execute("INSERT INTO heads (size, root) VALUES (?,?)", head)

    def _read_tile(self, level: int, index: int) -> bytes | None:
        row = self._one(TILE, level, index)
        return row[0] if row else None

    def _one(self, query: str, *parameters: object) -> Any:
        return self._asking.execute(query, parameters).fetchone()
