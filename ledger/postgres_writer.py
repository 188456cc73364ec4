"""Appending in PostgreSQL: one transaction, begun with the writer and committed by it.

Whoever makes a writer rolls back when anything fails. The first thing it does is to wait for the lock of the one
writer; what it reads afterwards is what the writer before it committed, because each statement of the transaction sees
the moment at which it begins.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from psycopg.rows import tuple_row

from ledger.hashing import HASH_BYTES, Suite
from ledger.postgres_connection import APPEND_LOCK, WRITING, check_commit
from ledger.postgres_opening import OWNERS, Sight
from ledger.postgres_reader import COMMAND, TILE, Connection, first
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
# One message; the function waits for the lock before it reads.
_BEGIN: Final = f"BEGIN ISOLATION LEVEL {WRITING}; SELECT rows, size, root FROM mingzhang.tip('{APPEND_LOCK}')"
_LAST_OF: Final = "SELECT seq, entry FROM mingzhang.entries WHERE stream = %s ORDER BY seq DESC LIMIT 1"
# Many names travel as one text: neither a stream nor a command id has a space in it.
_RECORDED: Final = COMMAND + "AND command = ANY(string_to_array(%s, ' '))"
_LAST_OF_MANY: Final = """SELECT name, last.seq, last.entry
  FROM unnest(string_to_array(%s, ' ')) AS name CROSS JOIN LATERAL
  (SELECT seq, entry FROM mingzhang.entries WHERE stream = name ORDER BY seq DESC LIMIT 1) AS last"""


class PostgresWriter(Writer):
    """The rows of one transaction, sent as they come or by COPY."""

    def __init__(
        self, origin: str, suite: Suite, connection: Connection, known: Tip | None = None, sight: Sight = OWNERS
    ) -> None:
        self._connection = connection
        self._sight = sight
        self._empty_root = suite.empty_root
        self._new_streams: set[str] = set()  # these two: known to be absent from the database
        self._unrecorded: set[str] = set()
        self._known = known
        rows, head = self._begin()
        super().__init__(origin, suite, head, rows, self._read_tile, known)

    def commit(self) -> None:
        """Finish, and commit: what is left to write and the commit go to the server together."""
        if len(self._entry_rows) >= COPY_ROWS_MIN:
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
        """Append whole commands; what the checks of many will ask is read at once beforehand."""
        if len(entries) >= LOOK_UP_MIN:
            self.expect({one.stream for one in entries}, {one.command for one in entries})
        positions = super().append(entries)
        self._new_streams.difference_update(one.stream for one in entries)
        self._unrecorded.difference_update(one.command for one in entries)
        return positions

    def expect(self, streams: Collection[str], commands: Collection[str]) -> None:
        """Read at once what the checks of the next appends will ask."""
        asked = set(streams) - self._stream_heads.keys() - self._new_streams
        if asked:
            for stream, seq, entry in self._all(_LAST_OF_MANY, " ".join(asked)):
                self._stream_heads[stream] = StreamHead(seq, self.suite.leaf(entry))
            self._new_streams |= asked - self._stream_heads.keys()
        unknown = set(commands) - self._unrecorded - self._new_commands.keys()
        if unknown:
            recorded = {row[0] for row in self._all(_RECORDED, " ".join(unknown))}
            self._unrecorded |= unknown - recorded

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

    def _insert_rows(
        self,
        entries: Sequence[tuple[object, ...]],
        blobs: Sequence[tuple[int, bytes]],
        commands: Collection[StoredCommand],
        meanwhile: Callable[[], None],
    ) -> None:
        rows = self._rows_to_insert()
        if len(entries) < COPY_ROWS_MIN:
            for row in rows:
                self._run(_INSERT, row)
            meanwhile()
            return
        with self._connection.cursor().copy(_COPY) as copy:
            copy.set_types(COLUMN_TYPES)
            for row in rows:
                copy.write_row(row)
            meanwhile()

    def _rows_to_insert(self) -> list[tuple[object, ...]]:
        """Return the rows that are waiting with all columns."""
        blob_at: dict[object, bytes] = dict(self._blob_rows)
        n_at: dict[object, int] = {one.position: one.n for one in self._new_commands.values()}
        return [(*row, n_at.get(row[0]), blob_at.get(row[0])) for row in self._entry_rows]

    def _put_tiles(self, tiles: Sequence[Tile]) -> None:
        insert = "INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (%s, %s, %s, %s)"
        for tile in tiles:
            start = tile.stored_width
            self._run(insert, (tile.level, tile.index, start, tile.hashes[start * HASH_BYTES :]))

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
