"""The register filings (近亲属备案)."""

from typing import Final

from cli.kin_columns import FILING_COLUMNS
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.filings import filings

REGISTER: Final = RegisterTable(
    N_("Staff relatives: filed and not filed"),
    plainly(filings),
    FILING_COLUMNS,
    (
        Block("filed", N_("Filed")),
        Block("unfiled", N_("Not filed")),
        Block("late", N_("Filed after the decision")),
        Block("unvisited", N_("Filed, not visited before the decision")),
        Block("wider", N_("Not filed, wider scope or found out")),
        Block("implied", N_("Not filed, implied by facts")),
        Block("handled", N_("Handled by the own kin")),
    ),
    source=N_("民发〔2021〕57号 arts 11, 20; 公务员法 arts 74, 76"),
)
