"""What the registers need of a database: plain SQL with `?` for parameters, transactions, and its own type names.

One implementation per database; everything that only one of them understands stays in its file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from projections.table import Kind, Value


class Database(Protocol):
    """A connection that the registers have to themselves, in the database that holds the log."""

    types: Mapping[Kind, str]

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, streaming."""

    def run(self, statement: str, parameters: Sequence[Value] = ()) -> None:
        """Run a statement that returns nothing."""

    def run_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row."""

    def writing(self) -> AbstractContextManager[None]:
        """Return one transaction that takes the write lock at once; rolled back when an exception leaves it."""

    def replacing(self) -> AbstractContextManager[None]:
        """Return one writing transaction in which tables may be replaced: whoever reads sees the old or the new."""

    def reading(self) -> AbstractContextManager[None]:
        """Return one transaction in which every query sees the same moment."""

    def tables(self) -> set[str]:
        """Return the names of the tables there are."""

    def close(self) -> None:
        """Give back the connection."""
