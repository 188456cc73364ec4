"""The register disclosures (查看个人信息)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Answer, RegisterTable
from cli.words import N_
from domain.events.disclosure import PersonalDataViewed
from ledger.ledger import Ledger
from projections.database import Database
from projections.registers.disclosures import disclosures
from projections.scope import Scope


def _disclosures(ledger: Ledger, database: Database, scope: Scope) -> Answer:
    def reason(position: int) -> str | None:
        recorded = ledger.event(position)
        return recorded.event.reason if recorded and isinstance(recorded.event, PersonalDataViewed) else None

    return disclosures(database, scope, reason)


REGISTER: Final = RegisterTable(
    N_("Personal data shown unmasked"),
    _disclosures,
    columns_named("position", "at", "by", "command", "case", "of_register", "rows", "duties", "reason"),
    source="个人信息保护法第五十一条、第五十五条",
)
