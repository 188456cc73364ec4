"""What tests of several folders share: a PostgreSQL server, and an empty database of it for each ledger."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """The server of this session: the one MINGZHANG_TEST_PG names, else a new one, which each test worker has alone."""
    module = _postgres_server_module()
    named = os.environ.get("MINGZHANG_TEST_PG")
    server = module.GivenServer(named) if named else module.PostgresServer(*module.NOT_DURABLE)
    with server:
        yield server


@pytest.fixture
def new_postgres(postgres_server: Any) -> Callable[[], str]:
    """Return what makes an empty database and returns its address, as the superuser."""
    new_database: Callable[[], str] = postgres_server.new_database
    return new_database


@pytest.fixture
def superuser(postgres_server: Any) -> Iterator[Callable[[str], Any]]:
    """Return what connects to a database as nobody's program would: with all rights and none of our settings."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(url: str) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(url, autocommit=True))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


# Private


def _postgres_server_module() -> ModuleType:
    """Load the module beside this one: test folders are no packages."""
    path = Path(__file__).with_name("postgres_server.py")
    spec = importlib.util.spec_from_file_location("mingzhang_postgres_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
