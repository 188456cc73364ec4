"""The register publication (公布): what is put up for everybody."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import RegisterTable
from cli.words import N_
from projections.publication import publication

REGISTER: Final = RegisterTable(
    N_("Public list"),
    publication,
    columns_named("programme", "region", "head_name", "persons", "due_fen"),
    sums=("persons", "due_fen"),
    source=N_("Name, head count and amount only; minors without a name (民发〔2021〕57号 art 24)."),
)
