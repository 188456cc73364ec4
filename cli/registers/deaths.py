"""The register deaths (自然减员)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from projections.registers.deaths import deaths

REGISTER: Final = RegisterTable(
    N_("Deaths"),
    plainly(deaths),
    columns_named(
        "case",
        "programme",
        "region",
        "member",
        "died_on",
        "received_on",
        "paid_months_after",
        "paid_fen_after",
        "position",
        "person_name",
        "citizen_id",
        "reported_by",
        "orders",
        "recovered_fen",
    ),
    (Block("in_no_case", N_("Deaths of persons in no case")),),
    sums=("paid_months_after", "paid_fen_after", "recovered_fen"),
    months=True,
    source=N_("Notice on the minimum allowance of 2022-10-20: handled within 3 months"),
)
