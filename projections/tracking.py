"""How far the registers have followed the log: one row beside them, moved in the transaction that adds their rows."""

from dataclasses import dataclass
from typing import Final

from projections.database import Database
from projections.errors import RegistersMissing

TRACKING: Final = "register_tracking"
LIVE_NAME: Final = "registers"
STAGED_NAME: Final = "registers-next"


@dataclass(frozen=True, slots=True)
class Tracked:
    """The next position to follow, the schema the tables were made for, and entries left sealed for want of keys."""

    position: int
    schema_version: str
    unopened: int


def tracked(database: Database, name: str) -> Tracked | None:
    """Return how far the tables of this name are; None when there are none."""
    if TRACKING not in database.tables():
        return None
    query = f"SELECT position, schema_version, unopened FROM {TRACKING} WHERE name = ?"
    return next((Tracked(*row) for row in database.rows(query, (name,))), None)


def track(database: Database, name: str, state: Tracked) -> None:
    """Write how far the tables of this name are, within the caller's transaction."""
    forget(database, name)
    statement = f"INSERT INTO {TRACKING} (name, position, schema_version, unopened) VALUES (?, ?, ?, ?)"
    database.run(statement, (name, state.position, state.schema_version, state.unopened))


def forget(database: Database, name: str) -> None:
    """Remove the row of this name, within the caller's transaction."""
    if TRACKING not in database.tables():
        types = database.types
        database.run(
            f"CREATE TABLE {TRACKING} (name {types['text']} NOT NULL PRIMARY KEY,"
            f" position {types['integer']} NOT NULL, schema_version {types['text']} NOT NULL,"
            f" unopened {types['integer']} NOT NULL)"
        )
    database.run(f"DELETE FROM {TRACKING} WHERE name = ?", (name,))


def followed_position(database: Database) -> int:
    """Return how many entries the live registers have followed; raises RegistersMissing when there are none."""
    state = tracked(database, LIVE_NAME)
    if state is None:
        raise RegistersMissing()
    return state.position
