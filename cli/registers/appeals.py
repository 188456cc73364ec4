"""The register appeals (投诉信访复议诉讼)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import Block, RegisterTable, plainly
from cli.words import N_
from domain.vocabulary import AppealKind
from projections.registers.appeals import appeals

REGISTER: Final = RegisterTable(
    N_("Appeals"),
    plainly(appeals),
    columns_named(
        "number",
        "case",
        "kind",
        "lodged_on",
        "decided_on",
        "outcome",
        "amount_fen",
        "effective_from",
        "position",
        "grounds",
        "due_on",
        "days_overdue",
        "recalculated",
        kind=AppealKind,
    ),
    (Block("totals", N_("Outcomes"), columns_named("outcome", "count"), "outcome"),),
    source=N_("行政复议法 arts 20, 62; 行政诉讼法 arts 45-46, 81; 信访工作条例 arts 22-23, 34-36"),
)
