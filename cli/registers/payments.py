"""The register payments (发放)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.payments import PAID_COUNTS, payments

REGISTER: Final = RegisterTable(
    N_("Payments"),
    plainly(payments),
    columns_named(
        "month",
        "case",
        "programme",
        "region",
        "transfer",
        "kind",
        "benefit_month",
        "cash_month",
        "amount_fen",
        "outcome",
        "batch",
        "occurred_on",
        "position",
        "holder",
        "account",
        "return_reason",
        "original",
        "reissued_by",
        "active_households",
        "active_persons",
        "due_fen",
        *PAID_COUNTS,
    ),
    (Block("totals", N_("Totals"), columns_named("programme", *PAID_COUNTS)),),
    sums=("amount_fen", "due_fen", *PAID_COUNTS),
    months=True,
    source=N_("民发〔2021〕57号 art 25"),
)
