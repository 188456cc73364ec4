"""Columns of the filings register that hold more than a word: relations, and chains of facts."""

from dataclasses import dataclass
from typing import Any, Final

from cli.columns import Column, columns_named
from cli.kin_labels import chain_label, relation_label
from cli.labels import value_label
from domain.vocabulary import Kin


@dataclass(frozen=True)
class RelationColumn(Column):
    """A relation: a word of the files, or the names of what facts imply."""

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        return value_label(value, Kin) if value in set(Kin) else relation_label(value)


@dataclass(frozen=True)
class ChainColumn(Column):
    """The facts that make somebody a relative, one after the other."""

    def _text(self, value: Any) -> str:
        return chain_label(value or [])


FILING_COLUMNS: Final[tuple[Column, ...]] = (
    *columns_named("status", "days_late", "staff", "post", "staff_office"),
    RelationColumn("relation"),
    *columns_named("relative", "case", "programme", "region", "decided_on", "filed_on", "visited_on", "visit"),
    *columns_named("visitor", "conclusion", "recused_on", "closed_on", "handled_as", "scope", "certainty"),
    ChainColumn("because"),
    *columns_named("entries"),
)
"""The columns of 近亲属备案, the status before them and the evidence behind."""
