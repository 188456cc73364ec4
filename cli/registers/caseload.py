"""The register caseload (在享对象)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.caseload import caseload

REGISTER: Final = RegisterTable(
    N_("Caseload"),
    plainly(caseload),
    columns_named(
        "case",
        "programme",
        "region",
        "status",
        "persons",
        "due_fen",
        "since",
        "head_name",
        "head_citizen_id",
        "standard_fen",
        "income_fen",
        "care_grade",
        "starts_from",
        "review_class",
        "reviewed_on",
        "review_due_on",
    ),
    (
        Block(
            "totals",
            N_("Totals"),
            columns_named(
                "programme",
                "active_households",
                "active_persons",
                "due_fen",
                "active",
                "in_grace",
                "suspended",
                "pending",
            ),
        ),
    ),
    sums=("persons", "due_fen"),
    source=N_("民发〔2021〕57号 arts 21-24, 31"),
)
