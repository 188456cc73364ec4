"""What the database itself asks of a login: the name, the duty, the bytes, an opening; and what an inspection finds."""

import functools
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from domain.duties import Duty
from domain.events.ledger import LoginAdmitted, LoginDismissed
from ledger.canonical import encode
from ledger.duties import DUTIES_OF, OPENING, role_of
from ledger.entry import Entry, encode_entry
from ledger.hashing import SHA256
from ledger.heads_recording import seal_heads
from ledger.ledger import Ledger
from ledger.postgres_connection import connect
from ledger.postgres_inspection import faults
from ledger.postgres_privileges import ROLES
from ledger.store_errors import ActorRefused, DutyMissing, RolesMissing
from ledger.stores import create_store, open_store
from ledger.topics import TOPICS
from ledger.urls import parse_url
from ledger.writer import prepared

ORIGIN = "county.example/ledger"
AT = "2026-11-21T08:00:00.000000Z"


class Bureau:
    """A ledger made by a superuser, with logins of officers; names are the test's own, for roles are the server's."""

    def __init__(self, server, url, root):
        self.server, self.url, self.root = server, url, root
        self.store = create_store(url, ORIGIN, SHA256)
        self.opened = [self.store]
        self.logins = []

    def login(self, actor=None, *duties):
        """Make a login, and admit it as an actor with these duties."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.root.execute(f"CREATE ROLE {name} LOGIN")
        self.logins.append(name)
        if actor is not None:
            self.admit(name, actor, *duties)
        return name

    def admit(self, login, actor, *duties):
        self.append(self.store, "system/setup", LoginAdmitted(login=login, actor=actor, duties=duties))

    def dismiss(self, login):
        self.append(self.store, "system/setup", LoginDismissed(login=login))

    def address(self, login):
        return self.server.address(parse_url(self.url).database, login)

    def as_login(self, login, **options):
        self.opened.append(open_store(self.address(login), **options))
        return self.opened[-1]

    def raw(self, login):
        return psycopg.connect(self.address(login), autocommit=True)

    def append(self, store, by, event, topic=None):
        with store.writer() as writer:
            writer.append([self.entry(writer, by, topic or event.TOPIC, event.open_part() if event else {})])

    @staticmethod
    def entry(writer, by, topic, payload=None, stream="ledger/main"):
        head = writer.head_of(stream)
        seq, prev = (head.seq + 1, head.leaf) if head else (1, bytes(32))
        command = str(uuid.uuid4())
        entry = Entry("mingzhang/v1", ORIGIN, stream, seq, topic, prev, AT, by, command, 1, 1, None, payload or {})
        return prepared(SHA256, ORIGIN, entry, encode_entry(entry), None)

    def faults(self, login=None):
        store = self.as_login(login) if login else self.store
        with store.inspection() as inspection:
            return {fault.object for fault in inspection.faults()}

    def faults_after(self, statement):
        """Return what is found after a statement, which is undone again."""
        with self.root.transaction(force_rollback=True):
            self.root.execute(statement)
            return {fault.object for fault in faults(self.root.cursor())}

    def close(self):
        for store in self.opened:
            store.close()


@pytest.fixture(scope="module")
def bureau(postgres_server):
    url = postgres_server.new_database()
    made = Bureau(postgres_server, url, psycopg.connect(url, autocommit=True))
    yield made
    made.close()
    for login in made.logins:  # roles are the server's
        made.root.execute(f"DROP OWNED BY {login}; DROP ROLE {login}")
    made.root.close()


SUPERVISION = (
    "flag.disposed/1",
    "personal-data.viewed/1",
    "draw.announced/1",
    "draw.weighted/1",
    "draw.made/1",
    "sample.drawn/1",
    "draw.abandoned/1",
    "draw.published/1",
    "sample.inspected/1",
    "finding.recorded/1",
    "rectification.reported/1",
    "rectification.returned/1",
    "rectification.accepted/1",
    "rectification.extended/1",
)
"""What auditors record; a topic of supervision is added here on purpose."""


def test_every_topic_belongs_to_a_duty_and_auditors_record_supervision_only():
    assert set(DUTIES_OF) == set(TOPICS)
    assert {topic for topic, duties in DUTIES_OF.items() if Duty.AUDIT in duties} == set(SUPERVISION)
    assert {DUTIES_OF[topic] for topic in TOPICS if topic.startswith("ledger.")} == {(Duty.ADMIN,)}
    assert {DUTIES_OF[topic] for topic in TOPICS if topic.startswith("import.")} == {(Duty.INTAKE,)}
    assert DUTIES_OF["personal-data.viewed/1"] == OPENING


def test_each_duty_records_its_topics_and_no_other(bureau):
    for duty in Duty:
        store = bureau.as_login(bureau.login("staff/MZ0001", duty))
        for topic in sorted(
            {next(topic for topic in TOPICS if DUTIES_OF[topic] == some) for some in set(DUTIES_OF.values())}
        ):
            size = store.head().size
            if duty in DUTIES_OF[topic]:
                bureau.append(store, "staff/MZ0001", None, topic)
                assert store.head().size == size + 1
            else:
                needed = " or ".join(sorted(map(role_of, DUTIES_OF[topic])))
                with pytest.raises(DutyMissing, match=f"(?s)member of {needed}.*{topic}"):
                    bureau.append(store, "staff/MZ0001", None, topic)
                assert store.head().size == size


def test_an_auditor_records_supervision_and_nothing_that_is_done_in_a_case(bureau):
    store = bureau.as_login(bureau.login("staff/SJ0004", Duty.AUDIT))
    for topic in TOPICS:
        size = store.head().size
        if topic in SUPERVISION:
            bureau.append(store, "staff/SJ0004", None, topic)
            assert store.head().size == size + 1
        else:
            with pytest.raises(DutyMissing):
                bureau.append(store, "staff/SJ0004", None, topic)
    with pytest.raises(ActorRefused):
        bureau.append(store, "staff/MZ0001", None, SUPERVISION[0])


def test_a_login_records_in_its_own_names_only(bureau):
    store = bureau.as_login(bureau.login("staff/MZ0012", Duty.INTAKE))
    bureau.append(store, "staff/MZ0012", None, "import.received/1")
    for by in ("staff/MZ0013", "system/setup", "system/import"):
        with pytest.raises(ActorRefused, match="one of staff/MZ0012"):
            bureau.append(store, by, None, "import.received/1")


def test_an_admin_seals_the_stream_heads_in_his_own_name(bureau):
    """With nobody's sealed facts opened, and not in the name of another."""
    ledger = Ledger(bureau.as_login(bureau.login("staff/MZ0001", Duty.ADMIN)), None)
    with pytest.raises(ActorRefused):
        seal_heads(ledger, lambda: datetime.now(UTC))
    position = seal_heads(ledger, lambda: datetime.now(UTC), "staff/MZ0001")
    assert position == ledger.size - 1
    assert ledger.event(position).by == "staff/MZ0001"


def test_a_login_may_have_several_names_and_none_after_dismissal(bureau):
    login = bureau.login("staff/MZ0012", Duty.INTAKE)
    bureau.admit(login, "system/import")
    store = bureau.as_login(login)
    for by in ("staff/MZ0012", "system/import"):
        bureau.append(store, by, None, "import.received/1")
    bureau.dismiss(login)
    with pytest.raises(DutyMissing):
        bureau.append(store, "staff/MZ0012", None, "import.received/1")
    bureau.admit(login, "staff/MZ0099", Duty.INTAKE)
    again = bureau.as_login(login)
    bureau.append(again, "staff/MZ0099", None, "import.received/1")
    with pytest.raises(ActorRefused):
        bureau.append(again, "staff/MZ0012", None, "import.received/1")


def test_nobody_admits_himself_before_he_is_asked(bureau):
    """Neither to a name that the same entry gives him, nor to a duty, nor in the rows of one statement."""
    login = bureau.login("staff/MZ0012", Duty.INTAKE)
    store, before = bureau.as_login(login), bureau.store.head()
    event = LoginAdmitted(login=login, actor="staff/MZ0066", duties=tuple(Duty))
    with pytest.raises(ActorRefused):
        bureau.append(store, "staff/MZ0066", event)
    with pytest.raises(DutyMissing, match="member of mingzhang_admin"):
        bureau.append(store, "staff/MZ0012", event)
    with pytest.raises(ActorRefused), store.writer() as writer:
        entries = [bureau.entry(writer, "staff/MZ0066", event.TOPIC, event.open_part())]
        entries += [bureau.entry(writer, "staff/MZ0066", "import.received/1", stream=f"case/S{n}") for n in range(6)]
        for entry in entries:
            writer.append([entry])
    assert bureau.store.head() == before
    assert bureau.store.session().login == "postgres"
    assert store.session().actors == ("staff/MZ0012",)
    assert store.session().duties == ("intake",)


def test_a_topic_that_no_duty_knows_is_refused(bureau):
    store = bureau.as_login(bureau.login("staff/MZ0012", *(duty for duty in Duty if duty is not Duty.AUDIT)))
    with pytest.raises(DutyMissing, match="a topic that a duty records"):
        bureau.append(store, "staff/MZ0012", None, "note.made/1")


FORGED = {
    "by": lambda row: {**row, "entry": row["entry"].replace(b"\nby staff/MZ0012", b"\nby staff/MZ9999")},
    "stream": lambda row: {**row, "stream": "case/9"},
    "at": lambda row: {**row, "at": "2026-11-21T08:00:00.000001Z"},
    "command": lambda row: {**row, "command": str(uuid.uuid4())},
    "type": lambda row: {**row, "entry": row["entry"].replace(b"import.received/1", b"ledger.opened/1")},
    "log": lambda row: {**row, "entry": row["entry"].replace(b"county.example", b"county2.example")},
    "by, and an earlier line": lambda row: {
        **row, "entry": b"x\nby staff/MZ0012\n" + row["entry"].replace(b"MZ0012", b"MZ9999")
    },
    "n": lambda row: {**row, "n": None},
    "another n": lambda row: {**row, "n": 2},
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGED)
def test_bytes_that_say_something_else_than_the_columns_are_refused(bureau, forgery):
    """Not by this program, which would not write them, but by SQL of the login's own."""
    login = bureau.login("staff/MZ0012", Duty.INTAKE)
    with bureau.store.writer() as writer:
        made = bureau.entry(writer, "staff/MZ0012", "import.received/1", stream="import/forged")
    size = bureau.store.head().size
    row = {"position": size, "stream": made.stream, "seq": 1, "type": made.type, "at": AT, "by": made.by}
    row |= {"command": made.command, "entry": made.entry, "n": 1}
    statement = "INSERT INTO mingzhang.entries ({}) VALUES ({})".format(", ".join(row), ", ".join(["%s"] * len(row)))
    with bureau.raw(login) as raw:
        with pytest.raises(psycopg.DatabaseError, match="bytes say something else") as refused:
            raw.execute(statement, list(FORGED[forgery](row).values()))
        assert refused.value.sqlstate == "MZ001"
        with raw.transaction(force_rollback=True):
            assert raw.execute(statement, list(row.values())).rowcount == 1


def test_a_bulk_append_is_asked_as_a_single_one_is(bureau):
    store = bureau.as_login(bureau.login("staff/MZ0012", Duty.INTAKE))
    with store.writer() as writer:
        for number in range(30):
            writer.append([bureau.entry(writer, "staff/MZ0012", "import.received/1", stream=f"import/{number:06}")])
    size = store.head().size
    with pytest.raises(ActorRefused), store.writer() as writer:
        for number in range(30):
            by = "staff/MZ0012" if number else "staff/MZ0013"
            writer.append([bureau.entry(writer, by, "import.received/1", stream=f"import/1{number:05}")])
    assert store.head().size == size


def test_a_command_in_one_statement_is_asked_as_any_other(bureau):
    """The third write in a row goes without the lock."""
    store = bureau.as_login(bureau.login("staff/MZ0012", Duty.INTAKE))

    def write(number, by="staff/MZ0012", topic="import.received/1"):
        stream = f"import/at-once-{number}"
        store.write(lambda writer: writer.append([bureau.entry(writer, by, topic, stream=stream)]), 1)

    for number in range(4):
        write(number)
    size = store.head().size
    with pytest.raises(ActorRefused):
        write(5, by="staff/MZ0013")
    with pytest.raises(DutyMissing):
        write(5, topic="payment.settled/1")
    assert store.head().size == size
    write(5)
    assert store.head().size == size + 1


def test_superuser_who_takes_on_a_role_is_asked_too(bureau):
    login = bureau.login("staff/MZ0012", Duty.INTAKE)
    with bureau.store.writer() as writer:
        made = bureau.entry(writer, "staff/MZ0013", "import.received/1", stream="import/taken")
    columns = "position, stream, seq, type, at, by, command, entry, n"
    values = (bureau.store.head().size, made.stream, 1, made.type, AT, made.by, made.command, made.entry, 1)
    insert = f"INSERT INTO mingzhang.entries ({columns}) VALUES ({', '.join(['%s'] * 9)})"
    for taken in ("SET ROLE mingzhang_intake", f"SET SESSION AUTHORIZATION {login}"):
        bureau.root.execute(taken)
        with pytest.raises(psycopg.DatabaseError, match="may not record as staff/MZ0013"):
            bureau.root.execute(insert, values)
        bureau.root.execute("RESET SESSION AUTHORIZATION; RESET ROLE")
    with bureau.root.transaction(force_rollback=True):
        assert bureau.root.execute(insert, values).rowcount == 1


def test_nobody_becomes_exempt_by_a_grant_and_whoever_is_superuser_no_longer_is_asked_at_once(bureau):
    login = bureau.login("staff/MZ0012", Duty.INTAKE)
    with bureau.store.writer() as writer:
        made = bureau.entry(writer, "staff/MZ0013", "import.received/1", stream="import/exempt")
    columns = "position, stream, seq, type, at, by, command, entry, n"
    values = (bureau.store.head().size, made.stream, 1, made.type, AT, made.by, made.command, made.entry, 1)
    insert = f"INSERT INTO mingzhang.entries ({columns}) VALUES ({', '.join(['%s'] * 9)})"
    bureau.root.execute(f"GRANT pg_write_all_data, pg_read_all_data TO {login}")
    bureau.root.execute(f"GRANT ALL ON pg_catalog.pg_authid TO {login}")
    with bureau.raw(login) as raw:
        for right in ("SUPERUSER", "NOSUPERUSER"):
            with raw.transaction(force_rollback=True):
                if right == "SUPERUSER":
                    bureau.root.execute(f"ALTER ROLE {login} SUPERUSER")
                    assert raw.execute(insert, values).rowcount == 1
                    continue
                bureau.root.execute(f"ALTER ROLE {login} NOSUPERUSER")
                with pytest.raises(psycopg.DatabaseError, match="may not record as staff/MZ0013"):
                    raw.execute(insert, values)
    bureau.root.execute(f"REVOKE ALL ON pg_catalog.pg_authid FROM {login}")


@pytest.mark.parametrize(
    ("rows", "sound"),
    [
        ([(0, "a", 1), (1, "a", 2), (2, "b", 1)], True),
        ([(2, "b", 1), (1, "a", 2), (0, "a", 1)], True),
        ([(0, "a", 1), (2, "b", 1)], False),
        ([(1, "a", 1)], False),
        ([(0, "a", 2)], False),
        ([(0, "a", 1), (1, "a", 3)], False),
        ([(1, "b", 1), (2, "a", 1)], False),
        ([(0, "a", 1), (-1, "b", 1)], False),
        ([], True),
    ],
)
def test_rows_of_one_statement_are_the_next_ones_together(bureau, rows, sound):
    """A superuser is asked that too; in whatever order the rows are given."""
    size, name = bureau.store.head().size, uuid.uuid4()
    some = ", ".join(f"({size + place}, '{name}/{stream}', {seq})" for place, stream, seq in rows) or "(1, '', 1)"
    statement = (
        "INSERT INTO mingzhang.entries (position, stream, seq, type, at, by, command, entry)"
        f" SELECT position, stream, seq, 'a', 'a', 'a', 'a', 'a' FROM (VALUES {some}) AS v (position, stream, seq)"
        f" WHERE {bool(rows)}"
    )
    with bureau.root.transaction(force_rollback=True):
        if sound:
            assert bureau.root.execute(statement).rowcount == len(rows)
        else:
            with pytest.raises(psycopg.IntegrityError):
                bureau.root.execute(statement)


@pytest.mark.parametrize(
    ("parts", "sound"),
    [
        (["0, {0}, 1"], True),
        (["0, {0}, 1", "0, {1}, 1"], False),
        (["0, {1}, 1"], False),
        (["0, {0}, 2"], False),
        (["1, 0, 1"], False),
    ],
)
def test_one_part_of_a_tile_is_let_in_at_a_time(new_postgres, superuser, commands, parts, sound):
    """In a log of 9 entries of which the tile has 8."""
    url = new_postgres()
    store, root = create_store(url, ORIGIN, SHA256), superuser(url)
    with store.writer() as writer:
        writer.append(commands.made(writer, ["case/1"] * 8))
    store.close()
    zeros = "decode(repeat('00', {} * 32), 'hex')"
    rows = ", ".join(
        f"({level}, {start}, 0, {zeros.format(width)})"
        for level, start, width in (part.format(8, 9).split(", ") for part in parts)
    )
    entry = "INSERT INTO mingzhang.entries (position, stream, seq, type, at, by, command, entry)"
    with root.transaction(force_rollback=True):
        root.execute(f"{entry} VALUES (8, 'x', 1, 'a', 'a', 'a', 'a', 'a')")
        statement = f"INSERT INTO mingzhang.tiles (level, start, idx, hashes) VALUES {rows}"
        if sound:
            assert root.execute(statement).rowcount == 1
        else:
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                root.execute(statement)


def test_no_role_changes_or_removes_anything(bureau):
    login = bureau.login("staff/MZ0012", *Duty)
    tables = ("log", "entries", "heads", "tiles", "checkpoints", "actors", "duties", "openings")
    with bureau.raw(login) as raw:
        for table in tables:
            for statement in (f"DELETE FROM mingzhang.{table}", f"TRUNCATE mingzhang.{table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    raw.execute(statement)
        for statement in (
            "UPDATE mingzhang.entries SET by = by",
            "INSERT INTO mingzhang.log VALUES ('a', 'b')",
            "INSERT INTO mingzhang.actors VALUES (1, 'a', 'staff/1')",
            "INSERT INTO mingzhang.openings VALUES (1, 'a', 'a', 'a', 'a')",
            "INSERT INTO mingzhang.duties VALUES ('a', 'a')",
            "ALTER TABLE mingzhang.entries DISABLE TRIGGER ALL",
            "CREATE TABLE mingzhang.more (x int)",
            "SELECT blob FROM mingzhang.entries",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(statement)
    for table in tables:  # nor does the superuser, without taking the guards away
        for statement in (f"DELETE FROM mingzhang.{table}", f"TRUNCATE mingzhang.{table}"):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                bureau.root.execute(f"SET session_replication_role = replica; {statement}")


def test_sealed_parts_are_read_only_after_saying_what_for(bureau):
    login = bureau.login("staff/SJ0003", Duty.AUDIT)
    read = "SELECT blob FROM mingzhang.opened_entries"
    with bureau.raw(login) as raw:
        with pytest.raises(psycopg.DatabaseError, match="which has not said why"):
            raw.execute(read)
        number = raw.execute("SELECT mingzhang.record_opening('an audit')").fetchone()[0]
        for other in ("", "0", str(number + 1)):
            raw.execute("SELECT set_config('mingzhang.opening', %s, false)", (other,))
            with pytest.raises(psycopg.DatabaseError, match="which has not said why"):
                raw.execute(read)
        raw.execute("SELECT set_config('mingzhang.opening', %s, false)", (str(number),))
        assert len(raw.execute(read).fetchall()) == bureau.store.head().size
        plan = "\n".join(row[0] for row in raw.execute(f"EXPLAIN {read} WHERE position > 5"))
        assert "One-Time Filter: mingzhang.opening_is_recorded()" in plan
        with pytest.raises(psycopg.DatabaseError, match="no purpose"):
            raw.execute("SELECT mingzhang.record_opening('')")
    other = bureau.login("staff/MZ0012", Duty.INTAKE)
    with bureau.raw(other) as raw:  # somebody else's opening is of no use
        raw.execute("SELECT set_config('mingzhang.opening', %s, false)", (str(number),))
        with pytest.raises(psycopg.DatabaseError, match="which has not said why"):
            raw.execute(read)
    keeper = bureau.login("staff/MZ0001", Duty.ADMIN)
    with bureau.raw(keeper) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute("SELECT mingzhang.record_opening('curiosity')")


def test_a_store_records_one_opening_however_much_is_read(bureau):
    store = bureau.as_login(bureau.login("staff/SJ0003", Duty.AUDIT), read_only=True, purpose="a test")
    size, before = store.head().size, bureau.store.openings()
    assert all(one.purpose != "a test" for one in before)
    with store.snapshot() as reader:
        assert len(list(reader.records())) == len(list(store.records())) == size
    assert not store.withholds_sealed
    assert [(one.id, one.purpose) for one in bureau.store.openings()[len(before) :]] == [(len(before) + 1, "a test")]


def test_another_process_sees_by_the_opening_that_was_recorded_first(bureau):
    """Within the moment of a snapshot that was taken before it began, too."""
    login = bureau.login("staff/SJ0003", Duty.AUDIT)
    first, second = (bureau.as_login(login, read_only=True) for _ in range(2))
    with first.snapshot():
        before = len(bureau.store.openings())
        second.opening = first.opening
        assert len(list(second.records())) == second.head().size
        assert not second.withholds_sealed
        assert len(bureau.store.openings()) == before


def test_a_server_that_only_reads_shows_no_sealed_part(bureau, monkeypatch):
    """As a hot standby would answer: nothing can be recorded there, and the rest is read."""
    login = bureau.login("staff/SJ0003", Duty.AUDIT)
    monkeypatch.setattr("ledger.postgres_opening.connect", functools.partial(connect, read_only=True))
    store = bureau.as_login(login, read_only=True)
    assert len(list(store.records())) == store.head().size
    assert store.withholds_sealed
    assert list(store.blob_positions()) == []


def test_guards_refuse_what_is_not_at_the_edge(bureau):
    zeros = "decode(repeat('00', 32), 'hex')"
    for statement in (
        "INSERT INTO mingzhang.log VALUES ('new', 'row')",
        "INSERT INTO mingzhang.checkpoints VALUES (900, 'no note')",
        "INSERT INTO mingzhang.checkpoints VALUES (0, '')",
        "INSERT INTO mingzhang.checkpoints SELECT 0, convert_to(repeat('x', 1048577), 'UTF8')",
        f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 9, 0, {zeros})",
        f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (0, 1, 0, {zeros})",
        f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (1, 0, 0, {zeros})",
        f"INSERT INTO mingzhang.tiles (level, idx, start, hashes) VALUES (9, 0, 0, {zeros})",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
            bureau.root.execute(f"SET session_replication_role = replica; {statement}")


TAMPERING = {
    "trigger entries_insert": "ALTER TABLE mingzhang.entries DISABLE TRIGGER entries_insert",
    "trigger log_insert": "DROP TRIGGER log_insert ON mingzhang.log",
    "trigger openings_change": "ALTER TABLE mingzhang.openings DISABLE TRIGGER ALL",
    "function may_stand_as": "CREATE OR REPLACE FUNCTION mingzhang.may_stand_as(name text) RETURNS boolean"
    " LANGUAGE sql AS 'SELECT true'",
    "function opening_is_recorded": "ALTER FUNCTION mingzhang.opening_is_recorded() SECURITY INVOKER",
    "view opened_entries": "CREATE OR REPLACE VIEW mingzhang.opened_entries AS"
    " SELECT position, seq, n, stream, type, at, by, command, entry, blob FROM mingzhang.entries",
    "privilege UPDATE on table entries to mingzhang_pay": "GRANT UPDATE ON mingzhang.entries TO mingzhang_pay",
    "privilege SELECT on table entries to PUBLIC": "GRANT SELECT ON mingzhang.entries TO PUBLIC",
    "privilege SELECT on column entries.blob to mingzhang_admin": "GRANT SELECT (blob) ON mingzhang.entries"
    " TO mingzhang_admin",
    "privilege CREATE on schema mingzhang to mingzhang_pay": "GRANT CREATE ON SCHEMA mingzhang TO mingzhang_pay",
    "privilege EXECUTE on function record_opening to PUBLIC": "GRANT EXECUTE ON FUNCTION mingzhang.record_opening"
    " TO PUBLIC",
    "privilege INSERT on table heads to mingzhang_pay": "REVOKE INSERT ON mingzhang.heads FROM mingzhang_pay",
    "owner of entries": "ALTER TABLE mingzhang.entries OWNER TO mingzhang_admin",
    "table entries": "ALTER TABLE mingzhang.entries ENABLE ROW LEVEL SECURITY",
    "rule silence": "CREATE RULE silence AS ON INSERT TO mingzhang.entries DO INSTEAD NOTHING",
    "table duties, ledger.opened/1": "ALTER TABLE mingzhang.duties DISABLE TRIGGER ALL;"
    " UPDATE mingzhang.duties SET role = 'mingzhang_pay' WHERE type = 'ledger.opened/1'",
    "login mallory": "INSERT INTO mingzhang.actors VALUES (9999, 'mallory', 'staff/MZ0001')",
    "table openings": "INSERT INTO mingzhang.openings VALUES (9999, 'a', 'a', 'a', 'a')",
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_what_a_superuser_changed_is_named(bureau, name):
    assert name in bureau.faults_after(TAMPERING[name])


def test_an_auditors_inspection_of_a_sound_ledger_finds_nothing(bureau):
    assert bureau.faults(bureau.login("staff/SJ0003", Duty.AUDIT)) == set()


def test_a_duty_beyond_what_the_log_says_is_named(bureau):
    login = bureau.login("staff/MZ0012", Duty.INTAKE)
    assert bureau.faults_after(f"GRANT mingzhang_pay TO {login}") == {f"login {login}"}
    assert bureau.faults_after("SELECT") == set()


def test_ledgers_made_at_once_on_one_server_share_the_roles(new_postgres):
    def make(url):
        create_store(url, ORIGIN, SHA256).close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(make, [new_postgres() for _ in range(6)])) == [None] * 6


def test_a_login_that_may_not_grant_the_roles_is_refused_and_makes_nothing(
    bureau, postgres_server, new_postgres, superuser
):
    login, url = bureau.login(), new_postgres()
    database = parse_url(url).database
    root = superuser(url)
    root.execute(f"GRANT CREATE ON DATABASE {database} TO {login}")
    with pytest.raises(RolesMissing, match=f'GRANT {", ".join(ROLES)} TO "{login}" WITH ADMIN OPTION'):
        create_store(postgres_server.address(database, login), ORIGIN, SHA256)
    assert root.execute("SELECT FROM pg_namespace WHERE nspname LIKE 'mingzhang%'").fetchall() == []
    root.execute(f"REVOKE ALL ON DATABASE {database} FROM {login}")


def test_payload_of_an_admission_is_what_the_database_reads():
    """The function of the database takes the line after the empty one as JSON."""
    event = LoginAdmitted(login="zhang", actor="staff/MZ0012", duties=(Duty.INTAKE,))
    assert encode(event.open_part()) == b'{"actor":"staff/MZ0012","duties":["intake"],"login":"zhang"}'
