"""Tables of an older version become those of this one: step by step, all in one transaction, or not at all.

A step is a function that changes the tables of one version into those of the next; entries, blobs and tree keep
their bytes. Versions that no step begins from cannot be upgraded by this program.
"""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ledger.sqlite_connection import check_file, connect, explained
from ledger.sqlite_inspection import faults
from ledger.sqlite_schema import SCHEMA_VERSION, statements
from ledger.store_errors import NotALedger, StoreDamaged, UnsupportedSchema

Step = Callable[[sqlite3.Connection], None]

STEPS: Final[Mapping[int, Step]] = MappingProxyType({})
"""By the version that a step begins from. Version 1 is the first, so there is none yet."""

_GUARD: Final = "CREATE TRIGGER log_update "
_HEADS: Final = "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1"


def stored_version(path: Path) -> int:
    """Return the version of the tables in a file; raises NotALedger, and UnsupportedSchema when it is no number."""
    check_file(path)
    with explained(path):
        connection = connect(path, "ro")
        try:
            return _version(path, connection)
        finally:
            connection.close()


def check_upgradable(path: Path, steps: Mapping[int, Step] = STEPS, target: int = SCHEMA_VERSION) -> int:
    """Return the version of the tables; raises UnsupportedSchema when it is newer, or too old for every step."""
    version = stored_version(path)
    if version > target:
        raise _unsupported(path, target, version, "use the version of mingzhang that made this ledger, or a later one")
    missing = [number for number in range(version, target) if number not in steps]
    if missing:
        raise _unsupported(
            path, target, version, f"upgrade it with an earlier release first: no step from {missing[0]}"
        )
    return version


def upgrade(path: Path, steps: Mapping[int, Step] = STEPS, target: int = SCHEMA_VERSION) -> int:
    """Upgrade the tables in one transaction and return the version they had; nothing is done when it is `target`.

    Raises UnsupportedSchema as `check_upgradable`, StoreDamaged when the result is not what this version makes;
    then nothing has changed.
    """
    check_upgradable(path, steps, target)
    with explained(path):
        connection = connect(path, "rw")
        try:
            connection.execute("BEGIN IMMEDIATE")
            version = _version(path, connection)  # another process may have been first
            if version < target:
                _run_steps(path, connection, [steps[number] for number in range(version, target)], target)
            connection.execute("COMMIT")
            return version
        finally:
            connection.close()  # rolls back what was not committed


# Private


def _version(path: Path, connection: sqlite3.Connection) -> int:
    try:
        row = connection.execute("SELECT value FROM log WHERE key = 'schema'").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        row = None
    if row is None:
        found = "an SQLite database of something else"
        raise NotALedger(where=str(path), expected="a ledger", found=found, mend="check --db")
    if not str(row[0]).isdecimal():
        raise _unsupported(path, SCHEMA_VERSION, row[0], "restore the database from a copy that verifies")
    return int(row[0])


def _run_steps(path: Path, connection: sqlite3.Connection, steps: list[Step], target: int) -> None:
    before = connection.execute(_HEADS).fetchall()
    for step in steps:
        step(connection)
    guard = next(one for one in statements() if one.startswith(_GUARD))
    connection.execute("DROP TRIGGER log_update")  # made again below, in the same transaction
    connection.execute("UPDATE log SET value = ? WHERE key = 'schema'", (str(target),))
    connection.execute(guard)
    wrong = next(faults(connection), None)
    if wrong is not None or connection.execute(_HEADS).fetchall() != before:
        found = f"{wrong.object}: {wrong.found}" if wrong else "another tree head"
        raise StoreDamaged(
            where=str(path),
            expected="tables as this version makes them, and the same tree head",
            found=found,
            mend="nothing was changed; restore the database from a copy that verifies, then upgrade",
        )


def _unsupported(path: Path, expected: int, found: object, mend: str) -> UnsupportedSchema:
    return UnsupportedSchema(
        where=str(path), expected=f"tables of version {expected}", found=f"version {found}", mend=mend
    )
