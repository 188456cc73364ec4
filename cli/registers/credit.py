"""The register credit (信用)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import RegisterTable, plainly
from cli.words import N_
from projections.registers.credit import credit

REGISTER: Final = RegisterTable(
    N_("Credit entries"),
    plainly(credit),
    columns_named(
        "case",
        "member",
        "decided_on",
        "begins_on",
        "ends_on",
        "position",
        "person_name",
        "citizen_id",
        "fact",
        "status",
    ),
    source=N_("社会救助暂行办法 art 68; how long an entry stands is a local rule"),
)
