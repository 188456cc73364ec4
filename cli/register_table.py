"""What a register (台账) is to whoever prints it: its title, the query that answers it, its columns, and what follows.

The keys are those of docs/cli.md; a column that the rows of an answer do not have is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cli.columns import Column, Row
from cli.labels import value_label
from cli.words import _, ngettext
from ledger.ledger import Ledger
from projections.database import Database
from projections.scope import Scope

Answer = Mapping[str, Any]
Query = Callable[[Ledger, Database, Scope], Answer]


@dataclass(frozen=True)
class Block:
    """A part of an answer beside its rows: its key, its title, and its columns; `name` heads the keys of a mapping.

    A part without columns is one number, or None when it could not be counted.
    """

    key: str
    title: str
    columns: tuple[Column, ...] = ()
    name: str = ""

    def rows(self, answer: Answer) -> Sequence[Row]:
        """Return the part as rows: a list as it is, a mapping with its keys as a column."""
        found = answer[self.key]
        if isinstance(found, Mapping):
            return [{self.name: key, **_counts(value)} for key, value in found.items()]
        return list(found)


@dataclass(frozen=True)
class RegisterTable:
    """One register: its title, its query, the columns of its rows, and the blocks below them.

    `sums` are the keys whose column is added up at the foot of a sheet. `months` says that `--month` selects rows,
    `kinds` which words `--kind` may be. `source` is the article that wants the register, in the words of the law.
    `live` says of a register that no file fills how its rows come to be: an empty one must not look as if nothing
    had happened.
    """

    title: str
    query: Query
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...] = ()
    sums: tuple[str, ...] = ()
    months: bool = False
    kinds: tuple[str, ...] = ()
    kind_vocabulary: type[StrEnum] | None = None
    source: str = ""
    live: str = ""

    def columns_of(self, rows: Sequence[Row]) -> tuple[Column, ...]:
        """Return the columns that these rows have; all of them when there is no row."""
        return tuple(column for column in self.columns if not rows or column.key in rows[0])

    def totals(self, rows: Sequence[Row]) -> Row:
        """Return the sums of the rows: fen and counts by their keys, what no row says left out; empty without sums."""
        present = {column.key for column in self.columns_of(rows)}
        return {key: sum(row[key] or 0 for row in rows) for key in self.sums if rows and key in present}


def unchecked_notes(answer: Answer) -> list[str]:
    """Return what the register could not look at, as sentences; none when it looked at everything."""
    return [_unchecked(thing, count) for thing, count in (answer.get("unchecked") or {}).items()]


def plainly(query: Callable[[Database, Scope], Answer]) -> Query:
    """Return a query that needs the register tables alone."""
    return lambda _ledger, database, scope: query(database, scope)


# Private


def _unchecked(thing: str, count: int) -> str:
    if thing == "rules":
        text = ngettext(
            "{count} rule could not be checked everywhere.", "{count} rules could not be checked everywhere.", count
        )
        return text.format(count=count)
    text = _("Could not check {count:,} sealed {thing}: the keys that open them are not here.")
    return text.format(count=count, thing=value_label(thing))


def _counts(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"count": value}
