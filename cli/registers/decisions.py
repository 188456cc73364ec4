"""The register decisions (审核确认)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.decisions import decisions

REGISTER: Final = RegisterTable(
    N_("Decisions"),
    plainly(decisions),
    columns_named(
        "case",
        "programme",
        "region",
        "outcome",
        "accepted_on",
        "decided_on",
        "delegated",
        "confirmer",
        "amount_fen",
        "starts_from",
        "position",
    ),
    (
        Block(
            "totals",
            N_("Totals"),
            columns_named("programme", "confirmed", "refused", "terminated", "pending"),
            "programme",
        ),
        Block(
            "in_window",
            N_("Decided in the months of the deliveries"),
            columns_named("programme", "confirmed", "refused", "terminated"),
            "programme",
        ),
    ),
    source=N_("民发〔2021〕57号 arts 20-22"),
)
