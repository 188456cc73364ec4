"""The tables of a ledger in PostgreSQL, and the triggers by which the database itself refuses to change history.

Everything is in the schema `mingzhang` of one database. Names and times are text that sorts by its bytes, so that a
row comes back as it was hashed. A sealed blob and the number of entries of a command stand in the entry's own row: the
id of a command is unique among the rows that have that number, those of first entries. A tile is one row, or several
parts that follow each other, so that the right edge of the tree grows without any row being changed.

Nothing may be updated, deleted or truncated, in no mode of replication. Whole statements are checked when they have
inserted: entries must be the next ones, in the log and in their streams; a tree head must be that of the entries
there are. Who may write what is asked by the functions of `ledger.postgres_guards` and by the rights of
`ledger.postgres_privileges`. All this stops slips and other programs. Whoever owns the tables, or the server, can drop
it; `mingzhang audit verify` is for that.
"""

from typing import Final

from ledger.postgres_guards import OPENED, OPENED_QUERY, ROUTINES, SEARCH_PATH, TRIGGERS, duty_rows, routine
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

# Plans are kept for a session; one that was made while the tables were small must do when they are not.
_SETTINGS: Final = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_PLANNING: Final = " ".join([*(f"SET {name} TO off" for name in _SETTINGS), f"SET {SEARCH_PATH}"])
CONFIGURATION: Final = [*(f"{name}=off" for name in _SETTINGS), SEARCH_PATH.replace(" TO ", "=")]

# What is true of the rows of one statement that did not follow what was there.
_OUT_OF_ORDER: Final = {
    "entries": """
  SELECT min(position), max(position), count(*) INTO first, last, number FROM fresh;
  wrong := number <> last - first + 1
    OR last <> (SELECT max(position) FROM mingzhang.entries)
    OR first > 0 AND NOT EXISTS (SELECT FROM mingzhang.entries WHERE position = first - 1)
    OR EXISTS (
      SELECT FROM fresh WHERE fresh.seq > 1 AND NOT EXISTS (
        SELECT FROM mingzhang.entries AS before WHERE before.stream = fresh.stream AND before.seq = fresh.seq - 1
      )
    );""",
    "heads": """
  SELECT min(size), max(size), count(*) INTO first, last, number FROM fresh;
  wrong := number > 1
    OR EXISTS (SELECT FROM mingzhang.heads WHERE size > last)
    OR last IS DISTINCT FROM (SELECT max(position) + 1 FROM mingzhang.entries);""",
    "tiles": """
  wrong := EXISTS (
    SELECT FROM fresh WHERE start <> (
      SELECT coalesce(sum(octet_length(before.hashes)) / 32, 0) FROM mingzhang.tiles AS before
      WHERE before.level = fresh.level AND before.idx = fresh.idx AND before.start <> fresh.start
    )
  );""",
}

FUNCTIONS: Final = {
    "refuse": """
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = format(
    '%s: append-only, nothing is %s', TG_TABLE_NAME,
    CASE TG_OP WHEN 'UPDATE' THEN 'updated' WHEN 'DELETE' THEN 'deleted' ELSE 'truncated' END
  );
END""",
    **{
        f"{table}_follow": f"""
DECLARE
  first bigint;
  last bigint;
  number bigint;
  wrong boolean;
BEGIN{condition}
  IF wrong THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      '{table}: append-only, and these rows are not the next ones';
  END IF;
  RETURN NULL;
END"""
        for table, condition in _OUT_OF_ORDER.items()
    },
}


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
    if table in _OUT_OF_ORDER:
        guards[f"{table}_insert"] = (
            f"AFTER INSERT ON mingzhang.{table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
        )
    for name, moment in TRIGGERS.get(table, {}).items():
        rows = " REFERENCING NEW TABLE AS fresh" if moment.startswith("AFTER") else ""
        guards[name] = f"{moment} ON mingzhang.{table}{rows} FOR EACH STATEMENT"
    return guards


def trigger_function(table: str, trigger: str) -> str:
    """Return the function that a trigger calls."""
    if trigger in ROUTINES:
        return f"mingzhang.{trigger}()"
    return f"mingzhang.{table}_follow()" if trigger == f"{table}_insert" else "mingzhang.refuse()"


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
        *(
            f"CREATE FUNCTION {SCHEMA}.{name}() RETURNS trigger LANGUAGE plpgsql {_PLANNING} AS $body${body}$body$"
            for name, body in FUNCTIONS.items()
        ),
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
        made.append(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {trigger_function(table, name)}")
        made.append(f"ALTER TABLE {SCHEMA}.{table} ENABLE ALWAYS TRIGGER {name}")
    return made
