"""The tables of a ledger in SQLite, and the triggers by which the database itself refuses to change history.

Nothing may be updated or deleted; only a tile at the right edge of the tree may grow, at its end. Inserting is
guarded as well, because INSERT OR REPLACE deletes without asking a DELETE trigger: a row goes in only as the next one.
These guards stop slips and other programs. Whoever owns the file can drop them; `mingzhang audit verify` is for that.
"""

APPLICATION_ID = 0x6D7A6C31  # "mzl1", in the header of the file
SCHEMA_VERSION = 1

_TABLES = """
CREATE TABLE log (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  position INTEGER NOT NULL PRIMARY KEY CHECK (position >= 0),
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  type TEXT NOT NULL,
  at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  command TEXT NOT NULL,
  entry BLOB NOT NULL CHECK (length(entry) BETWEEN 1 AND 65535),
  UNIQUE (stream, seq)
) STRICT;

CREATE INDEX entries_by_type ON entries (type);

CREATE TABLE blobs (
  position INTEGER NOT NULL PRIMARY KEY,
  blob BLOB NOT NULL CHECK (length(blob) BETWEEN 1 AND 1048576)
) STRICT;

CREATE TABLE commands (
  position INTEGER NOT NULL PRIMARY KEY,
  n INTEGER NOT NULL CHECK (n >= 1),
  command TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE heads (
  size INTEGER NOT NULL PRIMARY KEY CHECK (size >= 1),
  root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;

CREATE TABLE tiles (
  level INTEGER NOT NULL CHECK (level >= 0),
  idx INTEGER NOT NULL CHECK (idx >= 0),
  hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
  PRIMARY KEY (level, idx)
) STRICT;

CREATE TABLE checkpoints (
  size INTEGER NOT NULL CHECK (size >= 0),
  note BLOB NOT NULL,
  PRIMARY KEY (size, note)
) STRICT, WITHOUT ROWID;
"""

_IS_NEXT = {
    "log": "NOT EXISTS (SELECT 1 FROM log WHERE key = NEW.key)",
    "entries": """NEW.position IS (SELECT coalesce(max(position), -1) + 1 FROM entries)
    AND NEW.seq IS (SELECT coalesce(max(seq), 0) + 1 FROM entries WHERE stream = NEW.stream)""",
    "blobs": """NEW.position > (SELECT coalesce(max(position), -1) FROM blobs)
    AND NEW.position <= (SELECT max(position) FROM entries)""",
    "commands": """NEW.position > (SELECT coalesce(max(position), -1) FROM commands)
    AND NEW.position + NEW.n - 1 <= (SELECT max(position) FROM entries)
    AND NOT EXISTS (SELECT 1 FROM commands WHERE command = NEW.command)""",
    "heads": """NEW.size > (SELECT coalesce(max(size), 0) FROM heads)
    AND NEW.size = (SELECT max(position) + 1 FROM entries)""",
    "tiles": "NOT EXISTS (SELECT 1 FROM tiles WHERE level = NEW.level AND idx = NEW.idx)",
    "checkpoints": "NOT EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size AND note = NEW.note)",
}

_IS_GROWTH = """NEW.level = OLD.level AND NEW.idx = OLD.idx AND length(NEW.hashes) > length(OLD.hashes)
    AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes"""


def statements() -> list[str]:
    """Return the statements that make the tables and triggers, in order."""
    tables = [one.strip() for one in _TABLES.split(";") if one.strip()]
    guards = [guard for table in _IS_NEXT for guard in _guards(table)]
    return [*tables, *guards]


# Private


def _guards(table: str) -> list[str]:
    update = f"WHEN NOT ({_IS_GROWTH}) " if table == "tiles" else ""
    return [
        f"""CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN (
    {_IS_NEXT[table]}
  ) IS NOT TRUE
BEGIN SELECT RAISE(ABORT, '{table}: append-only, and this row is not the next one'); END""",
        f"""CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {update}
BEGIN SELECT RAISE(ABORT, '{table}: append-only, nothing is updated'); END""",
        f"""CREATE TRIGGER {table}_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table}: append-only, nothing is deleted'); END""",
    ]
