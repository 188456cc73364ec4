"""How a login reads the sealed parts: as the owner, after saying what for, or not at all.

Nobody but the owner of the tables is granted the column of the blobs. A login whose duty is to open them says so once
for each process, which the database records for ever, and reads through a view that asks for that record.
"""

from contextlib import closing
from typing import Any, Final, NamedTuple

from psycopg import errors
from psycopg.rows import tuple_row

from ledger.postgres_connection import connect
from ledger.postgres_guards import OPENED, PURPOSE_CHARACTERS_MAX
from ledger.urls import PostgresAddress


class Sight(NamedTuple):
    """What a login sees: the beginning of the query for rows, and where the blobs are, empty when nowhere."""

    rows: str
    blobs: str


_COLUMNS: Final = "position, stream, seq, type, at, by, command, entry"

OWNERS: Final = Sight(f"SELECT {_COLUMNS}, blob FROM mingzhang.entries ", "mingzhang.entries")
OPENERS: Final = Sight(f"SELECT {_COLUMNS}, blob FROM mingzhang.{OPENED} ", f"mingzhang.{OPENED}")
CLOSED: Final = Sight(f"SELECT {_COLUMNS}, NULL::bytea AS blob FROM mingzhang.entries ", "")

_RIGHTS: Final = """SELECT has_column_privilege('mingzhang.entries', 'blob', 'SELECT'),
  has_function_privilege('mingzhang.record_opening(text)', 'EXECUTE')"""


def open_sealed(address: PostgresAddress, purpose: str, recorded: int | None = None) -> tuple[Sight, int | None]:
    """Return what this login sees of sealed parts, and the number of the opening that it sees them by, if any.

    `recorded` is an opening that another process of the same command recorded, before the moment that both see. A
    login without the duty, and a server that only reads, see no sealed part. Raises psycopg.Error.
    """
    with closing(connect(address)) as connection:
        cursor = connection.cursor(row_factory=tuple_row)
        column, may_open = _only(cursor.execute(_RIGHTS).fetchone())
        if column:
            return OWNERS, None
        if not may_open:
            return CLOSED, None
        if recorded is not None:
            return OPENERS, recorded
        try:
            said = cursor.execute("SELECT mingzhang.record_opening(%s)", (purpose[:PURPOSE_CHARACTERS_MAX],))
        except errors.ReadOnlySqlTransaction:
            return CLOSED, None
        return OPENERS, _only(said.fetchone())[0]


# Private


def _only(row: Any) -> Any:
    assert row is not None
    return row
