"""OCEL 2.0 as an SQLite database (specification section 4): one table per type of event and of object."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from audit.mining.activity import Thing
from audit.mining.ocel import BEGINNING, OcelEvent, OcelObject, object_attributes, parts_of

_TABLES: Final = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (
    ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES event_map_type (ocel_type));
CREATE TABLE object (
    ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier),
    FOREIGN KEY (ocel_event_id) REFERENCES event (ocel_id), FOREIGN KEY (ocel_object_id) REFERENCES object (ocel_id));
CREATE TABLE object_object (
    ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier),
    FOREIGN KEY (ocel_source_id) REFERENCES object (ocel_id), FOREIGN KEY (ocel_target_id) REFERENCES object (ocel_id));
"""
_COLUMN_TYPES: Final = {"integer": "INTEGER", "boolean": "INTEGER", "time": "TIMESTAMP", "string": "TEXT"}


class OcelSqlite:
    """Fills an empty database; nothing is committed before `finish`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_TABLES)
        # The rows of one type stand in a table of their own, whose columns are known at the end.
        connection.execute("CREATE TEMP TABLE said (ocel_id TEXT, name TEXT, value)")
        connection.execute("CREATE TEMP TABLE happened (ocel_id TEXT, ocel_time TEXT)")

    def put_event(self, event: OcelEvent) -> None:
        """Write one event."""
        run = self._connection
        run.execute("INSERT INTO event VALUES (?, ?)", (event.id, event.type))
        run.execute("INSERT INTO happened VALUES (?, ?)", (event.id, event.time))
        run.executemany("INSERT INTO said VALUES (?, ?, ?)", ((event.id, *said) for said in event.attributes.items()))
        run.executemany("INSERT INTO event_object VALUES (?, ?, ?)", ((event.id, *one) for one in event.relations))

    def finish(self, types: dict[str, dict[str, str]], objects: dict[Thing, OcelObject]) -> None:
        """Write objects, the tables of the types, and commit."""
        run = self._connection
        run.execute("CREATE INDEX temp.said_by ON said (ocel_id)")
        run.execute("CREATE INDEX temp.happened_to ON happened (ocel_id)")
        for number, (name, columns) in enumerate(types.items(), 1):
            self._event_type(name, f"Event{number:03d}", columns)
        kinds = sorted({thing.kind for thing in objects})
        for kind in kinds:
            self._object_type(kind, (known for thing, known in objects.items() if thing.kind == kind))
        parts = ((part.id, whole.id, what) for part, whole, what in parts_of(objects))
        run.executemany("INSERT INTO object_object VALUES (?, ?, ?)", parts)
        run.execute("DROP TABLE said")
        run.execute("DROP TABLE happened")
        run.commit()

    # Private

    def _event_type(self, name: str, table: str, columns: Mapping[str, str]) -> None:
        run = self._connection
        run.execute("INSERT INTO event_map_type VALUES (?, ?)", (name, table))
        run.execute(
            f'CREATE TABLE "event_{table}" (ocel_id TEXT PRIMARY KEY, ocel_time TIMESTAMP{_columns(columns)}, '
            "FOREIGN KEY (ocel_id) REFERENCES event (ocel_id))"
        )
        picked = "".join(f", MAX(value) FILTER (WHERE name = {_text(column)})" for column in columns)
        run.execute(
            f'INSERT INTO "event_{table}" SELECT ocel_id, ocel_time{picked} FROM event JOIN happened USING (ocel_id) '
            "LEFT JOIN said USING (ocel_id) WHERE ocel_type = ? GROUP BY ocel_id ORDER BY event.rowid",
            (name,),
        )

    def _object_type(self, kind: str, objects: Iterable[OcelObject]) -> None:
        run, columns = self._connection, object_attributes(kind)
        table = "".join(part.capitalize() for part in kind.replace("_", "-").split("-"))
        run.execute("INSERT INTO object_map_type VALUES (?, ?)", (kind, table))
        run.execute(
            f'CREATE TABLE "object_{table}" (ocel_id TEXT, ocel_time TIMESTAMP, ocel_changed_field TEXT'
            f"{_columns(columns)}, FOREIGN KEY (ocel_id) REFERENCES object (ocel_id))"
        )
        marks = ", ?" * len(columns)
        for known in objects:
            number = known.thing.id
            run.execute("INSERT INTO object VALUES (?, ?)", (number, kind))
            values = (known.attributes.get(name) for name in columns)
            run.execute(f'INSERT INTO "object_{table}" VALUES (?, ?, NULL{marks})', (number, BEGINNING, *values))


def _columns(columns: Mapping[str, str]) -> str:
    return "".join(f', "{name}" {_COLUMN_TYPES[kind]}' for name, kind in columns.items())


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
