"""What PostgreSQL itself asks of whoever writes or opens: what comes next, who he may stand as, what he opened.

    entries_insert       the rows are the next ones, in the log and in their streams; the bytes say what the columns
                         say; the actor and the duty are the login's; logins are admitted
    heads_insert         a tree head is that of the entries there are
    tiles_insert         a part of a tile is the next one, within the tree, after tiles that are full
    log_insert           nothing is added to the settings of a log
    checkpoints_insert   a checkpoint is over a size that there is, and no larger than a note can be
    apply_logins         what the log says of logins becomes rows of `actors` and memberships of roles
    refuse               nothing is changed or removed
    record_opening       a login says what it opens sealed parts for
    opening_is_recorded  whether it has done so within a day

A current user who is superuser is exempt from what is asked of bytes, actor and duty: he could drop it. The session's
login counts, not the role that it took on by SET ROLE.
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

SEARCH_PATH: Final = "search_path TO pg_catalog, pg_temp"

OPENING_SETTING: Final = "mingzhang.opening"
OPENING_LOCK: Final = "mingzhang openings"
PURPOSE_CHARACTERS_MAX: Final = 200

# Plans are kept for a session; one that was made while the tables were small must do when they are not.
_PLANNING: Final = ("enable_seqscan TO off", "plan_cache_mode TO force_generic_plan")


class Routine(NamedTuple):
    """A function of the schema: its arguments, what it returns, its body, whose rights it has, how it is planned."""

    arguments: str
    returns: str
    body: str
    of_owner: bool = False
    volatility: str = "VOLATILE"
    by_index: bool = False

    @property
    def settings(self) -> tuple[str, ...]:
        """What is set while it runs, each as `SET` takes it."""
        return (*_PLANNING, SEARCH_PATH) if self.by_index else (SEARCH_PATH,)


_EACH_STATEMENT: Final = "AFTER INSERT ON mingzhang.{table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
_EACH_ROW: Final = "AFTER INSERT ON mingzhang.{table} FOR EACH ROW"

INSERT_TRIGGERS: Final = {
    "log": "BEFORE INSERT ON mingzhang.{table} FOR EACH STATEMENT",
    "entries": _EACH_STATEMENT,
    "heads": _EACH_ROW,
    "tiles": _EACH_ROW,
    "checkpoints": _EACH_STATEMENT,
}
"""By table: when its trigger `<table>_insert` fires; the function has its name. Heads and tiles come one by one."""

_ROLES: Final = f"ARRAY[{', '.join(repr(role_of(duty)) for duty in Duty)}]"

_OUT_OF_ORDER: Final = """
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      '{table}: append-only, and these rows are not the next ones';"""

# Whether the login may stand as an actor that is in `name`.
_MAY_STAND_AS: Final = f"""{{name}} = ANY (ARRAY(
    SELECT a.actor FROM mingzhang.actors AS a WHERE a.login = session_user AND a.position > coalesce(
      (SELECT max(b.position) FROM mingzhang.actors AS b WHERE b.login = session_user AND b.actor IS NULL), -1)
  )) OR {{name}} = '{SETUP}' AND session_user = (
    SELECT pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = 'mingzhang.entries'::regclass
  )"""

_MAY_STAND_AS_BODY: Final = f"""
BEGIN
  RETURN ({_MAY_STAND_AS.format(name="name")}) IS TRUE;
END"""

# As an index gives it at once; `max` would be one more step.
_LAST_POSITION: Final = "(SELECT last.position FROM mingzhang.entries AS last ORDER BY last.position DESC LIMIT 1)"
_EXISTS: Final = """(SELECT true FROM mingzhang.entries AS before WHERE {})"""  # never a hash of the whole table

# One row, as most statements have, is asked without aggregates, whose preparation costs more than all that is looked
# up. Only a superuser may truncate a catalogue, whatever is granted; the server remembers who is one, and to ask the
# catalogue would take as long as all other questions that he is asked.
# The lines of an entry before its command are put together from the columns and compared with the bytes: a name
# stands in its line and nowhere else. `OFFSET 0` keeps PostgreSQL from computing them anew for each comparison.
_ENTRIES_INSERT: Final = rf"""
DECLARE
  follow boolean;
  changes_logins boolean;
  are_many boolean;
  stranger text;
  topic text;
  forged text;
BEGIN
  SELECT fresh.position = {_LAST_POSITION}
      AND (fresh.position = 0 OR {_EXISTS.format("before.position = fresh.position - 1")} IS NOT NULL)
      AND (seq = 1 OR {_EXISTS.format("before.stream = fresh.stream AND before.seq = fresh.seq - 1")} IS NOT NULL),
    type IN ('{ADMITTED}', '{DISMISSED}'), (SELECT true FROM fresh AS another OFFSET 1 LIMIT 1)
  INTO follow, changes_logins, are_many FROM fresh LIMIT 1;
  IF are_many THEN
    SELECT count(*) = max(position) - min(position) + 1
        AND max(position) = {_LAST_POSITION}
        AND (min(position) = 0 OR {_EXISTS.format("before.position = min(fresh.position) - 1")} IS NOT NULL)
        AND bool_and(seq = 1
          OR {_EXISTS.format("before.stream = fresh.stream AND before.seq = fresh.seq - 1")} IS NOT NULL),
      bool_or(type IN ('{ADMITTED}', '{DISMISSED}'))
    INTO follow, changes_logins FROM fresh;
  END IF;
  IF NOT has_table_privilege('pg_catalog.pg_authid'::regclass, 'TRUNCATE') THEN
    SELECT (
        SELECT f.by FROM (SELECT DISTINCT by FROM fresh OFFSET 0) AS f WHERE ({_MAY_STAND_AS.format(name="f.by")})
        IS NOT TRUE LIMIT 1
      ), (
        SELECT f.type FROM (SELECT DISTINCT type FROM fresh OFFSET 0) AS f WHERE (
          SELECT true FROM mingzhang.duties AS d
          WHERE d.type = f.type AND pg_has_role(session_user, d.role, 'MEMBER') LIMIT 1
        ) IS NULL ORDER BY f.type LIMIT 1
      ), (
        SELECT f.position FROM (
          SELECT position, entry, n,
            convert_to(beginning || stream || E'\nseq ' || seq::text || E'\ntype ' || type || E'\nprev ', 'UTF8')
              AS before,
            convert_to(E'\nat ' || at || E'\nby ' || by || E'\ncommand ' || command || ' ', 'UTF8') AS after
          FROM fresh OFFSET 0
        ) AS f
        WHERE substring(entry, 1, octet_length(before)) <> before
          OR substring(entry, octet_length(before) + 45, octet_length(after)) <> after
          OR (n IS NULL) = (substring(entry, octet_length(before) + octet_length(after) + 45, 2) = '1/'::bytea)
          OR n IS NOT NULL AND substring(entry, octet_length(before) + octet_length(after) + 47, length(n::text) + 8)
            <> convert_to(n::text || E'\nsealed ', 'UTF8')
        LIMIT 1
      ) INTO stranger, topic, forged
    FROM (
      SELECT max(value) FILTER (WHERE key = 'suite') || E'\nlog ' || max(value) FILTER (WHERE key = 'origin')
        || E'\nstream ' AS beginning FROM mingzhang.log
    ) AS said;
    IF stranger IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = '{ACTOR_REFUSED}',
        MESSAGE = format('login %s, which may not record as %s', session_user, stranger),
        DETAIL = coalesce((SELECT 'one of ' || string_agg(DISTINCT a.actor, ', ') FROM mingzhang.actors AS a
          WHERE a.login = session_user AND mingzhang.may_stand_as(a.actor)), 'a login that was admitted');
    END IF;
    IF topic IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = '{DUTY_MISSING}',
        MESSAGE = format('login %s, recording %s', session_user, topic),
        DETAIL = coalesce(
          'a member of ' || (SELECT string_agg(d.role, ' or ' ORDER BY d.role) FROM mingzhang.duties AS d
            WHERE d.type = topic),
          'a topic that a duty records; a list of duties that lacks it is renewed by mingzhang upgrade');
    END IF;
    IF forged IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = '{ACTOR_REFUSED}',
        MESSAGE = format('entry %s, whose bytes say something else than the columns beside them', forged),
        DETAIL = 'the same stream, seq, type, at, by and command in the bytes and beside them';
    END IF;
  END IF;
  IF NOT follow THEN{_OUT_OF_ORDER.format(table="entries")}
  END IF;
  IF changes_logins THEN  -- last, so that nobody admits himself before he is asked
    PERFORM mingzhang.apply_logins();
  END IF;
  RETURN NULL;
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

_REFUSE: Final = """
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = format(
    '%s: append-only, nothing is %s', TG_TABLE_NAME,
    CASE TG_OP WHEN 'UPDATE' THEN 'updated' WHEN 'DELETE' THEN 'deleted' ELSE 'truncated' END
  );
END"""

_LOG_INSERT: Final = """
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'log: append-only, nothing is added';
END"""

# A head of more entries than there are was never let in, so that this one is larger than every other.
_HEADS_INSERT: Final = f"""
BEGIN
  IF NEW.size IS DISTINCT FROM {_LAST_POSITION} + 1 THEN{_OUT_OF_ORDER.format(table="heads")}
  END IF;
  RETURN NULL;
END"""

# The last other part of the tile is the one before, unless more than one part came at once. That the tile before is
# full was asked of a tile's first part.
_TILES_INSERT: Final = f"""
DECLARE
  entries bigint;
  width bigint;
BEGIN
  SELECT {_LAST_POSITION} + 1, (
    SELECT before.start + octet_length(before.hashes) / 32 FROM mingzhang.tiles AS before
    WHERE before.level = NEW.level AND before.idx = NEW.idx AND before.start <> NEW.start
    ORDER BY before.start DESC LIMIT 1
  ) INTO entries, width;
  IF NEW.start <> coalesce(width, 0) THEN{_OUT_OF_ORDER.format(table="tiles")}
  END IF;
  IF NEW.start = 0 AND NEW.idx > 0 THEN
    SELECT before.start + octet_length(before.hashes) / 32 INTO width FROM mingzhang.tiles AS before
    WHERE before.level = NEW.level AND before.idx = NEW.idx - 1 ORDER BY before.start DESC LIMIT 1;
  ELSE
    width := 256;
  END IF;
  IF NEW.level > 6 OR width IS DISTINCT FROM 256
    OR NEW.idx * 256 + NEW.start + octet_length(NEW.hashes) / 32 > coalesce(entries, 0) >> (8 * least(NEW.level, 6))
  THEN
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
    "refuse": Routine("", "trigger", _REFUSE),
    "log_insert": Routine("", "trigger", _LOG_INSERT),
    "entries_insert": Routine("", "trigger", _ENTRIES_INSERT, by_index=True),
    "heads_insert": Routine("", "trigger", _HEADS_INSERT, by_index=True),
    "tiles_insert": Routine("", "trigger", _TILES_INSERT, by_index=True),
    "checkpoints_insert": Routine("", "trigger", _CHECKPOINTS_INSERT),
    "may_stand_as": Routine("name text", "boolean", _MAY_STAND_AS_BODY, volatility="STABLE"),
    "apply_logins": Routine("", "void", _APPLY_LOGINS, of_owner=True),
    "record_opening": Routine("purpose text", "bigint", _RECORD_OPENING, of_owner=True),
    "opening_is_recorded": Routine("", "boolean", _OPENING_IS_RECORDED, of_owner=True, volatility="STABLE"),
}

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
    settings = " ".join(f"SET {setting}" for setting in one.settings)
    return (
        f"CREATE FUNCTION mingzhang.{name}({one.arguments}) RETURNS {one.returns} LANGUAGE plpgsql"
        f" {one.volatility}{rights} {settings} AS $body${one.body}$body$"
    )


def duty_rows() -> list[tuple[str, str]]:
    """Return the rows of `duties`: each topic with each role that may record it."""
    return sorted((topic, role_of(duty)) for topic, duties in DUTIES_OF.items() for duty in duties)
