"""What a PostgreSQL database says of itself: whether its tables and guards are those that were made.

The catalogue is compared with what this version makes, in PostgreSQL's own words, so that a dropped or disabled
trigger, a changed function, a lost rule of a table and an index that is not used are all seen, and whatever else may
change what is stored or what is shown of it. So are the rights: who owns, who was granted more. Further tables are
nobody's business here.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import psycopg

from ledger.postgres_guards import OPENED, OPENED_QUERY, ROUTINES, duty_rows
from ledger.postgres_logins import faults_of_logins, faults_of_openings
from ledger.postgres_privileges import ROLES, expected
from ledger.postgres_schema import (
    COLUMNS,
    CONSTRAINTS,
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
SELECT 'function ' || proname, lanname || ' ' || prosecdef::text || ' ' || provolatile::text || ' '
  || coalesce(array_to_string(proconfig, ' '), '') || prosrc
FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = prolang
WHERE pronamespace = 'mingzhang'::regnamespace
UNION ALL
SELECT 'rule ' || rulename, pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite AS r JOIN ours ON ev_class = ours.oid
UNION ALL
SELECT 'policy ' || polname, relname FROM pg_catalog.pg_policy JOIN ours ON polrelid = ours.oid
UNION ALL
SELECT 'view ' || relname,
  coalesce(array_to_string(reloptions, ' '), '') || replace(pg_get_viewdef(oid), 'entries.', '')
FROM pg_catalog.pg_class WHERE relnamespace = 'mingzhang'::regnamespace AND relkind IN ('v', 'm')
"""

# name | whoever it is granted to; what belongs to the owner of the schema, and whatever else does not
_RIGHTS: Final = """
WITH schema AS (SELECT oid, nspowner, nspacl FROM pg_catalog.pg_namespace WHERE nspname = 'mingzhang'),
ours AS (
  SELECT c.* FROM pg_catalog.pg_class AS c JOIN schema ON relnamespace = schema.oid WHERE relname = ANY(%s)
),
granted AS (
  SELECT 'schema mingzhang' AS object, nspowner AS owner, (aclexplode(nspacl)).* FROM schema
  UNION ALL
  SELECT 'table ' || relname, relowner, (aclexplode(relacl)).* FROM ours
  UNION ALL
  SELECT 'column ' || relname || '.' || attname, relowner, (aclexplode(attacl)).* FROM ours
  JOIN pg_catalog.pg_attribute ON attrelid = ours.oid WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT 'function ' || proname, proowner, (aclexplode(coalesce(proacl, acldefault('f', proowner)))).*
  FROM pg_catalog.pg_proc JOIN schema ON pronamespace = schema.oid
)
SELECT 'privilege ' || privilege_type || ' on ' || object || ' to '
  || CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END,
  CASE WHEN bool_or(is_grantable) THEN 'granted, to be passed on' ELSE 'granted' END
FROM granted WHERE grantee <> owner GROUP BY 1
UNION ALL
SELECT 'owner of ' || relname, pg_get_userbyid(relowner) FROM ours JOIN schema ON relowner <> nspowner
UNION ALL
SELECT 'owner of ' || proname, pg_get_userbyid(proowner)
FROM pg_catalog.pg_proc JOIN schema ON pronamespace = schema.oid AND proowner <> nspowner
"""

# name | what it may besides; the roles are the server's, and so is what they are members of
_ROLES_FOUND: Final = """
SELECT 'role ' || r.rolname, concat(
  CASE WHEN rolcanlogin THEN 'LOGIN ' END, CASE WHEN rolsuper THEN 'SUPERUSER ' END,
  CASE WHEN rolcreaterole THEN 'CREATEROLE ' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS ' END,
  CASE WHEN rolreplication THEN 'REPLICATION ' END,
  (SELECT 'member of ' || string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_catalog.pg_auth_members AS m
    JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
    WHERE m.member = r.oid AND g.rolname <> 'mingzhang_registers')
)
FROM pg_catalog.pg_roles AS r WHERE r.rolname = ANY(%s)
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
    """Yield each object of the schema that is missing, changed or too many, each right that was granted beyond, and
    what the small tables beside the log say that it does not."""
    made = _expected()
    found = dict(cursor.execute(_FOUND, (list(TABLES),)).fetchall())
    yield from _differing(made, found, "as this version makes it", "one that may change what is stored or shown")
    rights = dict(cursor.execute(_RIGHTS, ([*TABLES, OPENED],)).fetchall())
    yield from _differing(dict.fromkeys(expected(), "granted"), rights, "granted", "a right or an owner of its own")
    roles = dict(cursor.execute(_ROLES_FOUND, (list(ROLES),)).fetchall())
    for name in (f"role {role}" for role in ROLES):
        if roles.get(name) != "":
            yield DatabaseFault(name, "a role without rights of its own", roles.get(name, "missing"))
    if found.keys() >= {"column tiles.start", "column tiles.hashes"}:
        for level, index, start, place in cursor.execute(_PARTS_OUT_OF_PLACE).fetchall():
            yield DatabaseFault(f"table tiles, part of {level}/{index}", f"start {place}", f"start {start}")
    if found.keys() >= made.keys() - {name for name in made if not name.startswith("column ")}:
        yield from _duty_faults(cursor)
        yield from faults_of_logins(cursor)
        yield from faults_of_openings(cursor)


# Private


def _differing(made: dict[str, str], found: dict[str, str], as_made: str, beyond: str) -> Iterator[DatabaseFault]:
    for name, text in made.items():
        if found.get(name) != text:
            yield DatabaseFault(name, as_made, "changed" if name in found else "missing")
    for name in sorted(found.keys() - made.keys()):
        yield DatabaseFault(name, "nothing of this name", beyond)


def _duty_faults(cursor: psycopg.Cursor[Any]) -> Iterator[DatabaseFault]:
    made = _roles_by_topic(duty_rows())
    found = _roles_by_topic(cursor.execute("SELECT type, role FROM mingzhang.duties").fetchall())
    for topic in sorted(made.keys() | found.keys()):
        if made.get(topic) != found.get(topic):
            expected_roles = made.get(topic, "no such topic")
            yield DatabaseFault(f"table duties, {topic}", expected_roles, found.get(topic, "missing"))


def _roles_by_topic(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for topic, role in sorted(rows):
        roles[topic] = f"{roles[topic]}, {role}" if topic in roles else role
    return roles


def _expected() -> dict[str, str]:
    return {
        **{f"table {table}": "rpfalsefalsefalse" for table in TABLES},
        **{f"column {table}.{name}": text for table, columns in COLUMNS.items() for name, text in columns.items()},
        **{f"constraint {name}": text for name, text in CONSTRAINTS.items()},
        **{f"index {name}": f"CREATE {text}" for name, text in INDEXES.items()},
        **{
            f"trigger {name}": f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {trigger_function(name)} A"
            for table in TABLES
            for name, when in triggers(table).items()
        },
        "function tip": f"plpgsql false v {TIP_BODY}",
        **{
            f"function {name}": f"plpgsql {str(one.of_owner).lower()} {one.volatility[0].lower()} "
            f"{' '.join(one.settings).replace(' TO ', '=')}{one.body}"
            for name, one in ROUTINES.items()
        },
        f"view {OPENED}": OPENED_QUERY,
    }
