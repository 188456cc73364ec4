"""The register recoveries (追缴)."""

from typing import Final

from cli.columns import columns_named
from cli.register_table import RegisterTable, plainly
from cli.words import N_
from projections.registers.recoveries import recoveries

REGISTER: Final = RegisterTable(
    N_("Recoveries"),
    plainly(recoveries),
    columns_named(
        "order",
        "case",
        "cause",
        "decided",
        "refund_fen",
        "fine_fen",
        "ordered_fen",
        "repaid_fen",
        "waived_fen",
        "written_off_fen",
        "outstanding_fen",
        "months_from",
        "months_until",
        "months_count",
        "instalments",
        "instalments_fen",
        "documents",
        "last_moved_on",
        "days_idle",
        "limit_days",
        "status",
        "position",
    ),
    sums=("refund_fen", "fine_fen", "ordered_fen", "repaid_fen", "waived_fen", "written_off_fen", "outstanding_fen"),
    source=N_("社会救助暂行办法 arts 68-69"),
)
