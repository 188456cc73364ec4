"""The same tables through the recorder interface of `eventsourcing`.

    originator_id = stream      originator_version = seq      topic = type      state = the entry's bytes
    notification id = position + 1

Inserting goes through the writer of the ledger, under the lock of the one writer: the entry must name the leaf hash of
the one before it, the position is given, the tree grows. The library's optimistic concurrency stays as it is: of two
writers of one (stream, seq) the second gets its IntegrityError. Nobody is notified of what is appended, so that there
is nothing to subscribe to; the registers follow the log by position.
"""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from eventsourcing.persistence import DataError, IntegrityError, Notification, NotSupportedError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.sql import SQL, Composed

from ledger.entry import parse_entry
from ledger.errors import FormatError
from ledger.postgres import PostgresStore
from ledger.postgres_connection import explained, undone_on_error
from ledger.postgres_writer import PostgresWriter
from ledger.store_errors import AppendRefused
from ledger.writer import PreparedEntry, prepared

_EVENT: Final = "stream AS originator_id, seq AS originator_version, type AS topic, entry AS state"


class PostgresLedgerRecorder(PostgresApplicationRecorder):
    """Records entries as stored events; its tables are made by `PostgresStore.create`, never here."""

    def __init__(self, store: PostgresStore) -> None:
        super().__init__(store.datastore, events_table_name="entries")
        self._store = store
        self.sql_create_statements.clear()
        # A query of a query, because the conditions that the library appends name the columns as it knows them.
        self.select_events_statement = _composed(
            f"SELECT * FROM (SELECT {_EVENT} FROM mingzhang.entries) AS events WHERE originator_id = %s"
        )
        self.max_notification_id_statement = _composed("SELECT max(position) + 1 AS max FROM mingzhang.entries")

    def create_table(self) -> None:
        """Do nothing: the tables exist."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, blobs: Sequence[bytes | None] | None = None, **_: Any
    ) -> Sequence[int]:
        """Append entries, each with its sealed blob when it has one; return their notification ids."""
        pairs = zip(stored_events, blobs or [None] * len(stored_events), strict=True)
        store = self._store
        try:
            entries = [self._prepared(stored, blob) for stored, blob in pairs]
            with (
                explained(store.address),
                self.datastore.get_connection() as connection,
                undone_on_error(connection),
            ):
                writer = PostgresWriter(store.origin, store.suite, connection)
                positions = writer.append(entries)
                writer.commit()
        except AppendRefused as error:
            raise IntegrityError(str(error)) from error
        except FormatError as error:
            raise DataError(str(error)) from error
        return [position + 1 for position in positions]

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
        chosen = "AND type = ANY(%s)" if topics else ""
        query = f"SELECT position + 1 AS id, {_EVENT} FROM mingzhang.entries WHERE position >= %s AND position < %s "
        parameters = (first, end, *([list(topics)] if topics else []), limit)
        with self.datastore.get_connection() as connection:
            rows = connection.execute(query + chosen + " ORDER BY position LIMIT %s", parameters).fetchall()
        return [Notification(**row) for row in rows]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Any:
        """Refuse: nobody is notified; raises NotSupportedError."""
        raise NotSupportedError("nothing to subscribe to: read `select_notifications` from the last id on")

    def _prepared(self, stored: StoredEvent, blob: bytes | None) -> PreparedEntry:
        one = prepared(self._store.suite, self._store.origin, parse_entry(stored.state), stored.state, blob)
        columns = (stored.originator_id, stored.originator_version, stored.topic)
        if columns != (one.stream, one.seq, one.type):
            raise FormatError("stored event", "its id, version and topic are not those of the entry's bytes")
        return one


# Private


def _composed(statement: LiteralString) -> Composed:
    return Composed([SQL(statement)])
