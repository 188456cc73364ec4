"""The register statistics (统计月报、年报)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable
from cli.words import N_
from projections.statistics import FLOWS, KINDS_OF_PEOPLE, statistics

REGISTER: Final = RegisterTable(
    N_("Statistics by month and year"),
    statistics,
    columns_named(
        "month", "programme", "active_households", "active_persons", *FLOWS, "due_fen", "paid_fen", "average_fen"
    ),
    (
        Block(
            "years",
            N_("By year"),
            columns_named(
                "year",
                "programme",
                "months",
                "households_at_end",
                "persons_at_end",
                "household_months",
                "person_months",
                *FLOWS,
                "due_fen",
                "paid_fen",
                "average_fen",
            ),
        ),
        Block("people", N_("Who they are, in the month asked about"), columns_named("programme", *KINDS_OF_PEOPLE)),
    ),
    source=N_(
        "On the first day of the month: 60 or more, under 18; severe: grade 1 or 2, or 3 of the mind. "
        "A suspended household has left, one that is resumed is new; money to unknown cases is not counted."
    ),
)
