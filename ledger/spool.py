"""A spool: entries on their way into the log, kept in order until the lock is taken, in constant memory.

It is a temporary database of SQLite's own: a small one never leaves memory; a large one goes on in a file that only
its owner may read and that has no name from the moment it is made, so that it is gone with the process however that
ends. It holds what the log will hold, bytes and sealed blobs, and never an opened sealed part.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from ledger.entry import rechained
from ledger.hashing import Suite
from ledger.store import Record, StoredCommand
from ledger.store_errors import DatabaseFailed
from ledger.writer import PreparedEntry

CACHE_KIB = 16_384  # of the database that stay in memory
NAMES_MAX = 20_000
COMMANDS_MAX = 100_000  # that are found without asking the database

_SCHEMA = f"""
    PRAGMA page_size = 16384;
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -{CACHE_KIB};
    BEGIN;
    CREATE TABLE entries (
        position INTEGER PRIMARY KEY, stream TEXT, seq INTEGER, type TEXT, at TEXT, "by" TEXT, command TEXT,
        entry BLOB, blob BLOB, prev BLOB, k INTEGER, n INTEGER
    );
    CREATE INDEX entries_stream ON entries (stream, seq);
    CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_RECORD = 'SELECT position, stream, seq, type, at, "by", command, entry, blob FROM entries '
_INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PREPARED = 'SELECT stream, seq, type, prev, at, "by", command, k, n, entry, blob FROM entries ORDER BY position'
_LAST_OF = "SELECT seq, entry FROM entries WHERE stream = ? ORDER BY seq DESC LIMIT 1"
_INDEX_OF_COMMANDS = "CREATE INDEX entries_command ON entries (command) WHERE k = 1"
_COMMAND = "SELECT command, position, n FROM entries WHERE command = ? AND k = 1"
_COMMAND_AT = "SELECT command, position, n FROM entries WHERE position = ?"


class Spool:
    """Entries whose positions begin at `start`, and beside them names; raises DatabaseFailed without room for them."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.stop = start
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._names: set[str] = set()
        self._commands: dict[str, int] | None = {}  # position by id; None when there are too many

    def add(self, entries: Sequence[PreparedEntry]) -> range:
        """Put entries behind those that are there; return their positions."""
        rows = [
            (position, e.stream, e.seq, e.type, e.at, e.by, e.command, e.entry, e.blob, e.prev, e.k, e.n)
            for position, e in enumerate(entries, self.stop)
        ]
        try:
            self._database.executemany(_INSERT, rows)
        except sqlite3.Error as error:
            raise self._failure(error) from error
        first, self.stop = self.stop, self.stop + len(rows)
        if self._commands is not None:
            self._commands.update({one.command: position for position, one in enumerate(entries, first) if one.k == 1})
            if len(self._commands) > COMMANDS_MAX:
                self._commands = None
                self._all(_INDEX_OF_COMMANDS)
        return range(first, self.stop)

    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1 that are here."""
        return self._records("WHERE position >= ? AND position < ? ORDER BY position", start, stop)

    def stream(self, name: str) -> list[Record]:
        """Return the rows of one stream in the order of seq."""
        return self._records("WHERE stream = ? ORDER BY seq", name)

    def records_of_type(self, topic: str) -> list[Record]:
        """Return the rows of one topic in order; looks at every row."""
        return self._records("WHERE type = ? ORDER BY position", topic)

    def last_of(self, stream: str) -> tuple[int, bytes] | None:
        """Return seq and bytes of the last entry of a stream, None when none of it is here."""
        rows = self._all(_LAST_OF, stream) if self.stop > self.start else []
        return rows[0] if rows else None

    def command(self, command: str) -> StoredCommand | None:
        """Return where a command is, None when it is not here."""
        if self._commands is None:
            rows = self._all(_COMMAND, command)
        else:
            rows = self._all(_COMMAND_AT, self._commands[command]) if command in self._commands else []
        return StoredCommand(*rows[0]) if rows else None

    def date_from(self, earliest: str, suite: Suite) -> None:
        """Date every entry at `earliest` or later; the bytes change, and with them the `prev` of what follows."""
        order = "SELECT position, stream, prev, max(at, ?), entry FROM entries ORDER BY stream, seq"
        update = "UPDATE entries SET prev = ?, at = ?, entry = ? WHERE position = ?"
        last = ("", b"")  # stream and new leaf hash
        try:
            for position, stream, prev, at, entry in self._database.execute(order, (earliest,)):
                chained = last[1] if last[0] == stream else prev
                data = rechained(entry, chained, at)
                self._database.execute(update, (chained, at, data, position))
                last = (stream, suite.leaf(data))
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def commands(self, rows_min: int) -> Iterator[list[PreparedEntry]]:
        """Yield all entries in order, some `rows_min` at a time, never with a part of a command."""
        waiting: list[PreparedEntry] = []
        try:
            for row in self._database.execute(_PREPARED):
                one = PreparedEntry(*row)
                waiting.append(one)
                if len(waiting) >= rows_min and one.k == one.n:
                    yield waiting
                    waiting = []
        except sqlite3.Error as error:
            raise self._failure(error) from error
        if waiting:
            yield waiting

    def keep_names(self, names: Iterable[str]) -> None:
        """Remember names, each once."""
        self._names.update(names)
        if len(self._names) > NAMES_MAX:
            try:
                self._database.executemany("INSERT OR IGNORE INTO names VALUES (?)", [(name,) for name in self._names])
            except sqlite3.Error as error:
                raise self._failure(error) from error
            self._names.clear()

    def has_name(self, name: str) -> bool:
        """Say whether a name was remembered."""
        return name in self._names or bool(self._all("SELECT 1 FROM names WHERE name = ?", name))

    def close(self) -> None:
        """Give everything up."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Private

    def _records(self, condition: str, *parameters: object) -> list[Record]:
        return [Record(*row) for row in self._all(_RECORD + condition, *parameters)]

    def _all(self, query: str, *parameters: object) -> list[Any]:
        try:
            return self._database.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: sqlite3.Error) -> DatabaseFailed:
        """Give everything up: a part may have been written, which a caller that goes on must not get recorded."""
        self.close()
        mend = "free room in the folder of temporary files, or name another with SQLITE_TMPDIR; nothing was recorded"
        expected = "room for entries that wait to be recorded"
        return DatabaseFailed(where="temporary file", expected=expected, found=str(error), mend=mend)
