"""The register intake (受理)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.registers.intake import intake

REGISTER: Final = RegisterTable(
    N_("Intake"),
    plainly(intake),
    columns_named(
        "case",
        "programme",
        "region",
        "head_name",
        "head_citizen_id",
        "channel",
        "applied_on",
        "accepted_on",
        "officer",
        "papers_lacking",
        "outcome",
        "decided_on",
        "clock",
        "used_days",
        "limit_days",
        "days_over",
        "position",
    ),
    (Block("totals", N_("Totals"), columns_named("applications", "pending", "papers_lacking", "over_limit")),),
    months=True,
    source=N_("民发〔2021〕57号 arts 9-11, 22; 民发〔2021〕43号"),
)
