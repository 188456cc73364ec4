"""What an SQLite database says of itself: whether its tables and guards are those that were made, and its pages whole.

The schema is compared with one made anew in memory, text by text, so that a dropped trigger, a trigger that was made
again with another condition and a table that lost a rule are all seen. Further tables of other names are nobody's
business here, further triggers on the tables of the ledger are.
"""

import sqlite3
from collections.abc import Iterator
from functools import partial

from ledger.sqlite_schema import statements
from ledger.store import DatabaseFault
from ledger.store_errors import DatabaseFailed

PAGE_FAULTS_MAX = 20

escaped_text = partial(str, encoding="utf-8", errors="surrogateescape")  # never fails, and loses nothing


def faults(connection: sqlite3.Connection) -> Iterator[DatabaseFault]:
    """Yield each object of the schema that is missing, changed or too many, and what the pages are broken by."""
    expected, found = _expected_schema(), _schema(connection)
    for name, text in expected.items():
        if found.get(name) != text:
            yield DatabaseFault(name, "as this version makes it", "changed" if name in found else "missing")
    tables = {name.partition(" ")[2] for name in expected if name.startswith("table ")}
    for name, on_table in _triggers(connection):
        if on_table in tables and f"trigger {name}" not in expected:
            yield DatabaseFault(f"trigger {name}", f"no such trigger on {on_table}", "one that changes what is stored")
    for key in _strange_settings(connection):
        yield DatabaseFault("table log", "the settings origin, suite and schema", f"another one, {key!r}")
    for text in _broken_pages(connection):
        yield DatabaseFault("pages", "a database that passes its own integrity check", text)


def is_damage(error: DatabaseFailed) -> bool:
    """Say whether the database failed for what is in the file, not for the disk or a lock."""
    cause = error.__cause__
    while cause is not None and not isinstance(cause, sqlite3.Error):
        cause = cause.__cause__
    # An error of the Python module itself has no code: a number or a text that cannot be handed out.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG)


# Private


def _expected_schema() -> dict[str, str]:
    connection = sqlite3.connect(":memory:")
    try:
        for statement in statements():
            connection.execute(statement)
        return _schema(connection)
    finally:
        connection.close()


def _schema(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {f"{row[0]} {row[1]}": row[2] for row in rows}


def _strange_settings(connection: sqlite3.Connection) -> list[object]:
    query = "SELECT key FROM log WHERE key NOT IN ('origin', 'suite', 'schema') LIMIT ?"
    try:
        return [row[0] for row in connection.execute(query, (PAGE_FAULTS_MAX,)).fetchall()]
    except sqlite3.DatabaseError:  # broken, or gone since it was opened: told by the pages and by the schema
        return []


def _triggers(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    return [(row[0], row[1].lower()) for row in rows]


def _broken_pages(connection: sqlite3.Connection) -> list[str]:
    try:
        rows = connection.execute(f"PRAGMA integrity_check({PAGE_FAULTS_MAX})").fetchall()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return [str(error)]
    return [str(row[0]) for row in rows if row[0] != "ok"]
