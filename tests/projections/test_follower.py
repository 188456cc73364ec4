"""The registers follow the log exactly once, whatever is dropped, killed or changed in between."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from ledger.urls import parse_url
from projections import batch as batch_module
from projections.caseload import caseload
from projections.database import Database
from projections.errors import KnownAtTooFar, RegistersMissing, RegistersNotWritable
from projections.filings import filings
from projections.follower import Follower
from projections.postgres import PostgresDatabase, may_write
from projections.register import Register, plain
from projections.registry import REGISTERS
from projections.scope import Scope
from projections.sqlite import SQLiteDatabase
from projections.table import Table, texts

Follow = Callable[[], Database]
New = Callable[[], Database]


@pytest.fixture
def tale(story: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Twenty confirmed cases, followed in batches of seven entries."""
    monkeypatch.setattr(batch_module, "BATCH_ENTRIES", 7)
    story.window("2024-01", "2024-03-31")
    for number in range(20):
        story.apply(_case(number))
        story.confirm(_case(number))
    return story


class _Killed(Exception):
    pass


def _die_at(database: Any, statement: int) -> None:
    """Let the database die at a chosen statement; what it had not committed is lost."""
    run_many, left = database.run_many, iter(range(statement, -1, -1))

    def run_or_die(*arguments: Any) -> None:
        run_many(*arguments)
        if next(left, None) == 0:  # once only
            raise _Killed

    database.run_many = run_or_die


def test_following_again_adds_nothing(tale: Any, followed: Follow) -> None:
    before = _dump(followed())
    assert _dump(followed()) == before


def test_following_in_steps_ends_where_following_at_once_ends(tale: Any, followed: Follow, new_registers: New) -> None:
    told = tale.told
    tale.told = told[:31]
    followed()
    tale.told = told
    stepwise = followed()
    at_once = new_registers()
    Follower(tale, at_once).catch_up()
    assert _dump(stepwise) == _dump(at_once)


@pytest.mark.parametrize("statements", range(0, 40, 3))
def test_killed_at_any_statement_and_run_again_it_ends_the_same(
    tale: Any, followed: Follow, new_registers: New, statements: int
) -> None:
    database = new_registers()
    _die_at(database, statements)
    with pytest.raises(_Killed):
        Follower(tale, database).catch_up()
    Follower(tale, database).catch_up()
    assert _dump(database) == _dump(followed())


def test_a_dropped_table_is_made_anew(tale: Any, followed: Follow) -> None:
    database = followed()
    before = _dump(database)
    database.run("DROP TABLE register_change")
    assert not Follower(tale, database).status().current
    assert _dump(followed()) == before


def test_a_lost_tracking_row_makes_everything_anew(tale: Any, followed: Follow) -> None:
    database = followed()
    before = _dump(database)
    database.run("DELETE FROM register_tracking")
    assert _dump(followed()) == before


def test_a_log_shorter_than_what_was_followed_makes_everything_anew(tale: Any, followed: Follow) -> None:
    followed()
    del tale.told[30:]
    database = followed()
    assert Follower(tale, database).status().position == 30
    assert max(row[0] for row in _dump(database)["register_application"]) < 30


def test_a_new_register_is_filled_from_the_first_entry(tale: Any, followed: Follow) -> None:
    database = followed()
    table = Table("acceptance_again", texts("case_id", "accepted_on"))
    added = Register("again", (table,), {"application.accepted/1": plain(table, "occurred_on")})
    Follower(tale, database, (*REGISTERS, added)).catch_up()
    assert len(_dump(database)["register_acceptance_again"]) == 20
    followed()
    assert "register_acceptance_again" not in database.tables()


def test_two_followers_of_one_database_do_not_double(tale: Any, new_registers: New) -> None:
    database = new_registers()
    second = Follower(tale, database)

    def interfere(done: int, size: int) -> None:
        if done == 21:
            second.catch_up()

    Follower(tale, database).catch_up(interfere)
    alone = new_registers()
    Follower(tale, alone).catch_up()
    assert _dump(database) == _dump(alone)


def test_the_old_registers_answer_while_new_ones_are_made(tale: Any, followed: Follow) -> None:
    database = followed()
    seen: list[int] = []
    Follower(tale, database).rebuild(lambda done, size: seen.append(len(caseload(database, Scope())["rows"])))
    assert set(seen) == {20}
    assert not [name for name in database.tables() if name.startswith("register_next_")]


def test_progress_reaches_the_size_of_the_log(tale: Any, new_registers: New) -> None:
    seen: list[tuple[int, int]] = []
    Follower(tale, new_registers()).rebuild(lambda done, size: seen.append((done, size)))
    assert seen[0] == (0, tale.size)
    assert seen[-1] == (tale.size, tale.size)


def test_registers_made_without_keys_are_made_again_when_the_keys_are_there(tale: Any, followed: Follow) -> None:
    keys, tale.keys = tale.keys, None
    assert filings(followed(), Scope())["unchecked"]["members"] == 20
    tale.keys = keys
    assert not Follower(tale, followed()).status().lag
    assert "unchecked" not in filings(followed(), Scope())


def test_registers_that_are_not_there_and_positions_not_reached_are_named(
    tale: Any, followed: Follow, new_registers: New
) -> None:
    with pytest.raises(RegistersMissing, match="projection rebuild"):
        caseload(new_registers(), Scope())
    with pytest.raises(KnownAtTooFar, match="999"):
        caseload(followed(), Scope(known_at=999))


def test_a_database_that_cannot_be_written_is_named(tale: Any) -> None:
    database = SQLiteDatabase.private()
    database.run("PRAGMA query_only = ON")
    with pytest.raises(RegistersNotWritable):
        Follower(tale, database).catch_up()


def test_a_login_that_may_not_write_is_named(
    tale: Any, new_postgres: Any, superuser: Any, postgres_server: Any
) -> None:
    url = new_postgres()
    superuser(url).execute("CREATE SCHEMA mingzhang_registers; CREATE ROLE mingzhang_test_reader LOGIN")
    address = parse_url(postgres_server.address(parse_url(url).database, "mingzhang_test_reader"))
    database = PostgresDatabase.beside(address)
    with pytest.raises(RegistersNotWritable, match=r"no schema|permission denied"):
        Follower(tale, database).catch_up()
    database.close()
    assert not may_write(address)
    superuser(url).execute("DROP ROLE mingzhang_test_reader")


def test_before_any_delivery_named_a_day_the_roll_is_empty(story: Any, followed: Follow) -> None:
    story.apply(_case(1))
    found = caseload(followed(), Scope())
    assert (found["as_of"], found["rows"]) == (None, [])
    assert len(caseload(followed(), Scope(as_of=datetime.date(2024, 1, 31)))["rows"]) == 1


# Private


def _case(number: int) -> str:
    return f"SQ520121202401{number:05d}"


def _dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every register, sorted as its position has it."""
    tables = {name for name in database.tables() if name.startswith("register_")}
    return {name: sorted(database.rows(f"SELECT * FROM {name}"), key=repr) for name in sorted(tables)}
