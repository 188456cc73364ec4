"""The register changes (增减停)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from domain.change_kind import ChangeKind
from projections.changes import changes

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
        kind=ChangeKind,
    ),
    (Block("exits", N_("Exits"), columns_named("reason", "count"), "reason"),),
)
