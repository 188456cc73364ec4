"""Tables that an older version made in PostgreSQL become those of this one, in one transaction or not at all.

What is new is added; functions, view, triggers and rights are made anew from the statements of this version, so that
rights that somebody gave by hand end; entries, blobs, heads, tiles and notes keep their rows. `log` keeps a row that
tells of it. Tables of this version whose list of duties lacks topics of this program, as one made in the midst of its
development may, get the whole list in the same way; a list that says otherwise of a topic is left for verification.
"""

import datetime
from contextlib import closing
from typing import Any

from psycopg.rows import tuple_row

from ledger.entry import format_time
from ledger.postgres_connection import APPEND_LOCK, REGISTER_LOCK, WRITING, connect, explained, take_lock, transaction
from ledger.postgres_guards import duty_rows
from ledger.postgres_inspection import faults
from ledger.postgres_privileges import REGISTER_ROLE
from ledger.postgres_reader import LAST_HEAD, Connection, first
from ledger.postgres_roles import grant_to_owner, in_turn, make_roles, quoted
from ledger.postgres_schema import OLDEST_VERSION, SCHEMA_VERSION, TABLES, guard_statements
from ledger.store_errors import DutyMissing, NotALedger, StoreDamaged, UnsupportedSchema
from ledger.urls import PostgresAddress

_TRIGGERS = """SELECT tgname, tgrelid::regclass FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c
  ON c.oid = tgrelid WHERE relnamespace = 'mingzhang'::regnamespace AND NOT tgisinternal"""
_VIEWS = "SELECT oid::regclass FROM pg_catalog.pg_class WHERE relkind = 'v' AND relnamespace = %s::regnamespace"
_FUNCTIONS = "SELECT oid::regprocedure FROM pg_catalog.pg_proc WHERE pronamespace = 'mingzhang'::regnamespace"
_GRANTEES = """SELECT DISTINCT CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee) END FROM (
    SELECT nspowner AS owner, (aclexplode(nspacl)).grantee FROM pg_catalog.pg_namespace WHERE nspname = 'mingzhang'
    UNION ALL
    SELECT relowner, (aclexplode(relacl)).grantee FROM pg_catalog.pg_class
    WHERE relnamespace = 'mingzhang'::regnamespace AND relkind = 'r'
  ) AS granted WHERE grantee <> owner"""
_TOLD = "INSERT INTO mingzhang.log VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_REGISTERS = "SELECT oid::regclass FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace"


def check_upgradable(address: PostgresAddress) -> int:
    """Return the version of the tables; raises NotALedger, and UnsupportedSchema for one that no step begins from."""
    with explained(address), closing(connect(address, read_only=True)) as connection:
        return _version(address, connection)


def upgrade(address: PostgresAddress) -> int:
    """Upgrade the tables and return the version they had; nothing is done when it is that of this program.

    Whoever runs it owns the tables or is a superuser. Raises UnsupportedSchema as `check_upgradable`, RolesMissing,
    DutyMissing for another login, StoreDamaged when the result is not what this version makes; then nothing changed.
    """
    versions: list[int] = []
    with explained(address):
        in_turn(lambda: versions.append(_upgrade(address)))
    return versions[-1]


# Private


def _upgrade(address: PostgresAddress) -> int:
    with closing(connect(address)) as connection, transaction(connection, WRITING):
        take_lock(connection, APPEND_LOCK)
        version = _version(address, connection)  # another process may have been first
        if version < SCHEMA_VERSION or _lacks_topics(connection):
            take_lock(connection, REGISTER_LOCK)
            _act_as_owner(address, connection)
            before = first(connection, LAST_HEAD)
            _make_anew(connection, version)
            _check(address, connection, before)
        return version


def _version(address: PostgresAddress, connection: Connection) -> int:
    there = first(connection, "SELECT to_regclass('mingzhang.log')")[0]
    row = first(connection, "SELECT value FROM mingzhang.log WHERE key = 'schema'") if there else None
    if row is None:
        mend = "check --db, or make a ledger there with `mingzhang init`"
        raise NotALedger(where=str(address), expected="a ledger", found="a database without one", mend=mend)
    version = int(row[0]) if str(row[0]).isdecimal() else -1
    if not OLDEST_VERSION <= version <= SCHEMA_VERSION:
        expected = f"tables of version {OLDEST_VERSION} to {SCHEMA_VERSION}"
        mend = "use the version of mingzhang that made this ledger, or a later one"
        raise UnsupportedSchema(where=str(address), expected=expected, found=f"version {row[0]}", mend=mend)
    return version


def _act_as_owner(address: PostgresAddress, connection: Connection) -> None:
    """Make the roles, and go on as the owner of the tables, so that he owns what is new."""
    login, owner, is_superuser = first(
        connection,
        "SELECT current_user::text, pg_get_userbyid(relowner)::text,"
        " (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)"
        " FROM pg_catalog.pg_class WHERE oid = 'mingzhang.log'::regclass",
    )
    if login != owner and not is_superuser:
        mend = f"run `mingzhang upgrade` as {owner}"
        raise DutyMissing(where=str(address), expected=f"the owner of the tables, {owner}", found=login, mend=mend)
    make_roles(str(address), connection)
    for (table,) in _all(connection, _REGISTERS, "mingzhang_registers"):
        connection.execute(f"ALTER TABLE {table} OWNER TO {REGISTER_ROLE}")
    if login != owner:
        grant_to_owner(connection, owner)
        connection.execute(f"SET LOCAL ROLE {quoted(owner)}")


def _lacks_topics(connection: Connection) -> bool:
    stored = set(_all(connection, "SELECT type, role FROM mingzhang.duties"))
    return stored < set(duty_rows())


def _make_anew(connection: Connection, version: int) -> None:
    for trigger, table in _all(connection, _TRIGGERS):
        connection.execute(f"DROP TRIGGER {quoted(trigger)} ON {table}")
    for (view,) in _all(connection, _VIEWS, "mingzhang"):
        connection.execute(f"DROP VIEW {view}")
    for (function,) in _all(connection, _FUNCTIONS):
        connection.execute(f"DROP FUNCTION {function}")
    for (grantee,) in _all(connection, _GRANTEES):
        everybody = "PUBLIC" if grantee is None else quoted(grantee)
        connection.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA mingzhang FROM {everybody}")
        connection.execute(f"REVOKE ALL ON SCHEMA mingzhang FROM {everybody}")
    connection.execute("DROP TABLE IF EXISTS mingzhang.duties")  # holds what this program says, and nothing else
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS mingzhang.{name} {columns}")
    connection.execute("UPDATE mingzhang.log SET value = %s WHERE key = 'schema'", (str(SCHEMA_VERSION),))
    told = f"from {version} at {format_time(datetime.datetime.now(datetime.UTC))}"
    connection.execute(_TOLD, (f"upgrade-{SCHEMA_VERSION}", told))
    for statement in guard_statements():
        connection.execute(statement)


def _check(address: PostgresAddress, connection: Connection, before: Any) -> None:
    wrong = next(faults(connection.cursor(row_factory=tuple_row)), None)
    if wrong is not None or first(connection, LAST_HEAD) != before:
        found = f"{wrong.object}: {wrong.found}" if wrong else "another tree head"
        expected = "tables as this version makes them, and the same tree head"
        mend = "nothing was changed; restore the database from a copy that verifies, then upgrade"
        raise StoreDamaged(where=str(address), expected=expected, found=found, mend=mend)


def _all(connection: Connection, query: str, *parameters: object) -> list[Any]:
    return connection.cursor(row_factory=tuple_row).execute(query, parameters).fetchall()
