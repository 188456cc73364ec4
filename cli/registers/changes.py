"""The register changes (增减停)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from domain.change_kind import ChangeKind
from projections.changes import changes
from projections.registers.case_facts import GRANTED

REGISTER: Final = RegisterTable(
    N_("Changes"),
    plainly(changes),
    columns_named(
        "case",
        "programme",
        "region",
        "kind",
        "decided_on",
        "effective_from",
        "amount_fen",
        "ground",
        "handler",
        "confirmer",
        "position",
        "head_name",
        "head_citizen_id",
        "old_amount_fen",
        "new_amount_fen",
        "reason",
        kind=ChangeKind,
    ),
    (Block("exits", N_("Exits"), columns_named("reason", "count"), "reason"),),
    months=True,
    kinds=(GRANTED, *ChangeKind),
    kind_vocabulary=ChangeKind,
    source=N_("民发〔2021〕57号 arts 32-33"),
)
