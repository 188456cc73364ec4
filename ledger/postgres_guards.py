"""What PostgreSQL itself asks of whoever writes or opens: who he may stand as, what his duty is, what he opened.

    entries_duty         the bytes say what the columns say; the actor and the duty are the login's; logins are admitted
    log_insert           nothing is added to the settings of a log
    tiles_edge           a part of a tile lies within the tree, after tiles that are full
    checkpoints_insert   a checkpoint is over a size that there is, and no larger than a note can be
    apply_logins         what the log says of logins becomes rows of `actors` and memberships of roles
    record_opening       a login says what it opens sealed parts for
    opening_is_recorded  whether it has done so within a day

A current user who is superuser is exempt from `entries_duty`: he could drop it. The session's login counts, not the
role that it took on by SET ROLE.
"""

from typing import Final, NamedTuple

from domain.duties import Duty
from ledger.duties import DUTIES_OF, role_of
from ledger.note import NOTE_BYTES_MAX

ACTOR_REFUSED: Final = "MZ001"
DUTY_MISSING: Final = "MZ002"
OPENING_MISSING: Final = "MZ003"

SETUP: Final = "system/setup"
"""The actor that the owner of the tables may always stand as: in its name a ledger is opened and logins admitted."""

ADMITTED: Final = "ledger.login-admitted/1"
DISMISSED: Final = "ledger.login-dismissed/1"

OPENING_SETTING: Final = "mingzhang.opening"
OPENING_LOCK: Final = "mingzhang openings"
PURPOSE_CHARACTERS_MAX: Final = 200


class Routine(NamedTuple):
    """A function of the schema: its arguments, what it returns, its body, and whether it has its owner's rights."""

    arguments: str
    returns: str
    body: str
    of_owner: bool = False
    volatility: str = "VOLATILE"


TRIGGERS: Final = {
    "entries": {"entries_duty": "AFTER INSERT"},
    "log": {"log_insert": "BEFORE INSERT"},
    "tiles": {"tiles_edge": "AFTER INSERT"},
    "checkpoints": {"checkpoints_insert": "AFTER INSERT"},
}
"""By table: each further trigger, whose function has its name, with when it fires."""

_ROLES: Final = f"ARRAY[{', '.join(repr(role_of(duty)) for duty in Duty)}]"

# The lines of an entry before its command are put together from the columns and compared with the bytes: a name
# stands in its line and nowhere else. `OFFSET 0` keeps PostgreSQL from computing them anew for each comparison.
_ENTRIES_DUTY: Final = rf"""
DECLARE
  changes_logins boolean;
  beginning text;
  refused text;
  needed text;
BEGIN
  changes_logins := EXISTS (SELECT FROM fresh WHERE type IN ('{ADMITTED}', '{DISMISSED}'));
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    IF changes_logins THEN
      PERFORM mingzhang.apply_logins();
    END IF;
    RETURN NULL;
  END IF;
  SELECT f.by INTO refused FROM (SELECT DISTINCT by FROM fresh OFFSET 0) AS f
  WHERE NOT mingzhang.may_stand_as(f.by) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = '{ACTOR_REFUSED}',
      MESSAGE = format('login %s, which may not record as %s', session_user, refused),
      DETAIL = coalesce((SELECT 'one of ' || string_agg(DISTINCT a.actor, ', ') FROM mingzhang.actors AS a
        WHERE a.login = session_user AND mingzhang.may_stand_as(a.actor)), 'a login that was admitted');
  END IF;
  SELECT f.type, (SELECT string_agg(d.role, ' or ' ORDER BY d.role) FROM mingzhang.duties AS d WHERE d.type = f.type)
  INTO refused, needed FROM (SELECT DISTINCT type FROM fresh OFFSET 0) AS f
  WHERE NOT EXISTS (
    SELECT FROM mingzhang.duties AS d WHERE d.type = f.type AND pg_has_role(session_user, d.role, 'MEMBER')
  ) ORDER BY f.type LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = '{DUTY_MISSING}',
      MESSAGE = format('login %s, recording %s', session_user, refused),
      DETAIL = coalesce('a member of ' || needed,
        'a topic that a duty records; a list of duties that lacks it is renewed by mingzhang upgrade');
  END IF;
  SELECT max(value) FILTER (WHERE key = 'suite') || E'\nlog ' || max(value) FILTER (WHERE key = 'origin')
    || E'\nstream ' INTO beginning FROM mingzhang.log;
  SELECT f.position::text INTO refused FROM (
    SELECT position, entry, n,
      convert_to(beginning || stream || E'\nseq ' || seq::text || E'\ntype ' || type || E'\nprev ', 'UTF8') AS before,
      convert_to(E'\nat ' || at || E'\nby ' || by || E'\ncommand ' || command || ' ', 'UTF8') AS after
    FROM fresh OFFSET 0
  ) AS f
  WHERE substring(entry, 1, octet_length(before)) <> before
    OR substring(entry, octet_length(before) + 45, octet_length(after)) <> after
    OR (n IS NULL) = (substring(entry, octet_length(before) + octet_length(after) + 45, 2) = '1/'::bytea)
    OR n IS NOT NULL AND substring(entry, octet_length(before) + octet_length(after) + 47, length(n::text) + 8)
      <> convert_to(n::text || E'\nsealed ', 'UTF8')
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = '{ACTOR_REFUSED}',
      MESSAGE = format('entry %s, whose bytes say something else than the columns beside them', refused),
      DETAIL = 'the same stream, seq, type, at, by and command in the bytes and beside them';
  END IF;
  IF changes_logins THEN  -- last, so that nobody admits himself before he is asked
    PERFORM mingzhang.apply_logins();
  END IF;
  RETURN NULL;
END"""

_MAY_STAND_AS: Final = f"""
BEGIN
  RETURN EXISTS (
    SELECT FROM mingzhang.actors AS a WHERE a.login = session_user AND a.actor = name AND a.position > coalesce(
      (SELECT max(b.position) FROM mingzhang.actors AS b WHERE b.login = session_user AND b.actor IS NULL), -1)
  ) OR name = '{SETUP}' AND session_user = (
    SELECT pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = 'mingzhang.entries'::regclass
  );
END"""

# Reads the log and nothing else, so that it does no harm whoever calls it. A login that is no login of this server,
# of a ledger that came from another one, gets no role.
_APPLY_LOGINS: Final = rf"""
DECLARE
  one record;
  said jsonb;
  role text;
BEGIN
  FOR one IN SELECT position, type, entry FROM mingzhang.entries WHERE type IN ('{ADMITTED}', '{DISMISSED}')
    AND position > coalesce((SELECT max(a.position) FROM mingzhang.actors AS a), -1) ORDER BY position
  LOOP
    said := split_part(convert_from(one.entry, 'UTF8'), E'\n\n', 2)::jsonb;
    INSERT INTO mingzhang.actors (position, login, actor) VALUES (one.position, said->>'login', said->>'actor');
    CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = said->>'login' AND rolcanlogin);
    FOREACH role IN ARRAY {_ROLES} LOOP
      IF one.type = '{ADMITTED}' AND said->'duties' ? substring(role FROM 11)
        AND NOT pg_has_role((said->>'login')::name, role::name, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO %I', role, said->>'login');
      ELSIF one.type = '{DISMISSED}' AND EXISTS (
        SELECT FROM pg_catalog.pg_auth_members WHERE roleid = role::regrole
          AND member = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = said->>'login')
      ) THEN
        EXECUTE format('REVOKE %I FROM %I', role, said->>'login');
      END IF;
    END LOOP;
  END LOOP;
END"""

_LOG_INSERT: Final = """
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'log: append-only, nothing is added';
END"""

_TILES_EDGE: Final = """
BEGIN
  IF EXISTS (
    SELECT FROM fresh WHERE level > 6 OR idx * 256 + start + octet_length(hashes) / 32
      > (SELECT coalesce(max(position), -1) + 1 FROM mingzhang.entries) >> (8 * least(level, 6))
      OR idx > 0 AND NOT EXISTS (
        SELECT FROM mingzhang.tiles AS before WHERE before.level = fresh.level AND before.idx = fresh.idx - 1
          AND before.start + octet_length(before.hashes) / 32 = 256
      )
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      'tiles: append-only, and this is not at the right edge of the tree';
  END IF;
  RETURN NULL;
END"""

_CHECKPOINTS_INSERT: Final = f"""
BEGIN
  IF EXISTS (
    SELECT FROM fresh WHERE octet_length(note) NOT BETWEEN 1 AND {NOTE_BYTES_MAX}
      OR size > (SELECT coalesce(max(heads.size), 0) FROM mingzhang.heads)
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      'checkpoints: append-only, and this is no note over entries that there are';
  END IF;
  RETURN NULL;
END"""

_NOW: Final = "to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

_RECORD_OPENING: Final = f"""
DECLARE
  opened bigint;
BEGIN
  IF purpose IS NULL OR length(purpose) NOT BETWEEN 1 AND {PURPOSE_CHARACTERS_MAX} THEN
    RAISE EXCEPTION USING ERRCODE = '{OPENING_MISSING}', MESSAGE = 'no purpose',
      DETAIL = 'what sealed parts are opened for, in 1 to {PURPOSE_CHARACTERS_MAX} characters';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('{OPENING_LOCK}', 0));
  SELECT coalesce(max(id), 0) + 1 INTO opened FROM mingzhang.openings;
  INSERT INTO mingzhang.openings (id, login, at, purpose, application) VALUES (
    opened, session_user, {_NOW.format(moment="clock_timestamp()")}, purpose, current_setting('application_name')
  );
  RETURN opened;
END"""

_OPENING_IS_RECORDED: Final = f"""
BEGIN
  IF NOT EXISTS (
    SELECT FROM mingzhang.openings WHERE login = session_user
      AND id = nullif(current_setting('{OPENING_SETTING}', true), '')::bigint
      AND at > {_NOW.format(moment="(now() - interval '1 day')")}
  ) THEN
    RAISE EXCEPTION USING ERRCODE = '{OPENING_MISSING}',
      MESSAGE = format('login %s, which has not said why', session_user),
      DETAIL = 'mingzhang.record_opening(purpose) within a day, and its number in {OPENING_SETTING}';
  END IF;
  RETURN true;
END"""

ROUTINES: Final = {
    "entries_duty": Routine("", "trigger", _ENTRIES_DUTY),
    "log_insert": Routine("", "trigger", _LOG_INSERT),
    "tiles_edge": Routine("", "trigger", _TILES_EDGE),
    "checkpoints_insert": Routine("", "trigger", _CHECKPOINTS_INSERT),
    "may_stand_as": Routine("name text", "boolean", _MAY_STAND_AS, volatility="STABLE"),
    "apply_logins": Routine("", "void", _APPLY_LOGINS, of_owner=True),
    "record_opening": Routine("purpose text", "bigint", _RECORD_OPENING, of_owner=True),
    "opening_is_recorded": Routine("", "boolean", _OPENING_IS_RECORDED, of_owner=True, volatility="STABLE"),
}

SEARCH_PATH: Final = "search_path TO pg_catalog, pg_temp"

OPENED: Final = "opened_entries"
OPENED_QUERY: Final = """ SELECT "position",
    seq,
    n,
    stream,
    type,
    at,
    by,
    command,
    entry,
    blob
   FROM mingzhang.entries
  WHERE mingzhang.opening_is_recorded();"""
"""The view by which blobs are read, in PostgreSQL's words; its condition is asked once for a query, not for a row."""


def routine(name: str) -> str:
    """Return the statement that makes a function."""
    one = ROUTINES[name]
    rights = " SECURITY DEFINER" if one.of_owner else ""
    return (
        f"CREATE FUNCTION mingzhang.{name}({one.arguments}) RETURNS {one.returns} LANGUAGE plpgsql"
        f" {one.volatility}{rights} SET {SEARCH_PATH} AS $body${one.body}$body$"
    )


def duty_rows() -> list[tuple[str, str]]:
    """Return the rows of `duties`: each topic with each role that may record it."""
    return sorted((topic, role_of(duty)) for topic, duties in DUTIES_OF.items() for duty in duties)
