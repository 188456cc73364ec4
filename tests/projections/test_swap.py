"""New registers take the place of the old ones while others read: each reader sees the old or the new, wholly."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from ledger.store_errors import StoreError
from projections.caseload import caseload
from projections.database import Database
from projections.errors import ProjectionError
from projections.follower import Follower
from projections.postgres import PostgresDatabase
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase
from projections.tracking import TRACKING, followed_position

CASES = 8
COUNTED = ("register_application", "register_member", "register_decision")


@pytest.fixture
def tale(story: Any) -> Any:
    """A story of several cases."""
    story.window("2024-01", "2024-12-31")
    for number in range(CASES):
        story.apply(f"SQ{number}", members=(f"p{number}",))
        story.confirm(f"SQ{number}")
    return story


@pytest.fixture(params=["sqlite", "postgres"])
def connected(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Callable[[], Database]]:
    """Return what opens another connection to the same registers."""
    made: list[Database] = []
    if request.param == "sqlite":
        path = tmp_path / "registers.db"
        sqlite3.connect(path).close()

        def open_one() -> Database:
            return SQLiteDatabase.beside(path)
    else:
        address = request.getfixturevalue("new_register_schema")()

        def open_one() -> Database:
            return PostgresDatabase.beside(address)

    def kept() -> Database:
        made.append(open_one())
        return made[-1]

    yield kept
    for database in made:
        database.close()


def counts(database: Database) -> list[int]:
    return [next(database.rows(f"SELECT count(*) FROM {name}"))[0] for name in COUNTED]


def test_reader_in_the_middle_of_a_swap_sees_the_old_registers_and_the_next_reader_the_new(tale, connected):
    reader, keeper = connected(), connected()
    Follower(tale, keeper).catch_up()
    size, whole = tale.size, counts(reader)
    assert min(whole) == CASES
    tale.apply("SQLATER")
    filled = threading.Event()

    def rebuild() -> None:
        Follower(tale, keeper).rebuild(lambda done, total: filled.set() if done == total else None)

    rebuilding = threading.Thread(target=rebuild)
    with reader.reading():
        assert followed_position(reader) == size
        rebuilding.start()
        assert filled.wait(20)
        rebuilding.join(0.5)  # it is done where readers are not waited for
        assert counts(reader) == whole
        assert followed_position(reader) == size
    rebuilding.join(20)
    with reader.reading():
        assert followed_position(reader) == tale.size
        assert counts(reader)[0] == CASES + 1


def test_register_asked_again_and_again_during_rebuilds_never_misses_a_case(tale, connected):
    keeper, done = connected(), threading.Event()
    Follower(tale, keeper).catch_up()
    wanted = caseload(connected(), Scope())
    answers: list[Any] = []
    failures: list[BaseException] = []

    def ask(database: Database) -> None:
        try:
            while not done.is_set():
                answers.append(caseload(database, Scope()))
        except (ProjectionError, psycopg.Error) as error:
            failures.append(error)

    readers = [threading.Thread(target=ask, args=(connected(),)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        Follower(tale, keeper).rebuild()
    done.set()
    for reader in readers:
        reader.join(20)
    assert failures == []
    assert answers and all(answer == wanted for answer in answers)


@pytest.mark.parametrize("connected", ["postgres"], indirect=True)  # nobody waits for readers in SQLite
def test_swap_that_waits_too_long_for_a_reader_leaves_the_old_registers_and_is_done_the_next_time(tale, connected):
    reader, keeper = connected(), connected()
    Follower(tale, keeper).catch_up()
    keeper.run("SET lock_timeout TO '200ms'")
    whole = counts(reader)
    with reader.reading():
        assert followed_position(reader) == tale.size
        with pytest.raises((ProjectionError, StoreError)):
            Follower(tale, keeper).rebuild()
        assert counts(reader) == whole
    assert Follower(tale, keeper).rebuild() == tale.size
    assert counts(reader) == whole
    assert TRACKING in keeper.tables()
