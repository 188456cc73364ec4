"""The PostgreSQL server itself says no, at every step and for many reasons; then it is as if nobody had asked."""

import threading
import time

import pytest

from ledger.store_errors import DatabaseBusy, DatabaseFailed, DatabaseFull, StoreError
from projections.databases import open_database
from projections.follower import Follower

REASONS = {
    "53100": DatabaseFull,  # disk full
    "53200": DatabaseFailed,  # out of memory
    "53300": DatabaseBusy,  # too many connections
    "55P03": DatabaseBusy,  # lock not available
    "57014": DatabaseFailed,  # cancelled
    "58030": DatabaseFailed,  # error of the disk
    "XX000": DatabaseFailed,  # internal error
    "XX001": DatabaseFailed,  # data corrupted
}
TABLES = ("mingzhang.entries", "mingzhang.tiles", "mingzhang.heads")
MOMENTS = {
    "before": "CREATE TRIGGER refusing BEFORE INSERT ON {table} EXECUTE FUNCTION refusing()",
    "after": "CREATE TRIGGER refusing AFTER INSERT ON {table} EXECUTE FUNCTION refusing()",
    "at commit": "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION refusing()",
}


class Refusals:
    """Makes a superuser's trigger that raises an error, and takes it away again."""

    def __init__(self, raw):
        self._raw = raw

    def begin(self, table, moment, code):
        body = f"BEGIN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = 'the server says no'; END"
        self._raw.execute(f"CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        self._raw.execute(MOMENTS[moment].format(table=table))

    def end(self):
        self._raw.execute("DROP FUNCTION refusing CASCADE")


@pytest.fixture(scope="module")
def shared(postgres_server, module_desk, command):
    desk = module_desk(postgres_server.new_database())
    desk.send(command("FIRST", 300))
    yield desk
    assert desk.checked().size > 300


@pytest.fixture
def raw(shared, superuser):
    return superuser(shared.url)


@pytest.fixture
def refusals(raw):
    return Refusals(raw)


CASES = [
    *[(table, moment, "58030") for table in TABLES for moment in MOMENTS],
    *[("mingzhang.heads", "at commit", code) for code in REASONS],
    *[("mingzhang.entries", "before", code) for code in REASONS],
]


@pytest.mark.parametrize("count", [2, 20], ids=["by INSERT", "by COPY"])
@pytest.mark.parametrize(("table", "moment", "code"), CASES)
def test_a_command_that_the_server_refuses_leaves_nothing_and_goes_through_later(
    shared, refusals, command, table, moment, code, count
):
    size = shared.ledger.size
    wanted = command("OTHER", count)
    refusals.begin(table, moment, code)
    with pytest.raises(REASONS[code]) as caught:
        shared.send(wanted)
    refusals.end()
    assert caught.value.found == "the server says no"
    assert "again" in caught.value.mend or "wait" in caught.value.mend
    assert shared.ledger.size == size
    shared.send(wanted)
    shared.send(wanted)
    assert shared.ledger.size == size + count
    assert len(shared.ledger.find(wanted.id)) == count


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_checkpoint_that_the_server_refuses_is_kept_once_when_it_is_asked_again(shared, refusals, command, moment):
    shared.send(command("OTHER"))
    before = len(list(shared.ledger.store.checkpoints()))
    refusals.begin("mingzhang.checkpoints", moment, "58030")
    with pytest.raises(DatabaseFailed):
        shared.sign()
    refusals.end()
    assert len(list(shared.ledger.store.checkpoints())) == before
    assert shared.sign() == shared.sign()
    assert len(list(shared.ledger.store.checkpoints())) == before + 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("table", ["register_application", "register_tracking"])
def test_registers_that_the_server_refuses_follow_exactly_once_later(shared, refusals, command, moment, table):
    database = open_database(shared.url)
    Follower(shared.ledger, database).catch_up()
    rows = "SELECT count(*) FROM register_application"
    before = next(database.rows(rows))[0]
    shared.send(command("OTHER"))
    refusals.begin(f"mingzhang_registers.{table}", moment, "53100")
    with pytest.raises(DatabaseFull):
        Follower(shared.ledger, database).catch_up()
    refusals.end()
    assert next(database.rows(rows))[0] == before
    for _ in range(2):
        Follower(shared.ledger, database).catch_up()
        assert next(database.rows(rows))[0] == before + 1
    database.close()


def test_waiting_for_a_lock_ends_and_leaves_a_store_that_can_be_used(shared, raw, command, monkeypatch):
    monkeypatch.setattr("ledger.postgres_connection.LOCK_TIMEOUT_SECONDS", 0.2)
    shared.reopen()
    size = shared.ledger.size
    for taken in ("SELECT mingzhang.tip('mingzhang append')", "LOCK TABLE mingzhang.heads IN EXCLUSIVE MODE"):
        raw.execute("BEGIN")
        raw.execute(taken)
        for _ in range(3):
            with pytest.raises(DatabaseBusy):
                shared.send(command("OTHER"))
            assert shared.ledger.size == size
        raw.execute("ROLLBACK")
        shared.send(command("OTHER"))
        size += 2
    assert shared.ledger.size == size


def test_a_command_that_is_cancelled_while_it_waits_leaves_a_store_that_can_be_used(shared, raw, command):
    size = shared.ledger.size
    raw.execute("BEGIN")
    raw.execute("SELECT mingzhang.tip('mingzhang append')")
    failed = []

    def send():
        try:
            shared.send(command("OTHER"))
        except StoreError as error:
            failed.append(error)

    waiting = threading.Thread(target=send)
    waiting.start()
    cancel = "SELECT bool_or(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'advisory'"
    while not raw.execute(cancel).fetchone()[0]:
        time.sleep(0.01)
    waiting.join(30)
    raw.execute("ROLLBACK")
    assert [type(error) for error in failed] == [DatabaseFailed]
    assert "cancel" in failed[0].found
    shared.send(command("OTHER"))
    assert shared.ledger.size == size + 2
