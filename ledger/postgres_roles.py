"""The roles of the duties: made once for all databases of a server, by whoever makes the first ledger there.

Roles belong to the server, so two ledgers may be made at the same moment in two databases; whoever comes second finds
them. A login that may not make roles is told what an administrator has to say.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg import errors

from ledger.duties import REGISTER_KEEPING, role_of
from ledger.postgres_privileges import DUTY_ROLES, REGISTER_ROLE, ROLES
from ledger.store_errors import RolesMissing

ROLES_ARE_ITS_OWN_FROM: Final = 160000  # since this version, who made a role may grant it, and nobody by CREATEROLE

Connection = psycopg.Connection[Any]

_ATTEMPTS: Final = 20
_IN_THE_WAY: Final = re.compile("tuple concurrently|pg_authid|pg_auth_members|pg_db_role_setting")


def in_turn(make: Callable[[], None]) -> None:
    """Run what makes or grants roles, again when another database did so at the same moment."""
    for attempt in range(_ATTEMPTS):
        try:
            make()
            return
        except (errors.InternalError_, errors.UniqueViolation, errors.SerializationFailure) as error:
            if attempt == _ATTEMPTS - 1 or not _IN_THE_WAY.search(str(error)):
                raise
            time.sleep(0.05 * (attempt + 1))


def make_roles(where: str, connection: Connection) -> None:
    """Make the roles that are not there, and let this login grant them; raises RolesMissing when it may not.

    Runs in the caller's transaction. A superuser needs no grant.
    """
    login, is_superuser, may_create = _login(connection)
    missing = [role for role in ROLES if not _exists(connection, role)]
    if missing and not (is_superuser or may_create):
        raise _missing(where, login, missing)
    for role in missing:
        _make(connection, role)
    if is_superuser:
        _enrol(connection)
        return
    recent = connection.info.server_version >= ROLES_ARE_ITS_OWN_FROM
    has_all = all(_has(connection, role, "MEMBER WITH ADMIN OPTION") for role in ROLES)
    if not has_all and (recent or not may_create):
        raise _missing(where, login, missing=[])
    if missing:
        _enrol(connection)
    for role in ROLES:
        if not _has(connection, role, "SET" if recent else "MEMBER"):
            connection.execute(f"GRANT {role} TO CURRENT_USER")


def grant_to_owner(connection: Connection, owner: str) -> None:
    """Let the owner of the tables, for whom a superuser acts, grant the roles."""
    connection.execute(f"GRANT {', '.join(ROLES)} TO {quoted(owner)} WITH ADMIN OPTION")


def administrators_statements(login: str, missing: list[str]) -> str:
    """Return what an administrator says so that this login can make a ledger."""
    made = [f"CREATE ROLE {role} NOLOGIN;" for role in missing]
    if missing:
        made.append(f"{_enrolment()};")
    return " ".join([*made, f"GRANT {', '.join(ROLES)} TO {quoted(login)} WITH ADMIN OPTION;"])


def quoted(name: str) -> str:
    """Return a name of the catalogue as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


# Private


def _login(connection: Connection) -> tuple[str, bool, bool]:
    query = "SELECT rolname, rolsuper, rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user"
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def _exists(connection: Connection, role: str) -> bool:
    return connection.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (role,)).fetchone() is not None


def _has(connection: Connection, role: str, privilege: str) -> bool:
    row = connection.execute("SELECT pg_has_role(current_user, %s, %s)", (role, privilege)).fetchone()
    return bool(row and row[0])


def _make(connection: Connection, role: str) -> None:
    connection.execute(
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _enrol(connection: Connection) -> None:
    """Let those who keep the registers own them together."""
    connection.execute(f"DO $$ BEGIN {_enrolment()}; EXCEPTION WHEN unique_violation THEN NULL; END $$")


def _enrolment() -> str:
    return f"GRANT {REGISTER_ROLE} TO {', '.join(role_of(duty) for duty in REGISTER_KEEPING)}"


def _missing(where: str, login: str, missing: list[str]) -> RolesMissing:
    return RolesMissing(
        where=where,
        expected=f"the roles {', '.join(DUTY_ROLES)} and {REGISTER_ROLE}, which {login} may grant",
        found=f"without {', '.join(missing)}, and no right to make roles" if missing else "no right to grant them",
        mend=f"an administrator runs: {administrators_statements(login, missing)}",
    )
