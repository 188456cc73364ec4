"""The register imports (导入)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Answer, Block, RegisterTable
from cli.words import N_
from domain.events.delivery import FileReceived
from ledger.ledger import Ledger
from projections.database import Database
from projections.imports import imports
from projections.scope import Scope

_COUNTS: Final = ("rows", "loaded", "completed", "duplicates", "rejected", "held", "conflicts")


def _imports(ledger: Ledger, database: Database, scope: Scope) -> Answer:
    def file_name(position: int) -> str | None:
        recorded = ledger.event(position)
        return recorded.event.name if recorded and isinstance(recorded.event, FileReceived) else None

    return imports(database, scope, file_name)


REGISTER: Final = RegisterTable(
    N_("Imports"),
    _imports,
    columns_named("delivery", "file", "name", "kind", "month", *_COUNTS, "warnings", "position", "at"),
    (
        Block(
            "deliveries",
            N_("Deliveries"),
            columns_named("delivery", "region", "first_month", "closing_date", "files", *_COUNTS, "loaded_at"),
        ),
    ),
)
