"""The logins that a ledger in PostgreSQL knows: as whom they may stand, what they opened, and what the log says of it.

The log admits and dismisses logins; the database keeps `actors` from those entries, and whoever may write to it as a
superuser could write there what the log does not say. Openings are numbered from 1 without a gap.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg

from domain.duties import Duty
from ledger.duties import role_of
from ledger.entry import parse_entry
from ledger.errors import FormatError
from ledger.postgres_guards import ADMITTED, DISMISSED
from ledger.store import DatabaseFault


class Login(NamedTuple):
    """A login as the log has it: in whose names it may record, and the duties it was admitted for, both sorted."""

    login: str
    actors: tuple[str, ...]
    duties: tuple[str, ...]


class Opening(NamedTuple):
    """One reading of sealed parts by a login whose duty allows it."""

    id: int
    login: str
    at: str
    purpose: str
    application: str


class Session(NamedTuple):
    """Who is connected: the login, the actors it may stand as, the duties it holds, whether it is a superuser."""

    login: str
    actors: tuple[str, ...]
    duties: tuple[str, ...]
    is_superuser: bool


_STATEMENTS: Final = "SELECT position, type, entry FROM mingzhang.entries WHERE type IN (%s, %s) ORDER BY position"
_MEMBERS: Final = """SELECT l.rolname, r.rolname FROM pg_catalog.pg_roles AS l CROSS JOIN pg_catalog.pg_roles AS r
  WHERE l.rolname = ANY(%s) AND r.rolname = ANY(%s) AND NOT l.rolsuper AND pg_has_role(l.oid, r.oid, 'MEMBER')"""
_OPENINGS: Final = "SELECT id, login, at, purpose, application FROM mingzhang.openings ORDER BY id"


def logins(cursor: psycopg.Cursor[Any]) -> list[Login]:
    """Return the logins that the log admits and has not dismissed, by name."""
    known: dict[str, tuple[set[str], set[str]]] = {}
    for _, login, actor, duties in _said(cursor):
        if actor is None:
            known.pop(login, None)
        else:
            actors, held = known.setdefault(login, (set(), set()))
            actors.add(actor)
            held.update(duties)
    return [Login(login, tuple(sorted(actors)), tuple(sorted(held))) for login, (actors, held) in sorted(known.items())]


def openings(cursor: psycopg.Cursor[Any]) -> Iterator[Opening]:
    """Yield the recorded openings, the first one first."""
    return map(Opening._make, cursor.execute(_OPENINGS))


def session(cursor: psycopg.Cursor[Any]) -> Session:
    """Return who is connected."""
    row = cursor.execute(
        "SELECT session_user::text, rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user"
    ).fetchone()
    assert row is not None
    login, is_superuser = row
    held = {
        role
        for role, has in cursor.execute(
            "SELECT rolname, pg_has_role(session_user, oid, 'MEMBER') FROM pg_catalog.pg_roles WHERE rolname = ANY(%s)",
            ([role_of(duty) for duty in Duty],),
        ).fetchall()
        if has
    }
    actors = next((one.actors for one in logins(cursor) if one.login == login), ())
    return Session(login, actors, tuple(str(duty) for duty in Duty if role_of(duty) in held), is_superuser)


def exists(cursor: psycopg.Cursor[Any], login: str) -> bool:
    """Say whether the server has a role of this name that may log in."""
    query = "SELECT FROM pg_catalog.pg_roles WHERE rolname = %s AND rolcanlogin"
    return cursor.execute(query, (login,)).fetchone() is not None


def faults_of_logins(cursor: psycopg.Cursor[Any]) -> Iterator[DatabaseFault]:
    """Yield each row of `actors` that the log does not say, each it lacks, and each duty held beyond the log."""
    said = {position: (login, actor) for position, login, actor, _ in _said(cursor)}
    query = "SELECT position, login, actor FROM mingzhang.actors ORDER BY position"
    stored = {position: (login, actor) for position, login, actor in cursor.execute(query).fetchall()}
    for position in sorted(said.keys() | stored.keys()):
        expected, found = said.get(position), stored.get(position)
        if expected != found:
            name = (found or expected or ("", None))[0]
            yield DatabaseFault(f"login {name}", _told(expected), _told(found))
    known = {one.login: one.duties for one in logins(cursor)}
    names = sorted({login for login, _ in (*said.values(), *stored.values())})
    duties = {role_of(duty): str(duty) for duty in Duty}
    owner = cursor.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = %s::regclass", ("mingzhang.entries",)
    ).fetchone()
    for login, role in cursor.execute(_MEMBERS, (names, list(duties))).fetchall():
        if duties[role] not in known.get(login, ()) and (login,) != owner:
            yield DatabaseFault(f"login {login}", f"not a member of {role}: the log does not say so", "a member")


def faults_of_openings(cursor: psycopg.Cursor[Any]) -> Iterator[DatabaseFault]:
    """Yield a fault when openings are missing between others; for whom the table is closed, nothing."""
    allowed = cursor.execute("SELECT has_table_privilege('mingzhang.openings', 'SELECT')").fetchone()
    if not (allowed and allowed[0]):
        return
    row = cursor.execute("SELECT count(*), coalesce(max(id), 0) FROM mingzhang.openings").fetchone()
    if row is not None and row[0] != row[1]:
        yield DatabaseFault("table openings", f"{row[1]} openings, numbered from 1", f"{row[0]}")


# Private


def _said(cursor: psycopg.Cursor[Any]) -> Iterator[tuple[int, str, str | None, tuple[str, ...]]]:
    """Yield position, login, actor or None for a dismissal, and duties, as entries say them; others are passed over."""
    for position, topic, data in cursor.execute(_STATEMENTS, (ADMITTED, DISMISSED)).fetchall():
        try:
            payload = parse_entry(data).payload
        except FormatError:
            continue
        actor, duties = payload.get("actor"), payload.get("duties")
        listed = tuple(str(duty) for duty in duties) if isinstance(duties, list) else ()
        yield position, str(payload.get("login")), str(actor) if topic == ADMITTED else None, listed


def _told(row: tuple[str, str | None] | None) -> str:
    if row is None:
        return "nothing of this login there"
    return f"{row[0]} dismissed" if row[1] is None else f"{row[0]} as {row[1]}"
