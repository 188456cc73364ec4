"""The PostgreSQL server is killed or restarted under load: what was acknowledged is there, once, and all go on."""

import datetime
import threading
import time
from contextlib import ExitStack
from random import Random

import pytest

from audit.verification import verify
from ledger.hashing import SHA256
from ledger.keystore import KeyStore
from ledger.ledger import Ledger
from ledger.store_errors import ServerUnreachable, StoreError
from ledger.stores import open_store

ORIGIN = "county.example/ledger"
OFFICERS = 8  # half of them share one store and its pool
BULK = (6, 400)  # commands in one transaction, entries in each
ROUNDS = ("kill", "stop", "kill")


class Load:
    """Officers who record one command after the other, each until it is acknowledged, and an import doing the same."""

    def __init__(self, desk, command):
        self._desk = desk
        self._command = command
        self._stack = ExitStack()
        self._stopped = threading.Event()
        self.acknowledged = {}  # the id of each command, with the number of its entries
        self.asked = {}
        self.errors = []  # what officers were told, and what must not happen
        self.surprises = []
        shared = self._stack.enter_context(open_store(desk.url))
        single = [(f"A{number}", shared, 1, 2) for number in range(OFFICERS // 2)]
        single += [(f"B{number}", open_store(desk.url), 1, 2) for number in range(OFFICERS // 2)]
        self._threads = [
            threading.Thread(target=self._work, args=officer)
            for officer in [*single, ("BULK", open_store(desk.url), *BULK)]
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
        self._stack.close()

    def _work(self, name, store, count, entries):
        with KeyStore.open(self._desk.home / "keys", ORIGIN, SHA256) as keys, store:
            number = 0
            while not self._stopped.is_set():
                number += 1
                commands = [self._command(f"{name}{number}X{one}", entries) for one in range(count)]
                self.asked |= {one.id: entries for one in commands}
                try:
                    while not self._sent(Ledger(store, keys), commands):
                        if self._stopped.wait(0.05):
                            return
                except BaseException as error:
                    self.surprises.append(error)
                    raise
                self.acknowledged |= {one.id: entries for one in commands}

    def _sent(self, ledger, commands):
        try:
            with ledger.recording(lambda: datetime.datetime.now(datetime.UTC)) as recording:
                for one in commands:
                    if recording.find(one.id) is None:
                        recording.record(one)
        except StoreError as error:
            self.errors.append(error)
            return False
        return True

    def wait_for_another(self):
        """Wait until something that was asked from now on is acknowledged."""
        before, deadline = len(self.acknowledged), time.monotonic() + 60
        while len(self.acknowledged) < before + 3 * OFFICERS:
            assert time.monotonic() < deadline, self.errors[-1:]
            time.sleep(0.02)


@pytest.fixture(scope="module")
def server(new_server):
    return new_server()  # which waits for the disk, as a real one does


def recorded(desk):
    with open_store(desk.url) as store:
        return {one.command: one.n for one in store.commands()}


def test_whatever_was_acknowledged_survives_a_server_that_is_killed_and_restarted(server, new_desk, command):
    desk = new_desk(server.new_database())
    moments = Random(3)
    with Load(desk, command) as load:
        for way in ROUNDS:
            load.wait_for_another()
            time.sleep(moments.uniform(0, 0.3))
            before = dict(load.acknowledged)
            getattr(server, way)()
            time.sleep(moments.uniform(0, 0.3))
            server.start()
            assert before.items() <= recorded(desk).items()
        load.wait_for_another()
    assert load.surprises == []
    assert load.errors
    assert [error for error in load.errors if not isinstance(error, ServerUnreachable)] == []
    found = recorded(desk)
    assert load.acknowledged.items() <= found.items() <= load.asked.items()
    assert desk.checked().size == sum(found.values())


def test_a_store_that_was_open_before_a_restart_goes_on_without_an_error(server, new_desk, command):
    desk = new_desk(server.new_database())
    desk.send(command("FIRST"))
    for way in ("stop", "kill"):
        with ExitStack() as readers:  # which leave as many connections in the pool
            for _ in range(6):
                readers.enter_context(desk.ledger.store.snapshot())
        getattr(server, way)()
        server.start()
        size = desk.ledger.size
        desk.send(command("SECOND"))
        assert desk.ledger.size == size + 2
    assert verify(desk.ledger.store, keys=desk.keys).sound


def test_a_server_that_is_down_is_named_and_waited_for(server, new_desk, command, monkeypatch):
    desk = new_desk(server.new_database())
    desk.send(command("FIRST"))
    monkeypatch.setattr(desk.ledger.store.datastore.pool, "timeout", 0.5)
    server.stop()
    with pytest.raises(ServerUnreachable, match="a server that answers"):
        desk.send(command("SECOND"))
    with pytest.raises(ServerUnreachable, match="a server that answers"):
        open_store(desk.url)
    monkeypatch.undo()
    found = []
    waiting = threading.Thread(target=lambda: found.append(desk.ledger.size))
    waiting.start()
    server.start()
    waiting.join()
    assert found == [2]
    desk.send(command("SECOND"))
    assert desk.checked().size == 4
