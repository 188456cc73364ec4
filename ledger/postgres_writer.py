"""Appending in PostgreSQL: one transaction, begun with the writer and committed by it.

Whoever makes a writer rolls back when anything fails. The first thing it does is to wait for the lock of the one
writer; what it reads afterwards is what the writer before it committed, because each statement of the transaction sees
the moment at which it begins.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from psycopg.rows import tuple_row
from psycopg.types.string import BytesBinaryDumper

from ledger.hashing import HASH_BYTES, Suite
from ledger.postgres_connection import APPEND_LOCK, WRITING, check_commit
from ledger.postgres_opening import OWNERS, Sight
from ledger.postgres_reader import COMMAND, COMMANDS_AMONG, LAST_OF_MANY, TILE, Connection, first
from ledger.store import Record, StoredCommand, TreeHead
from ledger.tiles import Tile
from ledger.writer import PreparedEntry, StreamHead, Tip, Writer

# Below this number of rows, a COPY costs more than it saves.
COPY_ROWS_MIN: Final = 4
LOOK_UP_MIN: Final = 4

COLUMNS: Final = "position, stream, seq, type, at, by, command, entry, n, blob"
COLUMN_TYPES: Final = ("int8", "text", "int8", "text", "text", "text", "text", "bytea", "int8", "bytea")
_COPY: Final = f"COPY mingzhang.entries ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
_INSERT: Final = f"INSERT INTO mingzhang.entries ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_INSERT_TILES: Final = """INSERT INTO mingzhang.tiles (level, idx, start, hashes)
  SELECT * FROM unnest(%s::int2[], %s::int8[], %s::int2[], %s::bytea[])"""
# One message; the function waits for the lock before it reads.
_BEGIN: Final = f"BEGIN ISOLATION LEVEL {WRITING}; SELECT rows, size, root FROM mingzhang.tip('{APPEND_LOCK}')"
_LAST_OF: Final = "SELECT seq, entry FROM mingzhang.entries WHERE stream = %s ORDER BY seq DESC LIMIT 1"


class PostgresWriter(Writer):
    """The rows of one transaction, sent as they come or by COPY."""

    def __init__(
        self, origin: str, suite: Suite, connection: Connection, known: Tip | None = None, sight: Sight = OWNERS
    ) -> None:
        self._connection = connection
        self._sight = sight
        self._empty_root = suite.empty_root
        self._new_streams: set[str] = set()  # known to be absent from the database
        self._known = known
        rows, head = self._begin()
        super().__init__(origin, suite, head, rows, self._read_tile, known)

    def commit(self) -> None:
        """Finish, and commit: what is left to write and the commit go to the server together."""
        if len(self._waiting) >= COPY_ROWS_MIN:
            self.flush()
        with self._connection.pipeline():
            self.finish()
            committed = self._connection.execute("COMMIT")
        check_commit(committed)

    def records(self, start: int, stop: int) -> list[Record]:
        """Return the rows of positions start … stop - 1, those of this transaction included."""
        return self._records("WHERE position >= %s AND position < %s ORDER BY position", start, stop)

    def stream(self, name: str) -> list[Record]:
        """Return the rows of one stream in the order of seq, those of this transaction included."""
        return self._records("WHERE stream = %s ORDER BY seq", name)

    def records_of_type(self, topic: str) -> list[Record]:
        """Return the rows of one topic in the order of position, those of this transaction included."""
        return self._records("WHERE type = %s ORDER BY position", topic)

    def later_than(self, at: str) -> Iterator[tuple[str, str, int]]:
        """Yield at, stream and seq of each entry whose `at` is later, the latest first; reads the whole log."""
        self.flush()
        query = "SELECT at, stream, seq FROM mingzhang.entries WHERE at > %s ORDER BY at DESC, position"
        with self._connection.cursor(name="later_than", row_factory=tuple_row) as cursor:
            yield from cursor.execute(query, (at,))

    def append(self, entries: Sequence[PreparedEntry]) -> range:
        """Append whole commands, after which their streams are new no longer."""
        positions = super().append(entries)
        self._new_streams.difference_update(one.stream for one in entries)
        return positions

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:
        """Read at once what the checks of the next appends will ask."""
        self._look_up(streams, commands, lambda: None)

    def _hashed(self, entries: Sequence[PreparedEntry]) -> list[bytes]:
        leaves: list[bytes] = []
        if len(entries) < LOOK_UP_MIN:
            return super()._hashed(entries)
        streams, commands = {one.stream for one in entries}, {one.command for one in entries if one.k == 1}
        self._look_up(streams, commands, lambda: leaves.extend(super(PostgresWriter, self)._hashed(entries)))
        return leaves

    def _look_up(self, streams: Collection[str], commands: Collection[str], meanwhile: Callable[[], None]) -> None:
        """Read the heads of streams and which commands are recorded, and do something while the server looks."""
        asked = set(streams) - self._stream_heads.keys() - self._new_streams
        unknown = set(commands) - self._unrecorded - self._new_commands.keys()
        if not asked and not unknown:  # a pipeline alone would be a journey
            meanwhile()
            return
        with self._connection.pipeline():
            heads = self._all(LAST_OF_MANY, " ".join(asked)) if asked else ()
            recorded = self._all(COMMANDS_AMONG, " ".join(unknown)) if unknown else ()
            meanwhile()
        for stream, seq, entry in heads:
            self._stream_heads[stream] = StreamHead(seq, self.suite.leaf(entry))
        self._new_streams |= asked - self._stream_heads.keys()
        self._unrecorded |= unknown.difference(row[0] for row in recorded)

    def _begin(self) -> tuple[int, TreeHead]:
        """Begin the transaction with the lock; return the number of rows and the last head."""
        cursor = self._connection.cursor(row_factory=tuple_row).execute(_BEGIN)
        cursor.nextset()
        rows, size, root = cursor.fetchone() or (0, None, b"")
        return rows, TreeHead(0, self._empty_root) if size is None else TreeHead(size, root)

    def _records(self, condition: str, *parameters: object) -> list[Record]:
        self.flush()
        return [Record(*row) for row in self._all(self._sight.rows + condition, *parameters)]

    def _select_last_of(self, stream: str) -> tuple[int, bytes] | None:
        row = None if stream in self._new_streams else self._one(_LAST_OF, stream)
        return (row[0], row[1]) if row else None

    def _select_at(self, position: int) -> str | None:
        row = self._one("SELECT at FROM mingzhang.entries WHERE position = %s", position)
        return row[0] if row else None

    def _select_command(self, command: str) -> StoredCommand | None:
        row = None if command in self._unrecorded else self._one(COMMAND + "AND command = %s", command)
        return StoredCommand(*row) if row else None

    def _insert_rows(self, first: int, entries: Sequence[PreparedEntry], meanwhile: Callable[[], None]) -> None:
        rows = _rows(first, entries)
        if len(entries) < COPY_ROWS_MIN:
            for row in rows:
                self._run(_INSERT, row)
            meanwhile()
            return
        cursor = self._connection.cursor()
        cursor.adapters.register_dumper(bytes, BytesBinaryDumper)  # or one in Python would be found
        with cursor.copy(_COPY) as copy:
            copy.set_types(COLUMN_TYPES)
            for row in rows:
                copy.write_row(row)
            meanwhile()

    def _rows_to_insert(self) -> list[tuple[object, ...]]:
        """Return the rows that are waiting with all columns."""
        return list(_rows(self._first_waiting, self._waiting))

    def _put_tiles(self, tiles: Sequence[Tile]) -> None:
        parts = [(one.level, one.index, one.stored_width, one.hashes[one.stored_width * HASH_BYTES :]) for one in tiles]
        if len(parts) == 1:
            self._run("INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (%s, %s, %s, %s)", parts[0])
        elif parts:
            self._run(_INSERT_TILES, [list(column) for column in zip(*parts, strict=True)])

    def _insert_head(self, head: TreeHead) -> None:
        self._run("INSERT INTO mingzhang.heads (size, root) VALUES (%s, %s)", head)

    def _read_tile(self, level: int, index: int) -> bytes | None:
        row = self._one(TILE, level, index)
        return row[0] if row else None

    def _one(self, query: str, *parameters: object) -> Any:
        return first(self._connection, query, parameters)

    def _all(self, query: str, *parameters: object) -> Iterable[Any]:
        cursor = self._connection.cursor(row_factory=tuple_row, binary=True)
        return cursor.execute(query, parameters, prepare=True)

    def _run(self, statement: str, parameters: Sequence[object]) -> None:
        self._connection.execute(statement, parameters, prepare=True)


# Private


def _rows(first: int, entries: Sequence[PreparedEntry]) -> Iterator[tuple[object, ...]]:
    """Yield the columns of each entry; the number of entries stands at the first one of a command."""
    for position, (stream, seq, topic, _, at, by, command, k, n, entry, blob) in enumerate(entries, first):
        yield position, stream, seq, topic, at, by, command, entry, n if k == 1 else None, blob
