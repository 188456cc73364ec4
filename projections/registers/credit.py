"""`register credit`: dishonesty entries, each in the case it names; the fact and the subject stay sealed."""

from typing import Any, Final

from projections.case_folds import case_heads, with_rows
from projections.database import Database
from projections.register import Register, plain
from projections.scope import Scope, open_view
from projections.table import Table, integers, texts

_CREDIT: Final = Table(
    "credit", (*texts("case_id"), *integers("member"), *texts("decided_on", "begins_on", "ends_on")), ("case_id",)
)
_COLUMNS = ("case_id", "member", "decided_on", "begins_on", "ends_on", "position")


def credit(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the entries in the order of case numbers; `member` is None when the subject is no member of the case."""
    with open_view(database, scope) as view:
        return {
            "rows": [
                dict(zip(("case", *_COLUMNS[1:]), row, strict=True))
                for head, _, found in with_rows(case_heads(view), view.rows(_CREDIT, *_COLUMNS))
                if head is not None and view.includes(head.programme, head.region)
                for row in found
                if view.decided(row[2])
            ]
        }


CREDIT: Final = Register(
    "credit",
    (_CREDIT,),
    {"dishonesty.noted/1": plain(_CREDIT, "member", "occurred_on", "begins_on", "ends_on")},
)
