"""The register standards (标准)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import RegisterTable, plainly
from cli.words import N_
from domain.vocabulary import StandardItem
from projections.registers.standards import standards

REGISTER: Final = RegisterTable(
    N_("Standards"),
    plainly(standards),
    columns_named(
        "item",
        "region",
        "value_hundredths",
        "unit",
        "effective_on",
        "superseded_on",
        "in_force",
        "document",
        "position",
        item=StandardItem,
    ),
    source=N_("社会救助暂行办法 art 10"),
)
