"""The register filings (近亲属备案)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.filings import filings

REGISTER: Final = RegisterTable(
    N_("Staff relatives: filed and not filed"),
    plainly(filings),
    columns_named("case", "staff", "relation", "filed_on", "visited_on", "status"),
    (
        Block("filed", N_("Filed")),
        Block("unfiled", N_("Not filed")),
    ),
)
