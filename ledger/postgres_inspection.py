"""What a PostgreSQL database says of itself: whether its tables and guards are those that were made.

The catalogue is compared with what this version makes, in PostgreSQL's own words, so that a dropped or disabled
trigger, a changed function, a lost rule of a table and an index that is not used are all seen, and whatever else may
change what is stored or what is shown of it. Further tables are nobody's business here.
"""

from collections.abc import Iterator
from typing import Any, Final

import psycopg

from ledger.postgres_schema import (
    COLUMNS,
    CONFIGURATION,
    CONSTRAINTS,
    FUNCTIONS,
    INDEXES,
    TABLES,
    TIP_BODY,
    trigger_function,
    triggers,
)
from ledger.store import DatabaseFault

# name | what it is; everything that belongs to the tables of the ledger, or may come between them and a reader
_FOUND: Final = """
WITH ours AS (
  SELECT c.oid, c.relname, c.relkind::text || c.relpersistence::text || c.relrowsecurity::text || c.relhassubclass::text
    || c.relispartition::text AS kind
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = 'mingzhang'::regnamespace AND c.relname = ANY(%s)
)
SELECT 'table ' || relname, kind FROM ours
UNION ALL
SELECT 'column ' || relname || '.' || attname, format_type(atttypid, atttypmod) || coalesce(' ' || collname, '')
  || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || CASE WHEN atthasdef THEN ' DEFAULT' ELSE '' END
FROM pg_catalog.pg_attribute JOIN ours ON attrelid = ours.oid
LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = attcollation
WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint ' || conname, pg_get_constraintdef(c.oid)
FROM pg_catalog.pg_constraint AS c JOIN ours ON conrelid = ours.oid WHERE contype <> 'n'
UNION ALL
SELECT 'index ' || c.relname, pg_get_indexdef(indexrelid)
  || CASE WHEN indisvalid AND indisready THEN '' ELSE ' INVALID' END
FROM pg_catalog.pg_index JOIN ours ON indrelid = ours.oid JOIN pg_catalog.pg_class AS c ON c.oid = indexrelid
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = indexrelid) OR NOT (indisvalid AND indisready)
UNION ALL
SELECT 'trigger ' || tgname, pg_get_triggerdef(t.oid) || ' ' || tgenabled::text
FROM pg_catalog.pg_trigger AS t JOIN ours ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || proname, lanname || ' ' || prosecdef::text || ' ' || coalesce(array_to_string(proconfig, ' '), '')
  || prosrc
FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = prolang
WHERE pronamespace = 'mingzhang'::regnamespace
UNION ALL
SELECT 'rule ' || rulename, pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite AS r JOIN ours ON ev_class = ours.oid
UNION ALL
SELECT 'policy ' || polname, relname FROM pg_catalog.pg_policy JOIN ours ON polrelid = ours.oid
"""

# The parts of a tile that do not begin where the one before ends: joined in order they would still look right.
_PARTS_OUT_OF_PLACE: Final = """
SELECT level, idx, start, expected FROM (
  SELECT level, idx, start, coalesce(sum(length(hashes) / 32) OVER (
    PARTITION BY level, idx ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS expected
  FROM mingzhang.tiles) AS parts
WHERE start <> expected ORDER BY level, idx, start LIMIT 100
"""


def faults(cursor: psycopg.Cursor[Any]) -> Iterator[DatabaseFault]:
    """Yield each object of the schema that is missing, changed or too many, and each part of a tile out of place."""
    expected = _expected()
    found = dict(cursor.execute(_FOUND, (list(TABLES),)).fetchall())
    for name, text in expected.items():
        if found.get(name) != text:
            yield DatabaseFault(name, "as this version makes it", "changed" if name in found else "missing")
    for name in sorted(found.keys() - expected.keys()):
        yield DatabaseFault(name, "nothing of this name", "one that may change what is stored or shown")
    if found.keys() >= {"column tiles.start", "column tiles.hashes"}:
        for level, index, start, place in cursor.execute(_PARTS_OUT_OF_PLACE).fetchall():
            yield DatabaseFault(f"table tiles, part of {level}/{index}", f"start {place}", f"start {start}")


# Private


def _expected() -> dict[str, str]:
    called = " ".join(CONFIGURATION)
    return {
        **{f"table {table}": "rpfalsefalsefalse" for table in TABLES},
        **{f"column {table}.{name}": text for table, columns in COLUMNS.items() for name, text in columns.items()},
        **{f"constraint {name}": text for name, text in CONSTRAINTS.items()},
        **{f"index {name}": f"CREATE {text}" for name, text in INDEXES.items()},
        **{
            f"trigger {name}": f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {trigger_function(table, name)} A"
            for table in TABLES
            for name, when in triggers(table).items()
        },
        **{f"function {name}": f"plpgsql false {called}{body}" for name, body in FUNCTIONS.items()},
        "function tip": f"plpgsql false {TIP_BODY}",
    }
