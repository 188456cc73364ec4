"""Asking a register: its query, with the cells that stay in the log opened and masked, whatever form is printed."""

from enum import StrEnum
from typing import Final

from cli.labels import value_label
from cli.output import print_note
from cli.register_table import Answer, RegisterTable
from cli.sealed_cells import SealedCells
from cli.words import _
from domain.change_kind import ChangeKind
from domain.vocabulary import DispositionOutcome, Programme, TemporaryAidKind
from ledger.ledger import Ledger
from projections.database import Database
from projections.scope import Scope

NARROWING: Final = ("programme", "region", "kind", "decided_by")
"""What of a question leaves rows out; an answer repeats it under these keys."""


def answered(table: RegisterTable, ledger: Ledger, database: Database, scope: Scope, *, reveal: bool = False) -> Answer:
    """Return the answer of a register with its sealed cells opened; a note on stderr says how many stayed empty.

    Of a register that no file fills, and that is empty, another note says how its rows come to be.
    """
    cells = SealedCells(ledger, reveal=reveal)
    answer = table.query(ledger, database, scope)
    opened = {**answer, "rows": list(cells.opened(answer["rows"]))}
    if table.live and not opened["rows"]:
        print_note(_(table.live))
    if cells.unopened:
        text = _("{count:,} sealed cells stay empty: the keys that open them are not here.")
        print_note(text.format(count=cells.unopened))
    return opened


def asked_for(answer: Answer, key: str) -> str:
    """Return what an answer was narrowed to under a key of `NARROWING`, as people say it; empty when it was not."""
    value = answer.get(key)
    vocabularies: dict[str, type[StrEnum]] = {"programme": Programme, "kind": _kind_vocabulary(str(value))}
    text = "" if value is None else value_label(str(value), vocabularies.get(key))
    if text and key == "decided_by":
        return _("decided by {day}").format(day=text)
    return _("region {code}").format(code=text) if text and key == "region" else text


# Private


def _kind_vocabulary(kind: str) -> type[StrEnum]:
    if kind in set(TemporaryAidKind):
        return TemporaryAidKind
    return DispositionOutcome if kind.upper() in DispositionOutcome.__members__ else ChangeKind
