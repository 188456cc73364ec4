"""The register reviews (复核)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.reviews import reviews

REGISTER: Final = RegisterTable(
    N_("Reviews"),
    plainly(reviews),
    columns_named(
        "case",
        "programme",
        "region",
        "head_name",
        "review_class",
        "interval_months",
        "decided_on",
        "reviewed_on",
        "conclusion",
        "reviewer",
        "due_on",
        "days_overdue",
        "position",
    ),
    (Block("totals", N_("Totals"), columns_named("review_class", "cases", "overdue", "without_interval")),),
    source=N_("民发〔2021〕57号 art 31"),
)
