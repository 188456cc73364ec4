-- The tables and guards of a ledger as version 2 made them in PostgreSQL; the rows are those of postgres_v1.sql.
DO $$ BEGIN CREATE ROLE mingzhang_intake NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE mingzhang_survey NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE mingzhang_confirm NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE mingzhang_pay NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE mingzhang_audit NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE mingzhang_admin NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE mingzhang_registers NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT mingzhang_registers TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
CREATE SCHEMA mingzhang;
CREATE SCHEMA mingzhang_registers;
CREATE TABLE mingzhang.log (
  key text COLLATE "C" NOT NULL PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);
CREATE TABLE mingzhang.entries (
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
);
CREATE TABLE mingzhang.heads (
  size bigint NOT NULL PRIMARY KEY CHECK (size >= 1),
  root bytea NOT NULL CHECK (octet_length(root) = 32)
);
CREATE TABLE mingzhang.tiles (
  level smallint NOT NULL CHECK (level >= 0),
  start smallint NOT NULL CHECK (start >= 0),
  idx bigint NOT NULL CHECK (idx >= 0),
  hashes bytea NOT NULL CHECK (
    octet_length(hashes) >= 32 AND octet_length(hashes) % 32 = 0 AND start + octet_length(hashes) / 32 <= 256
  ),
  PRIMARY KEY (level, idx, start)
);
CREATE TABLE mingzhang.checkpoints (
  size bigint NOT NULL CHECK (size >= 0),
  note bytea NOT NULL
);
CREATE TABLE mingzhang.actors (
  position bigint NOT NULL PRIMARY KEY,
  login text COLLATE "C" NOT NULL,
  actor text COLLATE "C"
);
CREATE TABLE mingzhang.duties (
  type text COLLATE "C" NOT NULL PRIMARY KEY,
  role text COLLATE "C" NOT NULL
);
CREATE TABLE mingzhang.openings (
  id bigint NOT NULL PRIMARY KEY CHECK (id >= 1),
  login text COLLATE "C" NOT NULL,
  at text COLLATE "C" NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  application text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX entries_by_command ON mingzhang.entries USING btree (command) WHERE (n IS NOT NULL);
CREATE INDEX entries_by_type ON mingzhang.entries USING btree (type, "position");
CREATE UNIQUE INDEX checkpoints_once ON mingzhang.checkpoints USING btree (size, sha256(note));
ALTER TABLE mingzhang.entries ALTER COLUMN blob SET STORAGE EXTERNAL;
ALTER TABLE mingzhang.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
-- ROWS
INSERT INTO mingzhang.duties (type, role) VALUES ('appeal.applied/1', 'mingzhang_confirm'), ('appeal.decided/1', 'mingzhang_confirm'), ('appeal.grounds-stated/1', 'mingzhang_confirm'), ('appeal.lodged/1', 'mingzhang_confirm'), ('appeal.received/1', 'mingzhang_confirm'), ('application.accepted/1', 'mingzhang_intake'), ('application.confirmed/1', 'mingzhang_confirm'), ('application.refused/1', 'mingzhang_confirm'), ('application.submitted/1', 'mingzhang_intake'), ('application.terminated/1', 'mingzhang_confirm'), ('authorization.signed/1', 'mingzhang_intake'), ('benefit.decreased/1', 'mingzhang_confirm'), ('benefit.increased/1', 'mingzhang_confirm'), ('benefit.resumed/1', 'mingzhang_confirm'), ('benefit.stopped/1', 'mingzhang_confirm'), ('benefit.suspended/1', 'mingzhang_confirm'), ('care.regraded/1', 'mingzhang_confirm'), ('contact.registered/1', 'mingzhang_intake'), ('county.visited/1', 'mingzhang_confirm'), ('credit.recorded/1', 'mingzhang_confirm'), ('deadline.extended/1', 'mingzhang_confirm'), ('death.recorded/1', 'mingzhang_intake'), ('decision.explained/1', 'mingzhang_confirm'), ('dishonesty.noted/1', 'mingzhang_intake'), ('entitlement.granted/1', 'mingzhang_confirm'), ('grace.started/1', 'mingzhang_confirm'), ('household.changed/1', 'mingzhang_confirm'), ('household.resized/1', 'mingzhang_confirm'), ('import.described/1', 'mingzhang_intake'), ('import.file-loaded/1', 'mingzhang_intake'), ('import.file-received/1', 'mingzhang_intake'), ('import.loaded/1', 'mingzhang_intake'), ('import.received/1', 'mingzhang_intake'), ('import.row-conflicted/1', 'mingzhang_intake'), ('import.row-held/1', 'mingzhang_intake'), ('import.row-rejected/1', 'mingzhang_intake'), ('income.reassessed/1', 'mingzhang_confirm'), ('kinship.filed/1', 'mingzhang_intake'), ('kinship.visited/1', 'mingzhang_intake'), ('ledger.clock-corrected/1', 'mingzhang_admin'), ('ledger.erasure-effective/1', 'mingzhang_admin'), ('ledger.erasure-requested/1', 'mingzhang_admin'), ('ledger.heads-sealed/1', 'mingzhang_admin'), ('ledger.key-announced/1', 'mingzhang_admin'), ('ledger.key-rotated/1', 'mingzhang_admin'), ('ledger.login-admitted/1', 'mingzhang_admin'), ('ledger.login-dismissed/1', 'mingzhang_admin'), ('ledger.opened/1', 'mingzhang_admin'), ('member.counted/1', 'mingzhang_intake'), ('member.described/1', 'mingzhang_intake'), ('member.died/1', 'mingzhang_intake'), ('member.joined/1', 'mingzhang_intake'), ('objection.answered/1', 'mingzhang_survey'), ('objection.raised/1', 'mingzhang_survey'), ('payee.registered/1', 'mingzhang_intake'), ('payment.attributed/1', 'mingzhang_pay'), ('payment.instructed/1', 'mingzhang_pay'), ('payment.reissued/1', 'mingzhang_pay'), ('payment.returned/1', 'mingzhang_pay'), ('payment.settled/1', 'mingzhang_pay'), ('publicity.closed/1', 'mingzhang_survey'), ('publicity.opened/1', 'mingzhang_survey'), ('publicity.placed/1', 'mingzhang_survey'), ('recovery.approved/1', 'mingzhang_confirm'), ('recovery.fined/1', 'mingzhang_confirm'), ('recovery.ordered/1', 'mingzhang_confirm'), ('recovery.repaid/1', 'mingzhang_pay'), ('recovery.waived/1', 'mingzhang_confirm'), ('recovery.written-off/1', 'mingzhang_confirm'), ('relative.declared/1', 'mingzhang_admin'), ('repayment.demanded/1', 'mingzhang_confirm'), ('return.explained/1', 'mingzhang_pay'), ('review.completed/1', 'mingzhang_confirm'), ('row.completed/1', 'mingzhang_intake'), ('self-care.scored/1', 'mingzhang_survey'), ('staff.appointed/1', 'mingzhang_admin'), ('staff.departed/1', 'mingzhang_admin'), ('standard.adopted/1', 'mingzhang_admin'), ('survey.completed/1', 'mingzhang_survey'), ('survey.remarked/1', 'mingzhang_survey'), ('truth.pledged/1', 'mingzhang_intake'), ('verification.returned/1', 'mingzhang_survey') ON CONFLICT (type) DO NOTHING;
CREATE FUNCTION mingzhang.refuse() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off SET search_path TO pg_catalog, pg_temp AS $body$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = format(
    '%s: append-only, nothing is %s', TG_TABLE_NAME,
    CASE TG_OP WHEN 'UPDATE' THEN 'updated' WHEN 'DELETE' THEN 'deleted' ELSE 'truncated' END
  );
END$body$;
CREATE FUNCTION mingzhang.entries_follow() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off SET search_path TO pg_catalog, pg_temp AS $body$
DECLARE
  first bigint;
  last bigint;
  number bigint;
  wrong boolean;
BEGIN
  SELECT min(position), max(position), count(*) INTO first, last, number FROM fresh;
  wrong := number <> last - first + 1
    OR last <> (SELECT max(position) FROM mingzhang.entries)
    OR first > 0 AND NOT EXISTS (SELECT FROM mingzhang.entries WHERE position = first - 1)
    OR EXISTS (
      SELECT FROM fresh WHERE fresh.seq > 1 AND NOT EXISTS (
        SELECT FROM mingzhang.entries AS before WHERE before.stream = fresh.stream AND before.seq = fresh.seq - 1
      )
    );
  IF wrong THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      'entries: append-only, and these rows are not the next ones';
  END IF;
  RETURN NULL;
END$body$;
CREATE FUNCTION mingzhang.heads_follow() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off SET search_path TO pg_catalog, pg_temp AS $body$
DECLARE
  first bigint;
  last bigint;
  number bigint;
  wrong boolean;
BEGIN
  SELECT min(size), max(size), count(*) INTO first, last, number FROM fresh;
  wrong := number > 1
    OR EXISTS (SELECT FROM mingzhang.heads WHERE size > last)
    OR last IS DISTINCT FROM (SELECT max(position) + 1 FROM mingzhang.entries);
  IF wrong THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      'heads: append-only, and these rows are not the next ones';
  END IF;
  RETURN NULL;
END$body$;
CREATE FUNCTION mingzhang.tiles_follow() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off SET enable_hashjoin TO off SET enable_mergejoin TO off SET search_path TO pg_catalog, pg_temp AS $body$
DECLARE
  first bigint;
  last bigint;
  number bigint;
  wrong boolean;
BEGIN
  wrong := EXISTS (
    SELECT FROM fresh WHERE start <> (
      SELECT coalesce(sum(octet_length(before.hashes)) / 32, 0) FROM mingzhang.tiles AS before
      WHERE before.level = fresh.level AND before.idx = fresh.idx AND before.start <> fresh.start
    )
  );
  IF wrong THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      'tiles: append-only, and these rows are not the next ones';
  END IF;
  RETURN NULL;
END$body$;
CREATE FUNCTION mingzhang.tip(lock text, OUT rows bigint, OUT size bigint, OUT root bytea)
LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(lock, 0));
  SELECT coalesce(max(position), -1) + 1 INTO rows FROM mingzhang.entries;
  SELECT heads.size, heads.root INTO size, root FROM mingzhang.heads ORDER BY heads.size DESC LIMIT 1;
END$body$;
CREATE FUNCTION mingzhang.entries_duty() RETURNS trigger LANGUAGE plpgsql VOLATILE SET search_path TO pg_catalog, pg_temp AS $body$
DECLARE
  changes_logins boolean;
  beginning text;
  refused text;
  needed text;
BEGIN
  changes_logins := EXISTS (SELECT FROM fresh WHERE type IN ('ledger.login-admitted/1', 'ledger.login-dismissed/1'));
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    IF changes_logins THEN
      PERFORM mingzhang.apply_logins();
    END IF;
    RETURN NULL;
  END IF;
  SELECT f.by INTO refused FROM (SELECT DISTINCT by FROM fresh OFFSET 0) AS f
  WHERE NOT mingzhang.may_stand_as(f.by) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'MZ001',
      MESSAGE = format('login %s, which may not record as %s', session_user, refused),
      DETAIL = coalesce((SELECT 'one of ' || string_agg(DISTINCT a.actor, ', ') FROM mingzhang.actors AS a
        WHERE a.login = session_user AND mingzhang.may_stand_as(a.actor)), 'a login that was admitted');
  END IF;
  SELECT f.type, d.role INTO refused, needed FROM (SELECT DISTINCT type FROM fresh OFFSET 0) AS f
  LEFT JOIN mingzhang.duties AS d ON d.type = f.type
  WHERE d.role IS NULL OR NOT pg_has_role(session_user, d.role, 'MEMBER') ORDER BY f.type LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'MZ002',
      MESSAGE = format('login %s, recording %s', session_user, refused),
      DETAIL = coalesce('a member of ' || needed, 'a topic that a duty records');
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
    RAISE EXCEPTION USING ERRCODE = 'MZ001',
      MESSAGE = format('entry %s, whose bytes say something else than the columns beside them', refused),
      DETAIL = 'the same stream, seq, type, at, by and command in the bytes and beside them';
  END IF;
  IF changes_logins THEN  -- last, so that nobody admits himself before he is asked
    PERFORM mingzhang.apply_logins();
  END IF;
  RETURN NULL;
END$body$;
CREATE FUNCTION mingzhang.log_insert() RETURNS trigger LANGUAGE plpgsql VOLATILE SET search_path TO pg_catalog, pg_temp AS $body$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'log: append-only, nothing is added';
END$body$;
CREATE FUNCTION mingzhang.tiles_edge() RETURNS trigger LANGUAGE plpgsql VOLATILE SET search_path TO pg_catalog, pg_temp AS $body$
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
END$body$;
CREATE FUNCTION mingzhang.checkpoints_insert() RETURNS trigger LANGUAGE plpgsql VOLATILE SET search_path TO pg_catalog, pg_temp AS $body$
BEGIN
  IF EXISTS (
    SELECT FROM fresh WHERE octet_length(note) NOT BETWEEN 1 AND 1048576
      OR size > (SELECT coalesce(max(heads.size), 0) FROM mingzhang.heads)
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE =
      'checkpoints: append-only, and this is no note over entries that there are';
  END IF;
  RETURN NULL;
END$body$;
CREATE FUNCTION mingzhang.may_stand_as(name text) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path TO pg_catalog, pg_temp AS $body$
BEGIN
  RETURN EXISTS (
    SELECT FROM mingzhang.actors AS a WHERE a.login = session_user AND a.actor = name AND a.position > coalesce(
      (SELECT max(b.position) FROM mingzhang.actors AS b WHERE b.login = session_user AND b.actor IS NULL), -1)
  ) OR name = 'system/setup' AND session_user = (
    SELECT pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = 'mingzhang.entries'::regclass
  );
END$body$;
CREATE FUNCTION mingzhang.apply_logins() RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $body$
DECLARE
  one record;
  said jsonb;
  role text;
BEGIN
  FOR one IN SELECT position, type, entry FROM mingzhang.entries WHERE type IN ('ledger.login-admitted/1', 'ledger.login-dismissed/1')
    AND position > coalesce((SELECT max(a.position) FROM mingzhang.actors AS a), -1) ORDER BY position
  LOOP
    said := split_part(convert_from(one.entry, 'UTF8'), E'\n\n', 2)::jsonb;
    INSERT INTO mingzhang.actors (position, login, actor) VALUES (one.position, said->>'login', said->>'actor');
    CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = said->>'login' AND rolcanlogin);
    FOREACH role IN ARRAY ARRAY['mingzhang_intake', 'mingzhang_survey', 'mingzhang_confirm', 'mingzhang_pay', 'mingzhang_audit', 'mingzhang_admin'] LOOP
      IF one.type = 'ledger.login-admitted/1' AND said->'duties' ? substring(role FROM 11)
        AND NOT pg_has_role((said->>'login')::name, role::name, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO %I', role, said->>'login');
      ELSIF one.type = 'ledger.login-dismissed/1' AND EXISTS (
        SELECT FROM pg_catalog.pg_auth_members WHERE roleid = role::regrole
          AND member = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = said->>'login')
      ) THEN
        EXECUTE format('REVOKE %I FROM %I', role, said->>'login');
      END IF;
    END LOOP;
  END LOOP;
END$body$;
CREATE FUNCTION mingzhang.record_opening(purpose text) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $body$
DECLARE
  opened bigint;
BEGIN
  IF purpose IS NULL OR length(purpose) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION USING ERRCODE = 'MZ003', MESSAGE = 'no purpose',
      DETAIL = 'what sealed parts are opened for, in 1 to 200 characters';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('mingzhang openings', 0));
  SELECT coalesce(max(id), 0) + 1 INTO opened FROM mingzhang.openings;
  INSERT INTO mingzhang.openings (id, login, at, purpose, application) VALUES (
    opened, session_user, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), purpose, current_setting('application_name')
  );
  RETURN opened;
END$body$;
CREATE FUNCTION mingzhang.opening_is_recorded() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $body$
BEGIN
  IF NOT EXISTS (
    SELECT FROM mingzhang.openings WHERE login = session_user
      AND id = nullif(current_setting('mingzhang.opening', true), '')::bigint
      AND at > to_char((now() - interval '1 day') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'MZ003',
      MESSAGE = format('login %s, which has not said why', session_user),
      DETAIL = 'mingzhang.record_opening(purpose) within a day, and its number in mingzhang.opening';
  END IF;
  RETURN true;
END$body$;
CREATE VIEW mingzhang.opened_entries AS SELECT "position",
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
  WHERE mingzhang.opening_is_recorded();
CREATE TRIGGER log_change BEFORE DELETE OR UPDATE ON mingzhang.log FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.log ENABLE ALWAYS TRIGGER log_change;
CREATE TRIGGER log_truncate BEFORE TRUNCATE ON mingzhang.log FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.log ENABLE ALWAYS TRIGGER log_truncate;
CREATE TRIGGER log_insert BEFORE INSERT ON mingzhang.log FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.log_insert();
ALTER TABLE mingzhang.log ENABLE ALWAYS TRIGGER log_insert;
CREATE TRIGGER entries_change BEFORE DELETE OR UPDATE ON mingzhang.entries FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_change;
CREATE TRIGGER entries_truncate BEFORE TRUNCATE ON mingzhang.entries FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_truncate;
CREATE TRIGGER entries_insert AFTER INSERT ON mingzhang.entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.entries_follow();
ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_insert;
CREATE TRIGGER entries_duty AFTER INSERT ON mingzhang.entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.entries_duty();
ALTER TABLE mingzhang.entries ENABLE ALWAYS TRIGGER entries_duty;
CREATE TRIGGER heads_change BEFORE DELETE OR UPDATE ON mingzhang.heads FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.heads ENABLE ALWAYS TRIGGER heads_change;
CREATE TRIGGER heads_truncate BEFORE TRUNCATE ON mingzhang.heads FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.heads ENABLE ALWAYS TRIGGER heads_truncate;
CREATE TRIGGER heads_insert AFTER INSERT ON mingzhang.heads REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.heads_follow();
ALTER TABLE mingzhang.heads ENABLE ALWAYS TRIGGER heads_insert;
CREATE TRIGGER tiles_change BEFORE DELETE OR UPDATE ON mingzhang.tiles FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.tiles ENABLE ALWAYS TRIGGER tiles_change;
CREATE TRIGGER tiles_truncate BEFORE TRUNCATE ON mingzhang.tiles FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.tiles ENABLE ALWAYS TRIGGER tiles_truncate;
CREATE TRIGGER tiles_insert AFTER INSERT ON mingzhang.tiles REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.tiles_follow();
ALTER TABLE mingzhang.tiles ENABLE ALWAYS TRIGGER tiles_insert;
CREATE TRIGGER tiles_edge AFTER INSERT ON mingzhang.tiles REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.tiles_edge();
ALTER TABLE mingzhang.tiles ENABLE ALWAYS TRIGGER tiles_edge;
CREATE TRIGGER checkpoints_change BEFORE DELETE OR UPDATE ON mingzhang.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.checkpoints ENABLE ALWAYS TRIGGER checkpoints_change;
CREATE TRIGGER checkpoints_truncate BEFORE TRUNCATE ON mingzhang.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.checkpoints ENABLE ALWAYS TRIGGER checkpoints_truncate;
CREATE TRIGGER checkpoints_insert AFTER INSERT ON mingzhang.checkpoints REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.checkpoints_insert();
ALTER TABLE mingzhang.checkpoints ENABLE ALWAYS TRIGGER checkpoints_insert;
CREATE TRIGGER actors_change BEFORE DELETE OR UPDATE ON mingzhang.actors FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.actors ENABLE ALWAYS TRIGGER actors_change;
CREATE TRIGGER actors_truncate BEFORE TRUNCATE ON mingzhang.actors FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.actors ENABLE ALWAYS TRIGGER actors_truncate;
CREATE TRIGGER duties_change BEFORE DELETE OR UPDATE ON mingzhang.duties FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.duties ENABLE ALWAYS TRIGGER duties_change;
CREATE TRIGGER duties_truncate BEFORE TRUNCATE ON mingzhang.duties FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.duties ENABLE ALWAYS TRIGGER duties_truncate;
CREATE TRIGGER openings_change BEFORE DELETE OR UPDATE ON mingzhang.openings FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.openings ENABLE ALWAYS TRIGGER openings_change;
CREATE TRIGGER openings_truncate BEFORE TRUNCATE ON mingzhang.openings FOR EACH STATEMENT EXECUTE FUNCTION mingzhang.refuse();
ALTER TABLE mingzhang.openings ENABLE ALWAYS TRIGGER openings_truncate;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mingzhang FROM PUBLIC;
GRANT USAGE ON SCHEMA mingzhang, mingzhang_registers TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT SELECT (position, seq, n, stream, type, at, by, command, entry) ON mingzhang.entries TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT SELECT ON mingzhang.log TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT INSERT ON mingzhang.entries TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
GRANT SELECT ON mingzhang.heads TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT INSERT ON mingzhang.heads TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
GRANT SELECT ON mingzhang.tiles TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT INSERT ON mingzhang.tiles TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
GRANT SELECT ON mingzhang.checkpoints TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT INSERT ON mingzhang.checkpoints TO mingzhang_admin;
GRANT SELECT ON mingzhang.actors TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT SELECT ON mingzhang.duties TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit, mingzhang_admin;
GRANT SELECT ON mingzhang.openings TO mingzhang_audit, mingzhang_admin;
GRANT SELECT ON mingzhang.opened_entries TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit;
GRANT EXECUTE ON FUNCTION mingzhang.tip(text) TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
GRANT EXECUTE ON FUNCTION mingzhang.may_stand_as(text) TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
GRANT EXECUTE ON FUNCTION mingzhang.apply_logins() TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_admin;
GRANT EXECUTE ON FUNCTION mingzhang.record_opening(text) TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit;
GRANT EXECUTE ON FUNCTION mingzhang.opening_is_recorded() TO mingzhang_intake, mingzhang_survey, mingzhang_confirm, mingzhang_pay, mingzhang_audit;
GRANT USAGE, CREATE ON SCHEMA mingzhang_registers TO mingzhang_registers;
ALTER DEFAULT PRIVILEGES FOR ROLE mingzhang_registers IN SCHEMA mingzhang_registers GRANT SELECT ON TABLES TO mingzhang_audit;
