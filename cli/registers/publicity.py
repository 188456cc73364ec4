"""The register publicity (公示)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.publicity import publicity

REGISTER: Final = RegisterTable(
    N_("Publicity"),
    plainly(publicity),
    columns_named(
        "case",
        "programme",
        "region",
        "kind",
        "place",
        "opened_on",
        "closed_on",
        "full_days",
        "limit_days",
        "is_short",
        "objection",
        "answer",
        "position",
    ),
    (Block("totals", N_("Totals"), columns_named("postings", "short", "objections", "unanswered")),),
    months=True,
    source=N_("民发〔2021〕57号 art 19"),
)
