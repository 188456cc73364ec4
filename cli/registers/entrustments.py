"""The register entrustments (存折、卡保管协议)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import RegisterTable, plainly
from cli.words import N_
from projections.registers.entrustments import entrustments

REGISTER: Final = RegisterTable(
    N_("Passbooks in the keeping of others"),
    plainly(entrustments),
    columns_named(
        "case",
        "programme",
        "region",
        "head_name",
        "keeper",
        "reason",
        "agreed_on",
        "filed_on",
        "ended_on",
        "days_unfiled",
        "status",
        "position",
    ),
    source=N_("民发〔2021〕57号 art 26"),
    live=N_("No file hands agreements over: they stand here once `mingzhang record entrustment` recorded them."),
)
