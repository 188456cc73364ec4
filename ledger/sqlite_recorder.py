"""The same tables through the recorder interface of `eventsourcing`.

    originator_id = stream      originator_version = seq      topic = type      state = the entry's bytes
    notification id = position + 1

Inserting goes through the writer of the ledger, in the library's transaction: the entry must name the leaf hash of
the one before it, the position is given, the tree grows. The library's optimistic concurrency stays as it is: of two
writers of one (stream, seq) the second gets its IntegrityError.
"""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import DataError, IntegrityError, Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor

from ledger.entry import parse_entry
from ledger.errors import FormatError
from ledger.hashing import Suite
from ledger.sqlite import SQLiteStore
from ledger.sqlite_writer import SQLiteWriter
from ledger.store_errors import AppendRefused
from ledger.writer import PreparedEntry, prepared

# SQLite lets the conditions that the library appends name these aliases, and still uses the index below them.
_EVENT = "stream AS originator_id, seq AS originator_version, type AS topic, entry AS state"


class SQLiteLedgerRecorder(SQLiteApplicationRecorder):
    """Records entries as stored events; its tables are made by `SQLiteStore.create`, never here."""

    def __init__(self, store: SQLiteStore) -> None:
        super().__init__(store.datastore, events_table_name="entries")
        self._origin = store.origin
        self._suite: Suite = store.suite
        self.select_events_statement = f"SELECT {_EVENT} FROM entries WHERE stream = ? "
        self.select_max_notification_id_statement = "SELECT max(position) + 1 FROM entries"

    def construct_create_table_statements(self) -> list[str]:
        """Return nothing: the tables exist."""
        return []

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return at most `limit` entries in the order of their positions; ids begin at 1."""
        first = 0 if start is None else start - 1 if inclusive_of_start else start
        end = 2**63 - 1 if stop is None else stop
        chosen = f"AND type IN ({','.join('?' * len(topics))})" if topics else ""
        query = f"SELECT position + 1 AS id, {_EVENT} FROM entries WHERE position >= ? AND position < ? {chosen} "
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(query + "ORDER BY position LIMIT ?", (first, end, *topics, limit))
            return [Notification(**dict(row)) for row in cursor.fetchall()]

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        blobs: Sequence[bytes | None] | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """Append entries, each with its sealed blob when it has one; return their notification ids."""
        writer = SQLiteWriter(self._origin, self._suite, c.sqlite_cursor.connection)
        pairs = zip(stored_events, blobs or [None] * len(stored_events), strict=True)
        try:
            positions = writer.append([self._prepared(stored, blob) for stored, blob in pairs])
        except AppendRefused as error:
            raise IntegrityError(str(error)) from error
        except FormatError as error:
            raise DataError(str(error)) from error
        writer.finish()
        return [position + 1 for position in positions]

    def _prepared(self, stored: StoredEvent, blob: bytes | None) -> PreparedEntry:
        one = prepared(self._suite, self._origin, parse_entry(stored.state), stored.state, blob)
        columns = (stored.originator_id, stored.originator_version, stored.topic)
        if columns != (one.stream, one.seq, one.type):
            raise FormatError("stored event", "its id, version and topic are not those of the entry's bytes")
        return one
