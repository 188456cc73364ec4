"""Faults on demand: one statement of SQLite, or one call of the operating system, fails before or after it is done."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

When = Literal["before", "after"]
"""Not persisted, or persisted but reported failed."""

CODES = {sqlite3.SQLITE_IOERR: "disk I/O error", sqlite3.SQLITE_FULL: "database or disk is full"}


@dataclass
class Faults:
    """At most one fault is armed; it strikes the first statement or call that it fits, once."""

    pattern: re.Pattern[str] | None = None
    when: When = "before"
    struck: list[str] = field(default_factory=list)
    code: int = sqlite3.SQLITE_IOERR

    @contextmanager
    def armed(self, pattern: str, when: When, code: int = sqlite3.SQLITE_IOERR) -> Iterator[None]:
        """Let the first statement that begins with `pattern` fail; it must come."""
        self.pattern, self.when, self.code = re.compile(pattern), when, code
        self.struck.clear()
        try:
            yield
        finally:
            self.pattern = None
        assert self.struck, f"nothing came that fits {pattern}"

    def pass_through(self, what: str, run: Callable[[], Any]) -> Any:
        """Run a step; raise before or after it when the armed fault fits."""
        if self.pattern is None or not self.pattern.match(what):
            return run()
        self.pattern = None
        self.struck.append(what)
        if self.when == "after":
            run()
        raise self._failure(what)

    def _failure(self, what: str) -> Exception:
        if what.startswith("os."):
            return OSError(5, "Input/output error")
        error = sqlite3.OperationalError(CODES[self.code])
        error.sqlite_errorcode = self.code
        return error


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Faults in every SQLite connection made from now on, and in the calls that make a file durable."""
    made = Faults()

    class FaultyCursor(sqlite3.Cursor):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return made.pass_through(sql, lambda: super(FaultyCursor, self).execute(sql, *parameters))

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return made.pass_through(sql, lambda: super(FaultyCursor, self).executemany(sql, *parameters))

    class FaultyConnection(sqlite3.Connection):
        def cursor(self, factory: type[sqlite3.Cursor] = FaultyCursor) -> sqlite3.Cursor:
            return super().cursor(factory)

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return self.cursor().execute(sql, *parameters)

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            return self.cursor().executemany(sql, *parameters)

        def commit(self) -> None:
            made.pass_through("commit()", super().commit)  # how the store commits

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{"factory": FaultyConnection, **k}))
    for name in ("fsync", "replace", "link"):
        original = getattr(__import__("os"), name)
        monkeypatch.setattr(f"os.{name}", _faulty(made, f"os.{name}", original))
    return made


def _faulty(made: Faults, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return made.pass_through(name, lambda: original(*arguments, **options))

    return call
