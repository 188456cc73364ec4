"""Connections to PostgreSQL that cannot be had: a clear error, and a store that can be used afterwards."""

from contextlib import ExitStack

import psycopg
import pytest

from ledger.postgres_connection import connect
from ledger.store_errors import DatabaseBusy
from ledger.stores import open_store

CONNECTIONS_MAX = 8


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("fsync=off", "autovacuum=off", max_connections=CONNECTIONS_MAX)


@pytest.fixture
def desk(server, new_desk, command):
    made = new_desk(server.new_database())
    made.send(command("FIRST", 300))
    return made


def test_a_server_with_too_many_connections_is_busy_and_no_longer_so_when_they_end(server, desk, command):
    desk.reopen()
    desk.ledger.store.datastore.pool.timeout = 0.5
    with ExitStack() as stack:
        for _ in range(CONNECTIONS_MAX):
            stack.enter_context(psycopg.connect(server.url))
        with pytest.raises(DatabaseBusy, match="too many clients"):
            open_store(desk.url)
        for _ in range(2):
            with pytest.raises(DatabaseBusy, match="too many clients"):
                desk.send(command("SECOND"))
    desk.ledger.store.datastore.pool.timeout = 30
    desk.send(command("SECOND"))
    assert desk.checked().size == 302


def test_a_store_whose_connections_are_all_in_use_is_busy_until_one_is_given_back(desk, command, monkeypatch):
    monkeypatch.setattr("ledger.postgres_connection.CONNECTIONS_MAX", 2)
    desk.reopen()
    pool = desk.ledger.store.datastore.pool
    with desk.ledger.store.snapshot():
        with desk.ledger.store.snapshot():
            pool.timeout = 0.3
            with pytest.raises(DatabaseBusy, match="free connection"):
                desk.send(command("SECOND"))
        desk.send(command("SECOND"))
    assert desk.ledger.size == 302


def test_a_machine_that_vanishes_is_given_up_by_the_other_one(desk):
    """Else a client that lost its power would hold the lock of the one writer for hours."""
    query = "SELECT name, reset_val, source FROM pg_settings WHERE name LIKE 'tcp_keepalives_%' ORDER BY name"
    with connect(desk.ledger.store.address) as connection:
        asked_of_server = connection.execute(query).fetchall()
        own = connection.info.get_parameters()
    assert asked_of_server == [
        ("tcp_keepalives_count", "3", "client"),
        ("tcp_keepalives_idle", "30", "client"),
        ("tcp_keepalives_interval", "10", "client"),
    ]
    assert (own["keepalives_idle"], own["tcp_user_timeout"]) == ("30", "60000")
