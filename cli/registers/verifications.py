"""The register verifications (核对)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import RegisterTable, plainly
from cli.words import N_
from domain.vocabulary import CheckItem
from projections.registers.verifications import verifications

REGISTER: Final = RegisterTable(
    N_("Means-test answers"),
    plainly(verifications),
    columns_named(
        "case",
        "member",
        "item",
        "queried_on",
        "returned_on",
        "position",
        "person_name",
        "citizen_id",
        "authorized_on",
        "office",
        "finding",
        item=CheckItem,
    ),
    source=N_("社会救助暂行办法 art 58; 民发〔2021〕57号 arts 17-18"),
)
