"""The tables of a ledger in PostgreSQL, and the triggers by which the database itself refuses to change history.

Everything is in the schema `mingzhang` of one database. Names and times are text that sorts by its bytes, so that a
row comes back as it was hashed. A sealed blob and the number of entries of a command stand in the entry's own row: the
id of a command is unique among the rows that have that number, those of first entries. A tile is one row, or several
parts that follow each other, so that the right edge of the tree grows without any row being changed.

Nothing may be updated, deleted or truncated, in no mode of replication. What a statement has inserted must come next,
and be what its login may write: that is asked by the functions of `ledger.postgres_guards` and by the rights of
`ledger.postgres_privileges`. All this stops slips and other programs. Whoever owns the tables, or the server, can drop
it; `mingzhang audit verify` is for that.
"""

from typing import Final

from ledger.postgres_guards import INSERT_TRIGGERS, OPENED, OPENED_QUERY, ROUTINES, duty_rows, routine
from ledger.postgres_privileges import grants

SCHEMA: Final = "mingzhang"
REGISTER_SCHEMA: Final = "mingzhang_registers"  # of tables that are made from the log, and may be dropped at any time
SCHEMA_VERSION: Final = 3
OLDEST_VERSION: Final = 1  # from here on tables can be upgraded

TABLES: Final = {
    "log": """(
  key text COLLATE "C" NOT NULL PRIMARY KEY,
  value text COLLATE "C" NOT NULL
)""",
    "entries": """(
  position bigint NOT NULL PRIMARY KEY CHECK (position >= 0),
  seq bigint NOT NULL CHECK (seq >= 1),
  n bigint CHECK (n >= 1),
  stream text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  at text COLLATE "C" NOT NULL,
  by text COLLATE "C" NOT NULL,
  command text COLLATE "C" NOT NULL,
  entry bytea NOT NULL CHECK (octet_length(entry) BETWEEN 1 AND 65535),
  blob bytea CHECK (octet_length(blob) BETWEEN 1 AND 1048576),
  UNIQUE (stream, seq)
)""",
    "heads": """(
  size bigint NOT NULL PRIMARY KEY CHECK (size >= 1),
  root bytea NOT NULL CHECK (octet_length(root) = 32)
)""",
    "tiles": """(
  level smallint NOT NULL CHECK (level >= 0),
  start smallint NOT NULL CHECK (start >= 0),
  idx bigint NOT NULL CHECK (idx >= 0),
  hashes bytea NOT NULL CHECK (
    octet_length(hashes) >= 32 AND octet_length(hashes) % 32 = 0 AND start + octet_length(hashes) / 32 <= 256
  ),
  PRIMARY KEY (level, idx, start)
)""",
    "checkpoints": """(
  size bigint NOT NULL CHECK (size >= 0),
  note bytea NOT NULL
)""",
    "actors": """(
  position bigint NOT NULL PRIMARY KEY,
  login text COLLATE "C" NOT NULL,
  actor text COLLATE "C"
)""",
    "duties": """(
  type text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  PRIMARY KEY (type, role)
)""",
    "openings": """(
  id bigint NOT NULL PRIMARY KEY CHECK (id >= 1),
  login text COLLATE "C" NOT NULL,
  at text COLLATE "C" NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  application text COLLATE "C" NOT NULL
)""",
}

INDEXES: Final = {
    "entries_by_command": "UNIQUE INDEX entries_by_command ON mingzhang.entries USING btree (command)"
    " WHERE (n IS NOT NULL)",
    "entries_by_type": 'INDEX entries_by_type ON mingzhang.entries USING btree (type, "position")',
    "checkpoints_once": "UNIQUE INDEX checkpoints_once ON mingzhang.checkpoints USING btree (size, sha256(note))",
}

# What PostgreSQL makes of the tables above, in its own words; an inspection compares it with what it finds.
COLUMNS: Final = {
    "log": {"key": "text C NOT NULL", "value": "text C NOT NULL"},
    "entries": {
        "position": "bigint NOT NULL",
        "seq": "bigint NOT NULL",
        "n": "bigint",
        "stream": "text C NOT NULL",
        "type": "text C NOT NULL",
        "at": "text C NOT NULL",
        "by": "text C NOT NULL",
        "command": "text C NOT NULL",
        "entry": "bytea NOT NULL",
        "blob": "bytea",
    },
    "heads": {"size": "bigint NOT NULL", "root": "bytea NOT NULL"},
    "tiles": {
        "level": "smallint NOT NULL",
        "start": "smallint NOT NULL",
        "idx": "bigint NOT NULL",
        "hashes": "bytea NOT NULL",
    },
    "checkpoints": {"size": "bigint NOT NULL", "note": "bytea NOT NULL"},
    "actors": {"position": "bigint NOT NULL", "login": "text C NOT NULL", "actor": "text C"},
    "duties": {"type": "text C NOT NULL", "role": "text C NOT NULL"},
    "openings": {
        "id": "bigint NOT NULL",
        "login": "text C NOT NULL",
        "at": "text C NOT NULL",
        "purpose": "text C NOT NULL",
        "application": "text C NOT NULL",
    },
}
CONSTRAINTS: Final = {
    "log_pkey": "PRIMARY KEY (key)",
    "entries_position_check": 'CHECK (("position" >= 0))',
    "entries_seq_check": "CHECK ((seq >= 1))",
    "entries_n_check": "CHECK ((n >= 1))",
    "entries_entry_check": "CHECK (((octet_length(entry) >= 1) AND (octet_length(entry) <= 65535)))",
    "entries_blob_check": "CHECK (((octet_length(blob) >= 1) AND (octet_length(blob) <= 1048576)))",
    "entries_pkey": 'PRIMARY KEY ("position")',
    "entries_stream_seq_key": "UNIQUE (stream, seq)",
    "heads_size_check": "CHECK ((size >= 1))",
    "heads_root_check": "CHECK ((octet_length(root) = 32))",
    "heads_pkey": "PRIMARY KEY (size)",
    "tiles_level_check": "CHECK ((level >= 0))",
    "tiles_start_check": "CHECK ((start >= 0))",
    "tiles_idx_check": "CHECK ((idx >= 0))",
    "tiles_check": "CHECK (((octet_length(hashes) >= 32) AND ((octet_length(hashes) % 32) = 0)"
    " AND ((start + (octet_length(hashes) / 32)) <= 256)))",
    "tiles_pkey": "PRIMARY KEY (level, idx, start)",
    "checkpoints_size_check": "CHECK ((size >= 0))",
    "actors_pkey": 'PRIMARY KEY ("position")',
    "duties_pkey": "PRIMARY KEY (type, role)",
    "openings_id_check": "CHECK ((id >= 1))",
    "openings_pkey": "PRIMARY KEY (id)",
}

# A hash does not get shorter by compression, and neither does what is encrypted.
_STORAGE: Final = (
    "ALTER TABLE mingzhang.entries ALTER COLUMN blob SET STORAGE EXTERNAL",
    "ALTER TABLE mingzhang.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL",
)

# Queries of a volatile function see what is committed when they begin, which is after the lock was given.
TIP_BODY: Final = """
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(lock, 0));
  SELECT coalesce(max(position), -1) + 1 INTO rows FROM mingzhang.entries;
  SELECT heads.size, heads.root INTO size, root FROM mingzhang.heads ORDER BY heads.size DESC LIMIT 1;
END"""
_TIP: Final = f"""CREATE FUNCTION mingzhang.tip(lock text, OUT rows bigint, OUT size bigint, OUT root bytea)
LANGUAGE plpgsql AS $body${TIP_BODY}$body$"""


def triggers(table: str) -> dict[str, str]:
    """Return the triggers of one table: each name with what stands before `EXECUTE FUNCTION`, in PostgreSQL's words."""
    guards = {
        f"{table}_change": f"BEFORE DELETE OR UPDATE ON mingzhang.{table} FOR EACH STATEMENT",
        f"{table}_truncate": f"BEFORE TRUNCATE ON mingzhang.{table} FOR EACH STATEMENT",
    }
    if table in INSERT_TRIGGERS:
        guards[f"{table}_insert"] = INSERT_TRIGGERS[table].format(table=table)
    return guards


def trigger_function(trigger: str) -> str:
    """Return the function that a trigger calls."""
    return f"mingzhang.{trigger}()" if trigger in ROUTINES else "mingzhang.refuse()"


def table_statements() -> list[str]:
    """Return the statements that make schemas, tables and indexes, in order; the schemas must not exist."""
    return [
        f"CREATE SCHEMA {SCHEMA}",
        f"CREATE SCHEMA {REGISTER_SCHEMA}",
        *(f"CREATE TABLE {SCHEMA}.{name} {columns}" for name, columns in TABLES.items()),
        *(f"CREATE {index}" for index in INDEXES.values()),
        *_STORAGE,
    ]


def guard_statements() -> list[str]:
    """Return the statements that make functions, view, triggers and rights; the roles and settings must be there."""
    return [
        *_duties(),
        _TIP,
        *map(routine, ROUTINES),
        f"CREATE VIEW {SCHEMA}.{OPENED} AS{OPENED_QUERY.rstrip(';')}",
        *(statement for table in TABLES for statement in _guards(table)),
        *grants(),
    ]


# Private


def _duties() -> list[str]:
    rows = ", ".join(f"('{topic}', '{role}')" for topic, role in duty_rows())
    return [f"INSERT INTO mingzhang.duties (type, role) VALUES {rows}"]


def _guards(table: str) -> list[str]:
    made = []
    for name, when in triggers(table).items():
        made.append(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {trigger_function(name)}")
        made.append(f"ALTER TABLE {SCHEMA}.{table} ENABLE ALWAYS TRIGGER {name}")
    return made
