"""The register temporary-aid (临时救助、备用金)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from domain.vocabulary import TemporaryAidKind
from projections.registers.temporary_aid import temporary_aid

REGISTER: Final = RegisterTable(
    N_("Temporary aid"),
    plainly(temporary_aid),
    columns_named(
        "number",
        "kind",
        "region",
        "granted_on",
        "person_name",
        "citizen_id",
        "reason",
        "amount_fen",
        "ceiling_fen",
        "over_ceiling",
        "advance",
        "documented_on",
        "days_undocumented",
        "balance_fen",
        "approver",
        "position",
        kind=TemporaryAidKind,
    ),
    (Block("reserves", N_("Reserve funds"), columns_named("region", "received_fen", "paid_fen", "balance_fen")),),
    sums=("amount_fen",),
    months=True,
    kinds=tuple(TemporaryAidKind),
    kind_vocabulary=TemporaryAidKind,
    source=N_("社会救助暂行办法 arts 47-48; opinion on temporary aid of 2018-01-23"),
    live=N_("No file hands temporary aid over: it stands here once `mingzhang record temporary-aid` recorded it."),
)
