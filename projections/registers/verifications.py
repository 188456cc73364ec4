"""`register verifications`: each answer to a means-test query; what it says and which office gave it stay sealed."""

from typing import Any, Final

from projections.case_folds import case_heads, with_rows
from projections.database import Database
from projections.register import Register, plain
from projections.scope import Scope, open_view
from projections.table import Table, integers, texts

VERIFICATION: Final = Table(
    "verification", (*texts("case_id"), *integers("member"), *texts("item", "queried_on", "returned_on")), ("case_id",)
)
_COLUMNS = ("case_id", "member", "item", "queried_on", "returned_on", "position")


def verifications(database: Database, scope: Scope) -> dict[str, Any]:
    """Return the answers in the order of case numbers and of the log."""
    with open_view(database, scope) as view:
        rows = [
            dict(zip(("case", *_COLUMNS[1:]), row, strict=True))
            for head, _, found in with_rows(case_heads(view), view.rows(VERIFICATION, *_COLUMNS))
            if head is not None and view.includes(head.programme, head.region)
            for row in found
        ]
        return {"known_at": view.known_at, "rows": rows}


VERIFICATIONS: Final = Register(
    "verifications",
    (VERIFICATION,),
    {"verification.returned/1": plain(VERIFICATION, "member", "item", "queried_on", "occurred_on")},
)
